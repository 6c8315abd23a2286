"""What is to happen when: actions at their moments, and effects that wait behind a pause."""

from __future__ import annotations

import math
from bisect import insort
from collections import deque
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any, cast

from .effects import Pause, Send
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
    #: What goes at one moment with nothing between it: effects of one kind, or notes; never empty.
    Stretch: TypeAlias = "list[Effect | Note]"


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
        #: In order of time, what is of one kind and for one moment in one place; everything in it is still
        #: to come. What rules do on messages of the client does not wait for the model to have spoken.
        self._line: deque[tuple[float, list[Any]]] | None = None
        self._aside: deque[tuple[float, list[Any]]] | None = None

    @property
    def due(self) -> float | None:
        """When there is next something to do."""
        due = self._timers[0][0] if self._timers else math.inf
        if not (self._line or self._aside):
            return due if self._timers else None
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
        for kind, alike in groupby(items, type):
            if kind is Pause:
                for pause in cast("Iterator[Pause]", alike):
                    at += pause.seconds
            else:
                line.append((at, list(alike)))

    def push_in(self, effect: Effect) -> None:
        """Let this go now, before all that waits."""
        self._standing(aside=False).appendleft((self.now, [effect]))

    def _standing(self, *, aside: bool) -> deque[tuple[float, list[Any]]]:
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

    def run(self, now: float) -> Iterator[Stretch]:
        """Do all that is due, in the order in which it was due; what goes out, in stretches.

        Raises:
            Refusal: one stood in line, or an action refused.
        """
        while (due := self.due) is not None and due <= now:
            self.now = due
            line, aside = self._line, False
            if not (line and line[0][0] <= due):
                line, aside = self._aside, True
            if not (line and line[0][0] <= due):
                given = self._timers.pop(0)[1]()
                if len(given) == 1 and isinstance(given[0], Send) and not self._line:
                    yield [given[0]]  # it would be the first in line, and go now
                else:
                    self.put(given)
                continue
            moment, items = line.popleft()
            if not (isinstance(items[0], Refusal) or callable(items[0])):
                yield items
                continue
            first = items.pop(0)
            if items:
                line.appendleft((moment, items))
            if isinstance(first, Refusal):
                raise first
            self.put(first(), aside=aside)
        self._line, self._aside = self._line or None, self._aside or None
        self.now = now
