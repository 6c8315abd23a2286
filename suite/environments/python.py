"""Environments of google-genai: a virtual environment with one version in it, made by uv."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

from uv import find_uv_bin

from suite.environments import tools
from suite.environments.cache import Environment, EnvironmentBroken, Stamp, built, wipe
from suite.environments.tools import ToolFailed

PACKAGE = "google-genai"
WORKER = Path(__file__).parent.parent / "drivers" / "python" / "worker.py"
INTERPRETER = Path("Scripts", "python.exe") if os.name == "nt" else Path("bin", "python")

NEEDS_PYTHON = re.compile(r"current Python version .* does not satisfy Python([<>=!~.,\d]+)")
NO_SUCH_VERSION = re.compile(r"there is no version of")


def prepare(version: str, root: Path, rebuild: bool) -> Environment:
    """Return the environment of one version of google-genai."""
    # The suite may run under another Python tomorrow; its answers are that Python's.
    folder = root / f"python-{sys.implementation.cache_tag}" / version
    stamp = built(
        folder,
        f"{PACKAGE}=={version}",
        str(INTERPRETER),
        lambda: _build(folder, version),
        rebuild=rebuild,
    )
    command = (str(folder / INTERPRETER), str(WORKER))
    return Environment("python", version, folder, command, stamp.packages, stamp.runtime)


def install(folder: Path, requirement: str, interpreter: str, *, downloads: str = "never") -> Stamp:
    """Fill an empty folder with a virtual environment that holds one requirement.

    ``interpreter`` is a path or a version specifier; ``downloads`` says whether uv may bring one.

    Raises:
        ToolFailed: uv cannot.
    """
    # `--allow-existing`: the folder is there, empty but for what is written beside the environment.
    venv = [find_uv_bin(), "venv", "--allow-existing", "--python", interpreter, str(folder)]
    tools.run(venv, cwd=folder, downloads=downloads)
    target = ("--python", str(folder / INTERPRETER))
    # Without bytecode the first import of the SDK takes up to 4 s.
    tools.run([find_uv_bin(), "pip", "install", *target, "--compile-bytecode", requirement], cwd=folder)
    frozen = tools.run([find_uv_bin(), "pip", "freeze", *target], cwd=folder)
    return Stamp(requirement, tuple(frozen.split()), _runtime(folder))


def _build(folder: Path, version: str) -> Stamp:
    requirement = f"{PACKAGE}=={version}"
    try:
        return install(folder, requirement, sys.executable)
    except ToolFailed as failed:
        if NO_SUCH_VERSION.search(failed.stderr):
            raise EnvironmentBroken(_no_such_version(version, folder)) from failed
        refused = NEEDS_PYTHON.search(failed.stderr)
        if not refused:
            raise failed.broken(f"install {requirement}") from failed
        return _build_with_other_python(folder, requirement, refused[1])


def _build_with_other_python(folder: Path, requirement: str, wanted: str) -> Stamp:
    """Install under an interpreter that the SDK accepts, which this is not: of this machine, else of uv."""
    wipe(folder)
    try:
        # Only now, and only if the user has not said otherwise: 30 MB from another host than the packages.
        return install(folder, requirement, wanted, downloads="automatic")
    except ToolFailed as failed:
        here = sys.version.split()[0]
        raise failed.broken(
            f"install {requirement}, which needs Python {wanted} where this is {here}"
        ) from failed


def _no_such_version(version: str, folder: Path) -> str:
    near = [_nearest(f"<{version}", "highest", folder), _nearest(f">{version}", "lowest", folder)]
    known = " and ".join(found for found in near if found)
    return f"install {PACKAGE} {version}: the index has no such version; " + (
        f"the nearest there are {known}" if known else f"look at its list of versions of {PACKAGE}"
    )


def _nearest(bound: str, resolution: str, folder: Path) -> str | None:
    """Ask uv, with its own index settings, for the version next to one that does not exist."""
    resolve = [find_uv_bin(), "pip", "compile", "-", "--no-deps", "--no-header", "--no-annotate"]
    newest_python = ["--python-version", "3.14", "--resolution", resolution]  # so that none is refused for it
    try:
        pinned = tools.run([*resolve, *newest_python], cwd=folder, stdin=PACKAGE + bound)
    except ToolFailed:
        return None
    return pinned.strip().rpartition("==")[2] or None


def _runtime(folder: Path) -> str:
    lines = (folder / "pyvenv.cfg").read_text("utf-8").splitlines()
    told = dict(line.split(" = ", 1) for line in lines if " = " in line)
    return f"{told.get('implementation', 'Python')} {told.get('version_info', '?')}"
