"""Run cells against a second server of ours, as if it were the real service."""

from __future__ import annotations

import asyncio
import datetime
from typing import TYPE_CHECKING, Any, Final

from suite import facing
from suite.cases.real import at_real
from suite.facing import Service
from suite.targets.real import Budget

from .conftest import cells

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from suite.model import Cell, Outcome

DAY: Final = datetime.date(2026, 11, 25)


def asked(select: str = "", date: str = "latest") -> list[Cell]:
    """What is asked of a real service."""
    return [cell for cell in cells("reference", select=select, date=date) if at_real(cell.case)]


def faced(wanted: Sequence[Cell], url: str, root: Path, **more: Any) -> dict[Cell, Outcome]:
    """Measure cells with a service; nobody waits for one that is unwell."""
    service = Service(
        url, more.pop("key", None), more.pop("budget", Budget(1000)), DAY, pauses=(0.0, 0.0), **more
    )

    async def run() -> dict[Cell, Outcome]:
        found = facing.measure(wanted, root, 1, service=service)
        return {outcome.cell: outcome async for outcome in found}

    return asyncio.run(run())
