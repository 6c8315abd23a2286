"""Predictions: a table spelled out by hand, and what must hold for every cell."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import pytest

from mockserver import FACTS
from suite.history import CHANGES
from suite.model import Configuration, Placement, Subject, Verdict, Wire
from suite.predict import predict

from .conftest import cell, cells, placed

if TYPE_CHECKING:
    from suite.model import Cell, Prediction, Step

#: Byte for byte what the case started with.
EMPTY_404: Final = '{"error":{"message":"","code":404,"status":"Not Found"}}'
PYTHON_404: Final = "404 Not Found. {'message': '', 'status': 'Not Found'}"
PYTHON_REJECTED: Final = "server rejected WebSocket connection: HTTP 404"
JS_REJECTED: Final = "Live connection failed before setup completed: Unexpected server response: 404"

CONSTRAINED: Final = "BidiGenerateContentConstrained"
QUERY: Final = ("?access_token=",)
HEADER: Final = ("x-goog-api-key", "Authorization: Token")
KEY_TWICE: Final = ("?key=", "x-goog-api-key")

PY_MINT: Final = ("token creation implementation is experimental",)
PY_LIVE: Final = "ephemeral token support is experimental"
JS_LIVE: Final = "Ephemeral token support is experimental"
V1ALPHA_ONLY: Final = "v1alpha only"

EVERY: Final = placed(cells())
PREDICTIONS: Final = {each: predict(each) for each in EVERY}


@dataclass(frozen=True)
class Golden:
    """One cell, as a person would say what it shows. ``step`` is the one that decides."""

    asks: str
    label: str
    step: Step
    wire: Wire | None
    error: str | None = None
    message: str | None = None
    warnings: tuple[str, ...] = ()

    @property
    def cell(self) -> Cell:
        """``js==1.10.0 launch call=v1alpha -> none``."""
        subject, date, create, _, connect = self.asks.split()
        return cell(subject, date, create, connect)


def mint(version: str, status: int) -> Wire:
    """A request for a token."""
    return Wire("auth_tokens.create", version, ("x-goog-api-key",), status)


def live(version: str, where: tuple[str, ...], status: int) -> Wire:
    """A handshake of the method for tokens."""
    return Wire(CONSTRAINED, version, where, status)


GOLDEN: Final = (
    # The case it all starts from, and its two sisters.
    Golden("js==1.10.0 launch call=v1alpha -> none", "hangs", "connect", live("v1beta", QUERY, 404),
           warnings=(JS_LIVE, V1ALPHA_ONLY)),
    Golden("js==1.10.0 launch call=v1beta -> none", "refused 404", "create", mint("v1beta", 404),
           "ApiError", EMPTY_404),
    Golden("js==1.10.0 launch call=v1alpha -> client=v1alpha", "works", "connect",
           live("v1alpha", QUERY, 101), warnings=(JS_LIVE,)),
    Golden("python==1.26.0 launch call=v1alpha -> none", "refused 404", "connect",
           live("v1beta", HEADER, 404), "InvalidStatus", PYTHON_REJECTED, warnings=(PY_LIVE, V1ALPHA_ONLY)),
    Golden("python==1.26.0 launch call=v1beta -> none", "refused 404", "create", mint("v1beta", 404),
           "ClientError", PYTHON_404, PY_MINT),
    Golden("python==1.26.0 launch client=v1alpha -> client=v1alpha", "works", "connect",
           live("v1alpha", HEADER, 101), warnings=(PY_LIVE,)),
    # The default moved: the same code, another version on the wire.
    Golden("python==3.4.0 launch call=v1alpha -> none", "refused 404", "connect", live("v1", HEADER, 404),
           "InvalidStatus", PYTHON_REJECTED, warnings=(PY_LIVE, V1ALPHA_ONLY)),
    Golden("python==3.4.0 latest none -> none", "refused 404", "create", mint("v1", 404),
           "ClientError", PYTHON_404, PY_MINT),
    Golden("js==3.1.0 latest call=v1alpha -> none", "refused 404", "connect", live("v1", QUERY, 404),
           "Error", JS_REJECTED, warnings=(JS_LIVE, V1ALPHA_ONLY)),
    # The service moved: v1beta has tokens now, and the SDK still warns.
    Golden("js==1.10.0 latest none -> none", "works", "connect", live("v1beta", QUERY, 101),
           warnings=(JS_LIVE, V1ALPHA_ONLY)),
    # Before SDKs knew tokens as keys, and before they warned of versions or spoke JSON.
    Golden("python==1.16.1 launch client=v1alpha -> client=v1alpha", "refused 1007", "connect",
           Wire("BidiGenerateContent", "v1alpha", KEY_TWICE, 101, 1007), "ConnectionClosedError"),
    Golden("python==1.16.1 launch client=v1alpha -> client=v1", "refused 404", "connect",
           Wire("BidiGenerateContent", "v1", KEY_TWICE, 404), "InvalidStatus", PYTHON_REJECTED),
    Golden("js==1.3.0 launch client=v1 -> none", "refused 404", "create", mint("v1", 404),
           "ClientError", f"got status: 404 Not Found. {EMPTY_404}"),
    # What is set at the session is rejected, ignored or honoured.
    Golden("python==1.26.0 launch client=v1alpha -> session=v1alpha", "refused", "connect",
           None, "ValueError"),
    Golden("js==1.10.0 launch client=v1alpha -> session=v1alpha", "refused", "connect", None, "Error"),
    Golden("js==1.3.0 launch client=v1alpha -> client=v1alpha,session=v1beta", "works", "connect",
           live("v1alpha", QUERY, 101), warnings=(JS_LIVE,)),
    Golden("python==2.34.0 launch client=v1alpha -> client=v1alpha,session=v1beta", "refused 404", "connect",
           live("v1beta", HEADER, 404), "InvalidStatus", PYTHON_REJECTED, warnings=(PY_LIVE, V1ALPHA_ONLY)),
    # At create the call always wins over the client.
    Golden("python==1.75.0 launch client=v1alpha,call=v1beta -> client=v1alpha", "refused 404", "create",
           mint("v1beta", 404), "ClientError", PYTHON_404, PY_MINT),
)  # fmt: skip


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda golden: golden.asks)
def test_a_cell_is_predicted_as_spelled_out_by_hand(golden: Golden) -> None:
    prediction = predict(golden.cell)
    deciding = prediction.step(golden.step)
    assert deciding is prediction.deciding
    assert prediction.label == golden.label
    assert deciding.wire == ((golden.wire,) if golden.wire else ())
    assert (deciding.error, deciding.message) == (golden.error, golden.message)
    assert deciding.warnings == golden.warnings


@pytest.mark.parametrize(
    ("asks", "says", "fix"),
    [
        (
            "js==1.10.0 launch call=v1alpha -> none",
            "live.connect opens BidiGenerateContentConstrained on v1beta (the SDK's default), "
            "which this service date does not serve: HTTP 404: the call never settles",
            "set the API version on the client that connects: "
            "new GoogleGenAI({apiKey: token.name, httpOptions: {apiVersion: 'v1alpha'}})",
        ),
        (
            "python==3.4.0 latest call=v1 -> none",
            "auth_tokens.create posts to /v1/auth_tokens (set at the call, which wins over the client), "
            "which this service date does not serve: HTTP 404: the call raises ClientError",
            "set the API version at the call: "
            "client.auth_tokens.create(config={'http_options': {'api_version': 'v1alpha'}}) "
            "(v1alpha or v1beta work on this date)",
        ),
        (
            "python==1.26.0 launch client=v1alpha -> session=v1alpha",
            "live.connect takes no HTTP options of its own: "
            "the call raises ValueError before anything is sent",
            "set the API version on the client that connects: "
            "genai.Client(api_key=token.name, http_options={'api_version': 'v1alpha'}), "
            "or upgrade to google-genai 2.34.0 or newer",
        ),
        (
            "python==1.16.1 launch client=v1alpha -> client=v1alpha",
            "this version sends a token as if it were an API key, to BidiGenerateContent, "
            "which closes with 1007 API key not valid: the call raises ConnectionClosedError",
            "upgrade to google-genai 1.18.0 or newer, or open the session with genai.live_ephemeral_connect",
        ),
        (
            "python==1.15.0 launch none -> none",
            "this version cannot mint tokens",
            "upgrade to google-genai 1.16.1 or newer",
        ),
    ],
)
def test_a_cell_says_what_happened_and_what_to_change(asks: str, says: str, fix: str) -> None:
    advice = predict(Golden(asks, "", "", None).cell).advice
    assert (advice.reason, advice.fix) == (says, fix)


def test_what_is_ignored_at_the_session_is_said_to_be() -> None:
    advice = predict(cell("js==1.3.0", "launch", "client=v1alpha", "session=v1alpha")).advice
    assert "the SDK's default, for what is set at the session is ignored" in advice.reason
    assert "the client that connects" in advice.fix


def test_a_version_without_tokens_is_absent_and_nothing_is_on_the_wire() -> None:
    prediction = predict(cell("python==1.15.0", "launch", "none", "none"))
    assert prediction.label == "absent"
    assert prediction.step("create").wire == ()
    assert prediction.step("connect").verdict is Verdict.NOT_REACHED


# What must hold for every cell.


def follow(cell: Cell, fix: str) -> Cell:
    """The cell after a person did what the fix says: where it says, with the version it writes."""
    found = re.search(
        r"set the API version (?:on|at) the (client that (?:mints|connects)|call|session): (.*)", fix
    )
    assert found, fix
    where, (version,) = found[1], set(re.findall(r"'(v1\w*)'", found[2]))
    side: Step = "create" if where in ("client that mints", "call") else "connect"
    case = cell.case
    assert isinstance(case, Configuration)
    placement = case.placement(side)
    if where in ("call", "session"):
        placement = replace(placement, near=version)
    else:  # moved there: SDKs that take nothing at the session would still refuse what stays there
        placement = Placement(client=version)
    upgrade = re.search(r", and upgrade to \S+ (\S+) or newer", fix)
    subject = replace(cell.subject, version=upgrade[1]) if upgrade else cell.subject
    return replace(cell, subject=subject, case=replace(case, **{side: placement}))


each_sdk = pytest.mark.parametrize("sdk", dict.fromkeys(each.subject.sdk for each in EVERY))


def deciding_step(prediction: Prediction) -> Step:
    """The step that decides."""
    return next(step for step, expected in prediction.steps if expected is prediction.deciding)


def predicted(sdk: str) -> list[tuple[Cell, Prediction]]:
    """All cells of an SDK with their predictions."""
    return [(each, found) for each, found in PREDICTIONS.items() if each.subject.sdk == sdk]


def test_no_two_cells_share_an_id_and_no_two_probes_of_a_version_a_name() -> None:
    assert len({each.id for each in EVERY}) == len(EVERY)
    probes = {probe for each in EVERY for probe in each.probes}
    assert len({probe.slug for probe in probes}) == len(probes)


@each_sdk
def test_a_label_says_the_verdict_and_the_code_the_server_gave(sdk: str) -> None:
    for each, prediction in predicted(sdk):
        failed = prediction.deciding
        code = failed.wire[-1].close or failed.wire[-1].status if failed.wire else None
        shows_code = prediction.verdict is Verdict.REFUSED and code is not None
        assert prediction.label == prediction.verdict.value + (f" {code}" if shows_code else ""), each.id


@each_sdk
def test_what_works_needs_no_fix_and_what_does_not_gets_a_reason_and_a_fix(sdk: str) -> None:
    for each, prediction in predicted(sdk):
        assert prediction.advice.reason, each.id
        assert bool(prediction.advice.fix) is (prediction.verdict is not Verdict.WORKS), each.id


@each_sdk
def test_following_a_fix_makes_the_step_work(sdk: str) -> None:
    for each, prediction in predicted(sdk):
        step = deciding_step(prediction)
        if "set the API version" in prediction.advice.fix:
            assert predict(follow(each, prediction.advice.fix)).step(step).verdict is Verdict.WORKS, each.id


@each_sdk
def test_an_upgrade_offered_instead_makes_the_step_work(sdk: str) -> None:
    for each, prediction in predicted(sdk):
        upgrade = re.search(r", or upgrade to \S+ (\S+) or newer", prediction.advice.fix)
        if upgrade:
            newer = predict(replace(each, subject=Subject(sdk, upgrade[1])))
            assert newer.verdict is Verdict.WORKS, each.id


@each_sdk
def test_following_the_advice_to_upgrade_gets_rid_of_the_cause(sdk: str) -> None:
    for each, prediction in predicted(sdk):
        upgrade = re.match(r"upgrade to \S+ (\S+) or newer", prediction.advice.fix)
        if upgrade:
            newer = predict(replace(each, subject=Subject(sdk, upgrade[1])))
            assert newer.advice.cause != prediction.advice.cause, each.id


@each_sdk
def test_connect_is_not_reached_exactly_where_create_fails(sdk: str) -> None:
    for each, prediction in predicted(sdk):
        create, connect = prediction.step("create"), prediction.step("connect")
        failed = create.verdict is not Verdict.WORKS
        assert (connect.verdict is Verdict.NOT_REACHED) is failed, each.id
        if failed:
            assert connect.wire == (), each.id


@each_sdk
def test_every_reason_is_a_fact_or_a_row_of_the_history(sdk: str) -> None:
    rows = {f"{row.sdk} since {row.since}: {row.question}: {row.answer}" for row in CHANGES}
    known = rows | set(FACTS)
    for each, prediction in predicted(sdk):
        for _, expected in prediction.steps:
            assert set(expected.because) <= known, each.id
            # Before the first row there is nothing to point at: the feature is not there yet.
            unfounded = expected.verdict in (Verdict.NOT_REACHED, Verdict.ABSENT)
            assert bool(expected.because) is not unfounded, each.id


@each_sdk
def test_an_error_is_expected_exactly_where_a_call_is_refused(sdk: str) -> None:
    for each, prediction in predicted(sdk):
        for _, expected in prediction.steps:
            assert (expected.error is not None) is (expected.verdict is Verdict.REFUSED), each.id
