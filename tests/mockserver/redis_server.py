"""A real Redis or Valkey for the tests that need one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

#: A server that has nothing to load listens within milliseconds.
START_TIMEOUT_S = 10.0


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
