"""A store in a file, which processes of one machine share."""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ..core.store import StoreLost
from . import records

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..core.limits import Limits
    from ..core.tokens import Token

PREFIX: Final = "sqlite:///"
#: How long a write waits for those of others, which take microseconds.
BUSY_TIMEOUT_S: Final = 5.0
#: After so long it is tried again where SQLite does not wait.
_AGAIN_S: Final = 0.002
#: The first with RETURNING.
_OLDEST: Final = (3, 35, 0)
_TABLES: Final = """
CREATE TABLE IF NOT EXISTS tokens (
    number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, uses_left INTEGER, record TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS handles (
    number INTEGER PRIMARY KEY, handle TEXT NOT NULL UNIQUE, until REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS ends ON handles (until);
CREATE TABLE IF NOT EXISTS counts (kind TEXT PRIMARY KEY, number INTEGER NOT NULL) WITHOUT ROWID;
"""
_COUNT: Final = (
    "INSERT INTO counts VALUES (?, 1) ON CONFLICT (kind) DO UPDATE SET number = number + 1 RETURNING number"
)
#: One statement, so nobody comes between the look and the taking. NULL is no limit, and stays NULL.
_SPEND: Final = (
    "UPDATE tokens SET uses_left = uses_left - 1 WHERE name = ? AND (uses_left > 0 OR uses_left IS NULL)"
)


class SqliteStore:
    """Tokens in one SQLite file. Every statement is a transaction of its own."""

    def __init__(self, path: Path, limits: Limits) -> None:
        self._path = path
        self._limits = limits
        with self._asking():
            # Made here, if it is new: there are names of tokens and keys in it, which are nobody else's.
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
            # One thread has it at a time, which need not be the one that made it.
            self._database = sqlite3.connect(
                path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
            )
            try:
                self._prepare()
            except sqlite3.Error:
                self._database.close()
                raise

    def _prepare(self) -> None:
        self._log_ahead()
        # A mock's tokens need not outlive the machine.
        self._database.execute("PRAGMA synchronous = OFF")
        self._database.executescript(_TABLES)

    def _log_ahead(self) -> None:
        """With a write-ahead log readers wait for nobody."""
        until = time.monotonic() + BUSY_TIMEOUT_S
        while True:
            try:
                self._database.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError as error:
                # Where several open a new file at once, SQLite does not wait by itself: they might for ever.
                if "locked" not in str(error) or time.monotonic() > until:
                    raise
                time.sleep(_AGAIN_S)
            else:
                return

    def count(self, kind: str) -> int:
        """The next number of a kind."""
        [(number,)] = self._do(_COUNT, kind)
        return int(number)

    def add(self, token: Token) -> None:
        """Keep a new token."""
        values = (token.name, token.uses_left, records.write(token))
        number = self._insert("INSERT INTO tokens (name, uses_left, record) VALUES (?, ?, ?)", values)
        if number > self._limits.tokens:
            self._do("DELETE FROM tokens WHERE number <= ?", number - self._limits.tokens)

    def find(self, name: str) -> Token | None:
        """The token of that name."""
        found = self._do("SELECT record, uses_left FROM tokens WHERE name = ?", name)
        return records.read(*found[0]) if found else None

    def spend(self, name: str) -> bool:
        """Take one use, if there is one."""
        with self._asking():
            return self._database.execute(_SPEND, (name,)).rowcount == 1

    def tokens(self) -> tuple[Token, ...]:
        """All tokens, in order."""
        found = self._do("SELECT record, uses_left FROM tokens ORDER BY number")
        return tuple(records.read(*row) for row in found)

    def keep(self, handle: str, now: float, until: float) -> None:
        """Keep a handle, and let go of those whose time is over."""
        self._do("DELETE FROM handles WHERE until <= ?", now)
        number = self._insert("INSERT INTO handles (handle, until) VALUES (?, ?)", (handle, until))
        if number > self._limits.handles:
            self._do("DELETE FROM handles WHERE number <= ?", number - self._limits.handles)

    def is_valid(self, handle: str, now: float) -> bool:
        """Whether a handle is valid."""
        return bool(self._do("SELECT 1 FROM handles WHERE handle = ? AND until > ?", handle, now))

    def reset(self) -> None:
        """Forget tokens and handles."""
        self._do("DELETE FROM tokens")
        self._do("DELETE FROM handles")

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def _insert(self, statement: str, values: tuple[Any, ...]) -> int:
        """Add a row; its number, which is one more than that of the newest before it."""
        with self._asking():
            return self._database.execute(statement, values).lastrowid or 0

    def _do(self, statement: str, *values: Any) -> list[Any]:
        with self._asking():
            return self._database.execute(statement, values).fetchall()

    @contextmanager
    def _asking(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise StoreLost(
                f"the store {self._path} failed: {error}",
                "look whether its folder is there, can be written and has room, and whether it is a store",
            ) from error


def open_store(url: str, limits: Limits) -> SqliteStore:
    """Open ``sqlite:///FILE``; a fourth slash begins a path from the root.

    Raises:
        ValueError: it names no file, or this Python's SQLite is too old.
        StoreLost: the file cannot be written, or is something else.
    """
    name = url.removeprefix(PREFIX)
    if not url.startswith(PREFIX) or not name:
        raise ValueError("the store is a sqlite:// without a file, expected sqlite:///FILE")
    if sqlite3.sqlite_version_info < _OLDEST:
        raise ValueError(f"this Python has SQLite {sqlite3.sqlite_version}, expected 3.35 or newer")
    return SqliteStore(Path(name), limits)
