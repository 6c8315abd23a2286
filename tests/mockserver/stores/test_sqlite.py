"""What only a store in a file can go wrong at."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from mockserver.core.limits import Limits
from mockserver.core.store import StoreLost
from mockserver.stores import sqlite

if TYPE_CHECKING:
    from pathlib import Path


def begun(path: Path) -> sqlite3.Connection:
    """A new file in which another process is about to write: SQLite does not wait for that by itself."""
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("CREATE TABLE theirs (number)")
    other.execute("BEGIN IMMEDIATE")
    return other


def test_several_may_open_a_new_file_at_once(tmp_path: Path) -> None:
    """As workers do, and servers that are started together."""
    path = tmp_path / "tokens.db"
    with closing(begun(path)) as other:
        ending = threading.Timer(0.05, other.execute, ("COMMIT",))
        ending.start()
        sqlite.open_store(f"sqlite:///{path}", Limits()).close()
        ending.join()


def test_a_file_that_stays_locked_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "tokens.db"
    monkeypatch.setattr(sqlite, "BUSY_TIMEOUT_S", 0.05)
    opened: list[sqlite3.Connection] = []

    class Connection(sqlite3.Connection):
        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options)
            opened.append(self)

    with closing(begun(path)):
        monkeypatch.setattr(sqlite3, "connect", partial(sqlite3.connect, factory=Connection))
        with pytest.raises(StoreLost, match="locked"):
            sqlite.open_store(f"sqlite:///{path}", Limits())
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        opened[-1].execute("SELECT 1")
