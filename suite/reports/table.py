"""The matrix as tables for people: a row for cases that behave alike, a column for versions that do.

Rows are merged where every version shows the same, and only as a whole rectangle of placements (each of these
on the one side with each of those on the other), so that a merged row says exactly what its cells say.
Neighbouring versions that show the same in every row are one column.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Final

from ..model import FINDINGS, Configuration, Status
from ..sdks import SDKS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..model import Case, Outcome, Subject

#: What the rows of a table are called: those of configurations, those of behaviours.
PLACEMENT_HEADS: Final = ("API version at create", "at connect")
BEHAVIOUR_HEADS: Final = ("behaviour",)


@dataclass(frozen=True, slots=True)
class TableCell:
    """What one version shows in one row; ``note`` is the number of the explanation, 0 for none."""

    label: str
    note: int
    finding: bool


@dataclass(frozen=True, slots=True)
class Row:
    """Cases that behave alike: a list of lines under each head, and a cell for each column.

    For configurations: every placement of the first with every one of the second.
    """

    heads: tuple[tuple[str, ...], ...]
    cells: tuple[TableCell, ...]


@dataclass(frozen=True, slots=True)
class Note:
    """Why, what the application of which versions sees of it, and what to change."""

    number: int
    cause: str
    effects: tuple[tuple[tuple[str, ...], str], ...]
    fix: str

    def text(self, versions: Sequence[str]) -> str:
        """The sentence, with versions as ranges of all ``versions`` of the table."""
        if len(versions) == 1:
            return ". ".join(filter(None, (self.cause, self.effects[0][1])))
        told = (": ".join(filter(None, (span(those, versions), effect))) for those, effect in self.effects)
        return f"{self.cause}. {'; '.join(told)}"


@dataclass(frozen=True, slots=True)
class Table:
    """One SDK on one service date: its configurations, or its behaviours."""

    sdk: str
    #: None for behaviours, which are about the SDK alone.
    service_date: str | None
    heads: tuple[str, ...]
    #: Every version, and the columns they make.
    versions: tuple[str, ...]
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    notes: tuple[Note, ...]

    @property
    def title(self) -> str:
        """What it is about."""
        about = f"service date {self.service_date}" if self.service_date else "behaviour"
        return f"{SDKS[self.sdk].shown}, {about}"


def tables(outcomes: Sequence[Outcome]) -> list[Table]:
    """A table for each service date and SDK, in the order in which they appear; behaviours last."""
    groups: dict[tuple[str | None, str], list[Outcome]] = defaultdict(list)
    for placed in (True, False):
        for outcome in outcomes:
            cell = outcome.cell
            if isinstance(cell.case, Configuration) is placed:
                groups[cell.service_date if placed else None, cell.subject.sdk].append(outcome)
    return [_table(sdk, date, group) for (date, sdk), group in groups.items()]


def _table(sdk: str, service_date: str | None, outcomes: list[Outcome]) -> Table:
    subjects = tuple(dict.fromkeys(outcome.cell.subject for outcome in outcomes))
    by_cell = {(o.cell.case, o.cell.subject): o for o in outcomes}
    notes = _Notes()
    shown = {
        case: tuple(_cell(by_cell.get((case, subject)), notes) for subject in subjects)
        for case in dict.fromkeys(o.cell.case for o in outcomes)
    }
    versions = tuple(subject.shown for subject in subjects)
    columns = _alike(versions, list(zip(*shown.values(), strict=True)))
    first = [versions.index(column[0]) for column in columns]
    chosen = {case: tuple(cells[n] for n in first) for case, cells in shown.items()}
    return Table(
        sdk,
        service_date,
        PLACEMENT_HEADS if service_date else BEHAVIOUR_HEADS,
        versions,
        tuple(column[0] if len(column) == 1 else f"{column[0]} … {column[-1]}" for column in columns),
        placement_rows(chosen) if service_date else _behaviours(chosen),
        notes.all(subjects),
    )


def _alike(versions: Sequence[str], shown: list[tuple[TableCell, ...]]) -> list[list[str]]:
    """Neighbouring versions that show the same in every row."""
    return [
        [v for v, _ in group]
        for _, group in groupby(zip(versions, shown, strict=True), key=lambda one: one[1])
    ]


class _Notes:
    """Numbers explanations as they first appear."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[str, str], int] = {}
        self._effects: dict[int, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))

    def number(self, outcome: Outcome) -> int:
        if outcome.label == "works" and outcome.status not in FINDINGS:
            return 0
        told = outcome.prediction.advice
        cause, effect = (outcome.reason, "") if outcome.status in FINDINGS else (told.cause, told.effect)
        number = self._numbers.setdefault((cause, outcome.fix), len(self._numbers) + 1)
        self._effects[number][effect].add(outcome.cell.subject.shown)
        return number

    def all(self, subjects: Sequence[Subject]) -> tuple[Note, ...]:
        return tuple(
            Note(number, cause, self._told(number, subjects), fix)
            for (cause, fix), number in self._numbers.items()
        )

    def _told(self, number: int, subjects: Sequence[Subject]) -> tuple[tuple[tuple[str, ...], str], ...]:
        return tuple(
            (tuple(v for v in (s.shown for s in subjects) if v in those), effect)
            for effect, those in self._effects[number].items()
        )


