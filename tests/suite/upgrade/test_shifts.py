"""What changes alike is one group with its reason and its lines; nothing is lost on the way."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import pytest

from suite import versions
from suite.cases import CONFIGURATIONS
from suite.explain.cells import configuration
from suite.model import Behaviour, Cell, Configuration, Status, Subject, Verdict
from suite.upgrade import asking, fixes
from suite.upgrade.model import Direction, Own
from suite.upgrade.shifts import compare

from . import predicted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from suite.model import Case, Outcome
    from suite.upgrade.model import Comparison, Group

DATES: Final = ("launch", "latest")
OWN: Final = configuration("none", "none")


def upgrade(
    before: str, after: str, own: Configuration | None = None, topics: Iterable[str] = (), sdk: str = "js"
) -> Comparison:
    """Two versions as the tables predict them."""
    sides = (asking.subject(sdk, before), asking.subject(sdk, after))
    cases = asking.cases(tuple(topics), [own] if own else [])
    outcomes = predicted.outcomes(asking.cells(*sides, DATES, cases))
    return compare(*sides, split(outcomes, *sides), Own((own,) if own else ()), cases)


def split(
    outcomes: dict[Cell, Outcome], before: Subject, after: Subject
) -> tuple[dict[Cell, Outcome], dict[Cell, Outcome]]:
    """The outcomes of each version."""
    mine, theirs = (
        {cell: one for cell, one in outcomes.items() if cell.subject == subject}
        for subject in (before, after)
    )
    return mine, theirs


def of(comparison: Comparison, direction: Direction) -> list[Group]:
    return [group for group in comparison.groups if group.direction is direction]


def test_the_default_version_stops_what_relied_on_it_and_two_lines_mend_it() -> None:
    comparison = upgrade("2.32.0", "3.1.0", OWN, ["placement"])
    [group] = comparison.groups
    assert (group.direction, comparison.exit_code) == (Direction.STOPS, 1)
    assert group.shifts == (
        ("launch", (("refused 404", "refused 404"),)),
        ("latest", (("works", "refused 404"),)),
    )
    assert group.rows == ("js since 3.1.0: default version: v1",)
    assert group.fix is not None
    assert [line for edit in group.fix.edits for line in edit.after] == [
        "const ai = new GoogleGenAI({apiKey: KEY, httpOptions: {apiVersion: 'v1alpha'}})",
        "const ai = new GoogleGenAI({apiKey: token.name, httpOptions: {apiVersion: 'v1alpha'}})",
    ]
    assert (group.fix.in_both, group.fix.proven) == (True, True)
    assert [step for step, _ in group.fix.alone] == ["create", "connect"]
    assert all("404" in seen for _, seen in group.fix.alone)


def test_every_case_is_in_one_group_or_stays() -> None:
    comparison = upgrade("1.0.0", "3.1.0")
    grouped = [case for group in comparison.groups for case in {pair.case for pair in group.pairs}]
    assert len(grouped) == len(set(grouped))
    changed = {pair.case for pair in comparison.pairs if pair.direction is not Direction.SAME}
    assert set(grouped) == changed
    assert {pair.case for pair in comparison.pairs} == set(asked("1.0.0", "3.1.0"))


def asked(*names: str) -> Iterable[Case]:
    """All that is asked of one of these versions."""
    subjects = [Subject("js", name) for name in names]
    return {cell.case for cell in asking.cells(*subjects, DATES, asking.cases())} - {
        cell.case for cell in fixes.cells(CONFIGURATIONS, *subjects, DATES) if cell.case not in CONFIGURATIONS
    }


@pytest.mark.parametrize(("sdk", "since"), [("python", "1.16.1"), ("js", "1.3.0")])
def test_each_step_of_the_history_has_its_reasons_in_the_rows_that_begin_there(sdk: str, since: str) -> None:
    every = versions.edges(sdk)
    for before, after in pairwise(every[every.index(since) :]):
        comparison = upgrade(before, after, sdk=sdk)
        for group in comparison.groups:
            assert group.rows, (before, after, group.cases)
            assert {row.split(" since ")[1].split(":")[0] for row in group.rows} <= set(every)
        back = upgrade(after, before, sdk=sdk)
        there = {pair.case.slug for pair in comparison.of(Direction.STOPS)}
        assert there == {pair.case.slug for pair in back.of(Direction.STARTS)}


def test_a_fix_works_where_it_says_and_changes_no_more_than_it_must() -> None:
    before, after = Subject("js", "2.32.0"), Subject("js", "3.1.0")
    for case in CONFIGURATIONS:
        found = fixes.mended(case, before, after, DATES)
        assert found is not None
        works = [predicted.outcome(Cell(after, date, case)).label == "works" for date in DATES]
        assert (found == case) == all(works)
        assert {predicted.outcome(Cell(after, date, found)).label for date in DATES} == {"works"}


def test_a_version_without_tokens_has_no_fix() -> None:
    old = Subject("js", "1.0.0")
    assert fixes.mended(OWN, Subject("js", "2.32.0"), old, DATES) is None
    comparison = upgrade("2.32.0", "1.0.0", OWN, ["placement"])
    [group] = comparison.groups
    assert (group.direction, group.fix) == (Direction.STOPS, None)


def test_a_fix_that_measurement_contradicts_is_not_given() -> None:
    before, after = Subject("js", "2.32.0"), Subject("js", "3.1.0")
    outcomes = predicted.outcomes(asking.cells(before, after, DATES, [OWN]))
    mended = configuration("client=v1alpha", "client=v1alpha")
    broken = Cell(after, "latest", mended)
    outcomes[broken] = predicted.showing(broken, Verdict.HANGS, ends_in="connect")
    comparison = compare(before, after, split(outcomes, before, after), Own((OWN,)), [OWN])
    [group] = comparison.groups
    assert group.fix is None


def test_a_fix_that_was_not_measured_says_so() -> None:
    before, after = Subject("js", "2.32.0"), Subject("js", "3.1.0")
    asked = [Cell(subject, date, OWN) for subject in (before, after) for date in DATES]
    outcomes = predicted.outcomes(asked)
    [group] = compare(before, after, split(outcomes, before, after), Own((OWN,))).groups
    assert group.fix is not None
    assert (group.fix.in_both, group.fix.proven, group.fix.alone) == (True, False, ())


def test_the_other_side_of_a_failure_is_a_change() -> None:
    own = configuration("none", "session=v1beta")  # refused at connect; from 3.1.0 on at create already
    comparison = upgrade("2.32.0", "3.1.0", own, ["placement"])
    [group] = comparison.groups
    assert group.direction is Direction.FAILS_OTHERWISE
    assert {pair.moved for pair in group.pairs} == {"", "connect → create"}


def test_a_difference_in_many_places_has_the_reason_that_all_of_them_have() -> None:
    before, after = Subject("python", "1.16.1"), Subject("python", "3.4.0")
    cells = asking.cells(before, after, DATES, asking.cases(["turn", "handshake"]))
    mine, theirs = split(predicted.outcomes(cells), before, after)
    warned = {cell: warning(one, "mind the gap") for cell, one in theirs.items()}
    comparison = compare(before, after, (mine, warned))
    [block] = [one for one in comparison.blocks if [d.after for d in one.differences] == ["mind the gap"]]
    assert block.everywhere
    assert block.rows == ("python since 1.26.0: key credential: x-goog-api-key",)


def warning(outcome: Outcome, text: str) -> Outcome:
    """The same with a warning more."""
    assert outcome.observation is not None
    steps = tuple(
        (step, replace(seen, warnings=(*seen.warnings, text))) for step, seen in outcome.observation.steps
    )
    return replace(outcome, observation=replace(outcome.observation, steps=steps))


def test_what_is_not_measured_is_never_green() -> None:
    before, after = Subject("js", "2.30.0"), Subject("js", "2.32.0")
    cells = [Cell(subject, "latest", OWN) for subject in (before, after)]
    sides = ({cells[0]: predicted.outcome(cells[0])}, {cells[1]: predicted.broken(cells[1])})
    assert sides[1][cells[1]].status is Status.BROKEN
    comparison = compare(before, after, sides)
    assert (comparison.exit_code, comparison.groups) == (2, ())
    assert [pair.direction for pair in comparison.pairs] == [Direction.NOT_MEASURED]


def test_something_that_stops_counts_more_than_something_that_was_not_measured() -> None:
    before, after = Subject("js", "2.32.0"), Subject("js", "3.1.0")
    cells = {date: [Cell(subject, date, OWN) for subject in (before, after)] for date in DATES}
    sides = (
        {one[0]: predicted.outcome(one[0]) for one in cells.values()},
        {
            cells["launch"][1]: predicted.broken(cells["launch"][1]),
            cells["latest"][1]: predicted.outcome(cells["latest"][1]),
        },
    )
    assert compare(before, after, sides).exit_code == 1


def test_a_behaviour_that_a_version_lacks_is_absent_there() -> None:
    comparison = upgrade("1.2.0", "1.3.0", topics=["rest"])
    missing = [pair for pair in comparison.pairs if pair.before is None]
    assert missing
    assert {pair.labels[0] for pair in missing} == {"absent"}
    assert all(isinstance(pair.case, Behaviour) for pair in missing)
