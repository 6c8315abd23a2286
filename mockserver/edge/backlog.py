"""What waits for clients that do not read: bounded for each, and for all together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from ..core.limits import Limits


class Slow(Protocol):
    """A connection whose client does not keep up."""

    def drop_slow(self, limit: str) -> None:
        """Too much waits for it, by the limit of that name."""


class Backlog:
    """How much waits for each slow client, in bytes."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._waiting: dict[Slow, int] = {}
        #: The same for all together.
        self.total = 0

    def tell(self, who: Slow, waiting: int) -> None:
        """So much waits for a client now."""
        self.total += waiting - self._waiting.get(who, 0)
        self._waiting[who] = waiting
        if waiting > self._limits.unsent_bytes:
            who.drop_slow("unsent_bytes")
        elif self.total > self._limits.all_unsent_bytes:
            max(self._waiting, key=self._waiting.__getitem__).drop_slow("all_unsent_bytes")

    def forget(self, who: Slow) -> None:
        """A client has caught up, or is gone; harmless where it was not slow."""
        self.total -= self._waiting.pop(who, 0)
