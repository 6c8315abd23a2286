"""Who is to be woken when: one moment for each name, however often it was changed."""

from __future__ import annotations

import heapq
from typing import Final

#: So few that are out of date are not worth sorting out.
_SPARE: Final = 64


class Appointments:
    """A heap with what is out of date in it, which never becomes more than what is not. Unix seconds."""

    def __init__(self) -> None:
        self._moments: dict[str, float] = {}
        self._heap: list[tuple[float, str]] = []

    def __len__(self) -> int:
        return len(self._moments)

    @property
    def room(self) -> int:
        """How many places are taken, with those that are out of date."""
        return len(self._heap)

    @property
    def next(self) -> float | None:
        """The earliest moment; None: nobody waits."""
        while self._heap:
            moment, name = self._heap[0]
            if self._moments.get(name) == moment:
                return moment
            heapq.heappop(self._heap)
        return None

    def make(self, name: str, moment: float) -> None:
        """Wake a name at this moment, unless it is woken earlier anyway."""
        known = self._moments.get(name)
        if known is not None and known <= moment:
            return
        self._moments[name] = moment
        heapq.heappush(self._heap, (moment, name))
        self._sort_out()

    def cancel(self, name: str) -> None:
        """Do not wake a name any more; harmless where that was not meant."""
        if self._moments.pop(name, None) is not None:
            self._sort_out()

    def take(self, now: float) -> str | None:
        """A name whose moment has come, the earliest first; it has none from then on."""
        moment = self.next
        if moment is None or moment > now:
            return None
        _, name = heapq.heappop(self._heap)
        del self._moments[name]
        return name

    def _sort_out(self) -> None:
        """Sessions end long before their ten minutes are over, and would wait here for them."""
        if len(self._heap) > 2 * len(self._moments) + _SPARE:
            self._heap = [(moment, name) for name, moment in self._moments.items()]
            heapq.heapify(self._heap)
