"""Where a real service does otherwise than the mock: which fact says so, and the row that would settle it."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields, is_dataclass, replace
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, Final, get_args

from mockserver import FACTS, LATEST, Fact, Profile, fact, service_date

from .explain.finding import Sure, fact_of
from .model import Drift, Status
from .tables import Method

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from .model import Cell, Outcome, Step

#: What a server has said, in the words of ``suite.wire.requests``.
_SAID: Final = ("status", "answer", "close", "close_reason")
_LET_IN: Final = frozenset({101, 200})
_NOT_THERE: Final = 404
#: The id of a proposed row that is about nothing that is known.
NEW: Final = "NEW"

Request = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """Where and when a real service was asked."""

    host: str
    day: date

    @property
    def source(self) -> str:
        """As the source of a fact."""
        return f"measured with genai-live-compat at {self.host} on {self.day}"


def judged(mock: Outcome, real: Outcome, asked: Asked) -> Outcome:
    """A real service's outcome beside the mock's: PASS where they agree, else DRIFT.

    Where the mock itself does not do what is predicted, the tables are wrong about the SDK: a FAIL.
    """
    if real.observation is None or mock.status in (Status.BROKEN, Status.KNOWN):
        return real
    if mock.status is not Status.PASS:
        return replace(real, status=mock.status, reason=f"with the mock already: {mock.reason}", fix=mock.fix)
    drifts = tuple(_drifts(mock, real, asked))
    if not drifts:
        return real
    return replace(
        real,
        status=Status.DRIFT,
        reason="; ".join(_told(drift) for drift in drifts),
        fix=_fix(drifts),
        drifts=drifts,
    )


def _told(drift: Drift) -> str:
    about = f"drift from {drift.fact}" if drift.fact else "drift"
    return f"{about}: {drift.step}: expected {drift.expected}, measured {drift.measured}"


def _fix(drifts: tuple[Drift, ...]) -> str:
    later = [drift.since for drift in drifts if drift.since]
    if later:
        return f"the service has moved on: run with --service-date {max(later)} or later"
    if known := next((drift.words_of for drift in drifts if drift.words_of), ""):
        why = f"the service refuses for a reason that is known, {known}: {FACTS[known].condition}"
        return f"{why}; where that is not so, the condition of {known} is told wrong"
    if any(drift.row for drift in drifts):
        return "the service has changed: --report rows writes the row that would say so"
    return "no fact speaks of this: run it again, and compare the stories in the two HTML reports"


def _drifts(mock: Outcome, real: Outcome, asked: Asked) -> Iterator[Drift]:
    assert mock.observation is not None
    assert real.observation is not None
    for step, there in real.observation.steps:
        here = mock.observation.step(step)
        none: Request = {}
        for expected, measured in zip_longest(here.requests, there.requests, fillvalue=none):
            if _words(expected) != _words(measured):
                because = dict(real.prediction.steps)[step].because
                yield _drift(step, expected, measured, because, real.cell, asked)
                return  # what follows, follows from this
    for text in real.differences:
        where, _, difference = text.partition(": ")
        yield Drift("", where, "what the mock shows with the same answers on the wire", difference)


def _words(request: Request) -> str:
    """What a server has said to a request, for a person and for comparison."""
    if not request:
        return "no request"
    said = [
        f"{name.replace('_', ' ')} {request[name]}" for name in _SAID if request.get(name) not in (None, "")
    ]
    return ", ".join(said) or "no answer"


def _drift(
    step: Step, expected: Request, measured: Request, because: tuple[str, ...], cell: Cell, asked: Asked
) -> Drift:
    words = (_words(expected), _words(measured))
    if {_presence(expected), _presence(measured)} == {True, False} and expected.get("rpc") in get_args(
        Method
    ):
        return _offer(step, expected, measured, words, cell, asked)
    if refused := FACTS.get(str(expected.get("fact", ""))):
        return Drift(refused.id, step, *words, source(_corrected(refused, measured, asked)))
    # It was to be let in: the facts that say so are those that the prediction used.
    named = next((name for name in reversed(because) if name in FACTS), "")
    if (known := _known(measured)) is not None:
        return Drift(named, step, words[0], f"{words[1]}, {_told_of(*known)}", words_of=known[0].id)
    row = _new(expected, _answer_like(measured), asked) if measured else None
    return Drift(named, step, *words, source(row) if row else "")


def _known(measured: Request) -> tuple[Fact, Sure] | None:
    """The fact in whose words a service refuses, and how sure that is."""
    code, words = (measured.get("close"), measured.get("close_reason"))
    if code is None:
        code, words = measured.get("status"), measured.get("answer")
    return fact_of(int(code), str(words)) if code and words else None


def _told_of(known: Fact, sure: Sure) -> str:
    nearly = "" if sure is Sure.CERTAIN else "nearly "
    return f"{nearly}the words of {known.id}: {known.condition}"


def _presence(request: Request) -> bool | None:
    """Whether the method is there; None: that cannot be told."""
    status = request.get("status")
    return True if status in _LET_IN else False if status == _NOT_THERE else None


def _offer(
    step: Step, expected: Request, measured: Request, words: tuple[str, str], cell: Cell, asked: Asked
) -> Drift:
    """A method is served where it was not, or the other way round."""
    version, method = expected["api_version"], expected["rpc"]
    day = service_date(cell.service_date)
    because = Profile(version, day).serves(method)[1]
    served_later, later = Profile(version, LATEST).serves(method)
    if not _presence(measured):
        return Drift(because, step, *words, source(replace(fact(because), until=asked.day.isoformat())))
    if served_later and (since := fact(later).since):
        # What is known to have come by now: the service has only moved on.
        return Drift(later, step, *words, source(fact(later)), since)
    row = _new(expected, f"{method} is served", asked)
    return Drift(because, step, *words, source(replace(row, area=fact(because).area)))


def _corrected(row: Fact, measured: Request, asked: Asked) -> Fact:
    """A refusal's row with what was measured; the old one ends where this begins."""
    answer = _answer_like(measured, row.seen)
    return replace(
        row, seen=answer, confidence="observed", sources=(asked.source,), since=asked.day.isoformat()
    )


