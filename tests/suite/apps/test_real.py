"""Programs with real SDK versions: what breaks, and the two lines that mend it, as their owner reads it."""

from __future__ import annotations

import json
import os
import shutil
from typing import TYPE_CHECKING, Any, Final

import pytest
from uv import find_uv_bin

from suite import platforms
from suite.environments import cache_root, node, prepare, tools
from suite.environments.cache import Stamp, built
from tests.pages import BLOCKS, ROOT, is_file

from .test_command import run

if TYPE_CHECKING:
    from pathlib import Path

OFFLINE: Final = "GENAI_LIVE_COMPAT_OFFLINE"
pytestmark = [
    pytest.mark.network,
    pytest.mark.timeout(600),  # a cold cache waits for PyPI and npm
    pytest.mark.skipif(
        os.environ.get("GENAI_LIVE_COMPAT_OFFLINE") == "1", reason="SDKs come from PyPI and npm"
    ),
]

PAGE: Final = ROOT / "docs/your-program.md"
RUNNERS: Final = ("vitest@4.1.12", "jest@30.5.2")


def write(folder: Path) -> Path:
    """The files of the page."""
    folder.mkdir(exist_ok=True)
    for block in BLOCKS:
        if block.page == PAGE and is_file(block):
            (folder / block.note.removeprefix("file: ")).write_text(block.text, "utf-8")
    return folder


def app_of_the_page(folder: Path) -> Path:
    """The program of the page, with what npm would have installed for it."""
    environment = prepare("js", "2.32.0", root=cache_root())
    write(folder)
    (folder / "node_modules").symlink_to(environment.root / "node_modules")
    return folder


def report(folder: Path, *words: str) -> dict[str, Any]:
    """The JSON report of a run."""
    path = folder.parent / "report.json"
    done = run(folder, *words[: words.index("--")], "--report", f"json={path}", *words[words.index("--") :])
    assert path.is_file(), done.stderr
    told: dict[str, Any] = json.loads(path.read_text("utf-8"))
    assert done.returncode == told["exit_code"]
    return told


def test_the_example_of_the_page_is_what_is_printed(tmp_path: Path) -> None:
    done = run(app_of_the_page(tmp_path / "app"), "js", "2.32.0", "3.1.0", "--", "node", "app.mjs")
    assert done.returncode == 1, done.stderr
    [shown] = [block.text for block in BLOCKS if block.page == PAGE and block.language == "text"]
    wanted = [line.strip() for line in shown.splitlines() if line.strip() not in ("", "…")]
    printed = [line.strip() for line in done.stdout.splitlines()]
    missing = [line for line in wanted if line not in printed and " s, " not in line]
    assert missing == []


def test_the_two_lines_mend_it(tmp_path: Path) -> None:
    folder = app_of_the_page(tmp_path / "app")
    told = report(folder, "js", "2.32.0", "3.1.0", "--", "node", "app.mjs")
    text = (folder / "app.mjs").read_text("utf-8")
    for edit in told["fix"]["edits"]:
        option = edit["after"][0].partition("httpOptions")[2].rpartition(")")[0]
        [place] = edit["places"]
        _, _, line = place.partition(":")
        lines = text.splitlines()
        lines[int(line) - 1] = lines[int(line) - 1].replace(" })", f", httpOptions{option})")
        text = "\n".join(lines)
    (folder / "app.mjs").write_text(text, "utf-8")
    again = report(folder, "js", "2.32.0", "3.1.0", "--", "node", "app.mjs")
    assert (again["direction"], again["before"]["ended"], again["after"]["ended"]) == (
        "same verdict", "exit 0", "exit 0",
    )  # fmt: skip


def test_an_old_version_that_hangs_is_stopped(tmp_path: Path) -> None:
    folder = app_of_the_page(tmp_path / "app")
    (folder / "app.mjs").write_text(
        "import { GoogleGenAI } from '@google/genai';\n"
        "const keep = setInterval(() => {}, 1000);\n"
        "const ai = new GoogleGenAI({ apiKey: 'k', httpOptions: { apiVersion: 'v9' } });\n"
        "await ai.live.connect({ model: 'gemini-3.8-live', callbacks: { onmessage: () => {} } });\n"
    )
    told = report(folder, "js", "2.32.0", "3.1.0", "--time-limit", "5", "--", "node", "app.mjs")
    assert (told["before"]["ended"], told["after"]["ended"]) == ("hangs", "exit 1")
    assert told["exit_code"] == 2


