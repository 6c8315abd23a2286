"""What the tests of an upgrade share: two measurements, side by side."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any

from suite.engine import Engine
from suite.targets import Mock
from suite.upgrade.shifts import compare

from ..conftest import reference

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from suite.model import Cell, Outcome
    from suite.upgrade.model import Comparison


def measured(wanted: Sequence[Cell], root: Path, wrong: str | None = None) -> dict[Cell, Outcome]:
    """Cells of the reference client, right or wrong in one way, with all that crossed the wire."""

    async def run() -> dict[Cell, Outcome]:
        engine = Engine(root, 2, target=Mock, prepare=partial(reference, wrong=wrong), keeps_journal=True)
        return {outcome.cell: outcome async for outcome in engine.run(wanted)}

    return asyncio.run(run())


def beside(wanted: Sequence[Cell], root: Path, wrong: str | None = None, **more: Any) -> Comparison:
    """The right client as the version one has, and a wrong one as the version one takes."""
    subject = wanted[0].subject
    return compare(subject, subject, (measured(wanted, root), measured(wanted, root, wrong)), **more)
