"""The mock's clock: real time, plus what a test added."""

from __future__ import annotations

import time


class Clock:
    """Unix seconds that never go back, and that a test can move forward."""

    def __init__(self) -> None:
        self._offset_s = time.time() - time.monotonic()
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
            ValueError: ``seconds`` is negative.
        """
        if not seconds >= 0:
            raise ValueError(f"cannot move the clock by {seconds} s: expected a number of seconds from 0 up")
        self._moved_s += seconds
