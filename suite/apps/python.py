"""A program in Python with another google-genai than it has: an environment with all else that it needs."""

from __future__ import annotations

import hashlib
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from uv import find_uv_bin

from .. import platforms
from ..environments import python, tools
from ..environments.artefacts import INSTALLED
from ..environments.cache import EnvironmentBroken, Stamp, built
from ..environments.tools import ToolFailed
from . import requirements
from .model import Variant

if TYPE_CHECKING:
    from ..model import Subject
    from .requirements import Needs

#: What uv says of requirements that exclude each other: a chain of reasons.
_CLASH: Final = re.compile(r"No solution found[^\n]*\n\W*(?:cause:)?(.*)", re.DOTALL)


def variant(subject: Subject, folder: Path, root: Path) -> Variant:
    """The program in a folder with one version.

    Raises:
        ValueError: nothing says what it needs.
        EnvironmentBroken: that cannot be installed together.
    """
    if subject.source == INSTALLED:
        return Variant(subject.shown, subject.version, folder)
    wanted = str(Path(subject.source).resolve()) if subject.source else f"{python.PACKAGE}=={subject.version}"
    try:
        needs = requirements.find(folder, os.environ)
        place = _installed(needs, wanted, folder, root)
        problems = _problems(place)
    except ToolFailed as failed:
        if clash := _CLASH.search(failed.stderr):
            told = f"{wanted} does not go together with what {folder.name} needs"
            raise EnvironmentBroken(f"{told}: {' '.join(clash[1].split())}") from failed
        raise failed.broken(f"install {wanted} with what {folder.name} needs") from failed
    notes = (f"with what {needs.told} has", *problems)
    return made(subject.shown, subject.version, folder, place, needs.sources, notes)


def installed(folder: Path) -> str:
    """The SDK version that the program in a folder has.

    Raises:
        ValueError: it has none that is known.
        EnvironmentBroken: its environment cannot be read.
    """
    try:
        version = requirements.find(folder, os.environ).sdk
    except ToolFailed as failed:
        raise failed.broken(f"read what is installed for {folder}") from failed
    if not version:
        raise ValueError(
            f"no virtual environment with {python.PACKAGE} in {folder}, and none is active: "
            "expected one, or the version that you have"
        )
    return version


def made(
    shown: str,
    version: str,
    folder: Path,
    place: Path,
    sources: tuple[Path, ...] = (),
    notes: tuple[str, ...] = (),
) -> Variant:
    """A program with a virtual environment."""
    variables = {"PATH": str((place / platforms.interpreter()).parent), "VIRTUAL_ENV": str(place)}
    if sources:
        variables["PYTHONPATH"] = os.pathsep.join(map(str, sources))
    return Variant(shown, version, folder, variables, notes)


def _installed(needs: Needs, wanted: str, folder: Path, root: Path) -> Path:
    """The virtual environment of these needs with one SDK, built if it is not there yet."""
    content = [
        wanted,
        needs.interpreter,
        needs.text,
        needs.pins,
        *(f.read_text("utf-8") for f in needs.files),
    ]
    name = hashlib.sha256("\n".join(content).encode()).hexdigest()[:12]
    place = root / f"apps-{sys.implementation.cache_tag}" / name
    built(place, name, str(platforms.interpreter()), lambda: _build(place, name, needs, wanted, folder))
    return place


def _build(place: Path, name: str, needs: Needs, wanted: str, folder: Path) -> Stamp:
    """Resolve all together, staying with the versions that are there, then install that."""
    own, only, locked = place / "needs.in", place / "only.txt", place / "needs.txt"
    own.write_text(f"{needs.text}\n{wanted}\n", "utf-8")
    only.write_text(f"{wanted}\n", "utf-8")  # whatever the program's own files say of the SDK
    locked.write_text(f"{needs.pins}\n", "utf-8")
    environments(place, needs.interpreter)
    target = ["--python", str(place / platforms.interpreter())]
    files = [str(file) for file in (own, *needs.files)]
    extras = ["--all-extras"] if any(file.name == "pyproject.toml" for file in needs.files) else []
    groups = [word for file in needs.files for word in _groups(file)]
    tools.run(
        [find_uv_bin(), "pip", "compile", *target, *files, *extras, *groups,
         "--override", str(only), "--output-file", str(locked)],
        cwd=folder,
    )  # fmt: skip
    return install(place, name, ["--no-deps", "-r", str(locked)], folder)


def environments(place: Path, interpreter: str) -> None:
    """Make an empty virtual environment."""
    tools.run(
        [find_uv_bin(), "venv", "--allow-existing", "--python", interpreter, str(place)],
        cwd=place,
        downloads="automatic",
    )


def install(place: Path, name: str, what: list[str], folder: Path) -> Stamp:
    """Install into it, as uv is configured for the program's folder."""
    target = ["--python", str(place / platforms.interpreter())]
    tools.run([find_uv_bin(), "pip", "install", *target, "--compile-bytecode", *what], cwd=folder)
    frozen = tools.run([find_uv_bin(), "pip", "list", "--format", "freeze", *target], cwd=place)
    return Stamp(name, tuple(frozen.split()), python.runtime(place))


def _groups(file: Path) -> list[str]:
    """The groups of development in a pyproject.toml, as uv is asked for them."""
    if file.name != "pyproject.toml":
        return []
    inside, found = False, []
    for line in file.read_text("utf-8").splitlines():
        if line.startswith("["):
            inside = line.strip() == "[dependency-groups]"
        elif inside and line[:1].isalnum() and "=" in line:
            found += ["--group", f"{file}:{line.partition('=')[0].strip()}"]
    return found


def _problems(place: Path) -> tuple[str, ...]:
    """What of it does not go together, by what the packages say."""
    command = [find_uv_bin(), "pip", "check", "--python", str(place / platforms.interpreter())]
    try:
        tools.run(command, cwd=place)
    except ToolFailed as failed:
        lines = [line.strip() for line in failed.stderr.splitlines()]
        return tuple(line for line in lines if line.startswith("The package"))
    return ()


def sdk_of(place: Path) -> str:
    """The SDK version in an environment.

    Raises:
        EnvironmentBroken: there is none.
    """
    command = [
        find_uv_bin(),
        "pip",
        "list",
        "--format",
        "freeze",
        "--python",
        str(place / platforms.interpreter()),
    ]
    for line in tools.run(command, cwd=place).splitlines():
        name, _, version = line.partition("==")
        if name == python.PACKAGE:
            return version
    raise EnvironmentBroken(f"no {python.PACKAGE} in it; add it to the lock file, or give another")
