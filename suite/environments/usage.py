"""How much room the cache takes, and how it is given back."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from filelock import FileLock, Timeout

if TYPE_CHECKING:
    from pathlib import Path

#: How the name of a run's state file ends.
_STATE: Final = ".jsonl"
#: Whoever builds an environment holds its lock for minutes; one that is in use is left alone.
_LOCKED_S = 0.0


@dataclass(frozen=True, slots=True)
class Usage:
    """One kind of thing in the cache: its folder, how many there are, and their bytes on disk."""

    kind: str
    count: int
    bytes: int


def usage(root: Path) -> list[Usage]:
    """What is in the cache. A file that several environments share by hard links is counted once."""
    if not root.is_dir():
        return []
    seen: set[tuple[int, int]] = set()
    return [
        Usage(folder.name, len(_inside(folder)), _bytes(folder, seen))
        for folder in sorted(root.iterdir())
        if folder.is_dir()
    ]


def _inside(folder: Path) -> list[Path]:
    """What of a kind has a lock of its own: environments, and the state files of runs."""
    return sorted(child for child in folder.iterdir() if child.is_dir() or child.suffix == _STATE)


def _bytes(folder: Path, seen: set[tuple[int, int]]) -> int:
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            status = os.lstat(os.path.join(place, name))
            identity = (status.st_dev, status.st_ino)
            if status.st_nlink == 1 or identity not in seen:
                total += status.st_blocks * 512 if hasattr(status, "st_blocks") else status.st_size
                seen.add(identity)
    return total


def clear(root: Path, kinds: list[str]) -> list[str]:
    """Remove kinds of environments, or all; the names of those left alone because they are in use.

    Raises:
        ValueError: there is no such kind in the cache.
    """
    present = [entry.kind for entry in usage(root)]
    if unknown := [kind for kind in kinds if kind not in present]:
        raise ValueError(f"nothing named {unknown[0]!r} in {root}: it has {', '.join(present) or 'nothing'}")
    left = []
    for kind in kinds or present:
        for kept in _inside(root / kind):
            try:
                with FileLock(kept.with_name(kept.name + ".lock"), timeout=_LOCKED_S):
                    shutil.rmtree(kept) if kept.is_dir() else kept.unlink()
            except Timeout:
                left.append(f"{kind}/{kept.name}")
        if not any(name.startswith(f"{kind}/") for name in left):
            shutil.rmtree(root / kind)
    return left
