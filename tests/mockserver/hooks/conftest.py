"""A server that hosts are led to, and programs that ask for these hosts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from mockserver import SERVICE_HOST, MockServer

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PROGRAMS: Final = Path(__file__).parent.parent / "programs"
#: A name that nobody has; names near it, and one that is somebody's, are led nowhere.
HOST: Final = "service.invalid"
#: What a host that is led is looked up as.
MARK: Final = "127.86.86.86"
LIMIT_S: Final = 60


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MockServer]:
    folder = tmp_path_factory.mktemp("tls")
    with MockServer(tls_dir=folder, pace=0, redirect=(SERVICE_HOST, HOST)) as running:
        yield running


@pytest.fixture(autouse=True)
def _forget(server: MockServer) -> None:
    server.reset()


def without_base_url(server: MockServer, **more: str) -> dict[str, str]:
    """An environment in which nothing but the hook leads to the server."""
    env = server.environment({**os.environ, **more})
    del env["GOOGLE_GEMINI_BASE_URL"]
    return env


def said(command: Sequence[str], env: dict[str, str]) -> Any:
    """What a program prints, as JSON."""
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


def python(env: dict[str, str], *clients: str, host: str = HOST, interpreter: str = sys.executable) -> Any:
    """What became of clients in Python."""
    return said([interpreter, str(PROGRAMS / "clients.py"), host, *clients], env)


def asked(server: MockServer) -> list[tuple[str, bool]]:
    """For which host clients asked, and whether over TLS."""
    return [
        (dict(entry.headers)["host"], entry.secure)
        for entry in server.journal
        if entry.kind in ("request", "handshake")
    ]
