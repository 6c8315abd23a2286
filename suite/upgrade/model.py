"""The words of an upgrade: what is otherwise, where, and what becomes of whom."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Final, Literal

from ..model import Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..model import Case, Configuration, Outcome, Placement, Seen, Step, Subject
    from .structure import Kind

Aspect = Literal[
    "verdict",
    "call",
    "exception",
    "text",
    "warning",
    "callbacks",
    "shows",
    "requests",
    "API version",
    "request line",
    "scheme",
    "credential",
    "header",
    "body",
    "message",
    "frames",
    "answer",
]
#: What the application sees; all else is on the wire.
SEEN: Final[tuple[Aspect, ...]] = (
    "verdict",
    "call",
    "exception",
    "text",
    "warning",
    "callbacks",
    "shows",
)
#: Aspects that are named by the method that is called.
_OF_A_METHOD: Final = frozenset({"API version", "scheme", "credential", "frames", "answer"})


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is otherwise with the other version.

    Attributes:
        aspect: what it is about.
        name: which of several: the name of a header, the place in a body, what is looked at; with the RPC
            before a place where it matters.
        kind: ``spelled`` where the service reads both alike.
        before, after: as text; empty where there is none.
    """

    aspect: Aspect
    name: str
    kind: Kind
    before: str = ""
    after: str = ""

    @property
    def told(self) -> str:
        """As one line, without what it is about."""
        named = f"{self.name}: " if self.name else ""
        if self.kind == "added":
            return f"{named}{self.after} is new"
        if self.kind == "removed":
            return f"{named}{self.before} is gone"
        spelled = ", which means the same" if self.kind == "spelled" else ""
        return f"{named}{self.before} → {self.after}{spelled}"

    @property
    def said(self) -> str:
        """As one line, with what it is about: ``API version of auth_tokens.create: v1beta → v1``."""
        return f"{self.aspect}{' of ' if self.aspect in _OF_A_METHOD else ' '}{self.told}"

    def json(self) -> dict[str, str]:
        """For a report."""
        return {
            "aspect": self.aspect,
            "name": self.name,
            "kind": self.kind,
            "before": self.before,
            "after": self.after,
        }


def changed(aspect: Aspect, name: str, before: str, after: str) -> list[Difference]:
    """The difference between two texts, if there is one; an empty text is nothing."""
    if before == after:
        return []
    kind: Kind = "added" if not before else "removed" if not after else "changed"
    return [Difference(aspect, name, kind, before, after)]


def listed(aspect: Aspect, before: list[tuple[str, str]], after: list[tuple[str, str]]) -> list[Difference]:
    """The differences between two lists of named texts; names may come again."""
    names = dict.fromkeys(name for name, _ in (*before, *after))
    found = []
    for name in names:
        mine, theirs = ([text for named, text in side if named == name] for side in (before, after))
        if len(mine) == len(theirs) == 1:
            found += changed(aspect, name, mine[0] or "empty", theirs[0] or "empty")
            continue
        found += [Difference(aspect, name, "removed", text) for text in _without(mine, theirs)]
        found += [Difference(aspect, name, "added", after=text) for text in _without(theirs, mine)]
    return found


def _without(texts: list[str], others: list[str]) -> list[str]:
    """The texts that the others do not have, each as often as it is missing."""
    left = list(others)
    found = []
    for text in texts:
        if text in left:
            left.remove(text)
        else:
            found.append(text)
    return found


class Direction(str, Enum):
    """What becomes of a cell."""

    STOPS = "stops working"
    STARTS = "starts working"
    #: Neither version does what is wanted, and they fail otherwise.
    FAILS_OTHERWISE = "fails otherwise"
    SAME = "same verdict"
    NOT_MEASURED = "not measured"


