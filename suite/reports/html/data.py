"""A run as the page holds it: everything that cells share once, and for each row which cell is of which kind.

``grid`` has a row for each SDK, service date and case: ``[sdk, date, case, [kind, how many versions, …]]``,
-1 for versions without that cell. A kind is all that a cell is besides where it stands: ``[status, verdict,
label, signature, reason, fix, differences, observed, predicted, predicted label]``. Neighbouring versions
mostly are of one kind. Signatures differ where the label, a request, an error's class or a warning does.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

from packaging.version import InvalidVersion, Version

from ...calls import calls_of
from ...cases import CASES
from ...model import NEAR, SIDES, Behaviour, Cell, Configuration, Probe
from ...same import Same
from ...sdks import SDKS
from ...snippets import code_in
from .sides import Pool, Sides, written

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ...model import Case, Outcome, Subject
    from ..run import Run

#: The topic whose cases are about base URLs themselves.
_PLACES: Final = "base-url"
_FALLBACK: Final = SDKS["reference"]


def data(run: Run) -> dict[str, Any]:
    """Everything the page shows, as JSON."""
    return _Page(run.outcomes).document() | {
        "about": run.about,
        "seconds": round(run.seconds, 1),
        "counts": {status.value: count for status, count in run.counts.items()},
        "findings": len(run.findings),
    }


class _Page:
    def __init__(self, outcomes: Sequence[Outcome]) -> None:
        self._same = Same()
        self._sides = Sides(self._same)
        self._texts, self._kinds, self._signatures, self._fixes = Pool(), Pool(), Pool(), Pool()
        self._told: dict[str, int] = {}
        self._subjects = _by_sdk({outcome.cell.subject for outcome in outcomes})
        self._cases = _cases(outcomes)
        self._dates = tuple(dict.fromkeys(outcome.cell.service_date for outcome in outcomes))
        self._cells = {outcome.cell: self._kind(outcome) for outcome in outcomes}

    def document(self) -> dict[str, Any]:
        grid = self._grid()
        return {
            "dates": list(self._dates),
            "sdks": [_sdk(name, subjects) for name, subjects in self._subjects.items()],
            "cases": [_case(case) for case in self._cases],
            "grid": grid,
            "kinds": self._kinds.entries,
            "seen": self._sides.seen.entries,
            "expected": self._sides.expected.entries,
            "texts": self._texts.entries,
            "fixes": self._fixes.entries,
            "facts": self._sides.facts,
            "code": self._code(),
        }

    def _grid(self) -> list[list[Any]]:
        rows = []
        for sdk, subjects in enumerate(self._subjects.values()):
            for date, day in enumerate(self._dates):
                for number, case in enumerate(self._cases):
                    kinds = [self._cells.get(Cell(subject, day, case), -1) for subject in subjects]
                    if any(kind >= 0 for kind in kinds):
                        rows.append([sdk, date, number, _runs(kinds)])
        return rows

    def _kind(self, outcome: Outcome) -> int:
        seen = outcome.observation
        label = outcome.label
        observed = self._observed(outcome)
        signature: list[Any] = [label]
        for _, part in seen.steps if seen is not None else ():
            warnings = sorted(map(self._same, part.warnings))
            wires = [(w.method, w.version, w.placement, w.status, w.close) for w in part.wire]
            signature.append([wires, (part.error or {}).get("class"), warnings])
        return self._kinds.place(
            [
                outcome.status.value,
                seen.verdict.value if seen is not None else None,
                label,
                self._signatures.place(signature),
                self._text(outcome.reason),
                self._fix(outcome.fix),
                [self._text(text) for text in outcome.differences],
                observed,
                [[step, self._sides.implied(part)] for step, part in outcome.prediction.steps],
                outcome.prediction.label,
            ]
        )

    def _observed(self, outcome: Outcome) -> list[list[Any]] | None:
        if outcome.observation is None:
            return None
        language, places = _language(outcome.cell.subject.sdk), outcome.cell.case.topic == _PLACES
        return [
            [step, self._sides.observed(part, language, places=places)]
            for step, part in outcome.observation.steps
        ]

    def _text(self, text: str) -> int:
        return self._texts.place(self._same(text))

    def _fix(self, fix: str) -> int:
        if fix not in self._told:
            self._told[fix] = self._fixes.place(list(code_in(fix)))
        return self._told[fix]

    def _code(self) -> dict[str, dict[str, Any]]:
        """What an application writes, by language: each side of the placements, and each behaviour."""
        found: dict[str, dict[str, Any]] = {}
        for language in dict.fromkeys(map(_language, self._subjects)):
            sides: dict[str, dict[str, str]] = {step: {} for step in SIDES}
            behaviours: dict[str, str] = {}
            for case in self._cases:
                for probe in _probes(case):
                    text = written(language, calls_of(probe), places=case.topic == _PLACES)
                    if isinstance(case, Configuration):
                        sides[probe.step][case.placement(probe.step).slug(NEAR[probe.step])] = text
                    else:
                        behaviours[case.slug] = text
            found[language] = {**sides, "cases": behaviours}
        return found


def _probes(case: Case) -> tuple[Probe, ...]:
    if isinstance(case, Behaviour):
        return (Probe("", case.step, case),)
    return tuple(Probe("", step, case.placement(step)) for step in SIDES)


def _runs(kinds: Iterable[int]) -> list[int]:
    """Runs of the same kind: the kind, how many, the next kind …"""
    runs: list[int] = []
    for kind in kinds:
        if runs and runs[-2] == kind:
            runs[-1] += 1
        else:
            runs += [kind, 1]
    return runs


def _by_sdk(subjects: Iterable[Subject]) -> dict[str, list[Subject]]:
    """The versions of each SDK, oldest first, in the order of the SDKs."""
    found: dict[str, list[Subject]] = defaultdict(list)
    for subject in sorted(subjects, key=_age):
        found[subject.sdk].append(subject)
    return {name: found[name] for name in (*SDKS, *found) if name in found}


def _age(subject: Subject) -> tuple[bool, Version, str]:
    """Versions in order; what is no version, such as a build's name, comes last."""
    try:
        return False, Version(subject.version), subject.source
    except InvalidVersion:
        return True, Version("0"), subject.version


def _cases(outcomes: Iterable[Outcome]) -> list[Case]:
    """The cases in their usual order; such as this version of the tool does not know come last."""
    found = dict.fromkeys(outcome.cell.case for outcome in outcomes)
    return [case for case in dict.fromkeys((*CASES, *found)) if case in found]


def _language(sdk: str) -> str:
    return SDKS.get(sdk, _FALLBACK).language


def _sdk(name: str, subjects: Sequence[Subject]) -> dict[str, Any]:
    sdk = SDKS.get(name, _FALLBACK)
    return {
        "name": name,
        "title": sdk.shown,
        "package": sdk.package,
        "language": sdk.language,
        "versions": [subject.shown for subject in subjects],
        "ids": {place: str(subject) for place, subject in enumerate(subjects) if subject.source},
    }


def _case(case: Case) -> dict[str, str]:
    if isinstance(case, Configuration):
        slugs: dict[str, str] = {step: case.placement(step).slug(NEAR[step]) for step in SIDES}
        return {"slug": case.slug, "topic": case.topic, "title": "", **slugs}
    return {"slug": case.slug, "topic": case.topic, "title": case.title}
