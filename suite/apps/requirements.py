"""What a Python program needs beside the SDK: what is installed for it, or what its files say."""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from uv import find_uv_bin

from .. import platforms
from ..environments import python, tools

if TYPE_CHECKING:
    from collections.abc import Mapping

_EDITABLE: Final = re.compile(r"^-e\s+(?:file://)?(.+)$")
_NAME: Final = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)")


@dataclass(frozen=True, slots=True)
class Needs:
    """What a program needs.

    Attributes:
        told: where that is known from, for a report.
        interpreter: a path, or a version specifier.
        files: requirements, as pip and uv read them.
        text: further requirements, without versions.
        sdk: the version of the SDK that it has now; empty where only files say what it needs.
        pins: the versions that the others have now, which stay where they can.
        sources: folders of the program's own packages.
    """

    told: str
    interpreter: str = sys.executable
    files: tuple[Path, ...] = ()
    text: str = ""
    sdk: str = ""
    pins: str = ""
    sources: tuple[Path, ...] = ()


def find(folder: Path, environ: Mapping[str, str]) -> Needs:
    """Look for an environment with the SDK in it, else for files.

    Raises:
        ValueError: there is neither.
        ToolFailed: uv cannot read the environment.
    """
    for venv in _environments(folder, environ):
        if (frozen := _frozen(venv)) is not None:
            return _of_environment(folder, venv, frozen)
    files = tuple(sorted(folder.glob("requirements*.txt")))
    if not files and (folder / "pyproject.toml").is_file():
        files = (folder / "pyproject.toml",)
    if not files:
        raise ValueError(
            f"nothing says what the program in {folder} needs: expected a virtual environment with "
            f"{python.PACKAGE} in it (.venv, or an active one), requirements*.txt or pyproject.toml; "
            "make one of these, or give two lock files with --lock"
        )
    return Needs(" and ".join(file.name for file in files), files=files, sources=sources(folder))


def _environments(folder: Path, environ: Mapping[str, str]) -> list[Path]:
    found = [folder / ".venv", folder / "venv"]
    if active := environ.get("VIRTUAL_ENV"):
        found.append(Path(active))
    return [venv for venv in found if (venv / platforms.interpreter()).exists()]


def _frozen(venv: Path) -> list[str] | None:
    """What is installed, as requirements; None without the SDK."""
    command = [find_uv_bin(), "pip", "freeze", "--python", str(venv / platforms.interpreter())]
    lines = tools.run(command, cwd=venv).splitlines()
    return lines if any(_is_sdk(line) for line in lines) else None


def _of_environment(folder: Path, venv: Path, frozen: list[str]) -> Needs:
    editable = [Path(found[1].strip()) for line in frozen if (found := _EDITABLE.match(line))]
    others = [line for line in frozen if not _EDITABLE.match(line) and not _is_sdk(line)]
    names = [name[1] if "==" in line else line for line in others if (name := _NAME.match(line))]
    return Needs(
        os.path.relpath(venv, folder) if venv.is_relative_to(folder) else str(venv),
        str(venv / platforms.interpreter()),
        text="\n".join(names),
        sdk=next((line.partition("==")[2] for line in frozen if _is_sdk(line)), ""),
        pins="\n".join(line for line in others if "==" in line),
        sources=tuple(dict.fromkeys(s for one in (folder, *editable) for s in sources(one))),
    )


def _is_sdk(line: str) -> bool:
    name = _NAME.match(line)
    return name is not None and re.sub(r"[-_.]+", "-", name[1]).lower() == python.PACKAGE


def sources(folder: Path) -> tuple[Path, ...]:
    """Where the packages of a project lie: it is not installed, so that nothing is written to its folder."""
    return tuple(place for place in (folder / "src",) if place.is_dir()) or (
        (folder,) if (folder / "pyproject.toml").is_file() or (folder / "setup.py").is_file() else ()
    )
