"""The files of a project: what git knows of, or what is not obviously somebody else's."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Folders of tools, builds and installed packages.
_FOREIGN: Final = frozenset(
    {
        "node_modules", ".venv", "venv", "env", ".git", ".hg", ".tox", ".nox", "__pycache__", "site-packages",
        "dist", "build", "out", ".next", ".nuxt", ".svelte-kit", ".output", ".turbo", ".cache", ".mypy_cache",
        ".ruff_cache", ".pytest_cache", "coverage", "target", "vendor", "bower_components", ".angular",
    }
)  # fmt: skip
#: Larger files are generated.
LARGEST: Final = 2_000_000
_GIT_LIMIT_S: Final = 20


@dataclass(frozen=True)
class Project:
    """A folder."""

    root: Path

    @cached_property
    def files(self) -> tuple[str, ...]:
        """The paths of its files, with forward slashes, in order."""
        listed = self._of_git()
        found = listed if listed is not None else list(self._walked())
        return tuple(sorted(path for path in found if not _FOREIGN.intersection(path.split("/")[:-1])))

    def text(self, path: str) -> str | None:
        """A file's text; None of one that is too large, not there or not readable."""
        file = self.root / path
        try:
            return file.read_text("utf-8", errors="replace") if file.stat().st_size <= LARGEST else None
        except OSError:
            return None

    def _of_git(self) -> list[str] | None:
        """Tracked files and those that are not ignored; None where this is no checkout."""
        command = [
            "git",
            "-C",
            str(self.root),
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ]
        try:
            done = subprocess.run(command, capture_output=True, timeout=_GIT_LIMIT_S, check=False)
        except (OSError, subprocess.TimeoutExpired):
            return None
        if done.returncode != 0:
            return None
        names = [name for name in done.stdout.decode(errors="surrogateescape").split("\0") if name]
        return [name for name in dict.fromkeys(names) if (self.root / name).is_file()]

    def _walked(self) -> Iterator[str]:
        for folder, inner, files in os.walk(self.root):
            inner[:] = sorted(name for name in inner if name not in _FOREIGN)
            for name in files:
                yield (Path(folder) / name).relative_to(self.root).as_posix()
