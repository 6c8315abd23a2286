"""Judging: what differs in one thing only fails and is named; what was not measured is never green."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import pytest

from suite.judge import broken, differences, judge
from suite.model import FINDINGS, Expected, Seen, Status, Verdict, Wire
from suite.predict import predict

from .conftest import as_predicted, cell, with_step

if TYPE_CHECKING:
    from suite.model import Step

HANGING: Final = cell("js==1.10.0", "launch", "call=v1alpha", "none")
REFUSED: Final = cell("js==1.10.0", "launch", "call=v1beta", "none")
AS_KEY: Final = cell("python==1.16.1", "launch", "client=v1alpha", "client=v1alpha")
WARNED: Final = cell("python==1.26.0", "launch", "call=v1alpha", "none")
WORKING: Final = cell("python==3.4.0", "launch", "client=v1alpha", "client=v1alpha")
KINDS: Final = (HANGING, REFUSED, AS_KEY, WARNED, WORKING)


@pytest.mark.parametrize("judged", KINDS, ids=lambda cell: cell.id)
def test_a_cell_that_shows_what_is_predicted_passes_with_reason_and_fix(judged: Any) -> None:
    prediction = predict(judged)
    outcome = judge(judged, prediction, as_predicted(prediction), 0.25)
    assert outcome.status is Status.PASS
    assert outcome.differences == ()
    assert (outcome.reason, outcome.fix) == (prediction.advice.reason, prediction.advice.fix)
    assert (outcome.label, outcome.seconds) == (prediction.label, 0.25)


def wire_of(judged: Any, step: Step, **changed: Any) -> dict[str, Any]:
    """The predicted wire with one field changed."""
    return {"wire": tuple(replace(wire, **changed) for wire in predict(judged).step(step).wire)}


REJECTED: Final = "server rejected WebSocket connection: HTTP 404"
CONSTRAINED: Final = "BidiGenerateContentConstrained on"


@pytest.mark.parametrize(
    ("judged", "step", "changed", "said"),
    [
        pytest.param(
            HANGING, "connect", {"verdict": Verdict.WORKS}, "predicted hangs, measured works", id="verdict"
        ),
        pytest.param(
            HANGING, "connect", wire_of(HANGING, "connect", version="v1"),
            f"predicted on the wire {CONSTRAINED} v1beta with ?access_token= -> 404, "
            f"measured {CONSTRAINED} v1 with ?access_token= -> 404", id="wire version",
        ),
        pytest.param(
            HANGING, "connect", wire_of(HANGING, "connect", placement=("Authorization: Token",)),
            f"measured {CONSTRAINED} v1beta with Authorization: Token -> 404", id="wire credential placement",
        ),
        pytest.param(
            HANGING, "connect", wire_of(HANGING, "connect", placement=()),
            f"measured {CONSTRAINED} v1beta with no credential -> 404", id="no credential",
        ),
        pytest.param(
            WORKING, "connect", wire_of(WORKING, "connect", status=404),
            "x-goog-api-key + Authorization: Token -> 101, measured "
            f"{CONSTRAINED} v1alpha with x-goog-api-key + Authorization: Token -> 404", id="wire status",
        ),
        pytest.param(
            AS_KEY, "connect", wire_of(AS_KEY, "connect", status=200),
            "-> 101, close 1007, measured BidiGenerateContent on v1alpha with ?key= + x-goog-api-key "
            "-> 200, close 1007", id="wire status of a closed socket",
        ),
        pytest.param(
            AS_KEY, "connect", wire_of(AS_KEY, "connect", close=1008), "-> 101, close 1008", id="close"
        ),
        pytest.param(
            AS_KEY, "connect", wire_of(AS_KEY, "connect", close=None), "with ?key= + x-goog-api-key -> 101",
            id="no close",
        ),
        pytest.param(
            REFUSED, "create", {"wire": ()}, "v1beta with x-goog-api-key -> 404, measured nothing",
            id="nothing on the wire",
        ),
        pytest.param(
            WARNED, "connect", {"error": {"class": "KeyError", "message": REJECTED}},
            "predicted error InvalidStatus, measured KeyError", id="error class",
        ),
        pytest.param(
            REFUSED, "create", {"error": {"class": "ApiError", "message": "404"}},
            """message '{"error":{"message":"","code":404,"status":"Not Found"}}', measured '404'""",
            id="message",
        ),
        pytest.param(
            WARNED, "connect", {"warnings": ("ephemeral token support is experimental",)},
            "predicted a warning with 'v1alpha only', measured 1 warnings without it", id="missing warning",
        ),
        pytest.param(
            WORKING, "connect", {"warnings": ("ephemeral token support is experimental", "boo")},
            "predicted no such warning, measured 'boo'", id="extra warning",
        ),
    ],
)  # fmt: skip
def test_one_difference_fails_the_cell_and_is_named(
    judged: Any, step: Step, changed: dict[str, Any], said: str
) -> None:
    prediction = predict(judged)
    observation = as_predicted(prediction)
    seen = replace(observation.step(step), **changed)
    outcome = judge(judged, prediction, with_step(observation, step, seen), 0.1)
    assert outcome.status is Status.FAIL
    (difference,) = outcome.differences
    assert difference.startswith(f"{step}: predicted ")
    assert said in difference
    assert outcome.reason == difference
    assert "correct the row" in outcome.fix


def test_all_differences_are_told_step_by_step() -> None:
    prediction = predict(WORKING)
    nothing = Seen(Verdict.CRASHES)
    outcome = judge(WORKING, prediction, with_step(as_predicted(prediction), "connect", nothing), 0.1)
    assert outcome.differences[0] == "connect: predicted works, measured crashes"
    assert len(outcome.differences) == 3  # verdict, wire and the warning
    assert outcome.reason == "; ".join(outcome.differences)


def test_a_warning_stands_for_one_expected_part_only() -> None:
    expected = Expected(Verdict.WORKS, warnings=("experimental", "experimental"))
    assert differences(expected, Seen(Verdict.WORKS, warnings=("experimental",))) == [
        "predicted a warning with 'experimental', measured 1 warnings without it"
    ]
    assert differences(expected, Seen(Verdict.WORKS, warnings=("experimental",) * 2)) == []


def test_the_error_of_a_call_is_not_compared_where_none_is_expected() -> None:
    wire = (Wire("BidiGenerateContent", "v1beta", (), 101, 1007),)
    seen = Seen(Verdict.REFUSED, wire, {"class": "ApiError", "message": "closed"})
    assert differences(Expected(Verdict.REFUSED, wire), seen) == []


def test_a_cell_that_was_not_measured_is_broken_and_a_finding() -> None:
    outcome = broken(WORKING, predict(WORKING), "no network")
    assert outcome.status is Status.BROKEN
    assert outcome.status in FINDINGS
    assert (outcome.observation, outcome.label) == (None, "not measured")
    assert outcome.reason == "no network"
    assert outcome.fix


def test_only_agreement_and_recorded_deviations_are_green() -> None:
    assert set(Status) - FINDINGS == {Status.PASS, Status.KNOWN}
