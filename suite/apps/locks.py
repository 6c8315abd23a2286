"""A program with what a lock file names: for Node in a copy of its folder, for Python in an environment."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from uv import find_uv_bin

from .. import platforms
from ..environments import node, tools
from ..environments.artefacts import JS_PACKAGE
from ..environments.cache import EnvironmentBroken, Stamp, built
from ..environments.tools import ToolFailed
from . import python, requirements
from .model import Variant

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Not copied: npm makes the one, and nobody needs the others.
_LEFT: Final = ("node_modules", ".git", ".venv", "venv", "__pycache__")
#: What a package.json and the root of its lock file both say.
_NEEDS: Final = ("dependencies", "devDependencies", "optionalDependencies", "peerDependencies", "workspaces")
_UV: Final = "[[package]]"
_EXPORT: Final = ("--frozen", "--no-emit-project", "--all-groups", "--all-extras", "--no-hashes", "--quiet")


@contextmanager
def variant(sdk: str, lock: Path, folder: Path, root: Path) -> Iterator[Variant]:
    """The program in a folder with what a lock file names: package-lock.json, requirements.txt or uv.lock.

    Raises:
        ValueError: it is no such file, or it has no SDK.
        OSError: it cannot be read.
        EnvironmentBroken: it cannot be installed.
    """
    text = lock.read_text("utf-8")
    try:
        if sdk == "python":
            yield _python(lock, text, folder, root)
            return
        with tempfile.TemporaryDirectory(prefix="genai-live-compat-") as temporary:
            yield _node(lock, text, folder, Path(temporary) / folder.name, root)
    except ToolFailed as failed:
        raise failed.broken(f"install what {lock} names") from failed


def _node(lock: Path, text: str, folder: Path, copy: Path, root: Path) -> Variant:
    locked = _packages(lock, text)
    sdk = locked.get(f"node_modules/{JS_PACKAGE}", {}).get("version")
    if sdk is None:
        raise ValueError(f"{lock}: it names no {JS_PACKAGE}; expected the lock file of a program that has it")
    shutil.copytree(folder, copy, symlinks=True, ignore=shutil.ignore_patterns(*_LEFT))
    (copy / "package-lock.json").write_text(text, "utf-8")
    about = _read(copy / "package.json")
    wanted = {name: locked[""][name] for name in _NEEDS if name in locked[""]}
    kept = {name: value for name, value in about.items() if name not in _NEEDS}
    (copy / "package.json").write_text(json.dumps(kept | wanted, indent=1), "utf-8")
    found = node.machine_node(os.environ.get("PATH", "")) or node.packaged_node(root)
    tools.run([*found.npm, "ci", "--engine-strict=false", *node.QUIET], cwd=copy)
    path = {} if shutil.which("node") else {"PATH": os.path.dirname(found.executable)}
    return Variant(f"{sdk} ({lock.name})", sdk, copy, path, ("in a copy of its folder, by npm ci",))


def _packages(lock: Path, text: str) -> dict[str, Any]:
    """The packages of an npm lock file, by where they are; under the empty name what the program asks for."""
    try:
        packages = json.loads(text)["packages"]
        return {"": {}, **packages}
    except (ValueError, KeyError, TypeError):
        raise ValueError(
            f"{lock}: expected a package-lock.json of npm 7 or newer; for other tools, make one with: "
            "npm install --package-lock-only"
        ) from None


def _read(path: Path) -> dict[str, Any]:
    try:
        about = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    return about if isinstance(about, dict) else {}


def _python(lock: Path, text: str, folder: Path, root: Path) -> Variant:
    name = hashlib.sha256(text.encode()).hexdigest()[:12]
    place = root / f"apps-{sys.implementation.cache_tag}" / f"lock-{name}"
    built(place, name, str(platforms.interpreter()), lambda: _build(place, name, lock, text, folder))
    sdk = python.sdk_of(place)
    sources = requirements.sources(folder)
    return python.made(f"{sdk} ({lock.name})", sdk, folder, place, sources)


def _build(place: Path, name: str, lock: Path, text: str, folder: Path) -> Stamp:
    python.environments(place, sys.executable)
    if _UV not in text:
        return python.install(place, name, ["-r", str(lock.resolve())], folder)
    project = place / "project"
    project.mkdir()
    (project / "uv.lock").write_text(text, "utf-8")
    about = folder / "pyproject.toml"
    if not about.is_file():
        raise EnvironmentBroken(f"{lock}: no pyproject.toml beside it in {folder}; uv reads both together")
    shutil.copy(about, project)
    exported = tools.run([find_uv_bin(), "export", *_EXPORT], cwd=project)
    (place / "needs.txt").write_text(exported, "utf-8")
    return python.install(place, name, ["-r", str(place / "needs.txt")], folder)
