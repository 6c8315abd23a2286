"""Every kind of store, each for real: a file, and a Redis of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from contextlib import closing
from typing import TYPE_CHECKING, TypeAlias

import pytest

from mockserver.core.store import Memory, Store
from mockserver.stores import redis, sqlite

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

#: A server that has nothing to load listens within milliseconds.
START_TIMEOUT_S = 10.0
#: What gives a store of its kind, empty but for its counts, and another one that has the same tokens.
MakeStore: TypeAlias = "Callable[[], Store]"


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Redis or Valkey on a socket of its own, which keeps nothing."""
    program = shutil.which("redis-server") or shutil.which("valkey-server")
    if program is None:
        assert not (os.environ.get("CI") and sys.platform == "linux"), "CI installs redis-server"
        pytest.skip("no redis-server and no valkey-server on PATH: apt-get install redis-server")
    folder = tmp_path_factory.mktemp("redis")
    path = folder / "redis.sock"
    words = [
        "--port",
        "0",
        "--unixsocket",
        str(path),
        "--save",
        "",
        "--appendonly",
        "no",
        "--dir",
        str(folder),
    ]
    process = subprocess.Popen([program, *words], stdout=subprocess.DEVNULL)
    try:
        began = time.monotonic()
        while not path.exists():
            assert process.poll() is None, "redis-server ended"
            assert time.monotonic() - began < START_TIMEOUT_S
            time.sleep(0.01)
        yield f"unix://{path}"
    finally:
        process.terminate()
        process.wait()


@pytest.fixture(params=["memory", "sqlite", "redis"])
def make_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MakeStore]:
    """Each kind of store; those of a test share all they have."""
    if request.param == "memory":
        alone = Memory()
        yield lambda: alone
        return
    opened: list[sqlite.SqliteStore | redis.RedisStore] = []

    def open_it() -> Store:
        if request.param == "sqlite":
            opened.append(sqlite.open_store(f"sqlite:///{tmp_path / 'tokens.db'}"))
        else:
            opened.append(redis.open_store(request.getfixturevalue("redis_url")))
        return opened[-1]

    open_it().reset()
    yield open_it
    for one in opened:
        with closing(one):
            one.reset()
