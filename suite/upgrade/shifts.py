"""From the outcomes of two versions to what changes: what changes alike, for one reason, is one group."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from packaging.version import Version

from mockserver import FACTS

from ..history import CHANGES
from ..model import NEAR, Behaviour, Configuration, Verdict
from ..reports.table import TableCell, placement_rows
from . import fixes
from .model import NOBODYS, Block, Comparison, Direction, Group, Pair
from .seen import differences

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from ..model import Case, Cell, Outcome, Step, Subject
    from .model import Difference, Fix, Own

#: The verdict of a pair in which nothing or another thing than the verdict changes.
_SAME: Final = (Direction.SAME, Direction.NOT_MEASURED)
_WORKS: Final = Verdict.WORKS.value
#: What is most urgent first.
_ORDER: Final = list(Direction)
_SINCE: Final = {change.told: change.since for change in CHANGES}


def compare(
    before: Subject,
    after: Subject,
    sides: tuple[Mapping[Cell, Outcome], Mapping[Cell, Outcome]],
    own: Own = NOBODYS,
    asked: Collection[Case] | None = None,
) -> Comparison:
    """Two versions from what was measured of each.

    Args:
        before, after: the versions.
        sides: the outcomes of each; cells that were measured to prove a fix may be among them.
        own: what is the application's own, as far as that is known.
        asked: the cases that are compared; None: all that were measured.
    """
    pairs = _pairs(sides, asked)
    span = (before.version, after.version)
    measured = {**sides[0], **sides[1]}
    failing: dict[Configuration, list[str]] = defaultdict(list)
    for pair in pairs:
        if not isinstance(pair.case, Configuration) or pair.direction is Direction.NOT_MEASURED:
            continue
        broken = pair.case in own.configurations and pair.labels[1] != _WORKS
        if pair.direction is Direction.STOPS or broken:
            failing[pair.case].append(pair.date)
    mending = {
        configuration: fixes.of_configuration(configuration, before, after, dates, measured)
        for configuration, dates in failing.items()
    }
    groups = tuple(_groups(pairs, span, mending))
    return Comparison(before, after, pairs, groups, _blocks(pairs, span), own, mending)


def _pairs(
    sides: tuple[Mapping[Cell, Outcome], Mapping[Cell, Outcome]], asked: Collection[Case] | None
) -> tuple[Pair, ...]:
    keyed = [{(cell.service_date, cell.case): one for cell, one in side.items()} for side in sides]
    wanted = dict.fromkeys(key for side in keyed for key in side)
    return tuple(
        Pair(date, case, keyed[0].get((date, case)), keyed[1].get((date, case)))
        for date, case in wanted
        if asked is None or case in asked
    )


# -- why --------------------------------------------------------------------------------------------------


def rows_between(pair: Pair, span: tuple[str, str]) -> tuple[str, ...]:
    """The rows of the history that the new version's prediction rests on and the old one's does not.

    On the way back these are the rows that no longer hold.
    """
    old, new = (_because(side) for side in (pair.before, pair.after))
    low, high = sorted(map(Version, span))
    named = [row for row in new if row not in old] + [row for row in old if row not in new]
    begun = [row for row in named if row in _SINCE and low < Version(_SINCE[row]) <= high]
    return tuple(dict.fromkeys(begun))


def _facts(pair: Pair) -> tuple[str, ...]:
    """What the service does to the new version that it did not do to the old."""
    old, new = (_because(side) for side in (pair.before, pair.after))
    return tuple(row for row in dict.fromkeys(new) if row in FACTS and row not in old)


def _because(side: Outcome | None) -> tuple[str, ...]:
    """The rows that decide: those of the step in which it ends, else of all of them."""
    if side is None:
        return ()
    steps = [expected for _, expected in side.prediction.steps]
    if side.prediction.verdict is not Verdict.WORKS:
        steps = [side.prediction.deciding]
    return tuple(row for expected in steps for row in expected.because)


# -- what changes its verdict -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Key:
    """What the members of a group share."""

    direction: Direction
    #: Verdicts before and after; where something stops, when, and the step in which it ends.
    shifts: tuple[tuple[str, Verdict, Verdict, str], ...]
    rows: tuple[str, ...]
    facts: tuple[str, ...]
    fix: Fix | None


def _groups(
    pairs: Sequence[Pair], span: tuple[str, str], mending: Mapping[Configuration, Fix | None]
) -> list[Group]:
    """Cases that change alike, on all service dates."""
    by_case: dict[Case, list[Pair]] = defaultdict(list)
    for pair in pairs:
        by_case[pair.case].append(pair)
    keys = {case: _key(case, those, span, mending) for case, those in by_case.items()}
    rectangles = _rectangles(keys)
    groups = []
    for key in sorted(dict.fromkeys(keys.values()), key=lambda key: _ORDER.index(key.direction)):
        if key.direction not in _SAME:
            members = [case for case in by_case if keys[case] == key]
            named = [case.slug for case in members if isinstance(case, Behaviour)]
            those = [pair for case in members for pair in by_case[case]]
            groups.append(_group(key, those, (*rectangles.get(key, ()), *named), span))
    return groups


def _key(
    case: Case, pairs: Sequence[Pair], span: tuple[str, str], mending: Mapping[Configuration, Fix | None]
) -> _Key:
    direction = min((pair.direction for pair in pairs), key=_ORDER.index)
    deciding = [pair for pair in pairs if pair.direction is direction]
    stops = direction is Direction.STOPS
    if not stops:  # no reason to act: for whatever reason, they are one group
        return _Key(direction, (("", *deciding[0].verdicts, deciding[0].moved),), (), (), None)
    shifts = [(pair.date, *pair.verdicts, pair.ends[1]) for pair in deciding]
    return _Key(
        direction,
        tuple(dict.fromkeys(shifts)),
        _each(rows_between(pair, span) for pair in deciding),
        # Of behaviours each has facts of its own; what they share is the row.
        _each(map(_facts, deciding)) if isinstance(case, Configuration) else (),
        mending.get(case) if isinstance(case, Configuration) else _advised(deciding),
    )


def _each(rows: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    """All of them, each once."""
    return tuple(dict.fromkeys(row for some in rows for row in some))


def _advised(pairs: Sequence[Pair]) -> Fix | None:
    after = pairs[0].after
    return fixes.of_behaviour(after) if after is not None else None


def _rectangles(keys: Mapping[Case, _Key]) -> dict[_Key, list[str]]:
    """For each key its placements, as short as a table has them."""
    numbers = {key: number for number, key in enumerate(dict.fromkeys(keys.values()))}
    shown: dict[Case, tuple[TableCell, ...]] = {
        case: (TableCell("", numbers[key], finding=False),)
        for case, key in keys.items()
        if isinstance(case, Configuration)
    }
    named = {number: key for key, number in numbers.items()}
    found: dict[_Key, list[str]] = defaultdict(list)
    for row in placement_rows(shown):
        create, connect = (" or ".join(lines) for lines in row.heads)
        found[named[row.cells[0].note]].append(f"create {create}; connect {connect}")
    return found


def _group(key: _Key, pairs: Sequence[Pair], cases: Sequence[str], span: tuple[str, str]) -> Group:
    shifts: dict[str, dict[tuple[str, str], None]] = defaultdict(dict)
    for pair in pairs:
        if pair.direction is not Direction.SAME or key.direction is Direction.STOPS:
            shifts[pair.date].setdefault(pair.labels)
    told = tuple((date, tuple(labels)) for date, labels in shifts.items())
    rows = _each(rows_between(pair, span) for pair in pairs if pair.direction is key.direction)
    return Group(key.direction, tuple(pairs), tuple(cases), told, rows, key.facts, key.fix)


# -- what ends alike, and is otherwise all the same -------------------------------------------------------


def _blocks(pairs: Sequence[Pair], span: tuple[str, str]) -> tuple[Block, ...]:
    """Differences of steps with the same verdict: those with one reason together, else those of one place."""
    grouped = {pair.case for pair in pairs if pair.direction not in _SAME}
    found: dict[Difference, dict[str, None]] = defaultdict(dict)
    rows: dict[str, tuple[str, ...]] = {}
    for pair in pairs:
        if pair.case in grouped:
            continue  # told with its group, on every date
        for step, before, after in pair.steps:
            if before.verdict is not after.verdict:
                continue
            where = _asked(pair, step)
            rows[where] = tuple(dict.fromkeys((*rows.get(where, ()), *rows_between(pair, span))))
            for difference in differences(before, after):
                found[difference].setdefault(where)
    return tuple(_block(*those, rows) for those in _alike(found, rows))


def _alike(
    found: Mapping[Difference, Iterable[str]], rows: Mapping[str, tuple[str, ...]]
) -> list[tuple[tuple[str, ...], list[Difference]]]:
    """The differences that have a reason of their own, by that; those that have several, by their places."""
    alike: dict[tuple[str, ...], list[Difference]] = defaultdict(list)
    for difference, places in found.items():
        reasons = {rows[place] for place in places}
        alone = reasons.pop() if len(reasons) == 1 else ()
        alike[alone or tuple(places)].append(difference)
    return [
        (tuple(dict.fromkeys(place for one in those for place in found[one])), those)
        for those in alike.values()
    ]


def _block(where: tuple[str, ...], those: list[Difference], rows: Mapping[str, tuple[str, ...]]) -> Block:
    """Places that differ alike: for the reason that all of them have, or else each for its own."""
    every = _each(rows[place] for place in where)
    shared = tuple(row for row in every if all(row in rows[place] for place in where))
    return Block(where, tuple(those), shared or every, everywhere=len(where) == len(rows) > 1)


def _asked(pair: Pair, step: Step) -> str:
    """What was measured at once: one side of a configuration at a date, or a behaviour."""
    if isinstance(pair.case, Behaviour):
        return pair.case.slug
    return f"{step} {pair.case.placement(step).slug(NEAR[step])} ({pair.date})"
