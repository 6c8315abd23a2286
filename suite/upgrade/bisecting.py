"""Bisect: measure version after version until neighbours are found between which a case changes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

from ..known import deviation
from ..model import Behaviour, Cell, Configuration, Subject, Verdict
from ..plan import asked_of
from . import fixes, search
from .measuring import measure
from .model import Direction, Pair
from .seen import differences, seen_by_application
from .shifts import compare

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from pathlib import Path

    from ..model import Case, Outcome, Seen
    from .model import Comparison, Difference
    from .search import Like

By = Literal["verdict", "application", "anything"]
#: What may be followed: what becomes of it, all that the application sees, all that crosses the wire as well.
BY: Final[tuple[By, ...]] = ("verdict", "application", "anything")
#: How each looks at one step.
_LOOKS: Final[dict[By, Callable[[Seen, Seen], Sequence[Difference]]]] = {
    "verdict": lambda before, after: (),
    "application": seen_by_application,
    "anything": differences,
}


@dataclass(frozen=True, slots=True)
class Asked:
    """One version that was asked, and what it is like.

    Attributes:
        outcome: None where it was not measured, or lacks what the case is about.
        why: why it was not measured.
    """

    subject: Subject
    outcome: Outcome | None
    like: Like | None
    why: str = ""

    @property
    def label(self) -> str:
        """What a table shows."""
        if self.why:
            return search.UNKNOWN
        return self.outcome.label if self.outcome is not None else Verdict.ABSENT.value


@dataclass(frozen=True, slots=True)
class Bisection:
    """How it went.

    Attributes:
        case, date: what was asked.
        versions: how many versions lie between the ends, both included.
        by: what was followed; None where the ends agree in everything.
        steps: all that was asked, the ends first.
        boundary: the neighbours; None where the ends agree or could not be measured.
        between: versions between the neighbours that could not be measured.
        others: whether there are more changes between the ends.
        change: what differs between the neighbours.
    """

    case: Case
    date: str
    versions: int
    by: By | None
    steps: tuple[Asked, ...]
    boundary: tuple[Asked, Asked] | None = None
    between: tuple[Subject, ...] = ()
    others: bool = False
    change: Comparison | None = None

    @property
    def exit_code(self) -> int:
        """0: found; 2: nothing to find, or an end could not be measured."""
        return 0 if self.boundary is not None else 2


class Bisecting:
    """Asks versions of one case at one service date."""

    def __init__(
        self,
        case: Case,
        date: str,
        root: Path,
        tell: Callable[[Asked], None] = lambda asked: None,
        *,
        ask: Callable[..., Awaitable[Mapping[Cell, Outcome]]] | None = None,
    ) -> None:
        self._case = case
        self._date = date
        self._root = root
        self._tell = tell
        self._measure = ask or measure

    async def run(self, every: Sequence[Subject], by: By | None = None) -> Bisection:
        """Find where the case changes between the first and the last version."""
        first, last = [await self._asked(end) for end in (every[0], every[-1])]
        for end in (first, last):
            self._tell(end)
        gone = Bisection(self._case, self._date, len(every), by, (first, last))
        if first.why or last.why:
            return gone
        by = by or next((one for one in BY if not self._alike(first, last, one)), None)
        if by is None or self._alike(first, last, by):
            return replace(gone, by=by)
        return await self._search(every, first, last, by)

    async def _search(self, every: Sequence[Subject], first: Asked, last: Asked, by: By) -> Bisection:
        asked = {first.subject: first, last.subject: last}
        searching = search.search(every)
        subject = next(searching, None)
        try:
            while subject is not None:
                one = await self._asked(subject)
                like = search.UNKNOWN if one.why else self._like(one, first, last, by)
                asked[subject] = replace(one, like=like)
                self._tell(asked[subject])
                subject = searching.send(like)
        except StopIteration as ended:
            boundary: search.Boundary[Subject] = ended.value
        else:
            boundary = search.Boundary(every[0], every[-1], (), others=False)  # they are neighbours
        pair = (asked[boundary.before], asked[boundary.after])
        return Bisection(
            self._case,
            self._date,
            len(every),
            by,
            tuple(asked.values()),
            pair,
            boundary.between,
            boundary.others,
            await self._change(*pair),
        )

    async def _asked(self, subject: Subject) -> Asked:
        """Measure one version; one that is known not to run is not tried."""
        cell = Cell(subject, self._date, self._case)
        known = deviation(cell)
        if known is not None:
            return Asked(subject, None, None, f"KNOWN: {known.reason}")
        if isinstance(self._case, Behaviour) and not asked_of(subject, self._case):
            return Asked(subject, None, None)
        outcome = (await self._measure([cell], self._root, 1, lambda text: None))[cell]
        if outcome.observation is None:
            return Asked(subject, None, None, outcome.reason)
        return Asked(subject, outcome, None)

    def _like(self, one: Asked, first: Asked, last: Asked, by: By) -> Like:
        if self._alike(first, one, by):
            return search.OLD
        return search.NEW if self._alike(one, last, by) else search.THIRD

    def _alike(self, one: Asked, other: Asked, by: By) -> bool:
        """Whether two versions agree in what is followed."""
        pair = Pair(self._date, self._case, one.outcome, other.outcome)
        if one.label != other.label or pair.direction is not Direction.SAME:
            return False
        look = _LOOKS[by]
        return not any(look(before, after) for _, before, after in pair.steps)

    async def _change(self, before: Asked, after: Asked) -> Comparison:
        """What differs between the neighbours, with what proves a fix."""
        proofs: Mapping[Cell, Outcome] = {}
        if isinstance(self._case, Configuration):
            cells = fixes.cells([self._case], before.subject, after.subject, [self._date])
            proofs = await self._measure(cells, self._root, 2, lambda text: None) if cells else {}
        mine, theirs = (
            {cell: outcome for cell, outcome in proofs.items() if cell.subject == one.subject}
            | ({one.outcome.cell: one.outcome} if one.outcome is not None else {})
            for one in (before, after)
        )
        return compare(before.subject, after.subject, (mine, theirs), asked=[self._case])