def _answer_like(measured: Request, known: Any = None) -> Any:
    """What was measured, as the kind of answer that a row has."""
    fits = {
        "http": measured.get("status"),
        "message": measured.get("answer", ""),
        "code": measured.get("close"),
        "reason": measured.get("close_reason", ""),
    }
    names = {part.name for part in fields(known)} if is_dataclass(known) else set()
    if ("code" in names) == (fits["code"] is not None) and names:
        return replace(known, **{name: value for name, value in fits.items() if name in names})
    return _words(measured)


def _new(request: Request, what: Any, asked: Asked) -> Fact:
    """A row about something that no row speaks of."""
    method, version = str(request.get("rpc", "")), str(request.get("api_version", ""))
    return Fact(
        NEW, "", (version,), f"{method} on {version}", what,
        "observed", (asked.source,), since=asked.day.isoformat(),
    )  # fmt: skip


def source(row: Fact) -> str:
    """A row as it stands in a table of facts."""
    lines = "".join(f"    {line},\n" for line in _arguments(row))
    return f"Fact(\n{lines}),"


def _arguments(row: Any) -> Iterator[str]:
    """The arguments that make a row, in order; those with a default by name, where they are set."""
    for part in fields(row):
        value = getattr(row, part.name)
        optional = part.name in _NAMED
        if not optional or value not in (None, "", ()):
            yield f"{part.name}={_python(value)}" if optional else _python(value)


_NAMED: Final = frozenset({"since", "until", "hint", "note", "details"})


def _python(value: Any) -> str:
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, (tuple, list)):
        inner = ", ".join(map(_python, value))
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    if is_dataclass(value):
        return f"{type(value).__name__}({', '.join(_arguments(value))})"
    return repr(value)
