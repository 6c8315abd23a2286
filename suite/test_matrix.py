"""Every cell of the matrix as a test: the SDK must do what the tables predict."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from suite.model import Status

if TYPE_CHECKING:
    from suite.model import Cell, Outcome


# The first cell of a version waits for its installation, which a slow network may stretch to minutes.
@pytest.mark.timeout(1800)
def test_cell(cell: Cell, outcome: Outcome) -> None:
    """Measurement and prediction agree; what could not be measured fails."""
    told = f"{outcome.reason}\nfix: {outcome.fix}" if outcome.fix else outcome.reason
    if outcome.status is Status.BROKEN:
        pytest.fail(f"not measured: {told}", pytrace=False)
    if outcome.status is Status.KNOWN:
        pytest.xfail(outcome.reason)
    if outcome.status is not Status.PASS:
        pytest.fail(f"{outcome.status.value}: {told}", pytrace=False)
