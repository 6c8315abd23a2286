"""Measure cells: against the mock, or against a real service with the mock beside it."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from . import drift, plan
from .cases import CASES
from .cases.connecting import MODEL
from .cases.real import at_real
from .engine import Engine
from .targets import Mock
from .targets.real import PAUSES_S, Budget, Real

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Sequence
    from datetime import date
    from pathlib import Path

    from .model import Cell, Outcome, Subject
    from .state import State
    from .targets import Target


@dataclass(frozen=True, slots=True)
class Service:
    """A real service: where it is, who asks, and what that may cost."""

    url: str
    key: str | None = field(repr=False)
    budget: Budget
    #: When it is asked, for the source of what is found.
    day: date
    #: The authority that signed its certificate, where that is no public one.
    ca_file: Path | None = None
    #: Seconds before a probe that met an unwell service is asked again.
    pauses: Sequence[float] = PAUSES_S
    #: The model that it is asked for; so is the mock, where it knows it.
    model: str = MODEL

    @property
    def host(self) -> str:
        """How reports name it."""
        return urlsplit(self.url).netloc

    def target(self, service_date: str) -> Target:
        """It as what SDKs are run against."""
        return Real(
            service_date, self.url, self.key, self.budget, self.pauses, self.model,
            ca_file_of_target=self.ca_file,
        )  # fmt: skip


async def measure(
    cells: Sequence[Cell],
    root: Path,
    jobs: int,
    note: Callable[[str], None] = lambda text: None,
    service: Service | None = None,
    state: State | None = None,
) -> AsyncGenerator[Outcome, None]:
    """Measure cells; outcomes come as they are ready.

    Args:
        cells: what to measure.
        root: where environments are kept.
        jobs: how many SDK versions are measured side by side; at a real service, how many sessions are open.
        note: told in words what is being done.
        service: a real one. The mock is asked the same first, so that a difference is the service's.
        state: keeps what is measured at the mock.
    """
    mocked: dict[Cell, Outcome] = {}
    mock = partial(Mock, model=service.model if service is not None else MODEL)
    engine = Engine(root, jobs if service is None else plan.JOBS, note, target=mock, state=state)
    async with aclosing(engine.run(cells)) as measured:
        async for outcome in measured:
            if service is None:
                yield outcome
            else:
                mocked[outcome.cell] = outcome
    if service is None:
        return
    note(f"now at {service.host}")
    asked = drift.Asked(service.host, service.day)
    engine = Engine(root, jobs, note, target=service.target)
    async with aclosing(engine.run(cells)) as measured:
        async for outcome in measured:
            yield drift.judged(mocked[outcome.cell], outcome, asked)


def cells(
    service: Service | None, wanted: Sequence[Subject], date: str | None, select: Sequence[str] = ()
) -> tuple[Cell, ...]:
    """The cells of a run: all, or those that a real service may be asked.

    Raises:
        ValueError: nothing is left, or a real service is expected to be as at two dates.
    """
    if service is None:
        return plan.cells(wanted, plan.dates(date or "both"), select)
    dates = plan.dates(date or "latest")
    if len(dates) > 1:
        raise ValueError("--service-date both: a real service is as it is, expected launch, latest or a date")
    return plan.cells(wanted, dates, select, [case for case in CASES if at_real(case)])


def versions_of(service: Service | None, given: str | None) -> str:
    """Which versions are asked of SDKs that come without."""
    return given or ("edges" if service is None else "latest")


def jobs_of(service: Service | None, given: int | None) -> int:
    """How many are measured side by side: at a real service, one session is open at a time."""
    return given or (plan.JOBS if service is None else 1)


def about(service: Service | None, chosen: Sequence[Cell], command: Sequence[str]) -> dict[str, Any]:
    """What a reader needs to know to run it again."""
    if service is None:
        return plan.about(chosen, command)
    model = {"model": service.model} if service.model != MODEL else {}
    return plan.about(chosen, command) | {"target": service.host, **model}
