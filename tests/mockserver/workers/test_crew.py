"""Workers that hang, or cannot start: all end, and it is said which one it was."""

from __future__ import annotations

import asyncio
import os
import signal
from typing import TYPE_CHECKING, Any

import pytest

from mockserver import ECHO, Options, tls
from mockserver.admin import Gate
from mockserver.edge.clock import offset_s
from mockserver.edge.listener import listen_together
from mockserver.workers import WorkerLost, crew
from mockserver.workers.worker import Job

from .conftest import is_gone

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path


def run(
    tls_dir: Path, store: str, during: Callable[[crew.Crew], Awaitable[Any]], monkeypatch: pytest.MonkeyPatch
) -> list[int]:
    """Start two workers, do something with them, and end them; their processes."""
    started: list[crew.Crew] = []

    class Seen(crew.Crew):
        def __init__(self) -> None:
            super().__init__()
            started.append(self)

    monkeypatch.setattr(crew, "Crew", Seen)
    about = (Options(), ECHO, store, None, Gate(), tls.ensure(tls_dir), "none", offset_s())
    jobs = [Job((number, 2), *about) for number in (1, 2)]
    pids: list[int] = []

    async def main() -> None:
        def ready() -> None:
            pids.extend(worker.process.pid or 0 for worker in started[0]._workers)

        async def stop() -> None:
            await during(started[0])

        await crew.run(jobs, listen_together("127.0.0.1", 0, 2), ready, stop, tells=False)

    try:
        asyncio.run(main())
    finally:
        assert all(is_gone(pid) for pid in pids)
    return pids


def test_workers_start_and_end(tls_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def during(all_of_them: crew.Crew) -> None:
        first, second = await all_of_them.ask("state")
        assert first == second

    assert len(run(tls_dir, f"sqlite:///{tmp_path / 'tokens.db'}", during, monkeypatch)) == 2


def test_a_worker_that_hangs_is_lost(tls_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crew, "ANSWER_TIMEOUT_S", 1.0)
    monkeypatch.setattr(crew, "END_TIMEOUT_S", 0.5)

    async def during(all_of_them: crew.Crew) -> None:
        os.kill(all_of_them._workers[1].process.pid or 0, signal.SIGSTOP)
        await all_of_them.ask("state")

    with pytest.raises(WorkerLost, match=r"^worker 2 has not answered for 1 s; its sessions"):
        run(tls_dir, f"sqlite:///{tmp_path / 'tokens.db'}", during, monkeypatch)


def test_a_worker_that_cannot_start_is_lost(
    tls_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    async def never(all_of_them: crew.Crew) -> None:
        pytest.fail("they cannot be ready")

    with pytest.raises(WorkerLost, match=r"^worker [12] has ended with status 1; its sessions"):
        run(tls_dir, f"sqlite:///{tmp_path / 'no' / 'tokens.db'}", never, monkeypatch)
    assert "StoreLost" in capfd.readouterr().err
