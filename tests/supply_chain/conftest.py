"""One wheel and one sdist for all tests, and environments that have the wheel and what it asks for."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from .building import build, copy_tree, run, the_one, uv

if TYPE_CHECKING:
    from collections.abc import Callable

    from .building import Kind


class Installed:
    """A fresh environment."""

    def __init__(self, folder: Path) -> None:
        self._bin = folder / ("Scripts" if os.name == "nt" else "bin")
        #: Where its programs run: nothing of the project is here.
        self.cwd = folder

    def program(self, name: str) -> Path:
        """The path of one of its programs."""
        return self._bin / name

    def run(self, name: str, *words: str | Path, cwd: Path | None = None) -> str:
        """Run one of its programs, and return what it wrote; it must end well."""
        return run(self.program(name), *words, cwd=cwd or self.cwd)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Test what a release is going to be."""
    parser.addoption(
        "--artefacts", type=Path, metavar="FOLDER",
        help="test the wheel and the sdist in this folder, built at SOURCE_DATE_EPOCH (default: build them)",
    )  # fmt: skip


@pytest.fixture(scope="session")
def wheel(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, from the tree."""
    return _given(pytestconfig, "wheel") or _built("wheel", tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="session")
def sdist(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sdist, from the tree."""
    return _given(pytestconfig, "sdist") or _built("sdist", tmp_path_factory.mktemp("sdist"))


def _given(config: pytest.Config, kind: Kind) -> Path | None:
    folder = config.getoption("artefacts")
    return the_one(folder.absolute(), kind) if folder is not None else None


def _built(kind: Kind, folder: Path) -> Path:
    return build(copy_tree(folder / "tree"), kind, folder / "dist")


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Installed]:
    """Install the wheel with extras and other packages; nothing is compiled."""

    def install(*packages: str, extras: str = "") -> Installed:
        folder = tmp_path_factory.mktemp("environment")
        uv("venv", "--quiet", "--python", sys.executable, "--clear", folder, cwd=folder)
        asked = f"genai-live-compat{f'[{extras}]' if extras else ''} @ {wheel.as_uri()}"
        uv(
            "pip", "install", "--quiet", "--only-binary", ":all:", "--python", folder, asked, *packages,
            cwd=folder,
        )  # fmt: skip
        return Installed(folder)

    return install


@pytest.fixture(scope="session")
def plain(installed: Callable[..., Installed]) -> Installed:
    """The wheel with its dependencies, and nothing else."""
    return installed()
