"""The mock's clock: real time, plus what a test added."""

from __future__ import annotations

import time
from typing import Final

#: Ten years at a time: beyond all that expires here, and short of what dates can tell.
MAX_ADVANCE_S: Final = 10 * 365 * 86_400


def offset_s() -> float:
    """What makes Unix seconds of the monotonic clock, which all processes of a machine read alike."""
    return time.time() - time.monotonic()


class Clock:
    """Unix seconds that never go back, and that a test can move forward; a reset takes another clock.

    Args:
        offset: what ``offset_s`` gave; several processes with the same one have the same time.
    """

    def __init__(self, offset: float | None = None) -> None:
        self._offset_s = offset_s() if offset is None else offset
        self._moved_s = 0.0

    def now(self) -> float:
        """Unix seconds on the mock's clock."""
        return time.monotonic() + self._offset_s + self._moved_s

    @property
    def moved_s(self) -> float:
        """How far the clock is ahead of real time, in seconds."""
        return self._moved_s

    def advance(self, seconds: float) -> None:
        """Move the clock forward.

        Raises:
            ValueError: ``seconds`` is negative, or more than ``MAX_ADVANCE_S``.
        """
        if not 0 <= seconds <= MAX_ADVANCE_S:
            raise ValueError(
                f"cannot move the clock by {seconds} s: "
                f"expected a number of seconds from 0 to {MAX_ADVANCE_S}"
            )
        self._moved_s += seconds
