"""Folders that are built once: a lock, a build in place and a stamp that is written last."""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs
from filelock import FileLock, Timeout

from suite.environments.preparation import preparation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CACHE_VARIABLE = "GENAI_LIVE_COMPAT_CACHE"

# Raise it when the layout of a folder changes: folders with another number are built again.
SCHEMA = 1
STAMP = "environment.json"

# With less than this no file of an SDK would have found room.
_ROOM_BYTES = 1024 * 1024

# Who waits for another run to build a folder looks so often whether they are still wanted.
_LOOK_S = 0.5

NETWORK = "check the network, its proxy and certificate settings"

# What a cause tells about the way out; the first that fits.
ADVICE = (
    (r"space left|ENOSPC|quota", f"free some space, or set {CACHE_VARIABLE} to a folder on another disk"),
    (r"permission|EACCES|read-only", f"set {CACHE_VARIABLE} to a folder that you may write to"),
    (
        r"connect|tunnel|dns|resolve host|lookup address|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|timed out|certificate"
        r"|network|fetch",
        NETWORK,
    ),
)


def cache_root() -> Path:
    """Return where environments are kept."""
    return Path(os.environ.get(CACHE_VARIABLE) or platformdirs.user_cache_dir("genai-live-compat"))


class EnvironmentBroken(Exception):
    """No environment for this SDK version; `cause` is one line."""

    def __init__(self, cause: str) -> None:
        super().__init__(cause)
        self.cause = cause

    @classmethod
    def from_tool(cls, tried: str, cause: str, command: str) -> EnvironmentBroken:
        """Say that a tool failed, with the advice its message suggests."""
        return cls(f"{tried}: {cause}; {advice(cause) or f'to see more, run: {command}'}")

    @classmethod
    def from_system(cls, tried: str, error: OSError) -> EnvironmentBroken:
        """Say that the machine refused, with the advice its message suggests."""
        cause = error.strerror or str(error)
        return cls(f"{tried}: {cause}; {advice(cause) or f'set {CACHE_VARIABLE} to another folder'}")


def advice(cause: str) -> str | None:
    """The way out that a cause tells, if it does."""
    return next((way for pattern, way in ADVICE if re.search(pattern, cause, re.IGNORECASE)), None)


@dataclass(frozen=True, slots=True)
class Environment:
    """One SDK version, installed: `command` starts its worker, `program` its one-shot program."""

    sdk: str
    version: str
    root: Path
    command: tuple[str, ...]
    packages: tuple[str, ...]
    runtime: str
    program: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a finished folder holds. No paths: the folder may be shared by two checkouts."""

    name: str
    packages: tuple[str, ...]
    runtime: str


def built(folder: Path, name: str, needs: str, build: Callable[[], Stamp], *, rebuild: bool = False) -> Stamp:
    """Return the stamp of a folder, after building it if it has no good one.

    Args:
        folder: built in place, since neither virtual environments nor caches of bytecode can be moved.
        name: what the folder must hold.
        needs: a path inside without which the folder is of no use, like an interpreter that may have gone.
        build: fills the empty folder.
        rebuild: build in any case.

    Raises:
        EnvironmentBroken: it was given up while another run had the folder.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    # Beside the folder, which is wiped. The system frees the lock of a process that dies.
    with _locked(folder.with_name(folder.name + ".lock")):
        stamp = None if rebuild else read_stamp(folder)
        if stamp is None or stamp.name != name or not (folder / needs).exists():
            wipe(folder)
            stamp = _whole(folder, build)
            write_stamp(folder, stamp)
        return stamp


def _whole(folder: Path, build: Callable[[], Stamp]) -> Stamp:
    """Build, and see that there was room: npm ends with 0 on a full disk, and leaves half of what it should.

    Raises:
        OSError: there was none.
    """
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(folder))
    try:
        stamp = build()
    except OSError as error:
        raise full if _is_full(folder) else error from error
    if _is_full(folder):
        raise full
    return stamp


def _is_full(folder: Path) -> bool:
    return shutil.disk_usage(folder).free < _ROOM_BYTES


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    lock = FileLock(path)
    while True:
        try:
            lock.acquire(timeout=_LOOK_S)
            break
        except Timeout:
            if preparation().ended:
                raise EnvironmentBroken(f"another run has {path.stem}, and this one ended") from None
    try:
        yield
    finally:
        lock.release()


def wipe(folder: Path) -> None:
    """Leave an empty folder. The stamp goes first, so that half a folder never has one."""
    (folder / STAMP).unlink(missing_ok=True)
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir()


def read_stamp(folder: Path) -> Stamp | None:
    """Read the stamp; a missing, damaged or old one is none."""
    try:
        stamp = json.loads((folder / STAMP).read_text("utf-8"))
        if stamp["schema"] != SCHEMA:
            return None
        return Stamp(stamp["name"], tuple(stamp["packages"]), stamp["runtime"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_stamp(folder: Path, stamp: Stamp) -> None:
    """Write the stamp in one step."""
    content = {"schema": SCHEMA, "name": stamp.name, "packages": stamp.packages, "runtime": stamp.runtime}
    unfinished = folder / f"{STAMP}.new"
    unfinished.write_text(json.dumps(content, indent=2) + "\n", "utf-8")
    unfinished.replace(folder / STAMP)
