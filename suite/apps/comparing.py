"""Two runs of a program side by side: whether it stops, what crossed the wire otherwise, what mends it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from mockserver import API_VERSIONS

from ..history import answer
from ..model import SIDES, Configuration, Placement
from ..upgrade import fixes
from ..upgrade.exchanges import compared, exchanges
from ..upgrade.model import Direction
from ..wire import connections

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mockserver import Entry

    from ..model import Change, Step, Subject
    from ..upgrade.exchanges import Exchange
    from ..upgrade.model import Difference, Fix
    from .model import Run

#: What each side of a configuration asks of the service.
_METHODS: Final[dict[Step, str]] = {
    "create": "auth_tokens.create",
    "connect": "BidiGenerateContentConstrained",
}
_DEFAULT: Final = "default version"
#: As SDKs name themselves in their requests.
_SDK: Final = re.compile(r"\bgoogle-genai-sdk/([\w.+-]+)")


@dataclass(frozen=True, slots=True)
class Comparison:
    """A program with two versions.

    Attributes:
        subjects: the SDK before and after.
        date: the service date.
        runs: what became of it with each.
        troubles: why one of them says nothing; empty where both do.
        differences: what crossed the wire otherwise.
        refusals: what the service refuses after, and did not before; each reason once.
        rows: the rows of the history that say why.
        fix: what mends it, where that is known.
        proofs: runs in which a hook makes the fix: with the new version, and with the old if it is for both.
    """

    subjects: tuple[Subject, Subject]
    date: str
    runs: tuple[Run, Run]
    troubles: tuple[str, ...] = ()
    differences: tuple[Difference, ...] = ()
    refusals: tuple[Entry, ...] = ()
    rows: tuple[str, ...] = ()
    fix: Fix | None = None
    proofs: tuple[Run, ...] = ()

    @property
    def direction(self) -> Direction:
        """What becomes of it."""
        before, after = self.runs
        if self.troubles:
            return Direction.NOT_MEASURED
        if before.works and (not after.works or self.refusals):
            return Direction.STOPS
        if before.works:
            return Direction.SAME
        return Direction.STARTS if after.works else Direction.FAILS_OTHERWISE

    @property
    def exit_code(self) -> int:
        """1: it stops; 2: nothing can be said of it, as it does not work before either; 0: it goes on."""
        return {
            Direction.STOPS: 1,
            Direction.NOT_MEASURED: 2,
            Direction.FAILS_OTHERWISE: 2,
        }.get(self.direction, 0)


def compare(subjects: tuple[Subject, Subject], date: str, runs: tuple[Run, Run]) -> Comparison:
    """Two runs; the fix as the tables have it."""
    troubles = tuple(trouble for run in runs if (trouble := trouble_of(run)))
    sides = (exchanges(runs[0].entries), exchanges(runs[1].entries))
    found = Comparison(
        subjects, date, runs, troubles, compared(*sides), refused_anew(runs[0].entries, runs[1].entries)
    )
    if found.direction is not Direction.STOPS:
        return found
    own = configuration(subjects, sides)
    if own is None:
        return found
    fix = fixes.of_configuration(own, *subjects, [date], {})
    asked = {exchange.wire.method for exchange in sides[0]}
    edits = tuple(edit for edit in fix.edits if _METHODS[edit.step] in asked) if fix is not None else ()
    if fix is None or not edits:
        return found
    defaults = [row.told for row in map(_default, subjects) if row is not None]
    moved = any(edit.given == Placement() for edit in edits) and len(set(defaults)) > 1
    return replace(found, fix=replace(fix, edits=edits), rows=tuple(defaults[1:]) if moved else ())


def trouble_of(run: Run) -> str:
    """Why a run says nothing of its version; empty where it does."""
    if not run.entries:
        return (
            f"with {run.variant.shown} nothing reached the mock, and the command ended with {run.label}: "
            "expected requests of the SDK; run a command that makes some"
        )
    told = {found[1] for entry in run.entries if (found := _SDK.search(entry.client))}
    if not told:
        return (
            f"with {run.variant.shown} none of {calls(run)} requests is of an SDK: expected some; run a "
            "command that uses the SDK"
        )
    if run.variant.version not in told:
        return (
            f"with {run.variant.shown} the requests came from {', '.join(sorted(told))}: the command does "
            "not take the SDK from where it was put; run it without what bundles the SDK or names another "
            "interpreter, or give two lock files with --lock"
        )
    return ""


def refused_anew(before: Sequence[Entry], after: Sequence[Entry]) -> tuple[Entry, ...]:
    """The refusals after, for reasons that there were none for before; each once."""
    known = {entry.fact for entry in before if entry.kind == "refusal"}
    fresh = {entry.fact: entry for entry in after if entry.kind == "refusal" and entry.fact not in known}
    return tuple(fresh.values())


def configuration(
    subjects: tuple[Subject, Subject], sides: tuple[Sequence[Exchange], Sequence[Exchange]]
) -> Configuration | None:
    """Where a program sets the API version, as far as the wire tells; None where it does not use tokens.

    What is the default of each version was set nowhere; else it was set, and is taken to be on the client.
    """
    placements = {step: _placement(step, subjects, sides) for step in SIDES}
    if all(placement is None for placement in placements.values()):
        return None
    return Configuration(**{step: one or Placement() for step, one in placements.items()})


def _placement(
    step: Step, subjects: tuple[Subject, Subject], sides: tuple[Sequence[Exchange], Sequence[Exchange]]
) -> Placement | None:
    seen = False
    for subject, side in zip(subjects, sides, strict=True):
        used = [exchange.wire.version for exchange in side if exchange.wire.method == _METHODS[step]]
        row = _default(subject)
        if used and (row is None or used[0] != row.answer):
            return Placement(client=used[0])
        seen = seen or bool(used)
    return Placement() if seen else None


def _default(subject: Subject) -> Change | None:
    return answer(subject.sdk, subject.version, _DEFAULT)


def calls(run: Run) -> int:
    """How many requests and sockets there were."""
    return len(connections(run.entries))


def version_of(fix: Fix) -> str:
    """The one API version that a fix sets on every side; empty where these are several."""
    found = {version for edit in fix.edits for line in edit.after for version in _named(line)}
    return found.pop() if len(found) == 1 else ""


def _named(line: str) -> list[str]:
    return [version for version in API_VERSIONS if re.search(rf"['\"]{version}['\"]", line)]


def proven(comparison: Comparison, proofs: tuple[Run, ...]) -> Comparison:
    """With runs in which a hook made the fix: with the new version, then with the old if it is for both."""
    assert comparison.fix is not None
    works = [run.works and not refused_anew(comparison.runs[0].entries, run.entries) for run in proofs]
    fix = replace(comparison.fix, proven=works[0], in_both=comparison.fix.in_both and all(works))
    return replace(comparison, fix=fix, proofs=proofs)
