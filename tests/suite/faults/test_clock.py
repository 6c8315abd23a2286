"""A clock that somebody moves in the middle of a run changes nothing that is measured."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import pytest

from suite.model import Status
from suite.targets import Mock, target

from ..conftest import REFERENCE, measure

if TYPE_CHECKING:
    from pathlib import Path

#: Cells in which times are told, and cells in which tokens run out a minute later.
CELLS: Final = tuple(
    cell
    for cell in REFERENCE
    if cell.case.slug in ("token:time-aware", "token:time-string", "token:plain", "credential:spent-token")
    or cell.case.slug == "create:client=v1alpha/connect:client=v1alpha"
)
JUMPS: Final = {"back": -timedelta(days=3), "forward": timedelta(days=3)}


@pytest.mark.parametrize("jump", JUMPS)
def test_a_clock_that_jumps_once_the_mock_is_there_is_not_noticed(
    jump: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    by = JUMPS[jump]
    true_time, true_datetime = time.time, datetime

    class Moved(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return true_datetime.now(tz) + by

    class Jumping(Mock):
        def start(self) -> Mock:
            super().start()
            monkeypatch.setattr(time, "time", lambda: true_time() + by.total_seconds())
            monkeypatch.setattr(target, "datetime", Moved)
            return self

    outcomes = measure(CELLS, root=tmp_path, serve=Jumping)
    assert {
        cell.id: outcome.reason for cell, outcome in outcomes.items() if outcome.status is not Status.PASS
    } == {}
    assert len(CELLS) >= 6
