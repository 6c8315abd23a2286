"""What is to happen when: actions at their moments, and effects that wait behind a pause."""

from __future__ import annotations

import math
from bisect import insort
from collections import deque
from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING

from .effects import Pause
from .errors import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeAlias

    from .effects import Effect
    from .journal import Kind

    #: Something to do at a moment; what it gives is let go behind all that already waits.
    Action: TypeAlias = Callable[[], list["Item"]]
    #: What may stand in line: an effect, a note, a refusal that ends the session there, or an action.
    Item: TypeAlias = "Effect | Note | Refusal | Action"


_moment = itemgetter(0)


@dataclass(frozen=True, slots=True)
class Note:
    """Something for the journal, in its place between effects."""

    kind: Kind
    what: str
    payload: bytes = b""
    status: int | None = None
    #: The rule that did it.
    script: str = ""
    rule: int | None = None


class Agenda:
    """The future of one session. Times are Unix seconds.

    Args:
        timers: what is planned from the first, as if by ``at``, one after the other.
    """

    __slots__ = ("_aside", "_line", "_timers", "now")

    def __init__(self, now: float, *timers: tuple[float, Action]) -> None:
        self.now = now
        #: In order of time, and then as they were planned.
        self._timers = sorted(timers, key=_moment)
        #: In order of time; everything in it is still to come. What rules do on messages of the client
        #: does not wait for the model to have spoken.
        self._line: deque[tuple[float, Item]] | None = None
        self._aside: deque[tuple[float, Item]] | None = None

    @property
    def due(self) -> float | None:
        """When there is next something to do."""
        due = self._timers[0][0] if self._timers else math.inf
        if self._line and self._line[0][0] < due:
            due = self._line[0][0]
        if self._aside and self._aside[0][0] < due:
            due = self._aside[0][0]
        return None if due == math.inf else due

    def at(self, moment: float, action: Action) -> None:
        """Do something at a moment, after all that was planned for the same moment."""
        insort(self._timers, (moment, action), key=_moment)

    def cancel(self, action: Action) -> None:
        """Do not do it after all."""
        self._timers = [timer for timer in self._timers if timer[1] != action]

    def forget(self) -> None:
        """Nothing is to happen any more."""
        self._timers = []
        self._line = self._aside = None

    def put(self, items: list[Item], *, aside: bool = False) -> None:
        """Let these go, behind all that waits; a pause holds back what follows it."""
        if not items:
            return
        line = self._standing(aside=aside)
        at = line[-1][0] if line else self.now
        for item in items:
            if isinstance(item, Pause):
                at += item.seconds
            else:
                line.append((at, item))

    def push_in(self, effect: Effect) -> None:
        """Let this go now, before all that waits."""
        self._standing(aside=False).appendleft((self.now, effect))

    def _standing(self, *, aside: bool) -> deque[tuple[float, Item]]:
        """The line, made where nobody stands in it: most sessions are idle, and it would take room."""
        line = self._aside if aside else self._line
        if line is None:
            line = deque()
            if aside:
                self._aside = line
            else:
                self._line = line
        return line

    def drop(self) -> None:
        """Forget all that waits in line; timers stay."""
        self._line = None

    def run(self, now: float) -> Iterator[Effect | Note]:
        """Do all that is due, in the order in which it was due.

        Raises:
            Refusal: one stood in line, or an action refused.
        """
        while (due := self.due) is not None and due <= now:
            self.now = due
            aside = False
            if self._line and self._line[0][0] <= self.now:
                item = self._line.popleft()[1]
            elif self._aside and self._aside[0][0] <= self.now:
                item, aside = self._aside.popleft()[1], True
            else:
                item = self._timers.pop(0)[1]
            if isinstance(item, Refusal):
                raise item
            if callable(item):
                self.put(item(), aside=aside)
            else:
                yield item
        self._line, self._aside = self._line or None, self._aside or None
        self.now = now
