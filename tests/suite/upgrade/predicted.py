"""Outcomes as the tables predict them: what a command would measure if every row were true, offline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from suite import judge
from suite.model import Observation, Seen, Status, Verdict
from suite.predict import predict

from ..conftest import as_predicted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from suite.model import Cell, Outcome


def outcomes(cells: Sequence[Cell]) -> dict[Cell, Outcome]:
    """An outcome for each cell."""
    return {cell: outcome(cell) for cell in cells}


def outcome(cell: Cell) -> Outcome:
    """What a cell shows where all is as predicted."""
    prediction = predict(cell)
    return judge.judge(cell, prediction, as_predicted(prediction), 0.0)


def broken(cell: Cell, cause: str = "no network") -> Outcome:
    """A cell that could not be measured."""
    return judge.broken(cell, predict(cell), cause)


def showing(cell: Cell, verdict: Verdict, **more: Any) -> Outcome:
    """A cell of which each step shows the same, whatever is predicted."""
    prediction = predict(cell)
    seen = Seen(verdict, **more)
    observation = Observation(tuple((step, seen) for step, _ in prediction.steps))
    return judge.judge(cell, prediction, observation, 0.0)


async def measure(cells: Sequence[Cell], *_: Any, **__: Any) -> Mapping[Cell, Outcome]:
    """In the place of an engine."""
    found = outcomes(cells)
    assert Status.FAIL not in {one.status for one in found.values()}
    return found
