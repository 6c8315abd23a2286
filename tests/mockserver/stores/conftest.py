"""Every kind of store, each for real: a file, and a Redis of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import pytest

from mockserver.core.limits import Limits
from mockserver.core.store import Memory, Store
from mockserver.stores import redis, sqlite

from ..redis_server import redis_url

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

__all__ = ["make_store", "redis_url"]

#: What gives a store, and then another one that has the same tokens.
MakeStore: TypeAlias = "Callable[..., Store]"


def wipe(store: Store) -> None:
    """Leave nothing, not even the counts: from the same state, the same names."""
    store.reset()
    if isinstance(store, sqlite.SqliteStore):
        store._do("DELETE FROM counts")
    elif isinstance(store, redis.RedisStore):
        store._client.flushdb()
    elif isinstance(store, Memory):
        store._counts.clear()


@pytest.fixture(params=["memory", "sqlite", "redis"])
def make_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MakeStore]:
    """Each kind of store, empty; those of a test share all they have."""
    opened: list[Memory | sqlite.SqliteStore | redis.RedisStore] = []

    def open_it(limits: Limits | None = None) -> Store:
        limits = limits or Limits()
        if request.param == "sqlite":
            opened.append(sqlite.open_store(f"sqlite:///{tmp_path / 'tokens.db'}", limits))
        elif request.param == "redis":
            opened.append(redis.open_store(request.getfixturevalue("redis_url"), limits))
        elif not opened:
            opened.append(Memory(limits))
        else:
            opened[0]._limits = limits
        return opened[-1]

    wipe(open_it())
    yield open_it
    for one in opened:
        if not isinstance(one, Memory):
            one.close()
