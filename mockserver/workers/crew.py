"""The process that starts workers: it serves nobody, passes on what concerns all, and ends them."""

from __future__ import annotations

import asyncio
import math
import multiprocessing
import signal
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ..core.pages import Pages, together
from . import WorkerLost
from .channel import packed, receive
from .worker import Job, work

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from multiprocessing.process import BaseProcess

#: A worker starts in a second and ends at once; these mean the machine, or a worker that hangs.
START_TIMEOUT_S: Final = 60.0
ANSWER_TIMEOUT_S: Final = 30.0
END_TIMEOUT_S: Final = 5.0


@dataclass(eq=False)
class _Worker:
    """One worker, as it is seen from here."""

    number: int
    process: BaseProcess
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    ready: asyncio.Future[None]
    #: What it is asked and has not answered yet.
    answer: asyncio.Future[Any] | None = None

    async def ask(self, order: tuple[str, tuple[Any, ...]]) -> Any:
        """Have it carry out an order."""
        self.answer = asyncio.get_running_loop().create_future()
        self.writer.write(packed("order", order))
        return await self.answer


class Crew:
    """All workers of a port. Orders come one after the other, in the same order to each."""

    def __init__(self) -> None:
        self._workers: list[_Worker] = []
        self._turn = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        #: Done when a worker is lost, with the reason.
        self.lost: asyncio.Future[WorkerLost] = asyncio.get_running_loop().create_future()

    async def start(self, jobs: Sequence[Job], listening: Sequence[socket.socket]) -> None:
        """Start them; returns once all accept connections.

        Raises:
            WorkerLost: one of them could not start.
        """
        for job, one in zip(jobs, listening, strict=True):
            await self._start(job, one)
        for one in listening:
            one.close()  # what connects to a worker that is gone must not wait here
        waiting: set[asyncio.Future[Any]] = {worker.ready for worker in self._workers}
        while waiting and not self.lost.done():
            done, _ = await asyncio.wait(
                {*waiting, self.lost}, timeout=START_TIMEOUT_S, return_when=asyncio.FIRST_COMPLETED
            )
            if not done:
                self._lose("a worker has not started")
            waiting -= done
        if self.lost.done():
            raise self.lost.result()

    async def _start(self, job: Job, listening: socket.socket) -> None:
        ours, theirs = socket.socketpair()
        # Spawned: a copy of this process would have its event loop and its signals.
        process = multiprocessing.get_context("spawn").Process(
            target=work, args=(job, theirs, listening), name=f"mockserver:{job.worker[0]}", daemon=True
        )
        process.start()
        theirs.close()
        reader, writer = await asyncio.open_connection(sock=ours)
        ready = asyncio.get_running_loop().create_future()
        worker = _Worker(job.worker[0], process, reader, writer, ready)
        self._workers.append(worker)
        self._begin(self._hear(worker))

    def _begin(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _hear(self, worker: _Worker) -> None:
        """Take what a worker says, until it is gone."""
        try:
            while True:
                kind, value = await receive(worker.reader)
                if kind == "ready":
                    worker.ready.set_result(None)
                elif kind == "ask":
                    self._begin(self._pass_on(worker, value))
                elif worker.answer is not None and not worker.answer.done():
                    worker.answer.set_result(value)
        except (asyncio.IncompleteReadError, ConnectionError):
            await asyncio.to_thread(worker.process.join, END_TIMEOUT_S)
            self._lose(f"worker {worker.number} {_ending(worker.process.exitcode)}")

    async def _pass_on(self, worker: _Worker, order: tuple[str, tuple[Any, ...]]) -> None:
        name, args = order
        answers = await self.ask(name, *args)
        worker.writer.write(packed("answers", answers))

    def _lose(self, what: str) -> None:
        if not self.lost.done():
            told = f"{what}; its sessions and its part of the journal are gone, so all end: start again"
            self.lost.set_result(WorkerLost(told))

    async def ask(self, name: str, *args: Any) -> list[Any]:
        """Have all carry out an order; what each says.

        Raises:
            WorkerLost: one of them does not answer.
        """
        async with self._turn:
            asked = [asyncio.ensure_future(worker.ask((name, args))) for worker in self._workers]
            _, late = await asyncio.wait(asked, timeout=ANSWER_TIMEOUT_S)
            for task in late:
                task.cancel()
            if late:
                number = self._workers[asked.index(next(iter(late)))].number
                self._lose(f"worker {number} has not answered for {ANSWER_TIMEOUT_S:.0f} s")
                raise self.lost.result()
            return [task.result() for task in asked]

    async def end(self) -> None:
        """End all, and wait until they have; who does not end by itself is made to."""
        for task in self._tasks:
            task.cancel()
        for worker in self._workers:
            worker.writer.write(packed("end"))
        for worker in self._workers:
            await asyncio.to_thread(worker.process.join, END_TIMEOUT_S)
            if worker.process.is_alive():
                worker.process.kill()
                await asyncio.to_thread(worker.process.join)
            worker.writer.close()


async def run(
    jobs: Sequence[Job],
    listening: Sequence[socket.socket],
    ready: Callable[[], None],
    stop: Callable[[], Awaitable[Any]],
    *,
    tells: bool,
) -> Pages | None:
    """Serve with a worker for each job until ``stop()`` returns.

    Args:
        tells: hand back what all have seen by then.

    Raises:
        WorkerLost: one could not start, or is gone.
    """
    crew = Crew()
    try:
        await crew.start(jobs, listening)
        ready()
        stopped = asyncio.ensure_future(stop())
        await asyncio.wait({stopped, crew.lost}, return_when=asyncio.FIRST_COMPLETED)
        if crew.lost.done():
            stopped.cancel()
            raise crew.lost.result()
        stopped.result()
        looks = await crew.ask("pages") if tells else []
    finally:
        await crew.end()
    return together([pages for _, pages in looks], math.inf) if tells else None


def _ending(status: int | None) -> str:
    """How a process ended, in words."""
    if status is None:
        return "has closed its channel"
    if status < 0:
        return f"was ended by {signal.Signals(-status).name}"
    return f"has ended with status {status}"
