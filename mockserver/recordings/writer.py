"""Writes a recording as it happens: a crash loses the last line at most."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING, TextIO

from .entries import Reader
from .files import header, written
from .stand_ins import StandIns

if TYPE_CHECKING:
    from pathlib import Path

    from ..core.journal import Entry, Journal


class Writer:
    """Watches a journal and writes what it says, without secrets."""

    def __init__(self, path: Path, target: str) -> None:
        """Begin a new file.

        Raises:
            OSError: there is such a file already, or it cannot be written.
        """
        self._path = path
        self._file: TextIO | None = path.open("x", encoding="utf-8", newline="\n", buffering=1)
        self._failed = False
        self._reader = Reader(StandIns())
        date = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        self._file.write(f"{header(target, _tool(), date)}\n")

    def go_on(self) -> None:
        """Write on, where one has stopped."""
        if self._file is None and not self._failed:
            self._file = self._path.open("a", encoding="utf-8", newline="\n", buffering=1)

    def watch(self, journal: Journal) -> None:
        """Write all that a journal says from now on."""
        self._journal = journal
        journal.watchers.append(self._write)

    def _write(self, entry: Entry) -> None:
        if self._file is None:
            return
        line = self._reader.line(entry)
        if line is None:
            return
        try:
            self._file.write(f"{written(line)}\n")
            self._file.flush()
        except OSError as error:
            self._failed = True
            with suppress(OSError):
                self.close()
            self._journal.add(
                at=entry.at, connection=entry.connection, kind="problem",
                what=f"{self._path} cannot be written: {error.strerror}; what passes now is not recorded",
                hint="free some room, and record once more into another file",
            )  # fmt: skip

    def close(self) -> None:
        """Nothing more is written for now."""
        file, self._file = self._file, None
        if file is not None:
            file.close()


def _tool() -> str:
    # Imported here: it takes longer than the rest of this room, and few servers record.
    from importlib.metadata import PackageNotFoundError, version

    try:
        return f"genai-live-compat {version('genai-live-compat')}"
    except PackageNotFoundError:
        return "genai-live-compat"
