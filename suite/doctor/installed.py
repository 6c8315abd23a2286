"""What is installed in a project, beside it and under it: SDKs, the libraries that carry them, runtimes."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib import metadata
from typing import TYPE_CHECKING, Any, Final

from ..sdks import SDKS
from .manifests import Pin

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_ENVIRONMENTS: Final = (".venv", "venv", "env")
_DISTRIBUTION: Final = re.compile(r"(?P<name>[\w.]+)-(?P<version>[^-]+)\.dist-info")
_PACKAGE: Final = "node_modules/@google/genai/package.json"
#: What an SDK for Python speaks HTTP and WebSockets with.
LIBRARIES: Final = ("httpx", "httpx2", "aiohttp", "requests", "websockets")
#: A runtime says its version at once.
_LIMIT_S: Final = 10


@dataclass(frozen=True, slots=True)
class Needs:
    """What an installed SDK says it needs of the runtime."""

    pin: Pin
    #: ``>=3.10`` of Python, ``>=20.0.0`` of Node.
    needs: str


def sdks(root: Path, folders: Iterable[str] = ("",)) -> Iterator[Pin]:
    """The SDK versions that are installed in some folders of a project, and beside this tool."""
    for inner in folders:
        for folder in site_packages(root / inner):
            if version := distributions(folder).get("google_genai"):
                yield Pin("python", version, str(folder.relative_to(root)), 0)
        package = node_package(root / inner)
        if package.get("version"):
            yield Pin("js", str(package["version"]), _joined(inner, _PACKAGE), 0)
    try:
        beside = metadata.version(SDKS["python"].package)
    except metadata.PackageNotFoundError:
        return
    yield Pin("python", beside, f"the Python that runs this, {sys.executable}", 3)


def _joined(folder: str, path: str) -> str:
    return f"{folder}/{path}" if folder else path


def site_packages(root: Path) -> list[Path]:
    """The folders of packages of a project's own environments."""
    return [
        folder
        for name in _ENVIRONMENTS
        for pattern in ("lib/python*/site-packages", "Lib/site-packages")
        for folder in sorted((root / name).glob(pattern))
    ]


def distributions(folder: Path) -> dict[str, str]:
    """Installed distributions, by their names with underscores."""
    found = [_DISTRIBUTION.fullmatch(path.name) for path in folder.glob("*.dist-info")]
    return {one["name"].lower().replace(".", "_"): one["version"] for one in found if one}


def libraries(root: Path) -> dict[str, str]:
    """The libraries that carry the SDK, as ``httpx 0.28.1`` by folder."""
    found = {}
    for folder in site_packages(root):
        there = distributions(folder)
        named = [f"{name} {there[name]}" for name in LIBRARIES if name in there]
        found[str(folder.relative_to(root))] = ", ".join(named) or "none of " + ", ".join(LIBRARIES)
    return found


def node_package(root: Path) -> dict[str, Any]:
    """What the installed @google/genai says of itself."""
    try:
        read = json.loads((root / _PACKAGE).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return read if isinstance(read, dict) else {}


def needs(root: Path) -> Iterator[Needs]:
    """What the installed SDKs need of their runtimes."""
    for pin in sdks(root):
        if pin.sdk == "js":
            engines = node_package(root).get("engines")
            if isinstance(engines, dict) and engines.get("node"):
                yield Needs(pin, str(engines["node"]))
        elif pin.rank == 0:
            for about in (root / pin.where).glob("google_genai-*.dist-info/METADATA"):
                head = about.read_text("utf-8", errors="replace")
                if found := re.search(r"^Requires-Python: (.+)$", head, re.MULTILINE):
                    yield Needs(pin, found[1].strip())


def runtime(root: Path, sdk: str) -> tuple[str, str] | None:
    """A runtime's version, and which one that is; None where there is none."""
    program = shutil.which("node") if sdk == "js" else _python(root)
    if program is None:
        return None
    try:
        done = subprocess.run(
            [program, "--version"], capture_output=True, text=True, timeout=_LIMIT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.search(r"\d+\.\d+\.\d+", done.stdout + done.stderr)
    return (found[0], program) if found else None


def _python(root: Path) -> str | None:
    """The interpreter of the project's environment, else the one that runs this."""
    own = [root / name / inner for name in _ENVIRONMENTS for inner in ("bin/python", "Scripts/python.exe")]
    return next((str(path) for path in own if path.exists()), sys.executable or None)
