"""Environments of @google/genai in a browser: what is installed for Node, bundled with the worker's page."""

from __future__ import annotations

import functools
import hashlib
import importlib.util
import json
import os
import re
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from suite.environments import artefacts, node, tools
from suite.environments.cache import Environment, EnvironmentBroken, Stamp, built
from suite.environments.tools import ToolFailed

if TYPE_CHECKING:
    from suite.environments.node import Installed

DRIVER = Path(__file__).parent.parent / "drivers" / "web"
WORKER = DRIVER / "worker.py"
PAGE = DRIVER / "page.mjs"
BUNDLE = "page.js"

# What is bundled beside the SDK; a worker that has changed is bundled again.
SOURCES = (PAGE, *sorted(node.DRIVER.glob("*.mjs")))

# The page's first lines. esbuild reads them as if they stood in the SDK's folder: its name is resolved there.
ENTRY = """\
import {{ run }} from {0};
run(() => import({1}), {2});
"""

ESBUILD = "esbuild@0.28.2"
OPTIONS = ("--bundle", "--platform=browser", "--conditions=browser", "--format=esm", "--legal-comments=none")
COMPLAINT = re.compile(r"\[ERROR\] (.+)")
BRIEF = ("--log-level=error", "--log-limit=1", "--color=false")

CHROMIUM_VARIABLE = "GENAI_LIVE_COMPAT_CHROMIUM"
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")


def prepare(version: str, root: Path, rebuild: bool, source: str = "") -> Environment:
    """Return the environment of one @google/genai in Chromium."""
    if importlib.util.find_spec("playwright") is None:
        raise EnvironmentBroken(
            "no Playwright is installed, which drives the browser; "
            "run: python -m pip install 'genai-live-compat[web]'"
        )
    chromium = find_chromium()
    found = node.installed(version, root, rebuild, source)
    # What is installed may be another tomorrow.
    folder = _bundled(found, version, root, rebuild or source == artefacts.INSTALLED)
    command = (sys.executable, str(WORKER), str(folder / BUNDLE), chromium)
    return Environment("web", version, folder, command, found.packages, _runtime(chromium))


def find_chromium() -> str:
    """Return the system's Chromium.

    Raises:
        EnvironmentBroken: there is none, with the way to install one.
    """
    named = os.environ.get(CHROMIUM_VARIABLE)
    if named:
        if path := shutil.which(named):
            return path
        raise EnvironmentBroken(
            f"{CHROMIUM_VARIABLE}={named}: no such program, expected the path of a Chromium; "
            "correct it, or unset it to use the one on PATH"
        )
    for name in CHROMIUM_NAMES:
        if path := shutil.which(name):
            return path
    raise EnvironmentBroken(
        f"no Chromium on PATH, expected one of {', '.join(CHROMIUM_NAMES)}; "
        f"run: apt-get install chromium, or set {CHROMIUM_VARIABLE} to its path"
    )


@functools.cache
def _runtime(chromium: str) -> str:
    try:
        told = tools.run([chromium, "--version"], cwd=Path.cwd())
    except (ToolFailed, OSError) as error:
        raise EnvironmentBroken(f"{chromium} --version: {error}; install Chromium again") from error
    return " ".join(told.split()[:2])


def _bundled(found: Installed, version: str, root: Path, rebuild: bool) -> Path:
    esbuild = _esbuild(found, root)
    folder = root / "web" / f"{found.folder.name}-{_key()}"

    def build() -> Stamp:
        _bundle(esbuild, found.folder, folder / BUNDLE, f"{node.PACKAGE} {version}")
        return Stamp(folder.name, found.packages, ESBUILD)

    built(folder, folder.name, BUNDLE, build, rebuild=rebuild)
    return folder


def _key() -> str:
    """Tell bundles apart by all that is in them beside the SDK; not by the checkout's place."""
    parts = (ENTRY, ESBUILD, *OPTIONS, *(source.read_text("utf-8") for source in SOURCES))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]


def _bundle(esbuild: str, folder: Path, bundle: Path, what: str) -> None:
    about = json.loads((folder / "node_modules" / node.PACKAGE / "package.json").read_text("utf-8"))
    entry = ENTRY.format(json.dumps(str(PAGE)), json.dumps(node.PACKAGE), json.dumps(about["version"]))
    command = [esbuild, *OPTIONS, *BRIEF, f"--outfile={bundle}"]
    try:
        tools.run(command, cwd=folder, stdin=entry)
    except ToolFailed as failed:
        told = COMPLAINT.search(failed.stderr)
        raise EnvironmentBroken(
            f"bundle {what} for the browser: {told[1] if told else failed}; take another version, "
            f"or see more with: {failed.command}"
        ) from failed


def _esbuild(found: Installed, root: Path) -> str:
    """Return the bundler's own program, which npm brings for this platform; no script of it has to be run."""
    folder = root / "esbuild"
    try:
        built(folder, ESBUILD, "node_modules", lambda: node.install(folder, found.node, ESBUILD, ESBUILD))
    except ToolFailed as failed:
        raise failed.broken(f"install {ESBUILD}") from failed
    programs = [
        *folder.glob("node_modules/@esbuild/*/bin/esbuild"),
        *folder.glob("node_modules/@esbuild/*/*.exe"),
    ]
    if not programs:
        raise EnvironmentBroken(f"install {ESBUILD}: npm brought no program for this platform")
    return str(programs[0])
