"""One cell explained without running anything: what is seen, what crosses the wire, which rows say so."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from .. import plan, versions
from ..calls import calls_of
from ..cases import BEHAVIOURS
from ..cases.placements import read as read_placement
from ..known import deviation
from ..model import SIDES, Behaviour, Cell, Configuration
from ..predict import predict
from ..sdks import SDKS
from ..snippets import program
from .evidence import chain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..known import Deviation
    from ..model import Case, Expected, Prediction, Step
    from .evidence import Evidence

_CREATE: Final = "create:"
_CONNECT: Final = "/connect:"


@dataclass(frozen=True, slots=True)
class StepTold:
    """One step: what the application writes, what is expected, and the rows that say so."""

    step: Step
    code: str
    expected: Expected
    chain: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class CellTold:
    """A cell with all that the tables say of it."""

    cell: Cell
    prediction: Prediction
    steps: tuple[StepTold, ...]
    deviation: Deviation | None

    @property
    def works(self) -> bool:
        """Whether it does what the application wants."""
        return self.prediction.label == "works"


def tell(cell: Cell) -> CellTold:
    """Explain a cell.

    Raises:
        ValueError: the behaviour is not asked of this SDK version.
    """
    if isinstance(cell.case, Behaviour) and not plan.asked_of(cell.subject, cell.case):
        raise ValueError(f"{cell.case.slug} is not asked of {cell.subject}: it lacks what that is about")
    prediction = predict(cell)
    code = {probe.step: program(SDKS[cell.subject.sdk].language, calls_of(probe)) for probe in cell.probes}
    steps = tuple(
        StepTold(step, code[step], expected, chain(expected.because)) for step, expected in prediction.steps
    )
    return CellTold(cell, prediction, steps, deviation(cell))


def read_case(slug: str) -> Case:
    """Read a case by its slug; a configuration need not be one of the matrix.

    Raises:
        ValueError: neither a configuration nor a known behaviour.
    """
    if slug.startswith(_CREATE) and _CONNECT in slug:
        create, connect = slug.removeprefix(_CREATE).split(_CONNECT, 1)
        return configuration(create, connect)
    named = {behaviour.slug: behaviour for behaviour in BEHAVIOURS}
    if slug not in named:
        near = ", ".join(difflib.get_close_matches(slug, named, n=3, cutoff=0.4)) or ", ".join(
            list(named)[:3]
        )
        raise ValueError(
            f"no case {slug!r}: near are {near}; a placement is written create:none/connect:client=…"
        )
    return named[slug]


def configuration(create: str, connect: str) -> Configuration:
    """Read the placements of both sides.

    Raises:
        ValueError: one of them cannot be read.
    """
    sides: dict[Step, str] = dict(zip(SIDES, (create, connect), strict=True))
    return Configuration(*(read_placement(text, step) for step, text in sides.items()))


def read_cells(words: str) -> tuple[Cell, ...]:
    """Read a cell's id, as reports write it.

    Raises:
        ValueError: it is none.
    """
    parts = words.strip().split("/", 2)
    if len(parts) < len(("subject", "date", "case")):
        raise ValueError(f"cannot read the cell {words!r}: expected SDK==VERSION/DATE/CASE")
    subject, date, slug = parts
    return cells([subject], date, read_case(slug))


def cells(specs: Sequence[str], date: str, case: Case) -> tuple[Cell, ...]:
    """The cells of a case on some versions at some dates; a behaviour is about the SDK, so one date will do.

    Raises:
        ValueError: an SDK or a date that is not known.
    """
    dates = plan.dates(date)
    if isinstance(case, Behaviour):
        dates = dates[:1]
    subjects = versions.subjects(specs, "latest")
    return tuple(Cell(subject, day, case) for subject in subjects for day in dates)
