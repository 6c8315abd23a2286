"""Observations that differ from a prediction in one thing only: what a judge must see."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from suite.model import Seen, Verdict

from .conftest import as_predicted, with_step

if TYPE_CHECKING:
    from collections.abc import Iterator

    from suite.model import Expected, Observation, Prediction, Wire

#: A version, a method and a place that no prediction has.
OTHER_VERSION: Final = "v0"
OTHER_METHOD: Final = "models.nothing"
OTHER_PLACE: Final = "?nowhere="
OTHER_STATUS: Final = 418
OTHER_CLOSE: Final = 4999


def mutations(prediction: Prediction) -> Iterator[tuple[str, Observation]]:
    """Each single deviation that can be seen in a cell, by name: ``connect: wire version``."""
    observation = as_predicted(prediction)
    for step, expected in prediction.steps:
        for name, seen in _of_step(expected, observation.step(step)):
            yield f"{step}: {name}", with_step(observation, step, seen)


def _of_step(expected: Expected, seen: Seen) -> Iterator[tuple[str, Seen]]:
    for verdict in Verdict:
        if verdict is not expected.verdict:
            yield f"verdict {verdict.value}", replace(seen, verdict=verdict)
    for position, wire in enumerate(seen.wire):
        for name, other in _of_wire(wire):
            rows = (*seen.wire[:position], other, *seen.wire[position + 1 :])
            yield f"wire {name}", replace(seen, wire=rows)
        yield "a request is missing", replace(seen, wire=(*seen.wire[:position], *seen.wire[position + 1 :]))
        yield (
            "a request is sent twice",
            replace(seen, wire=(*seen.wire[: position + 1], *seen.wire[position:])),
        )
    yield from _of_error(expected, seen)
    yield from _of_looks(expected, seen)
    for position in range(len(expected.warnings)):
        left = (*seen.warnings[:position], *seen.warnings[position + 1 :])
        yield "missing warning", replace(seen, warnings=left)
    yield "extra warning", replace(seen, warnings=(*seen.warnings, "something is deprecated"))


def _of_error(expected: Expected, seen: Seen) -> Iterator[tuple[str, Seen]]:
    error = seen.error or {}
    if expected.error is not None:
        yield "error class", replace(seen, error={**error, "class": "SurpriseError"})
        yield "no error", replace(seen, error=None)
    if expected.message is not None:
        yield "message", replace(seen, error={**error, "message": f"{expected.message} "})
    if expected.told is not None:
        code, reason = expected.told
        yield "another close code", replace(seen, error={**error, "code": code + 1})
        yield "another close reason", replace(seen, error={**error, "reason": f"{reason} "})
        yield "no close reason", replace(seen, error={**error, "reason": None})


def _of_looks(expected: Expected, seen: Seen) -> Iterator[tuple[str, Seen]]:
    # In which call a process dies depends on when the failure is noticed.
    if expected.ends_in is not None and expected.verdict is not Verdict.CRASHES:
        yield "ends elsewhere", replace(seen, ends_in="elsewhere")
    for name, value in expected.shows:
        others = tuple(row for row in seen.shows if row[0] != name)
        yield f"shows another {name}", replace(seen, shows=(*others, (name, f"{value}!")))
        yield f"shows no {name}", replace(seen, shows=others)


def _of_wire(wire: Wire) -> Iterator[tuple[str, Wire]]:
    yield "method", replace(wire, method=OTHER_METHOD)
    yield "version", replace(wire, version=OTHER_VERSION)
    yield "placement", replace(wire, placement=(*wire.placement, OTHER_PLACE))
    if wire.placement:
        yield "placement lost", replace(wire, placement=wire.placement[1:])
    yield "status", replace(wire, status=OTHER_STATUS)
    if wire.status is not None:
        yield "no status", replace(wire, status=None)
    yield "close", replace(wire, close=OTHER_CLOSE)
    if wire.close is not None:
        yield "no close", replace(wire, close=None)
