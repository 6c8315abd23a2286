"""Measure cells with all that crosses the wire; outcomes by cell."""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING

from ..engine import Engine

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from ..model import Cell, Outcome, Subject


async def measure(
    cells: Sequence[Cell],
    root: Path,
    jobs: int,
    note: Callable[[str], None],
    advance: Callable[[Outcome], None] = lambda outcome: None,
) -> dict[Cell, Outcome]:
    """Measure cells against the mock."""
    engine = Engine(root, jobs, note, keeps_journal=True)
    found: dict[Cell, Outcome] = {}
    async with aclosing(engine.run(cells)) as measured:
        async for outcome in measured:
            found[outcome.cell] = outcome
            advance(outcome)
    return found


async def sides(
    before: Subject,
    after: Subject,
    cells: Sequence[Cell],
    root: Path,
    jobs: int,
    note: Callable[[str], None],
    advance: Callable[[Outcome], None] = lambda outcome: None,
) -> tuple[Mapping[Cell, Outcome], Mapping[Cell, Outcome]]:
    """The outcomes of both versions; a version beside itself is measured twice."""
    if before == after:
        return (
            await measure(cells, root, jobs, note, advance),
            await measure(cells, root, jobs, note, advance),
        )
    found = await measure(cells, root, jobs, note, advance)
    mine, theirs = (
        {cell: outcome for cell, outcome in found.items() if cell.subject == subject}
        for subject in (before, after)
    )
    return mine, theirs
