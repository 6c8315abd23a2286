"""Run cells side by side: a column of cells for each SDK version, one worker each, outcomes as they come."""

from __future__ import annotations

import asyncio
from itertools import zip_longest
from typing import TYPE_CHECKING

from .column import Column
from .drivers.process import worker_environment
from .environments import EnvironmentBroken, preparation, prepare
from .judge import broken
from .predict import predict
from .state import State
from .targets import Mock

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
    from pathlib import Path

    from .environments import Environment
    from .model import Cell, Outcome, Subject
    from .targets import Target

#: Installs wait for the network more than for a processor; two at once keep the workers fed.
INSTALLS = 2


class Engine:
    """Measures cells.

    Args:
        root: where environments are kept.
        jobs: how many SDK versions are measured side by side.
        note: told in words what is being done.
        target: makes what the cells of a service date are run against.
        prepare: makes the environment of an SDK version.
        state: keeps what is measured, and has what an earlier run kept.
        keeps_journal: whether what is seen has all that crossed the wire, which takes room.
    """

    def __init__(
        self,
        root: Path,
        jobs: int,
        note: Callable[[str], None] = lambda text: None,
        *,
        target: Callable[[str], Target] = Mock,
        prepare: Callable[..., Environment] = prepare,
        state: State | None = None,
        keeps_journal: bool = False,
    ) -> None:
        self._root = root
        self._jobs = jobs
        self._note = note
        self._make_target = target
        self._make_environment = prepare
        self._state = state or State()
        self._keeps_journal = keeps_journal

    async def run(self, cells: Sequence[Cell]) -> AsyncGenerator[Outcome, None]:
        """Measure all cells; outcomes come in the order in which they are ready.

        Whoever may leave early closes it (``contextlib.aclosing``): only then all has ended when they go on.
        """
        dates = dict.fromkeys(cell.service_date for cell in cells)
        targets = {date: self._make_target(date).start() for date in dates}
        ready: asyncio.Queue[Outcome | None] = asyncio.Queue()
        runner = asyncio.ensure_future(self._columns(cells, targets, ready))
        try:
            while (outcome := await ready.get()) is not None:
                yield outcome
            await runner
        finally:
            runner.cancel()
            await asyncio.gather(runner, return_exceptions=True)
            for target in targets.values():
                target.stop()

    async def _columns(
        self, cells: Sequence[Cell], targets: dict[str, Target], ready: asyncio.Queue[Outcome | None]
    ) -> None:
        preparing = preparation.begin()
        installing, measuring = asyncio.Semaphore(INSTALLS), asyncio.Semaphore(self._jobs)

        async def column(subject: Subject, own: list[Cell]) -> None:
            async with installing:
                environment = await self._prepare(subject)
            async with measuring:
                async for outcome in self._measure(environment, own, targets):
                    await ready.put(outcome)

        columns = [
            asyncio.ensure_future(column(subject, own)) for subject, own in _in_turns(by_subject(cells))
        ]
        try:
            await asyncio.gather(*columns)
        finally:
            preparing.end()
            for running in columns:
                running.cancel()
            await asyncio.gather(*columns, return_exceptions=True)
            await ready.put(None)

    async def _prepare(self, subject: Subject) -> Environment | EnvironmentBroken:
        self._note(f"preparing {subject}")
        try:
            return await asyncio.to_thread(
                self._make_environment, subject.sdk, subject.version, root=self._root, source=subject.source
            )
        except EnvironmentBroken as error:
            return error

    async def _measure(
        self, environment: Environment | EnvironmentBroken, cells: list[Cell], targets: dict[str, Target]
    ) -> AsyncIterator[Outcome]:
        subject = cells[0].subject
        if isinstance(environment, EnvironmentBroken):
            for cell in cells:
                yield broken(cell, predict(cell), environment.cause)
            return
        self._note(f"measuring {subject}")
        trust = next(iter(targets.values())).trust
        kept = self._state.kept(subject, environment)
        column = Column(environment, worker_environment(trust), kept, keeps_journal=self._keeps_journal)
        async for outcome in column.measure(cells, targets):
            yield outcome


def by_subject(cells: Sequence[Cell]) -> dict[Subject, list[Cell]]:
    """The cells of each SDK version."""
    grouped: dict[Subject, list[Cell]] = {}
    for cell in cells:
        grouped.setdefault(cell.subject, []).append(cell)
    return grouped


def _in_turns(columns: dict[Subject, list[Cell]]) -> list[tuple[Subject, list[Cell]]]:
    """One SDK's versions between those of the others: some keep a processor busy, others mostly wait."""
    lines: dict[str, list[tuple[Subject, list[Cell]]]] = {}
    for subject, own in columns.items():
        lines.setdefault(subject.sdk, []).append((subject, own))
    return [column for together in zip_longest(*lines.values()) for column in together if column is not None]
