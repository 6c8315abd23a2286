"""An explanation as what is told: of a cell, and of a text."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from ..model import Behaviour, Verdict
from ..prose import Part, Telling
from ..sdks import SDKS
from ..snippets import code_in
from .finding import Sure

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..model import Expected, Wire
    from .causes import Cause, Explanation
    from .cells import CellTold, StepTold
    from .context import FactTold
    from .evidence import Evidence

_STYLES: Final = {
    Sure.CERTAIN: "bold green",
    Sure.LIKELY: "bold yellow",
    Sure.PERHAPS: "bold yellow",
    Sure.CODE: "bold",
}
#: Facts that are told with all they have; the others in a line and what to do.
_IN_FULL: Final = 1
_SHOWN: Final = 12
NOTHING: Final = "nothing known is like this"


def of_cells(told: Sequence[CellTold]) -> Telling:
    """Cells, one after the other."""
    parts = [part for one in told for part in _cell(one)]
    return Telling(tuple(parts), {"cells": [_cell_data(one) for one in told]})


def _cell(told: CellTold) -> list[Part]:
    style = "bold green" if told.works else "bold red"
    advice = told.prediction.advice
    parts = [Part("head", f"{told.cell.id}: {told.prediction.label}", style=style)]
    if isinstance(told.cell.case, Behaviour):
        parts.append(Part("text", f"{told.cell.case.title}.", depth=1))
    if advice.reason:
        parts.append(Part("text", advice.reason, depth=1))
    if told.deviation is not None:
        parts.append(Part("row", f"{told.deviation.reason} ({told.deviation.source})", "known", 1, "yellow"))
    parts += _fix(advice.fix, told, 1)
    for step in told.steps:
        parts += _step(step, SDKS[told.cell.subject.sdk].language)
    return parts


def _fix(fix: str, told: CellTold, depth: int) -> list[Part]:
    """What to do, its code apart."""
    before, code, after = code_in(fix)
    if not code:
        return [Part("fix", fix, depth=depth)] if fix else []
    language = SDKS[told.cell.subject.sdk].language
    found = [Part("fix", before, depth=depth), Part("code", code, depth=depth, language=language)]
    return [*found, *([Part("text", after, depth=depth)] if after else [])]


def _step(step: StepTold, language: str) -> list[Part]:
    expected = step.expected
    parts = [Part("head", f"{step.step}: {expected.verdict.value}", depth=1)]
    if expected.verdict is Verdict.NOT_REACHED:
        return parts
    parts.append(Part("code", step.code, depth=1, language=language))
    parts += [Part("row", _wire(wire), "wire", 2) for wire in expected.wire] or [
        Part("row", "nothing is sent", "wire", 2)
    ]
    parts += [Part("row", text, "sees", 2) for text in _sees(expected)]
    return parts + _because(step.chain, 2)


def _wire(wire: Wire) -> str:
    answer = f" → {wire.status}" if wire.status else ""
    close = f", then closed with {wire.close}" if wire.close else ""
    return f"{wire.method} on {wire.version}, {' + '.join(wire.placement)}{answer}{close}"


def _sees(expected: Expected) -> list[str]:
    """What the application sees of a step, beside the verdict."""
    error = " ".join(filter(None, [expected.error, f"“{expected.message}”" if expected.message else ""]))
    where = f" in {expected.ends_in}" if expected.ends_in and error else ""
    said = [f"{error}{where}"] if error else []
    if expected.told:
        said.append("close code {} and reason “{}”".format(*expected.told))
    said += [f"{name}: {value}" for name, value in expected.shows]
    return said + [f"a warning: “{text}”" for text in expected.warnings]


def _because(rows: Iterable[Evidence], depth: int) -> list[Part]:
    """Rows, the first of them with what they are."""
    parts = [part for row in rows for part in _evidence(row, depth)]
    return [replace(part, label="because" if number == 0 else "") for number, part in enumerate(parts)]


def _evidence(row: Evidence, depth: int) -> list[Part]:
    until = f", until {row.until}" if row.until else ""
    since = f", since {row.since}" if row.since and row.since not in row.row else ""
    parts = [
        Part("row", f"{row.row} ({row.confidence}{since}{until}): {row.says}", "", depth),
        Part("small", "; ".join(row.sources) or "no source: a choice", "", depth),
    ]
    return [*parts, Part("small", row.note, "", depth)] if row.note else parts


def of_text(explanation: Explanation) -> Telling:
    """A text."""
    parts = [part for n, cause in enumerate(explanation.causes, 1) for part in _cause(n, cause, explanation)]
    if not parts:
        parts = [Part("text", f"{NOTHING}: {_beginning(explanation.text)}")]
    elif explanation.subject is not None:
        parts.insert(0, Part("text", f"for {explanation.subject}, as {_whence(explanation)}"))
    return Telling(tuple(parts), _text_data(explanation))


def _whence(explanation: Explanation) -> str:
    return "the text says" if explanation.subject == explanation.seen.subject else "you said"


def _beginning(text: str) -> str:
    line = " ".join(text.split())
    return f"“{line[:80]}…”" if len(line) > 80 else f"“{line}”"


def _cause(number: int, cause: Cause, explanation: Explanation) -> list[Part]:
    kind = "a warning" if cause.warning else cause.sure.value
    words = f" “{cause.words}”" if cause.words else ""
    sdk = explanation.subject.sdk if explanation.subject else explanation.seen.sdk
    language = SDKS[sdk].language if sdk else ""
    parts = [
        Part("head", f"{number}. {cause.says}", style=_STYLES[cause.sure]),
        Part("row", f"{cause.why}{words}", kind, 1),
    ]
    if cause.fix:
        parts.append(Part("fix", cause.fix, depth=1))
    if cause.code:
        parts.append(Part("code", cause.code, depth=1, language=language))
    parts += _because([*(fact.evidence for fact in cause.facts[:_IN_FULL]), *cause.rows], 1)
    parts += _others(cause)
    if cause.source:
        parts.append(Part("small", cause.source, "source", 1))
    return parts


def _others(cause: Cause) -> list[Part]:
    """The facts with the same words or code."""
    others = cause.facts[_IN_FULL:]
    parts = [Part("row", f"{_id(fact)}: {fact.condition}{_to_do(fact, cause)}", "or", 1) for fact in others]
    if len(parts) > _SHOWN:
        more = ", ".join(fact.evidence.row for fact in others[_SHOWN:])
        parts = [*parts[:_SHOWN], Part("row", more, "or", 1)]
    return parts


def _id(fact: FactTold) -> str:
    return f"{fact.evidence.row} ({fact.evidence.confidence})"


def _to_do(fact: FactTold, cause: Cause) -> str:
    return f" → {fact.fix}" if fact.fix and fact.fix != cause.fix else ""


# -- for programs -----------------------------------------------------------------------------------------


def _cell_data(told: CellTold) -> dict[str, Any]:
    advice = told.prediction.advice
    return {
        "cell": told.cell.id,
        "verdict": told.prediction.verdict.value,
        "label": told.prediction.label,
        "cause": advice.cause,
        "effect": advice.effect,
        "fix": advice.fix,
        "code": code_in(advice.fix)[1],
        "known": told.deviation.reason if told.deviation else "",
        "steps": [
            {
                "step": step.step,
                "verdict": step.expected.verdict.value,
                "code": step.code,
                "wire": [wire.json() for wire in step.expected.wire],
                "sees": _sees(step.expected),
                "because": _rows(step.chain),
            }
            for step in told.steps
        ],
    }


def _text_data(explanation: Explanation) -> dict[str, Any]:
    return {
        "text": explanation.text,
        "subject": str(explanation.subject) if explanation.subject else None,
        "causes": [
            {
                "sure": cause.sure.value,
                "why": cause.why,
                "words": cause.words,
                "says": cause.says,
                "fix": cause.fix,
                "code": cause.code,
                "warning": cause.warning,
                "facts": [{**fact.evidence.json(), "fix": fact.fix} for fact in cause.facts],
                "rows": _rows(cause.rows),
                "source": cause.source,
            }
            for cause in explanation.causes
        ],
    }


def _rows(rows: Iterable[Evidence]) -> list[dict[str, Any]]:
    return [row.json() for row in rows]
