"""Environments of google-genai: a virtual environment with one version in it, made by uv."""

from __future__ import annotations

import hashlib
import re
import sys
import sysconfig
from dataclasses import replace
from importlib import metadata
from pathlib import Path

from uv import find_uv_bin

from suite import platforms
from suite.environments import tools
from suite.environments.cache import Environment, EnvironmentBroken, Stamp, built, wipe
from suite.environments.tools import ToolFailed

PACKAGE = "google-genai"
DRIVER = Path(__file__).parent.parent / "drivers" / "python"
WORKER, PROGRAM = DRIVER / "worker.py", DRIVER / "program.py"

NEEDS_PYTHON = re.compile(r"current Python version .* does not satisfy Python([<>=!~.,\d]+)")
NO_SUCH_VERSION = re.compile(r"there is no version of")


# Where a version may come from beside the registry: a file that was built, or this Python's own packages.
BUILT_FILES = (".whl", ".tar.gz")
INSTALLED = "installed"

# Finding uv asks `sysconfig`, which sets itself up without a lock: a second thread sees half of it.
# Environments are prepared in several threads, a module is imported in one.
sysconfig.get_config_vars()


def prepare(version: str, root: Path, rebuild: bool, source: str = "") -> Environment:
    """Return the environment of one version of google-genai.

    Args:
        version: what the environment is to be called; without a source, the version on the registry.
        root: where environments are kept.
        rebuild: throw the cached one away first.
        source: empty for the registry, a path to a wheel or source archive, or `installed`.
    """
    if source == INSTALLED:
        return _installed(version, root)
    if source:
        name, folder_name, requirement = _local(Path(source))
    else:
        name = requirement = f"{PACKAGE}=={version}"
        folder_name = version
    # The suite may run under another Python tomorrow; its answers are that Python's.
    folder = root / f"python-{sys.implementation.cache_tag}" / folder_name
    stamp = built(
        folder,
        name,
        str(platforms.interpreter()),
        lambda: replace(_build(folder, version, requirement), name=name),
        rebuild=rebuild,
    )
    return _environment(version, folder, str(folder / platforms.interpreter()), stamp.packages, stamp.runtime)


def _environment(
    version: str, folder: Path, interpreter: str, packages: tuple[str, ...], runtime: str
) -> Environment:
    command, program = (interpreter, str(WORKER)), (interpreter, str(PROGRAM))
    return Environment("python", version, folder, command, packages, runtime, program)


def _local(file: Path) -> tuple[str, str, str]:
    """Return the stamp's name, the folder's name and the requirement: of a file its content counts."""
    if not file.name.endswith(BUILT_FILES):
        raise EnvironmentBroken(
            f"{file} is nothing to install: expected a file that ends in {' or '.join(BUILT_FILES)}, "
            f"as python -m build makes it, or {INSTALLED!r}"
        )
    if not file.is_file():
        raise EnvironmentBroken(f"{file} is not there: build {PACKAGE} first, or give the path of its file")
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    return f"{PACKAGE} sha256:{digest}", f"local-{digest[:12]}", str(file.resolve())


def _installed(version: str, root: Path) -> Environment:
    """Use what is installed beside the suite: nothing is built."""
    try:
        metadata.version(PACKAGE)
    except metadata.PackageNotFoundError:
        raise EnvironmentBroken(
            f"no {PACKAGE} is installed for {sys.executable}: "
            f"install one with {sys.executable} -m pip install {PACKAGE}, or name a version"
        ) from None
    root.mkdir(parents=True, exist_ok=True)
    found = {f"{package.metadata['Name']}=={package.version}" for package in metadata.distributions()}
    name = "CPython" if sys.implementation.name == "cpython" else sys.implementation.name
    runtime = f"{name} {sys.version.split()[0]}"
    return _environment(version, root, sys.executable, tuple(sorted(found, key=str.lower)), runtime)


def install(folder: Path, requirement: str, interpreter: str, *, downloads: str = "never") -> Stamp:
    """Fill an empty folder with a virtual environment that holds one requirement.

    ``interpreter`` is a path or a version specifier; ``downloads`` says whether uv may bring one.

    Raises:
        ToolFailed: uv cannot.
    """
    # `--allow-existing`: the folder is there, empty but for what is written beside the environment.
    venv = [find_uv_bin(), "venv", "--allow-existing", "--python", interpreter, str(folder)]
    tools.run(venv, cwd=folder, downloads=downloads)
    target = ("--python", str(folder / platforms.interpreter()))
    # Without bytecode the first import of the SDK takes up to 4 s.
    tools.run([find_uv_bin(), "pip", "install", *target, "--compile-bytecode", requirement], cwd=folder)
    # Not `pip freeze`, which tells the path of what came from a file.
    frozen = tools.run([find_uv_bin(), "pip", "list", "--format", "freeze", *target], cwd=folder)
    return Stamp(requirement, tuple(frozen.split()), runtime(folder))


def _build(folder: Path, version: str, requirement: str) -> Stamp:
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
    newest_python = ["--python-version", "3.15", "--resolution", resolution]  # so that none is refused for it
    try:
        pinned = tools.run([*resolve, *newest_python], cwd=folder, stdin=PACKAGE + bound)
    except ToolFailed:
        return None
    return pinned.strip().rpartition("==")[2] or None


def runtime(folder: Path) -> str:
    lines = (folder / "pyvenv.cfg").read_text("utf-8").splitlines()
    told = dict(line.split(" = ", 1) for line in lines if " = " in line)
    return f"{told.get('implementation', 'Python')} {told.get('version_info', '?')}"
