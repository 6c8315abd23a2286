"""Bisect on the tables: each recorded change is found where its row begins, and what is odd is said."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from packaging.version import Version

from suite import history, versions
from suite.cases import BEHAVIOURS
from suite.explain.cells import configuration
from suite.model import Subject, Verdict
from suite.upgrade import asking, bisected, search
from suite.upgrade.bisecting import Bisecting

from . import predicted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from suite.model import Case, Cell, Outcome
    from suite.upgrade.bisecting import Asked, Bisection

OWN = configuration("none", "none")
SLUGS = {behaviour.slug: behaviour for behaviour in BEHAVIOURS}


def bisect(
    case: Case, before: str, after: str, root: Path, *, ask: Any = predicted.measure, **more: Any
) -> Bisection:
    """Bisect js at the latest service date."""
    ends = (asking.subject("js", before), asking.subject("js", after))
    by = more.pop("by", None)
    run = Bisecting(case, "latest", root, ask=ask, **more)
    return asyncio.run(run.run(asking.line(*ends), by))


@pytest.mark.parametrize(
    ("case", "before", "after", "found"),
    [
        (OWN, "2.20.0", "latest", "3.1.0"),
        (SLUGS["handshake:404"], "1.0.0", "latest", "3.1.0"),
        (SLUGS["setup:1011"], "1.0.0", "2.32.0", "2.11.0"),
        (SLUGS["api:audio"], "0.2.0", "latest", "0.10.0"),
    ],
)
def test_a_recorded_change_is_found_where_its_row_begins(
    case: Case, before: str, after: str, found: str, tmp_path: Path
) -> None:
    told: list[Asked] = []
    bisection = bisect(case, before, after, tmp_path, tell=told.append)
    assert bisection.boundary is not None
    neighbours = versions.published("js")
    assert bisection.boundary[1].subject.version == found
    assert bisection.boundary[0].subject.version == neighbours[neighbours.index(found) - 1]
    assert (bisection.exit_code, bisection.others, bisection.between) == (0, False, ())
    assert sorted(one.subject.version for one in told) == sorted(
        one.subject.version for one in bisection.steps
    )
    assert len(told) <= 2 + bisection.versions.bit_length()
    assert bisection.change is not None
    [group] = bisection.change.groups
    assert {history.CHANGES[0].sdk, "js"} & {row.split(" ")[0] for row in group.rows}
    assert all(f" since {found}: " in row for row in group.rows)


def test_several_changes_are_said_to_be_there(tmp_path: Path) -> None:
    bisection = bisect(OWN, "1.0.0", "latest", tmp_path)
    assert bisection.boundary is not None
    assert [one.label for one in bisection.boundary] == ["absent", "works"]
    assert bisection.others
    shown = bisected.of(bisection)
    assert any("There are more changes" in part.text for part in shown.parts)
    assert any("--from 1.3.0 --to 3.3.0" in part.text for part in shown.parts if part.kind == "code")


def test_ends_that_agree_have_nothing_to_find(tmp_path: Path) -> None:
    bisection = bisect(OWN, "2.0.0", "2.5.0", tmp_path)
    assert (bisection.boundary, bisection.exit_code, len(bisection.steps)) == (None, 2, 2)
    assert "agree" in bisected.answer(bisection)


def test_on_the_way_back_it_is_the_same_change(tmp_path: Path) -> None:
    bisection = bisect(OWN, "latest", "2.32.0", tmp_path)
    assert bisection.boundary is not None
    assert bisection.boundary[0].subject.version == "3.1.0"


def failing(*bad: str) -> Any:
    """A measurement in which some versions cannot be installed."""

    async def measure(cells: Sequence[Cell], *_: Any) -> Mapping[Cell, Outcome]:
        return {
            cell: predicted.broken(cell) if cell.subject.version in bad else predicted.outcome(cell)
            for cell in cells
        }

    return measure


def test_what_cannot_be_installed_is_skipped_with_a_word(tmp_path: Path) -> None:
    neighbours = versions.published("js")
    bad = neighbours[neighbours.index("3.1.0") - 1]
    bisection = bisect(OWN, "2.20.0", "latest", tmp_path, ask=failing(bad))
    assert [subject.version for subject in bisection.between] == [bad]
    [skipped] = [one for one in bisection.steps if one.why]
    assert (skipped.subject.version, skipped.like, skipped.why) == (bad, search.UNKNOWN, "no network")
    assert any(bad in part.text for part in bisected.of(bisection).parts if part.kind == "text")


def test_an_end_that_cannot_be_installed_ends_it(tmp_path: Path) -> None:
    bisection = bisect(OWN, "2.32.0", "3.1.0", tmp_path, ask=failing("3.1.0"))
    assert (bisection.boundary, bisection.exit_code) == (None, 2)
    assert "js==3.1.0 could not be measured: no network" in bisected.answer(bisection)


def test_a_version_that_is_known_to_be_broken_is_not_even_tried(tmp_path: Path) -> None:
    asked: list[str] = []

    async def measure(cells: Sequence[Cell], *_: Any) -> Mapping[Cell, Outcome]:
        asked.extend(cell.subject.version for cell in cells)
        return predicted.outcomes(cells)

    case = SLUGS["api:audio"]
    every = [Subject("js", version) for version in ("0.4.0", "0.5.0", "0.10.0")]
    bisection = asyncio.run(Bisecting(case, "latest", tmp_path, ask=measure).run(every))
    assert "0.5.0" not in asked
    [skipped] = [one for one in bisection.steps if one.why]
    assert skipped.why.startswith("KNOWN: published without its dist folder")
    assert [subject.version for subject in bisection.between] == ["0.5.0"]


def test_by_says_what_is_followed(tmp_path: Path) -> None:
    async def measure(cells: Sequence[Cell], *_: Any) -> Mapping[Cell, Outcome]:
        return {
            cell: predicted.showing(
                cell,
                Verdict.REFUSED,
                error={
                    "class": "Error",
                    "message": f"text {Version(cell.subject.version) >= Version('2.20.0')}",
                },
            )
            for cell in cells
        }

    bisection = bisect(OWN, "2.10.0", "2.30.0", tmp_path, ask=measure)
    assert bisection.by == "application"
    assert bisection.boundary is not None
    assert bisection.boundary[1].subject.version == "2.20.0"
    agreeing = bisect(OWN, "2.10.0", "2.30.0", tmp_path, ask=measure, by="verdict")
    assert (agreeing.boundary, agreeing.exit_code) == (None, 2)
    assert "agree in the verdict" in bisected.answer(agreeing)


def test_one_version_is_no_line() -> None:
    with pytest.raises(ValueError, match=r"both ends are js==2\.10\.0"):
        asking.line(Subject("js", "2.10.0"), Subject("js", "2.10.0"))
