"""What an application changes, so that what stops goes on: found by the tables, proven by measurement."""

from __future__ import annotations

from dataclasses import replace
from difflib import ndiff
from itertools import product
from typing import TYPE_CHECKING

from mockserver import API_VERSIONS

from ..calls import calls_of
from ..model import SIDES, Behaviour, Cell, Configuration, Placement, Probe, Verdict
from ..predict import predict
from ..sdks import SDKS
from ..snippets import in_a_line, program
from .model import Edit, Fix
from .views import view

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from ..model import Outcome, Step, Subject


def mended(
    configuration: Configuration, before: Subject, after: Subject, dates: Sequence[str]
) -> Configuration | None:
    """The nearest configuration that works with the new version on these dates, and with the old if one does.

    Near is what changes the fewest sides, and on these leaves the API version in its place. None where no
    placement works, as where a version cannot mint tokens.
    """
    works = (c for c in _others(configuration) if _works(c, after, dates))
    ranked = ((_far(c, configuration, before, dates), c) for c in works)
    return min(ranked, key=lambda found: found[0], default=(None, None))[1]


def _others(configuration: Configuration) -> Iterator[Configuration]:
    """Each side as it is, or with one API version in its place, on the client, or near the call."""
    sides = [list(dict.fromkeys(_placements(configuration.placement(step)))) for step in SIDES]
    return (Configuration(*pair) for pair in product(*sides))


def _placements(placement: Placement) -> Iterator[Placement]:
    yield placement
    for version in API_VERSIONS:
        if placement != Placement():
            yield Placement(placement.client and version, placement.near and version)
        yield Placement(client=version)
        yield Placement(near=version)


def _works(configuration: Configuration, subject: Subject, dates: Iterable[str]) -> bool:
    return all(predict(Cell(subject, date, configuration)).verdict is Verdict.WORKS for date in dates)


def _far(
    found: Configuration, given: Configuration, before: Subject, dates: Sequence[str]
) -> tuple[int, ...]:
    """How far one is from the other, most important first."""
    changed = [step for step in SIDES if found.placement(step) != given.placement(step)]
    places = [found.placement(step) for step in changed]
    values = {v for place in map(found.placement, SIDES) for v in (place.client, place.near) if v}
    return (
        len(changed),
        not _works(found, before, dates),
        sum(not _same_places(found.placement(step), given.placement(step)) for step in changed),
        len(values),
        sum(place.near is not None for place in places),
        sum(API_VERSIONS.index(value) for value in values),
    )


def _same_places(one: Placement, other: Placement) -> bool:
    return (one.client is None, one.near is None) == (other.client is None, other.near is None)


def of_configuration(
    configuration: Configuration,
    before: Subject,
    after: Subject,
    dates: Sequence[str],
    measured: Mapping[Cell, Outcome],
) -> Fix | None:
    """What to write instead; None where the tables know nothing that works, or measurement says otherwise."""
    found = mended(configuration, before, after, dates)
    if found is None or found == configuration:
        return None
    verdicts = {s: _measured(found, s, dates, measured) for s in (before, after)}
    if verdicts[after] not in ({Verdict.WORKS}, {None}):
        return None
    in_both = verdicts[before] == {Verdict.WORKS} or (
        verdicts[before] == {None} and _works(found, before, dates)
    )
    proven = verdicts[after] == {Verdict.WORKS} and (not in_both or verdicts[before] == {Verdict.WORKS})
    edits = tuple(
        _edit(step, configuration, found, after)
        for step in SIDES
        if found.placement(step) != configuration.placement(step)
    )
    halves = (
        (step, measured.get(Cell(after, dates[-1], half))) for step, half in _halves(configuration, found)
    )
    alone = tuple((step, view(half, half.cell.case)) for step, half in halves if half and half.observation)
    return Fix(edits, in_both=in_both, proven=proven, alone=alone)


def _halves(given: Configuration, found: Configuration) -> list[tuple[Step, Configuration]]:
    """Where both sides are to be changed: each of them alone."""
    halves = [(step, replace(given, **{step: found.placement(step)})) for step in SIDES]
    return halves if given not in (half for _, half in halves) else []


def _measured(
    configuration: Configuration, subject: Subject, dates: Iterable[str], measured: Mapping[Cell, Outcome]
) -> set[Verdict | None]:
    """The verdicts that were measured; None for what was not."""
    outcomes = [measured.get(Cell(subject, date, configuration)) for date in dates]
    return {o.observation.verdict if o is not None and o.observation is not None else None for o in outcomes}


def _edit(step: Step, given: Configuration, found: Configuration, subject: Subject) -> Edit:
    """The lines that differ between two placements of a side."""
    language = SDKS[subject.sdk].language
    before, after = (
        in_a_line(program(language, calls_of(Probe("", step, one.placement(step)))[:1])).splitlines()
        for one in (given, found)
    )
    lines = list(ndiff(before, after))
    gone, come = (tuple(line[2:] for line in lines if line.startswith(sign)) for sign in "-+")
    return Edit(step, given.placement(step), gone, come)


def of_behaviour(outcome: Outcome) -> Fix | None:
    """What to do about a behaviour: what the tables advise."""
    assert isinstance(outcome.cell.case, Behaviour)
    words = outcome.prediction.advice.fix
    return Fix(words=words) if words else None


def cells(
    configurations: Iterable[Configuration], before: Subject, after: Subject, dates: Sequence[str]
) -> tuple[Cell, ...]:
    """What has to be measured to prove the fixes of what may stop."""
    failing = {one: [date for date in dates if not _works(one, after, [date])] for one in configurations}
    proofs: dict[Cell, None] = {}
    for given, those in failing.items():
        found = mended(given, before, after, those) if those else None
        if found is not None:
            proofs |= dict.fromkeys(Cell(s, date, found) for s in (before, after) for date in dates)
            halves = _halves(given, found)
            proofs |= dict.fromkeys(Cell(after, date, half) for _, half in halves for date in those)
    return tuple(proofs)