def _cell(outcome: Outcome | None, notes: _Notes) -> TableCell:
    if outcome is None:
        return TableCell("", 0, finding=False)
    finding = outcome.status in FINDINGS
    passed = outcome.status is Status.PASS
    text = outcome.label if passed else f"{outcome.status.value}: {outcome.label}"
    return TableCell(text, notes.number(outcome), finding)


def _behaviours(shown: dict[Case, tuple[TableCell, ...]]) -> tuple[Row, ...]:
    """Behaviours of one topic that show the same are one row."""
    alike: dict[tuple[str, tuple[TableCell, ...]], list[str]] = defaultdict(list)
    for behaviour, cells in shown.items():
        alike[behaviour.topic, cells].append(behaviour.slug)
    return tuple(Row((tuple(slugs),), cells) for (_, cells), slugs in alike.items())


def placement_rows(shown: Mapping[Case, tuple[TableCell, ...]]) -> tuple[Row, ...]:
    """Configurations that show the same, as whole rectangles of placements."""
    configurations = {case: cells for case, cells in shown.items() if isinstance(case, Configuration)}
    tried = Counter(configuration.create.slug("call") for configuration in configurations)
    alike: dict[tuple[TableCell, ...], dict[str, list[str]]] = {}
    for configuration, cells in configurations.items():
        connects = alike.setdefault(cells, {})
        connects.setdefault(configuration.create.slug("call"), []).append(
            configuration.connect.slug("session")
        )
    rows = []
    for cells, by_create in alike.items():
        rectangles: dict[tuple[str, ...], list[str]] = {}
        for create, several in by_create.items():
            rectangles.setdefault(tuple(several), []).append(create)
        for those, creates in rectangles.items():
            whole = all(len(those) == tried[create] for create in creates)
            rows.append(Row((tuple(creates), _all_there_is(those, whole=whole)), cells))
    return tuple(rows)


def _all_there_is(placements: tuple[str, ...], *, whole: bool) -> tuple[str, ...]:
    """``anything`` in place of a long list that is all there is."""
    return ("anything",) if whole and len(placements) > 1 else placements


def span(versions: Sequence[str], all_versions: Sequence[str]) -> str:
    """Versions as a person says them: neighbours joined to ranges, ``all`` where it is all."""
    if set(versions) == set(all_versions):
        return "all versions"
    runs: list[list[str]] = []
    for position, version in enumerate(all_versions):
        if version in versions:
            if runs and position and all_versions[position - 1] == runs[-1][-1]:
                runs[-1].append(version)
            else:
                runs.append([version])
    return ", ".join(run[0] if len(run) == 1 else f"{run[0]} … {run[-1]}" for run in runs)
