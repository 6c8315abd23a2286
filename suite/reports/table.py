"""The matrix as a table for people: a row for configurations that behave alike, a column for each version.

Rows are merged where every version shows the same, and only as a whole rectangle of placements (each of these
on the one side with each of those on the other), so that a merged row says exactly what its cells say.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..model import FINDINGS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..model import Configuration, Outcome, Subject


@dataclass(frozen=True, slots=True)
class TableCell:
    """What one version shows in one row; ``note`` is the number of the explanation, 0 for none."""

    label: str
    note: int
    finding: bool


@dataclass(frozen=True, slots=True)
class Row:
    """Configurations that behave alike: every placement of ``create`` with every one of ``connect``."""

    create: tuple[str, ...]
    connect: tuple[str, ...]
    cells: tuple[TableCell, ...]
    #: These are all the placements of ``connect`` that were tried with each of ``create``.
    whole: bool = False

    @property
    def connect_shown(self) -> tuple[str, ...]:
        """``anything`` in place of a long list that is all there is."""
        return ("anything",) if self.whole and len(self.connect) > 1 else self.connect


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
    """One SDK on one service date."""

    sdk: str
    service_date: str
    versions: tuple[str, ...]
    rows: tuple[Row, ...]
    notes: tuple[Note, ...]


def tables(outcomes: Sequence[Outcome]) -> list[Table]:
    """A table for each service date and SDK, in the order in which they appear."""
    groups: dict[tuple[str, str], list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        groups[outcome.cell.service_date, outcome.cell.subject.sdk].append(outcome)
    return [_table(sdk, date, group) for (date, sdk), group in groups.items()]


def _table(sdk: str, service_date: str, outcomes: list[Outcome]) -> Table:
    subjects = tuple(dict.fromkeys(outcome.cell.subject for outcome in outcomes))
    by_cell = {(o.cell.configuration, o.cell.subject): o for o in outcomes}
    notes = _Notes()
    shown = {
        configuration: tuple(_cell(by_cell.get((configuration, subject)), notes) for subject in subjects)
        for configuration in dict.fromkeys(o.cell.configuration for o in outcomes)
    }
    return Table(sdk, service_date, tuple(s.version for s in subjects), _merged(shown), notes.all(subjects))


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
        self._effects[number][effect].add(outcome.cell.subject.version)
        return number

    def all(self, subjects: Sequence[Subject]) -> tuple[Note, ...]:
        return tuple(
            Note(number, cause, self._told(number, subjects), fix)
            for (cause, fix), number in self._numbers.items()
        )

    def _told(self, number: int, subjects: Sequence[Subject]) -> tuple[tuple[tuple[str, ...], str], ...]:
        return tuple(
            (tuple(subject.version for subject in subjects if subject.version in those), effect)
            for effect, those in self._effects[number].items()
        )


def _cell(outcome: Outcome | None, notes: _Notes) -> TableCell:
    if outcome is None:
        return TableCell("", 0, finding=False)
    finding = outcome.status in FINDINGS
    text = f"{outcome.status.value}: {outcome.label}" if finding else outcome.label
    return TableCell(text, notes.number(outcome), finding)


def _merged(shown: dict[Configuration, tuple[TableCell, ...]]) -> tuple[Row, ...]:
    tried = Counter(configuration.create.slug("call") for configuration in shown)
    alike: dict[tuple[TableCell, ...], dict[str, list[str]]] = {}
    for configuration, cells in shown.items():
        connects = alike.setdefault(cells, {})
        connects.setdefault(configuration.create.slug("call"), []).append(
            configuration.connect.slug("session")
        )
    rows = []
    for cells, by_create in alike.items():
        rectangles: dict[tuple[str, ...], list[str]] = {}
        for create, several in by_create.items():
            rectangles.setdefault(tuple(several), []).append(create)
        rows += [
            Row(tuple(creates), those, cells, all(len(those) == tried[create] for create in creates))
            for those, creates in rectangles.items()
        ]
    return tuple(rows)


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
