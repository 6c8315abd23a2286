"""A program with two versions, as its owner reads it: whether it stops, why, and the lines that mend it."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, Any, Final

from mockserver import FACTS, service_date

from ..explain.evidence import chain
from ..prose import Part, Telling
from ..reports.secrets import hidden
from ..same import Same
from ..sdks import SDKS
from ..upgrade.model import NOBODYS, Direction
from ..upgrade.remedies import edits
from .comparing import calls

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..upgrade.model import Difference, Own
    from .comparing import Comparison
    from .model import Run

#: Of what the command printed, so many lines are shown; JSON has all that was kept.
_LINES: Final = 12
_ERRORS: Final = 3
_ERROR: Final = re.compile(r"(?:\b|_)\w*(?:error|exception)\b\W*:", re.IGNORECASE)
_SHOWN: Final = 12
_COLOURS: Final = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_STYLE: Final = {0: "bold green", 1: "bold red", 2: "bold yellow"}
_SUMMARY: Final = {
    Direction.STOPS: "it stops working",
    Direction.STARTS: "it starts working",
    Direction.SAME: "it goes on working",
    Direction.FAILS_OTHERWISE: "it works with neither: make it work with the one you have, then ask again",
    Direction.NOT_MEASURED: "not measured",
}


def of(comparison: Comparison, own: Own = NOBODYS) -> Telling:
    """Everything; secrets hidden. ``own`` is what is seen in the program's source."""
    parts = [*_head(comparison), *_runs(comparison.runs)]
    if comparison.troubles:
        parts += [Part("text", trouble, depth=1, style="yellow") for trouble in comparison.troubles]
        parts += _printed(next((run for run in comparison.runs if not run.works), comparison.runs[1]))
    elif comparison.direction is Direction.STOPS:
        parts += _stops(comparison, own)
    parts += _wire(comparison)
    return hidden(Telling(tuple(parts), data(comparison, own)))


def _head(comparison: Comparison) -> list[Part]:
    before, after = comparison.runs
    sdk = SDKS[comparison.subjects[0].sdk]
    command = shlex.join(after.command)
    when = (
        f"{comparison.date} ({service_date(comparison.date)})"
        if "-" not in comparison.date
        else comparison.date
    )
    return [
        Part(
            "head",
            f"{command} with {sdk.shown}: {before.variant.shown} → {after.variant.shown}",
            style=_STYLE[comparison.exit_code],
        ),
        Part("text", summary(comparison)),
        Part("small", f"against the mock at service date {when}"),
    ]


def summary(comparison: Comparison) -> str:
    """One sentence."""
    before, after = comparison.runs
    said = _SUMMARY[comparison.direction]
    if comparison.direction is Direction.STOPS and after.works:
        said += ", though the command does not say so: the service refuses what it let in before"
    labels = before.label if before.label == after.label else f"{before.label} → {after.label}"
    return f"{said} ({labels})"


def _runs(runs: Sequence[Run]) -> list[Part]:
    parts = []
    for run in runs:
        count = calls(run)
        told = f"{run.label} after {run.seconds:.1f} s, {count} request{'' if count == 1 else 's'}"
        parts.append(Part("row", told, run.variant.shown, 1, "" if run.works else "red"))
        parts += [Part("small", note, "", 1) for note in run.variant.notes]
    return parts


# -- what stops -------------------------------------------------------------------------------------------


def _stops(comparison: Comparison, own: Own) -> list[Part]:
    before, after = comparison.subjects
    parts = [Part("head", "Stops working", style="bold red")]
    parts += [Part("row", difference.told, difference.aspect, 2) for difference in _first(comparison)]
    if not comparison.runs[1].works:
        parts += _printed(comparison.runs[1])
    parts += _because(comparison)
    if comparison.fix is None:
        return [*parts, *_hints(comparison)]
    return [*parts, *edits(comparison.fix, before, after, own), *_proof(comparison)]


