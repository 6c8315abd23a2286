"""Resumption handles that were given out: for two hours, and no more than so many."""

from __future__ import annotations

from typing import Final

#: Handles stay valid for two hours after they were given (PRO-018).
LIFETIME_S: Final = 2 * 60 * 60


class Handles:
    """A set that forgets, the oldest first. Times are Unix seconds, and never go back."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._until: dict[str, float] = {}

    def __contains__(self, handle: object) -> bool:
        return handle in self._until

    def __len__(self) -> int:
        return len(self._until)

    def give(self, handle: str, now: float) -> None:
        """One was told to a client."""
        self._until[handle] = now + LIFETIME_S
        if len(self._until) > self._most:
            del self._until[next(iter(self._until))]

    def expire(self, now: float) -> None:
        """Forget those whose time is over."""
        while self._until:
            oldest = next(iter(self._until))
            if self._until[oldest] > now:
                return
            del self._until[oldest]
