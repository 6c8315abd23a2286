"""Two workers on a port, in processes of their own, and what they leave behind."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from ..conftest import PATIENCE_S, Wire
from ..redis_server import redis_url
from ..test_main import Running

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

__all__ = ["redis_url", "workers"]

#: Two processes, each of which imports all, on a busy machine.
START_TIMEOUT_S = 60.0


class Workers(Running):
    """A server of several workers. Every call is a new connection, which goes to either."""

    @property
    def pids(self) -> list[int]:
        """The processes that it started: the workers, and what Python starts to watch over them."""
        told = subprocess.run(
            ["pgrep", "-P", str(self.process.pid)], capture_output=True, text=True, check=False
        )
        return [int(word) for word in told.stdout.split()]

    @property
    def workers(self) -> list[int]:
        """The two workers among them."""
        commands = {pid: command_of(pid) for pid in self.pids}
        found = [pid for pid, command in commands.items() if b"spawn_main" in command]
        assert len(found) == 2, commands
        return found

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        """A request; status and JSON."""
        payload = b"" if body is None else json.dumps(body).encode()
        with contextlib.closing(Wire(self.port)) as wire:
            answer = wire.request(method, path, payload, **headers)
        return answer.status, answer.json if answer.body else None

    def name(self, **body: Any) -> str:
        """Mint a token; its name."""
        status, answer = self.call("POST", "/v1alpha/auth_tokens", body, x_goog_api_key="k")
        assert status == 200, answer
        return str(answer["name"])

    @property
    def entries(self) -> list[dict[str, Any]]:
        """The journal."""
        entries: list[dict[str, Any]] = self.call("GET", "/_mock/journal")[1]["entries"]
        return entries


def command_of(pid: int) -> bytes:
    """The command line of a process, all of it: what a terminal would cut off counts, too."""
    shown = subprocess.run(["ps", "-ww", "-o", "args=", "-p", str(pid)], capture_output=True, check=False)
    return shown.stdout


def is_gone(pid: int) -> bool:
    """Whether a process is gone before patience is."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        # One whose parent was killed stays for a while as a name only.
        state = subprocess.run(
            ["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False
        )
        if not state.stdout.strip() or state.stdout.startswith("Z"):
            return True
        time.sleep(0.02)
    return False


@contextlib.contextmanager
def starting(tls_dir: Path) -> Iterator[Callable[..., Workers]]:
    """Start two workers with ``--ready-json`` on a free port; all are killed in the end."""
    started: list[Workers] = []

    def start(
        *words: str, program: tuple[str, ...] = ("-m", "mockserver"), env: dict[str, str] | None = None
    ) -> Workers:
        given = ["--workers", "2", "--port", "0", "--ready-json", "--log", "none", "--tls-dir", str(tls_dir)]
        process = subprocess.Popen(
            [sys.executable, *program, *given, *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **(env or {})},
        )
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, process.communicate(timeout=START_TIMEOUT_S)
        started.append(Workers(process, json.loads(line)))
        return started[-1]

    yield start
    for one in started:
        one.process.kill()
        one.process.communicate()


@pytest.fixture
def workers(tls_dir: Path) -> Iterator[Callable[..., Workers]]:
    """Start servers of two workers; all are killed after the test."""
    with starting(tls_dir) as start:
        yield start