def _first(comparison: Comparison) -> list[Difference]:
    """What of the wire decides: what is asked for, and what is answered."""
    deciding = ("API version", "answer", "requests")
    return [one for one in comparison.differences if one.aspect in deciding][:_SHOWN]


def _printed(run: Run) -> list[Part]:
    lines = [line.rstrip() for line in Same()(plain(run.output)).splitlines() if line.strip()]
    if not lines:
        return [Part("row", "nothing", "it prints", 2)]
    end = lines[-_LINES:]
    errors = [line for line in dict.fromkeys(lines[:-_LINES]) if _ERROR.search(line)][-_ERRORS:]
    shown = [*errors, "…", *end] if errors else end
    return [Part("row", "", "it prints", 2), Part("code", "\n".join(shown), depth=2, language="text")]


def _because(comparison: Comparison) -> list[Part]:
    facts = [entry.fact for entry in comparison.refusals if entry.fact in FACTS]
    return [Part("row", row.told, "because", 2) for row in chain([*comparison.rows, *facts])]


def _hints(comparison: Comparison) -> list[Part]:
    """What the mock says to whom it refuses, where the tables have no fix."""
    hints = dict.fromkeys(entry.hint for entry in comparison.refusals if entry.hint)
    return [Part("fix", hint, depth=2) for hint in hints]


def _proof(comparison: Comparison) -> list[Part]:
    return [
        Part("row", f"with {run.variant.shown}, its clients changed so by a hook: {run.label}",
             "" if number else "measured", 2, "" if run.works else "red")
        for number, run in enumerate(comparison.proofs)
    ]  # fmt: skip


# -- the wire ---------------------------------------------------------------------------------------------


def _wire(comparison: Comparison) -> list[Part]:
    told = comparison.differences
    if comparison.direction is Direction.STOPS:
        told = tuple(one for one in told if one not in _first(comparison))
    if not told:
        same = not comparison.differences and not comparison.troubles
        return [Part("text", "What crosses the wire is the same.", depth=1)] if same else []
    parts = [Part("head", "Crosses the wire otherwise", style="bold")]
    parts += [Part("row", one.told, one.aspect, 1) for one in told[:_SHOWN]]
    more = len(told) - _SHOWN
    return [*parts, *([Part("small", f"and {more} more; --report json has them", "", 1)] if more > 0 else [])]


def plain(text: str) -> str:
    """A text without the colours of a terminal."""
    return _COLOURS.sub("", text)


# -- for programs -----------------------------------------------------------------------------------------


def data(comparison: Comparison, own: Own) -> dict[str, Any]:
    """The whole comparison as JSON."""
    fix = comparison.fix
    return {
        "command": list(comparison.runs[1].command),
        "service_date": comparison.date,
        "before": _run_data(comparison.runs[0]),
        "after": _run_data(comparison.runs[1]),
        "exit_code": comparison.exit_code,
        "direction": comparison.direction.value,
        "summary": summary(comparison),
        "troubles": list(comparison.troubles),
        "differences": [one.json() for one in comparison.differences],
        "refusals": [{"fact": e.fact, "what": e.what, "hint": e.hint} for e in comparison.refusals],
        "because": [row.json() for row in chain(comparison.rows)],
        "fix": None
        if fix is None
        else {
            "edits": [
                {
                    "step": e.step,
                    "places": list(own.at(e.step, e.given)),
                    "before": list(e.before),
                    "after": list(e.after),
                }
                for e in fix.edits
            ],
            "in_both": fix.in_both,
            "measured": fix.proven,
        },
        "proofs": [_run_data(run) for run in comparison.proofs],
    }


def _run_data(run: Run) -> dict[str, Any]:
    return {
        "version": run.variant.version,
        "variant": run.variant.shown,
        "notes": list(run.variant.notes),
        "ended": run.label,
        "seconds": round(run.seconds, 2),
        "requests": calls(run),
        "output": plain(run.output),
    }
