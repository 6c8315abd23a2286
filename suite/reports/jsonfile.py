"""The run as JSON, and back: ``about``, a line for each cell, and what cells share, each once.

Cells name what they share by its place in the lists ``observations``, ``predictions`` and ``advice``: many
cells share a side of a placement, and a full run has tens of thousands.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from .. import seen
from ..cases import CASES
from ..model import (
    Advice,
    Behaviour,
    Cell,
    Configuration,
    Drift,
    Expected,
    Observation,
    Outcome,
    Placement,
    Prediction,
    Seen,
    Status,
    Subject,
    Verdict,
)
from .run import Run

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..model import Case

_CASES: Final[dict[str, Case]] = {case.slug: case for case in CASES}
#: What cells share, in the order of the report.
SHARED: Final = ("observations", "predictions", "advice")
_AGAIN: Final = "run the matrix again with this version of the tool"


def render(run: Run) -> str:
    """Everything that is known of every cell; keys keep their order, an entry of a list is a line."""
    pools = {name: _Pool() for name in SHARED}
    cells = [_line(_cell(outcome, pools)) for outcome in run.outcomes]
    about = run.about | {
        "seconds": round(run.seconds, 1),
        "counts": {s.value: n for s, n in run.counts.items()},
    }
    lists = {"cells": cells, **{name: pool.lines for name, pool in pools.items()}}
    body = [
        f'"{name}": [\n' + ",\n".join(lines) + "\n]" if lines else f'"{name}": []'
        for name, lines in lists.items()
    ]
    return (
        "{\n" + ",\n".join([f'"about": {json.dumps(about, indent=1, ensure_ascii=False)}', *body]) + "\n}\n"
    )


def _line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


class _Pool:
    """Entries of a list that cells share; equal ones are one."""

    def __init__(self) -> None:
        self._places: dict[str, int] = {}
        #: By identity; the object is kept, so that no identity is given twice.
        self._known: dict[int, tuple[Any, int]] = {}

    @property
    def lines(self) -> list[str]:
        """All entries, in the order in which cells first named them."""
        return list(self._places)

    def place(self, part: Seen | Expected | Advice) -> int:
        """Where it stands in the list."""
        if id(part) not in self._known:
            line = _line(_shared(part))
            self._known[id(part)] = (part, self._places.setdefault(line, len(self._places)))
        return self._known[id(part)][1]


def _cell(outcome: Outcome, pools: Mapping[str, _Pool]) -> dict[str, Any]:
    """One cell. ``steps`` is null where nothing was measured."""
    case = outcome.cell.case
    subject, observed, prediction = outcome.cell.subject, outcome.observation, outcome.prediction
    observations, predictions = pools["observations"], pools["predictions"]
    return {
        "cell": outcome.cell.id,
        "sdk": subject.sdk,
        "version": subject.version,
        "source": subject.source,
        "service_date": outcome.cell.service_date,
        "topic": case.topic,
        "case": case.slug,
        "configuration": case.json() if isinstance(case, Configuration) else None,
        "verdict": observed.verdict.value if observed is not None else None,
        "label": outcome.label,
        "steps": {step: observations.place(part) for step, part in observed.steps} if observed else None,
        "predicted": {
            "verdict": prediction.verdict.value,
            "label": prediction.label,
            "steps": {step: predictions.place(part) for step, part in prediction.steps},
            "advice": pools["advice"].place(prediction.advice),
        },
        "status": outcome.status.value,
        "reason": outcome.reason,
        "fix": outcome.fix,
        "differences": list(outcome.differences),
        "drifts": [asdict(drift) for drift in outcome.drifts],
        "seconds": round(outcome.seconds, 3),
    }


def _shared(part: Seen | Expected | Advice) -> dict[str, Any]:
    if isinstance(part, Advice):
        return {"cause": part.cause, "effect": part.effect, "fix": part.fix}
    if isinstance(part, Expected):
        return {
            "verdict": part.verdict.value,
            "requests": [wire.json() for wire in part.wire],
            "error": part.error,
            "message": part.message,
            "told": list(part.told) if part.told is not None else None,
            "ends_in": part.ends_in,
            "shows": dict(part.shows),
            "warnings": list(part.warnings),
            "because": list(part.because),
        }
    return seen.as_json(part)


def read(text: str) -> Run:
    """The run of a JSON report; writing it again gives the same report.

    Raises:
        ValueError: it is no JSON report of this version of the tool.
    """
    try:
        document = json.loads(text)
        observations = [seen.read(entry) for entry in document["observations"]]
        predictions = [_expected(entry) for entry in document["predictions"]]
        advice = [Advice(**entry) for entry in document["advice"]]
        cases: dict[str, Case] = {}
        outcomes = tuple(_outcome(row, cases, observations, predictions, advice) for row in document["cells"])
        about, seconds = document["about"], document["about"]["seconds"]
    except ValueError as error:
        raise ValueError(f"expected a report of --report json, got {error}; {_AGAIN}") from error
    except (KeyError, TypeError, IndexError, AttributeError) as error:
        raise ValueError(f"expected a report of --report json, got one without {error}; {_AGAIN}") from error
    kept = {name: value for name, value in about.items() if name not in ("seconds", "counts")}
    return Run(outcomes, kept, seconds)


def _outcome(
    row: Mapping[str, Any],
    cases: dict[str, Case],
    observations: list[Seen],
    predictions: list[Expected],
    advice: list[Advice],
) -> Outcome:
    slug, predicted, steps = row["case"], row["predicted"], row["steps"]
    if slug not in cases:
        cases[slug] = _case(row)
    subject = Subject(row["sdk"], row["version"], row["source"])
    return Outcome(
        Cell(subject, row["service_date"], cases[slug]),
        Prediction(
            tuple((step, predictions[place]) for step, place in predicted["steps"].items()),
            advice[predicted["advice"]],
        ),
        Observation(tuple((step, observations[place]) for step, place in steps.items())) if steps else None,
        Status(row["status"]),
        row["reason"],
        row["fix"],
        row["seconds"],
        tuple(row["differences"]),
        tuple(Drift(**drift) for drift in row["drifts"]),
    )


def _case(row: Mapping[str, Any]) -> Case:
    """The case as it is known here, else what the report says of it."""
    if row["case"] in _CASES:
        return _CASES[row["case"]]
    set_where = row["configuration"]
    if set_where is None:
        return Behaviour(row["case"], row["case"], step=next(iter(row["predicted"]["steps"])))
    create, connect = set_where["create"], set_where["connect"]
    return Configuration(
        Placement(create.get("client"), create.get("call")),
        Placement(connect.get("client"), connect.get("session")),
    )


def _expected(entry: Mapping[str, Any]) -> Expected:
    return Expected(
        Verdict(entry["verdict"]),
        seen.wires(entry),
        entry["error"],
        entry["message"],
        tuple(entry["told"]) if entry["told"] is not None else None,
        entry["ends_in"],
        tuple(entry["shows"].items()),
        tuple(entry["warnings"]),
        tuple(entry["because"]),
    )
