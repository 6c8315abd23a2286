"""One cached environment for each SDK version, and how its worker is started.

Uses the ordinary package tools, uv and npm, with the index, proxy and certificates they are configured for.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from suite.environments import node, python
from suite.environments.cache import Environment, EnvironmentBroken, cache_root

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Environment", "EnvironmentBroken", "cache_root", "prepare"]

REFERENCE_WORKER = Path(__file__).parent.parent / "drivers" / "reference" / "worker.py"
REFERENCE_PROGRAM = REFERENCE_WORKER.with_name("program.py")

# Exact, as it becomes the name of a folder: a registry would also take `1.26` or `latest`.
VERSION = re.compile(r"\d+\.\d+\.\d+[0-9A-Za-z.+-]*")


def prepare(sdk: str, version: str, *, root: Path, rebuild: bool = False) -> Environment:
    """Return the environment of one SDK version, built if it is not there yet.

    Args:
        sdk: `python`, `js` or `reference`.
        version: exact version on the package registry.
        root: where environments are kept, see `cache_root`.
        rebuild: throw the cached one away first.

    Raises:
        EnvironmentBroken: with one line that says what was tried, why it failed and what to do.
    """
    if sdk not in BUILDERS:
        raise EnvironmentBroken(f"no SDK {sdk!r}: expected one of {', '.join(BUILDERS)}")
    if not VERSION.fullmatch(version):
        raise EnvironmentBroken(f"{version!r} is no exact version: expected one like 1.26.0")
    try:
        return BUILDERS[sdk](version, root, rebuild)
    except OSError as error:
        raise EnvironmentBroken.from_system(f"prepare {sdk} {version} in {root}", error) from error


def _reference(version: str, root: Path, rebuild: bool) -> Environment:
    """The reference client needs no SDK: it runs in this project's own environment."""
    runtime = f"{sys.implementation.name} {sys.version.split()[0]}"
    command, program = (sys.executable, str(REFERENCE_WORKER)), (sys.executable, str(REFERENCE_PROGRAM))
    return Environment("reference", version, root, command, (), runtime, program)


BUILDERS: dict[str, Callable[[str, Path, bool], Environment]] = {
    "python": python.prepare,
    "js": node.prepare,
    "reference": _reference,
}