# -- test runners for Node --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def runners() -> Path:
    """A folder with the SDK and the runners installed."""
    folder = cache_root() / "runners"
    found = node.machine_node(os.environ.get("PATH", "")) or node.packaged_node(cache_root())

    def build() -> Stamp:
        (folder / "package.json").write_text('{"private": true, "type": "module"}\n')
        wanted = ["@google/genai@2.32.0", *RUNNERS]
        tools.run([*found.npm, *node.INSTALL, *node.QUIET, *wanted], cwd=folder)
        return Stamp(" ".join(RUNNERS), (), found.version)

    built(folder, " ".join(RUNNERS), "node_modules", build)
    return folder


def project(folder: Path, runners: Path, name: str, text: str) -> Path:
    """A project with one test."""
    folder.mkdir()
    (folder / "node_modules").symlink_to(runners / "node_modules")
    (folder / "package.json").write_text('{"private": true, "type": "module"}\n')
    (folder / name).write_text(text)
    return folder


MINTS: Final = (
    "test('it mints', async () => {\n"
    "  const ai = new GoogleGenAI({ apiKey: 'any' });\n"
    "  const token = await ai.authTokens.create({ config: { uses: 1 } });\n"
    "  expect(token.name).toMatch(/^auth_tokens/);\n"
    "});\n"
)


def test_vitest_runs_with_both_versions(tmp_path: Path, runners: Path) -> None:
    imports = "import { expect, test } from 'vitest';\nimport { GoogleGenAI } from '@google/genai';\n"
    folder = project(tmp_path / "app", runners, "app.test.mjs", imports + MINTS)
    told = report(folder, "js", "2.32.0", "3.1.0", "--", "node", "node_modules/vitest/vitest.mjs", "run")
    assert (told["before"]["ended"], told["after"]["ended"]) == ("exit 0", "exit 1"), told
    assert told["fix"]["measured"] is True


def test_jest_runs_with_both_versions(tmp_path: Path, runners: Path) -> None:
    """With versions whose ``fetch`` works in Jest; that of newer ones needs what its environment hides."""
    folder = project(
        tmp_path / "app",
        runners,
        "app.test.cjs",
        "const { GoogleGenAI } = require('@google/genai');\n" + MINTS,
    )
    command = ["node", "node_modules/jest/bin/jest.js", "--testMatch", "**/*.test.cjs"]
    told = report(folder, "js", "1.30.0", "1.40.0", "--", *command)
    assert (told["before"]["ended"], told["after"]["ended"], told["troubles"]) == ("exit 0", "exit 0", []), (
        told
    )
    newer = report(folder, "js", "1.30.0", "2.32.0", "--", *command)
    assert "Undici globalDispatcher is not available" in newer["after"]["output"]
    assert newer["exit_code"] == 2


# -- Python -----------------------------------------------------------------------------------------------

VOICE: Final = """
from google import genai


def test_it_mints():
    client = genai.Client(api_key="any")
    token = client.auth_tokens.create(config={"uses": 1})
    assert token.name.startswith("auth_tokens/")
"""


def test_pytest_runs_with_both_versions(tmp_path: Path) -> None:
    folder = tmp_path / "app"
    folder.mkdir()
    (folder / "requirements.txt").write_text("google-genai<3\npytest\n")
    (folder / "test_voice.py").write_text(VOICE)
    command = ["--", "pytest", "-q", "-p", "no:cacheprovider"]
    told = report(folder, "python", "2.34.0", "3.4.0", *command)
    assert (told["before"]["ended"], told["after"]["ended"]) == ("exit 0", "exit 1"), told
    assert told["before"]["notes"] == ["with what requirements.txt has"]
    assert [edit["places"] for edit in told["fix"]["edits"]] == [["test_voice.py:6"]]
    assert told["fix"]["measured"] is True
    assert {run["ended"] for run in told["proofs"]} == {"exit 0"}
    written = {path.name for path in folder.iterdir()} - {"__pycache__"}
    assert written == {"requirements.txt", "test_voice.py"}


