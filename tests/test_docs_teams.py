"""The pages for teams: their tests pass as they stand there, and fail for a product without the logic."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any, Final

import pytest
import tomllib

from mockserver import MockServer
from mockserver.command import DEFAULT_PORT
from mockserver.pytest_plugin import MockGemini
from mockserver.verdict.rules import RULES
from suite import environments, versions
from suite.environments.cache import cache_root, read_stamp

from .pages import BLOCKS, ROOT, is_file, quoted, table

if TYPE_CHECKING:
    from pathlib import Path

TESTING: Final = ROOT / "docs/testing.md"
LANGUAGES: Final = ROOT / "docs/languages.md"
LIMIT_S: Final = 60
#: The SDK with which the page's Node test is run.
NODE_SDK: Final = "js==2.32.0"


def write(page: Path, folder: Path) -> None:
    """Write the files of a page into a project."""
    for block in BLOCKS:
        if block.page == page and is_file(block):
            (folder / block.note.removeprefix("file: ")).write_text(block.text, "utf-8")


def clean(folder: Path) -> dict[str, str]:
    """An environment in which nothing leads to a mock yet."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not re.match(r"GOOGLE_|GEMINI_|PYTEST_|NODE_EXTRA|\w+_proxy$", name, re.IGNORECASE)
    }
    return kept | {"XDG_CACHE_HOME": str(folder / "cache")}


def pytest_in(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a project's tests as its team does."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:asyncio"]
    return subprocess.run(
        command, cwd=folder, env=clean(folder), capture_output=True, text=True, timeout=LIMIT_S, check=False
    )


def change(path: Path, before: str, after: str) -> None:
    """Break a product in one place."""
    text = path.read_text("utf-8")
    assert before in text
    path.write_text(text.replace(before, after), "utf-8")


def test_ten_lines_of_pytest_check_reconnecting(tmp_path: Path) -> None:
    write(TESTING, tmp_path)
    test = (tmp_path / "test_voice.py").read_text("utf-8")
    assert len([line for line in test.splitlines() if line.strip()]) <= 10
    done = pytest_in(tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed" in done.stdout


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("except ConnectionClosed:", "except KeyError:", "ConnectionClosedError"),
        ('{"handle": self.handle} if self.handle else {}', "{}", "ws-2: resumed is False, expected True"),
    ],
    ids=["gives up", "starts over"],
)
def test_it_fails_for_a_product_without_the_logic(tmp_path: Path, before: str, after: str, says: str) -> None:
    write(TESTING, tmp_path)
    change(tmp_path / "voice.py", before, after)
    done = pytest_in(tmp_path)
    assert done.returncode == 1
    assert says in done.stdout


def node_project(folder: Path) -> str:
    """A project with the SDK and nothing else; the path of Node."""
    [subject] = versions.subjects([NODE_SDK])
    root = cache_root()
    if read_stamp(root / "js" / subject.version) is None:
        pytest.skip(f"{subject} is not in the cache: the matrix puts it there")
    environment = environments.prepare(subject.sdk, subject.version, root=root)
    (folder / "node_modules").symlink_to(environment.root / "node_modules")
    return environment.command[0]


def node_test(folder: Path, node: str) -> subprocess.CompletedProcess[str]:
    """Run the page's command: nothing but environment variables lead to the mock."""
    command = [sys.executable, "-m", "mockserver", "--", node, "--test"]
    return subprocess.run(
        command, cwd=folder, env=clean(folder), capture_output=True, text=True, timeout=LIMIT_S, check=False
    )


def test_a_node_test_checks_reconnecting_with_environment_variables_alone(tmp_path: Path) -> None:
    node = node_project(tmp_path)
    write(TESTING, tmp_path)
    done = node_test(tmp_path, node)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"pass 1\b", done.stdout)


def test_the_node_test_fails_for_a_product_without_the_logic(tmp_path: Path) -> None:
    node = node_project(tmp_path)
    write(TESTING, tmp_path)
    change(tmp_path / "voice.mjs", "sessionResumption: { handle: this.#handle }", "sessionResumption: {}")
    done = node_test(tmp_path, node)
    assert done.returncode == 1
    assert "started-over" in done.stdout


# -- tables of the pages ----------------------------------------------------------------------------------


