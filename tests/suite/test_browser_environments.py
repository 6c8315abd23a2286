"""Environments of @google/genai in a browser, with npm, esbuild and Chromium replaced by fakes."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from suite.environments import prepare, tools, web

from .fake_tools import FakeTools, cause_of, executables

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

NO_BUNDLE = """\
\N{HEAVY BALLOT X} [ERROR] Could not resolve "x/y"

    node_modules/@google/genai/dist/web/index.mjs:1:2:

  You can mark the path "x/y" as external to exclude it from the bundle.
"""


@pytest.fixture
def browser(
    fake: FakeTools, own_node: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., str]:
    """A machine with a Chromium, an esbuild and a Playwright, as fakes; gives what the bundle was made of."""
    chromium = Path(executables(tmp_path / "browser", "chromium"), "chromium")
    monkeypatch.setenv(web.CHROMIUM_VARIABLE, str(chromium))
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: name)
    bundled: list[str] = []

    def run(command: Sequence[str], *, cwd: Path, stdin: str = "", downloads: str = "never") -> str:
        answer = fake.run(command, cwd=cwd, stdin=stdin)
        if command[-1].startswith("esbuild@"):
            Path(executables(cwd / "node_modules/@esbuild/linux/bin", "esbuild"))
        elif "install" in command:
            package = cwd / "node_modules" / "@google" / "genai"
            package.mkdir(parents=True)
            (package / "package.json").write_text('{"version": "1.3.0"}')
        if command[-1].startswith("--outfile="):
            Path(command[-1].partition("=")[2]).write_text(stdin)
            bundled.append(f"{cwd.name}: {stdin}")
        return answer or "Chromium 156.0.1 built on Debian\n"

    monkeypatch.setattr(tools, "run", run)
    web._runtime.cache_clear()
    return lambda: "\n".join(bundled)


def test_a_web_version_is_the_js_installation_bundled_once(
    browser: Callable[..., str], fake: FakeTools, tmp_path: Path
) -> None:
    js = prepare("js", "1.3.0", root=tmp_path)
    first = prepare("web", "1.3.0", root=tmp_path)
    assert first == prepare("web", "1.3.0", root=tmp_path)
    assert (first.sdk, first.runtime, first.program) == ("web", "Chromium 156.0.1", ())
    assert first.packages == js.packages
    assert first.command[0] == sys.executable
    assert first.command[1].endswith("drivers/web/worker.py")
    assert Path(first.command[2]).parent == first.root
    assert fake.count("install") == 2  # the SDK and the bundler
    assert browser().count('import("@google/genai"), "1.3.0"') == 1
    assert browser().startswith("1.3.0: ")  # where the name is resolved


def test_a_changed_page_is_bundled_again(
    browser: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = prepare("web", "1.3.0", root=tmp_path)
    page = tmp_path / "page.mjs"
    page.write_text("// changed")
    monkeypatch.setattr(web, "SOURCES", (page,))
    assert prepare("web", "1.3.0", root=tmp_path).root != first.root
    prepare("web", "1.3.0", root=tmp_path, rebuild=True)
    assert browser().count("import(") == 3


def test_a_release_that_cannot_be_bundled_says_why(
    browser: Callable[..., str], fake: FakeTools, tmp_path: Path
) -> None:
    fake.fail("--bundle", NO_BUNDLE)
    assert cause_of("web", "1.3.0", tmp_path).startswith(
        'bundle @google/genai 1.3.0 for the browser: Could not resolve "x/y"; take another version, or see '
    )
    assert not list(tmp_path.glob("web/*/page.js"))


@pytest.mark.usefixtures("browser")
def test_a_machine_without_a_browser_is_told_how_to_get_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(web.CHROMIUM_VARIABLE, "/nowhere/chromium")
    assert "GENAI_LIVE_COMPAT_CHROMIUM=/nowhere/chromium: no such program" in cause_of(
        "web", "1.3.0", tmp_path
    )
    monkeypatch.delenv(web.CHROMIUM_VARIABLE)
    monkeypatch.setenv("PATH", executables(tmp_path / "bin", "google-chrome"))
    assert prepare("web", "1.3.0", root=tmp_path).command[3] == f"{tmp_path}/bin/google-chrome"
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    assert "run: apt-get install chromium" in cause_of("web", "1.3.0", tmp_path)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert cause_of("web", "1.3.0", tmp_path).endswith("run: python -m pip install 'genai-live-compat[web]'")
