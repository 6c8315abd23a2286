"""``upgrade … -- COMMAND``, as a process: what goes together, and what does not."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from suite.commands import program

from .conftest import CLIENT

ROOT: Final = Path(__file__).parents[3]
LIMIT_S: Final = 600


def run(folder: Path, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a folder."""
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    return subprocess.run(
        [sys.executable, "-m", "suite", "upgrade", *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path, **env},
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["js", "2.32.0", "3.1.0", "--"], "expected a command behind --, such as: -- npm test"),
        (["js", "--lock", "a", "--lock", "b"], "expected a command behind --, such as: -- npm test"),
        (["reference", "--", "x"], "a command runs with python or js, not with reference"),
        (["js", "--topic", "token", "--", "x"], "leave out --create, --connect, --topic and --project"),
        (["js", "--create", "none", "--", "x"], "leave out --create, --connect, --topic and --project"),
        (["js", "--service-date", "both", "--", "x"], "expected one, such as latest"),
        (["js", "--lock", "a", "--", "x"], "expected --lock twice"),
        (["js", "2", "3", "--lock", "a", "--lock", "b", "--", "x"], "two versions, or two lock files"),
        (["js", "--time-limit", "0", "--", "x"], "'0' is no time: expected seconds, such as 60"),
        (["js", "--script", "no-such", "--", "x"], "no-such"),
        (["python", "2.34.0", "3.4.0", "--", "x"], "nothing says what the program in"),
        (["python", "--", "x"], "nothing says what the program in"),
        (["js", "1.3.0", "2.0.0", "3.1.0", "--", "x"], "got also '3.1.0'"),
        (["js", "--lock", "gone", "--lock", "gone", "--", "x"], "gone: No such file or directory"),
    ],
)  # fmt: skip
def test_what_does_not_go_together_is_told_in_a_line(tmp_path: Path, words: list[str], says: str) -> None:
    done = run(tmp_path, *words, VIRTUAL_ENV="")
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr


def test_the_command_is_what_stands_behind_two_dashes() -> None:
    assert program.split(["js", "--", "npm", "test", "--", "-x"]) == (["js"], ["npm", "test", "--", "-x"])
    assert program.split(["js"]) == (["js"], None)


@pytest.mark.parametrize("text", ["0", "-1", "nan", "inf", "soon", ""])
def test_a_time_limit_is_a_time(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="expected seconds"):
        program._seconds(text)


def test_a_program_with_what_is_installed_on_both_sides(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without an environment to build: the client stands for a program that goes on working."""
    package = tmp_path / "node_modules/@google/genai"
    package.mkdir(parents=True)
    (package / "package.json").write_text(json.dumps({"name": "@google/genai", "version": "2.32.0"}))
    report = tmp_path / "report.json"
    words = ["js", "installed", "installed", "--report", f"json={report}", "--report", "terminal"]
    client = {"CLIENT_VERSION": "2.32.0", "CLIENT_DEFAULT": "v1beta"}
    done = run(tmp_path, *words, "--", *CLIENT, **client)
    assert done.returncode == 0, done.stderr
    assert "it goes on working (exit 0)" in done.stdout
    assert json.loads(report.read_text())["differences"] == []
    other = run(tmp_path, *words, "--", *CLIENT, **{**client, "CLIENT_VERSION": "9.9.9"})
    assert other.returncode == 2
    assert "the requests came from 9.9.9" in " ".join(other.stdout.split())


def test_no_such_program_is_told(tmp_path: Path) -> None:
    package = tmp_path / "node_modules/@google/genai"
    package.mkdir(parents=True)
    (package / "package.json").write_text(json.dumps({"name": "@google/genai", "version": "2.32.0"}))
    done = run(tmp_path, "js", "installed", "installed", "--", "no-such-program")
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == (
        "genai-live-compat: cannot run no-such-program: No such file or directory; "
        "expected a program and arguments behind --"
    )