def test_every_assertion_is_described() -> None:
    codes = [code for row in table(TESTING, "table of assertions") for code in quoted(row[0])]
    said = {re.split(r"\W", code)[0]: set(re.findall(r"\w+", code)) for code in codes}
    real = {name for name in vars(MockGemini) if name.startswith("assert_")}
    assert set(said) == real
    for name, words in said.items():
        code = getattr(MockGemini, name).__code__
        parameters = set(code.co_varnames[1 : code.co_argcount + code.co_kwonlyargcount])
        assert words - {name} == parameters - {"within_s"}, name


def test_every_finding_is_described() -> None:
    assert [(quoted(row[0])[0], row[1]) for row in table(TESTING, "table of findings")] == [
        (id, rule.grade) for id, rule in RULES.items()
    ]


def test_every_setting_and_fixture_of_the_plugin_is_described() -> None:
    folder = ROOT / "mockserver/pytest_plugin"
    text = "".join(path.read_text("utf-8") for path in folder.glob("*.py"))
    names = set(re.findall(r'addini\(\s*"(\w+)"', text)) | set(re.findall(r"\ndef (mock_gemini\w*)\(", text))
    assert len(names) > 8
    pages = TESTING.read_text("utf-8") + (ROOT / "docs/mock-server.md").read_text("utf-8")
    assert [name for name in names if f"`{name}`" not in pages] == []


# -- other languages --------------------------------------------------------------------------------------


@pytest.mark.browser
def test_the_page_in_a_browser_opens_a_session(tmp_path: Path) -> None:
    import functools
    import http.server
    import threading

    playwright = pytest.importorskip("playwright.sync_api")
    program = os.environ.get("GENAI_LIVE_COMPAT_CHROMIUM") or shutil.which("chromium")
    assert program, "no Chromium, expected one on PATH: apt-get install chromium"
    write(LANGUAGES, tmp_path)
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(tmp_path))
    handler.log_message = lambda *_: None  # type: ignore[attr-defined]
    pages = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=pages.serve_forever, daemon=True).start()
    try:
        with (
            MockServer(tls_dir=tmp_path / "tls") as server,
            playwright.sync_playwright() as driver,
        ):
            browser = driver.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
            page = browser.new_page()
            page.goto(f"http://127.0.0.1:{pages.server_port}/page.html?base={server.url}")
            page.get_by_text("ready").wait_for(timeout=10_000)
            refused = page.evaluate(
                f"fetch('{server.url}/_mock/reset', {{method: 'POST', mode: 'no-cors'}}).then(r => r.type)"
            )
            assert (refused, len(server.tokens)) == ("opaque", 1), "the page may not control the mock"
            browser.close()
    finally:
        pages.shutdown()
        pages.server_close()


def dockerfile() -> list[list[str]]:
    """The instructions of the Dockerfile, as words."""
    text = (ROOT / "Dockerfile").read_text("utf-8").replace("\\\n", " ")
    return [line.split(maxsplit=1) for line in text.splitlines() if line and not line.startswith("#")]


def test_the_image_has_what_the_mock_needs() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    [installs] = [rest for word, rest in dockerfile() if word == "RUN" and rest.startswith("pip install")]
    assert re.findall(r'"([^"]+)"', installs) == project["dependencies"]
    ignored = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    for word, rest in dockerfile():
        if word == "COPY":
            source = rest.split()[0]
            assert (ROOT / source).exists()
            assert f"!{source}" in ignored


def test_the_image_starts_the_mock(tmp_path: Path) -> None:
    """Its command, in a folder that has what is copied and nothing else."""
    instructions = {word: rest for word, rest in dockerfile() if word in ("ENTRYPOINT", "EXPOSE")}
    assert instructions["EXPOSE"] == "8089"
    words = json.loads(instructions["ENTRYPOINT"])
    assert words[0] == "python"
    shutil.copytree(
        ROOT / "mockserver", tmp_path / "mockserver", ignore=shutil.ignore_patterns("__pycache__")
    )
    words = [sys.executable, *words[1:]]
    words[words.index("/tls")] = str(tmp_path / "tls")
    command = [*words, "--port", "0", "--ready-json"]
    with subprocess.Popen(
        command, cwd=tmp_path, env=clean(tmp_path), stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        about: dict[str, Any] = json.loads(process.stdout.readline())
        process.terminate()
    assert about["env"]["MOCKSERVER_CONTROL_TOKEN"], "others can reach it"
    check = (ROOT / "Dockerfile").read_text("utf-8")
    assert f"('127.0.0.1', {DEFAULT_PORT})" in check