@dataclass(frozen=True, slots=True)
class Pair:
    """A case on both versions at one service date; None where a version lacks what it is about."""

    date: str
    case: Case
    before: Outcome | None
    after: Outcome | None

    @property
    def direction(self) -> Direction:
        """What becomes of it."""
        if any(side is not None and side.observation is None for side in (self.before, self.after)):
            return Direction.NOT_MEASURED
        old, new = self.verdicts
        if old is new:
            return Direction.FAILS_OTHERWISE if self.moved else Direction.SAME
        return {old: Direction.STOPS, new: Direction.STARTS}.get(Verdict.WORKS, Direction.FAILS_OTHERWISE)

    @property
    def verdicts(self) -> tuple[Verdict, Verdict]:
        """Before and after, where both are measured; what a version lacks is absent."""
        return verdict(self.before), verdict(self.after)

    @property
    def ends(self) -> tuple[str, str]:
        """The step in which each version fails; empty where it does not."""
        before, after = map(_fails_in, (self.before, self.after))
        return before, after

    @property
    def moved(self) -> str:
        """``connect → create`` where a configuration fails on another side, in whatever way."""
        before, after = self.ends
        return f"{before} → {after}" if before and after and before != after else ""

    @property
    def labels(self) -> tuple[str, str]:
        """The same, as a table shows it."""
        sides = (self.before, self.after)
        before, after = (side.label if side is not None else Verdict.ABSENT.value for side in sides)
        return before, after

    @property
    def steps(self) -> tuple[tuple[Step, Seen, Seen], ...]:
        """The steps that both versions reached."""
        if self.before is None or self.after is None:
            return ()
        sides = (self.before.observation, self.after.observation)
        if sides[0] is None or sides[1] is None:
            return ()
        return tuple(
            (step, one, other)
            for (step, one), (_, other) in zip(sides[0].steps, sides[1].steps, strict=True)
            if Verdict.NOT_REACHED not in (one.verdict, other.verdict)
        )


def _fails_in(outcome: Outcome | None) -> str:
    steps = outcome.observation.steps if outcome is not None and outcome.observation is not None else ()
    return next((step for step, seen in steps if seen.verdict is not Verdict.WORKS), "")


def verdict(outcome: Outcome | None) -> Verdict:
    """Of an outcome that was measured; what a version lacks is absent."""
    if outcome is None or outcome.observation is None:
        return Verdict.ABSENT
    return outcome.observation.verdict


@dataclass(frozen=True, slots=True)
class Edit:
    """What to change on one side of a configuration."""

    step: Step
    #: Where the API version is set now.
    given: Placement
    #: The lines of the application that go, and those that come.
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fix:
    """What mends something that stops.

    Attributes:
        edits: what to change, as code.
        words: what to do, where there is no line to change.
        in_both: whether it works with the old version too, so that it can be written before the upgrade.
        proven: whether that was measured; else the tables say so.
        alone: of several edits, what is seen where this side alone is changed.
    """

    edits: tuple[Edit, ...] = ()
    words: str = ""
    in_both: bool = False
    proven: bool = False
    alone: tuple[tuple[Step, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """Cases that change alike, for one reason, and are mended alike.

    Attributes:
        direction: that of its first pair.
        pairs: all of them; a configuration has one for each service date.
        cases: what they are about, short: placements of a backend, and of a frontend; or behaviours.
        shifts: by service date, the labels before and after.
        rows: the rows of the history that begin between the two versions and say so.
        facts: what the service does about it.
    """

    direction: Direction
    pairs: tuple[Pair, ...]
    cases: tuple[str, ...]
    shifts: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    rows: tuple[str, ...]
    facts: tuple[str, ...]
    fix: Fix | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """Differences that the same requests and calls have, which end alike in both versions."""

    where: tuple[str, ...]
    differences: tuple[Difference, ...]
    rows: tuple[str, ...]
    #: Whether all that was compared is there.
    everywhere: bool = False


@dataclass(frozen=True, slots=True)
class Own:
    """What is an application's own.

    Attributes:
        configurations: where it sets the API version, on both sides.
        places: for a side and a placement, a line of its source at which it is set, or would be.
        version: of the SDK that it has; empty: not known.
        unseen: the calls whose placement cannot be seen, and why.
        assumed: the sides that are not in its source, for which a placement that works was taken.
    """

    configurations: tuple[Configuration, ...] = ()
    places: tuple[tuple[Step, Placement, str], ...] = ()
    version: str = ""
    unseen: tuple[str, ...] = ()
    assumed: tuple[Step, ...] = ()

    def at(self, step: Step, placement: Placement) -> tuple[str, ...]:
        """The lines to change on one side."""
        return tuple(dict.fromkeys(p for s, one, p in self.places if (s, one) == (step, placement)))


NOBODYS: Final = Own()


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two versions, side by side."""

    before: Subject
    after: Subject
    pairs: tuple[Pair, ...]
    groups: tuple[Group, ...]
    blocks: tuple[Block, ...]
    #: What is the application's own.
    own: Own = NOBODYS
    #: What mends each configuration that stops, and the own ones that do not work.
    mending: Mapping[Configuration, Fix | None] = field(default_factory=dict)

    def of(self, direction: Direction) -> tuple[Pair, ...]:
        """The pairs of one direction."""
        return tuple(pair for pair in self.pairs if pair.direction is direction)

    @property
    def exit_code(self) -> int:
        """1: something that worked stops; 2: nothing did, and not all was seen and measured; else 0."""
        if self.of(Direction.STOPS):
            return 1
        return 2 if self.of(Direction.NOT_MEASURED) or self.own.unseen else 0