def test_what_cannot_go_together_is_told(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("google-genai\nhttpx==0.23.0\n")
    done = run(tmp_path, "python", "2.34.0", "3.4.0", "--", "python", "-c", "pass", VIRTUAL_ENV="")
    assert done.returncode == 2
    said = done.stderr.splitlines()[-1]
    assert "google-genai==2.34.0 does not go together with what" in said
    assert "httpx==0.23.0" in said
    assert "unsatisfiable" in said
    assert "Traceback" not in done.stderr


def test_an_interpreter_that_is_named_is_found_out(tmp_path: Path) -> None:
    environment = prepare("python", "2.34.0", root=cache_root())
    (tmp_path / "requirements.txt").write_text("google-genai\n")
    (tmp_path / "app.py").write_text(
        "from google import genai\n"
        "c = genai.Client(api_key='any')\nprint(c.auth_tokens.create(config={}).name)\n"
    )
    told = report(tmp_path, "python", "2.34.0", "3.4.0", "--", environment.command[0], "app.py")
    assert told["exit_code"] == 2
    assert "the requests came from 2.34.0" in " ".join(told["troubles"])


def test_lock_files_of_pip(tmp_path: Path) -> None:
    folder = tmp_path / "app"
    folder.mkdir()
    (folder / "test_voice.py").write_text(VOICE)
    for name, version in (("old.txt", "2.34.0"), ("new.txt", "3.4.0")):
        (folder / name).write_text(f"google-genai=={version}\npytest==9.0.2\n")
    told = report(folder, "python", "--lock", "old.txt", "--lock", "new.txt", "--", "pytest", "-q")
    assert (told["before"]["variant"], told["after"]["variant"]) == ("2.34.0 (old.txt)", "3.4.0 (new.txt)")
    assert (told["before"]["ended"], told["after"]["ended"]) == ("exit 0", "exit 1"), told


def test_lock_files_of_npm(tmp_path: Path) -> None:
    folder = write(tmp_path / "app")
    found = node.machine_node(os.environ.get("PATH", "")) or node.packaged_node(cache_root())
    for version in ("3.1.0", "2.32.0"):
        (folder / "package.json").write_text(
            json.dumps({"private": True, "dependencies": {"@google/genai": version}})
        )
        (folder / "package-lock.json").unlink(missing_ok=True)
        command = [*found.npm, "install", "--package-lock-only", "--engine-strict=false", *node.QUIET]
        tools.run(command, cwd=folder)
        shutil.copy(folder / "package-lock.json", folder / f"lock-{version}.json")
    before = sorted(path.name for path in folder.iterdir())
    locks = ["--lock", "lock-2.32.0.json", "--lock", "lock-3.1.0.json"]
    told = report(folder, "js", *locks, "--", "node", "app.mjs")
    assert (told["before"]["ended"], told["after"]["ended"]) == ("exit 0", "exit 1"), told
    assert told["fix"]["measured"] is True
    assert sorted(path.name for path in folder.iterdir()) == before


def test_an_environment_keeps_its_versions(tmp_path: Path) -> None:
    """What is installed is a wish: it stays where the new SDK allows it."""
    folder = tmp_path / "app"
    folder.mkdir()
    uv = find_uv_bin()
    tools.run([uv, "venv", str(folder / ".venv")], cwd=folder)
    place = str(folder / ".venv" / platforms.interpreter())
    wanted = ["google-genai==2.34.0", "certifi==2025.8.3"]
    tools.run([uv, "pip", "install", "--python", place, *wanted], cwd=folder)
    code = "import certifi; print('certifi', certifi.__version__)\nfrom google import genai\n"
    code += "client = genai.Client(api_key='k')\nclient.auth_tokens.create(config={})\n"
    (folder / "app.py").write_text(code)
    told = report(folder, "python", "installed", "3.4.0", "--", "python", "app.py")
    assert told["before"]["version"] == "2.34.0"
    assert told["after"]["notes"][0] == "with what .venv has"
    assert "certifi 2025.08.03" in told["after"]["output"]


def test_lock_files_of_uv(tmp_path: Path) -> None:
    folder = tmp_path / "app"
    folder.mkdir()
    (folder / "test_voice.py").write_text(VOICE)
    about = '[project]\nname = "voice"\nversion = "1"\nrequires-python = ">=3.11"\n'
    about += 'dependencies = ["pytest", "google-genai%s"]\n'
    for name, pin in (("old.lock", "==2.34.0"), ("new.lock", "==3.4.0")):
        (folder / "pyproject.toml").write_text(about % pin)
        tools.run([find_uv_bin(), "lock"], cwd=folder)
        (folder / "uv.lock").rename(folder / name)
    told = report(folder, "python", "--lock", "old.lock", "--lock", "new.lock", "--", "pytest", "-q")
    assert (told["before"]["variant"], told["after"]["variant"]) == ("2.34.0 (old.lock)", "3.4.0 (new.lock)")
    assert (told["before"]["ended"], told["after"]["ended"]) == ("exit 0", "exit 1"), told
