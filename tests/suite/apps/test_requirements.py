"""What a Python program needs, found where it is said."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from uv import find_uv_bin

from suite import platforms
from suite.apps import requirements
from suite.environments import tools

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FROZEN = "google-genai==2.34.0\nhttpx==0.28.1\n-e file:///code/own\ntool @ file:///code/tool.whl\n"


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path, str], None]:
    """Put a virtual environment somewhere, with what ``uv pip freeze`` says of it."""
    told: dict[str, str] = {}

    def put(venv: Path, frozen: str) -> None:
        python = venv / platforms.interpreter()
        python.parent.mkdir(parents=True)
        python.touch()
        told[str(python)] = frozen

    monkeypatch.setattr(tools, "run", lambda command, **_: told[command[-1]])
    return put


def test_an_environment_with_the_sdk_comes_first(
    tmp_path: Path, installed: Callable[[Path, str], None]
) -> None:
    installed(tmp_path / ".venv", FROZEN)
    (tmp_path / "requirements.txt").write_text("other\n")
    (tmp_path / "src").mkdir()
    needs = requirements.find(tmp_path, {})
    assert needs.told == ".venv"
    assert needs.interpreter == str(tmp_path / ".venv" / platforms.interpreter())
    assert needs.text.splitlines() == ["httpx", "tool @ file:///code/tool.whl"]
    assert (needs.sdk, needs.pins) == ("2.34.0", "httpx==0.28.1")
    assert needs.files == ()
    assert needs.sources == (tmp_path / "src",)


def test_the_active_environment_counts_if_it_has_the_sdk(
    tmp_path: Path, installed: Callable[[Path, str], None]
) -> None:
    folder, venv = tmp_path / "app", tmp_path / "venv"
    folder.mkdir()
    installed(venv, "Google_GenAI==2.34.0\n")
    assert requirements.find(folder, {"VIRTUAL_ENV": str(venv)}).told == str(venv)


def test_one_without_the_sdk_does_not(tmp_path: Path, installed: Callable[[Path, str], None]) -> None:
    installed(tmp_path / ".venv", "httpx==0.28.1\ngoogle-genai-extras==1\n")
    (tmp_path / "requirements.txt").write_text("google-genai\n")
    assert requirements.find(tmp_path, {}).told == "requirements.txt"


@pytest.mark.parametrize(
    ("files", "told"),
    [
        (["requirements.txt"], "requirements.txt"),
        (["requirements.txt", "requirements-b.txt", "setup.py"], "requirements-b.txt and requirements.txt"),
        (["pyproject.toml"], "pyproject.toml"),
    ],
)  # fmt: skip
def test_else_its_files(tmp_path: Path, files: list[str], told: str) -> None:
    for name in files:
        (tmp_path / name).write_text("")
    needs = requirements.find(tmp_path, {})
    assert (needs.told, needs.interpreter) == (told, sys.executable)
    assert needs.sources == ((tmp_path,) if {"pyproject.toml", "setup.py"} & set(files) else ())


def test_where_nothing_says_it_that_is_told(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"expected a virtual environment with google-genai in it"):
        requirements.find(tmp_path, {})


def test_a_real_environment_is_read(tmp_path: Path) -> None:
    subprocess.run([find_uv_bin(), "venv", "-q", str(tmp_path / ".venv")], check=True, cwd=tmp_path)
    with pytest.raises(ValueError, match="nothing says"):
        requirements.find(tmp_path, {})
