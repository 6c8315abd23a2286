"""One cached environment for each SDK version, and how its worker is started.

Uses the ordinary package tools, uv and npm, with the index, proxy and certificates they are configured for.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from suite.environments import node, python, web
from suite.environments.artefacts import version_of
from suite.environments.cache import Environment, EnvironmentBroken, cache_root

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Environment", "EnvironmentBroken", "cache_root", "prepare", "version_of"]

REFERENCE_WORKER = Path(__file__).parent.parent / "drivers" / "reference" / "worker.py"
REFERENCE_PROGRAM = REFERENCE_WORKER.with_name("program.py")

# Exact, as it becomes the name of a folder: a registry would also take `1.26` or `latest`.
VERSION = re.compile(r"\d+\.\d+\.\d+[0-9A-Za-z.+-]*")


def prepare(sdk: str, version: str, *, root: Path, rebuild: bool = False, source: str = "") -> Environment:
    """Return the environment of one SDK version, built if it is not there yet.

    Args:
        sdk: `python`, `js`, `web` or `reference`.
        version: exact version on the package registry, or what `version_of` says of the source.
        root: where environments are kept, see `cache_root`.
        rebuild: throw the cached one away first.
        source: where the SDK comes from: nothing for the registry, a file, or `installed`.

    Raises:
        EnvironmentBroken: with one line that says what was tried, why it failed and what to do.
    """
    if sdk not in BUILDERS:
        raise EnvironmentBroken(f"no SDK {sdk!r}: expected one of {', '.join(BUILDERS)}")
    if source:
        _check(sdk, version, source)
    elif not VERSION.fullmatch(version):
        raise EnvironmentBroken(f"{version!r} is no exact version: expected one like 1.26.0")
    try:
        return BUILDERS[sdk](version, root, rebuild, source)
    except OSError as error:
        raise EnvironmentBroken.from_system(f"prepare {sdk} {version} in {root}", error) from error


def _check(sdk: str, version: str, source: str) -> None:
    try:
        found = version_of(sdk, source)
    except ValueError as error:
        raise EnvironmentBroken(str(error)) from error
    if found != version:
        raise EnvironmentBroken(f"{source}: holds {sdk} {found}, expected {version}; ask for {found}")


def _reference(version: str, root: Path, rebuild: bool, source: str = "") -> Environment:
    """The reference client needs no SDK: it runs in this project's own environment."""
    root.mkdir(parents=True, exist_ok=True)
    runtime = f"{sys.implementation.name} {sys.version.split()[0]}"
    command, program = (sys.executable, str(REFERENCE_WORKER)), (sys.executable, str(REFERENCE_PROGRAM))
    return Environment("reference", version, root, command, (), runtime, program)


BUILDERS: dict[str, Callable[[str, Path, bool, str], Environment]] = {
    "python": python.prepare,
    "js": node.prepare,
    "web": web.prepare,
    "reference": _reference,
}
