"""Compare what was measured with what was predicted; say what differs, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .known import deviation
from .model import Expected, Observation, Outcome, Seen, Status, Verdict

if TYPE_CHECKING:
    from .model import Cell, Prediction


def judge(cell: Cell, prediction: Prediction, observation: Observation, seconds: float) -> Outcome:
    """Judge a measured cell: PASS where measurement and prediction agree in everything, else FAIL."""
    different = tuple(
        f"{step}: {text}"
        for step, expected in prediction.steps
        for text in differences(expected, observation.step(step))
    )
    known = deviation(cell)
    status, reason, fix = Status.PASS, prediction.advice.reason, prediction.advice.fix
    if different:
        reason = "; ".join(different)
        status, fix = (
            Status.FAIL,
            "measurement wins: correct the row of the history or the profile that says otherwise",
        )
        if known is not None:
            status, reason, fix = Status.KNOWN, f"{known.reason} ({reason})", prediction.advice.fix
    elif known is not None:
        status, reason, fix = (
            Status.FIXED,
            f"no longer deviates: {known.reason}",
            "remove the row from suite/known.py",
        )
    return Outcome(cell, prediction, observation, status, reason, fix, seconds, different)


def broken(cell: Cell, prediction: Prediction, cause: str) -> Outcome:
    """A cell that could not be measured; it is never green."""
    known = deviation(cell)
    if known is not None and known.explains(cause):
        return Outcome(cell, prediction, None, Status.KNOWN, f"{known.reason} ({cause})", "")
    return Outcome(cell, prediction, None, Status.BROKEN, cause, "see the cause; then run again")


def unmeasured(cell: Cell, prediction: Prediction) -> Outcome:
    """A cell that was not come to when the run was broken off."""
    return broken(cell, prediction, "not asked: the run was interrupted")


def differences(expected: Expected, seen: Seen) -> list[str]:
    """All that differs in one step."""
    found = []
    if expected.verdict is not seen.verdict:
        found.append(f"predicted {expected.verdict.value}, measured {seen.verdict.value}")
    if expected.wire != seen.wire:
        found.append(f"predicted on the wire {_said(expected)}, measured {_said(seen)}")
    error = (seen.error or {}).get("class")
    if expected.verdict is seen.verdict is Verdict.REFUSED and expected.error not in (None, error):
        found.append(f"predicted error {expected.error}, measured {error}")
    message = (seen.error or {}).get("message")
    if expected.message is not None and expected.message != message:
        found.append(f"predicted message {expected.message!r}, measured {message!r}")
    if expected.told is not None and expected.told != _told(seen):
        found.append(f"predicted that the application is told {expected.told}, measured {_told(seen)}")
    if expected.ends_in not in (None, seen.ends_in) and seen.verdict is not Verdict.CRASHES:
        found.append(f"predicted to end in {expected.ends_in}, measured {seen.ends_in}")
    looked = dict(seen.shows)
    found += [
        f"predicted {name}: {value}, measured {name}: {looked.get(name)}"
        for name, value in expected.shows
        if looked.get(name) != value
    ]
    found += _warnings(expected.warnings, seen.warnings)
    return found


def _told(seen: Seen) -> tuple[Any, Any]:
    error = seen.error or {}
    return error.get("code"), error.get("reason")


def _warnings(expected: tuple[str, ...], seen: tuple[str, ...]) -> list[str]:
    """Each expected part must be in a warning of its own; any other warning is a difference."""
    left, found = list(seen), []
    for part in expected:
        match = next((text for text in left if part in text), None)
        if match is None:
            found.append(f"predicted a warning with {part!r}, measured {len(seen)} warnings without it")
        else:
            left.remove(match)
    return found + [f"predicted no such warning, measured {text!r}" for text in left]


def _said(step: Expected | Seen) -> str:
    rows = [
        f"{wire.method} on {wire.version or '?'} with {' + '.join(wire.placement) or 'no credential'}"
        f" -> {wire.status or 'no answer'}{f', close {wire.close}' if wire.close else ''}"
        for wire in step.wire
    ]
    return "; ".join(rows) or "nothing"
