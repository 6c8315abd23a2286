"""Predictions of behaviours: some spelled out by hand, each form of answer, and what must hold for all."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import pytest

from suite import advice, tables
from suite.answers import read
from suite.cases import BEHAVIOURS
from suite.history import VARIES, answer
from suite.model import Behaviour, Cell, Change, Subject, Verdict, Wire
from suite.predict import predict
from suite.readings import READINGS
from suite.sdks import SDKS

from .conftest import behaving, cells

if TYPE_CHECKING:
    from suite.model import Expected, Prediction

BY_SLUG: Final = {behaviour.slug: behaviour for behaviour in BEHAVIOURS}
#: The API version on which behaviours are asked, and where credentials go.
FIRST: Final = "v1alpha"
KEY: Final = ("?key=",)
KEY_TWICE: Final = ("?key=", "x-goog-api-key")
HEADER: Final = ("x-goog-api-key",)
SPENT: Final = "Token has been used too many times"


def asked(subject: str, slug: str) -> Cell:
    """``asked("python==3.4.0", "handshake:404")``, at launch."""
    sdk, _, version = subject.partition("==")
    return Cell(Subject(sdk, version), "launch", BY_SLUG[slug])


def expected(subject: str, slug: str) -> Expected:
    """What is predicted of the one step of a behaviour."""
    ((_, part),) = predict(asked(subject, slug)).steps
    return part


def live(placement: tuple[str, ...], status: int | None = 101, close: int | None = None) -> Wire:
    """A socket opened with a key."""
    return Wire("BidiGenerateContent", FIRST, placement, status, close)


# Spelled out by hand.


def test_a_refused_handshake_is_an_error_with_its_status_in_the_text() -> None:
    part = expected("python==0.7.0", "handshake:403")
    assert (part.verdict, part.error, part.ends_in) == (Verdict.REFUSED, "InvalidStatus", "connect")
    assert part.message == "server rejected WebSocket connection: HTTP 403"
    assert part.wire == (live(KEY_TWICE, 403),)


def test_a_close_in_a_turn_reads_as_the_library_words_it_and_later_as_the_sdk_does() -> None:
    old, new = expected("python==1.26.0", "turn:1011"), expected("python==3.4.0", "turn:1011")
    words = f"1011 (internal error) {SPENT}"
    assert (old.error, old.message) == ("ConnectionClosedError", f"received {words}; then sent {words}")
    assert (new.error, new.message) == ("APIError", f"1011 None. {SPENT}")
    assert old.wire == new.wire == (live(HEADER, 101, 1011),)
    assert old.ends_in == new.ends_in == "receive"


def test_a_connection_that_is_dropped_has_no_close_on_the_wire() -> None:
    assert expected("python==3.4.0", "turn:dropped").wire == (live(HEADER, 101, None),)
    assert expected("python==3.4.0", "handshake:dropped").wire == (live(HEADER, None),)


def test_a_setting_that_a_strict_version_refuses_puts_nothing_on_the_wire_and_ends_in_connect() -> None:
    part = expected("python==1.4.0", "api:activity-start")
    assert (part.verdict, part.error, part.ends_in) == (Verdict.REFUSED, "ValidationError", "connect")
    assert part.wire == ()


def test_a_missing_method_is_absent_behind_a_session_that_was_opened() -> None:
    part = expected("python==1.5.0", "api:send_client_content")
    assert (part.verdict, part.ends_in, part.error) == (Verdict.ABSENT, None, None)
    assert part.wire == (live(KEY_TWICE, 101),)


def test_a_token_request_says_what_its_body_must_hold() -> None:
    naive = expected("python==3.4.0", "token:time-naive")
    assert (naive.verdict, naive.error, dict(naive.shows)) == (
        Verdict.REFUSED,
        "ClientError",
        {"expireTime": "no zone"},
    )
    assert naive.wire == (Wire("auth_tokens.create", FIRST, HEADER, 400),)
    plain = expected("reference==1.0.0", "token:plain")
    assert (plain.verdict, dict(plain.shows)) == (Verdict.WORKS, {"body": "{}"})
    assert plain.wire == (Wire("auth_tokens.create", FIRST, HEADER, 200),)


def test_a_spent_token_is_refused_by_a_close_of_the_method_for_tokens() -> None:
    part = expected("reference==1.0.0", "credential:spent-token")
    assert part.wire == (Wire("BidiGenerateContentConstrained", FIRST, ("?access_token=",), 101, 1011),)
    assert part.message == f"closed with 1011: {SPENT}"


def test_a_program_ends_with_a_code_that_the_label_shows() -> None:
    assert predict(asked("python==3.4.0", "exit:a refused handshake")).label == "crashes, exit 1"
    assert dict(expected("python==3.4.0", "exit:a turn").shows) == {"exit code": "0"}


def test_what_is_always_warned_of_comes_before_what_this_behaviour_warns_of() -> None:
    assert expected("python==1.5.0", "credential:key").warnings == ("live API is experimental",)
    (warning,) = expected("python==1.10.0", "api:send").warnings
    assert warning.startswith("The `session.send` method is deprecated")


# Each form of answer, said of the reference client.


def saying(monkeypatch: pytest.MonkeyPatch, slug: str, text: str) -> Prediction:
    """The prediction of a behaviour if the history answered so."""
    question = BY_SLUG[slug].asks

    def other(sdk: str, version: str, asks: str) -> Change | None:
        if asks == question:
            return Change(sdk, version, asks, text, "said by a test")
        return answer(sdk, version, asks)

    monkeypatch.setattr(tables, "answer", other)
    return predict(asked("reference==1.0.0", slug))


@pytest.mark.parametrize(
    ("slug", "says", "wanted"),
    [
        ("turn:1011", "tells onclose",
         {"verdict": Verdict.REFUSED, "error": "Closed", "told": (1011, SPENT), "ends_in": "receive"}),
        ("turn:1011", "raises APIError", {"error": "APIError", "told": None, "message": None}),
        ("setup:1011", "raises Error in receive", {"error": "Error", "ends_in": "receive"}),
        ("setup:1011", "returns | said: hel", {"verdict": Verdict.WORKS, "error": None, "ends_in": None}),
        ("turn:1011", "hangs in receive", {"verdict": Verdict.HANGS, "error": None, "ends_in": "receive"}),
        ("setup:1011", "hangs",
         {"verdict": Verdict.HANGS, "ends_in": "connect", "wire": (live(KEY, 101, 1011),)}),
        ("setup:silent", "crashes", {"verdict": Verdict.CRASHES}),
        ("turn:1011", "silent", {"verdict": Verdict.SILENT, "ends_in": "receive"}),
        ("turn:1011", "absent in connect", {"verdict": Verdict.ABSENT, "wire": ()}),
        ("turn:1011", "raises E unsent in connect", {"wire": (), "ends_in": "connect"}),
        ("turn:1011", "raises E | reads: varies", {"error": "E", "message": None}),
        ("turn:1011", "raises E | reads: {code} ({name}): {reason}",
         {"message": f"1011 (internal error): {SPENT}"}),
        ("handshake:404", "raises E | reads: got {status}", {"message": "got 404"}),
        ("handshake:404", "returns", {"verdict": Verdict.WORKS, "wire": (live(KEY, 101),)}),
        ("frame:empty", "returns | warns: one + two", {"warnings": ("one", "two")}),
        ("frame:snake-case", "returns | said: hel", {"shows": (("said", "hel"),)}),
        ("base-url:plain", "returns | scheme: wss | prefix: /",
         {"shows": (("scheme", "wss"), ("prefix", "/"))}),
        ("frame:large", "raises E | said: nothing", {"shows": (("said", "nothing"),)}),
    ],
)  # fmt: skip
def test_each_form_of_answer_is_a_prediction(
    slug: str, says: str, wanted: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    ((_, part),) = saying(monkeypatch, slug, says).steps
    assert {name: getattr(part, name) for name in wanted} == wanted


def test_refused_is_told_as_the_sdk_tells_of_any_refused_handshake(monkeypatch: pytest.MonkeyPatch) -> None:
    ((_, part),) = saying(monkeypatch, "base-url:path", "refused | prefix: /elsewhere").steps
    assert (part.verdict, part.error) == (Verdict.REFUSED, "ApiError")
    assert dict(part.shows) == {"prefix": "/elsewhere"}
    assert [wire.status for wire in part.wire] == [404]
    assert {row.partition(": ")[2].partition(":")[0] for row in part.because} >= {"handshake refused"}


def test_a_version_older_than_tokens_lacks_what_needs_them() -> None:
    part = expected("python==1.15.0", "token:uses")
    assert (part.verdict, part.wire, part.warnings) == (Verdict.ABSENT, (), ())


# What must hold for all of them.

EVERY: Final = behaving(cells())

each_sdk = pytest.mark.parametrize("sdk", SDKS)


def predicted(sdk: str) -> list[tuple[Cell, Behaviour, Expected, Prediction]]:
    """All behaviours of an SDK with their predictions; those without a row yet are not known."""
    found = []
    for cell in EVERY:
        if cell.subject.sdk == sdk:
            prediction = predict(cell)
            ((_, part),) = prediction.steps
            assert isinstance(cell.case, Behaviour)
            found.append((cell, cell.case, part, prediction))
    return found


def varying(cell: Cell, behaviour: Behaviour) -> set[str]:
    """What the history says of it that it is another thing each time."""
    row = answer(cell.subject.sdk, cell.subject.version, behaviour.asks or "")
    return {name for name, value in read(row.answer).parts.items() if value == VARIES} if row else set()


@each_sdk
def test_what_an_answer_shows_is_what_the_behaviour_looks_at_and_can_be_read(sdk: str) -> None:
    for cell, behaviour, part, _ in predicted(sdk):
        looks = {*behaviour.looks, *behaviour.shows}
        assert {name for name, _ in part.shows} <= looks, cell.id
        assert {name for name in looks if not name.startswith("header ")} <= set(READINGS), cell.id
        if part.verdict is Verdict.WORKS:
            shown = {name for name, _ in part.shows} | varying(cell, behaviour)
            assert shown == looks, f"{cell.id}: something is looked at in vain"


@each_sdk
def test_an_error_and_a_verb_are_expected_exactly_where_something_fails(sdk: str) -> None:
    for cell, _, part, _ in predicted(sdk):
        refused = part.verdict is Verdict.REFUSED
        assert (part.error is not None) is refused, cell.id
        assert (part.ends_in is None) is (part.verdict in (Verdict.WORKS, Verdict.ABSENT)), cell.id
        assert refused or (part.message, part.told) == (None, None), cell.id


@each_sdk
def test_a_behaviour_ends_in_one_of_its_own_calls(sdk: str) -> None:
    for cell, behaviour, part, _ in predicted(sdk):
        assert part.ends_in in (None, *(verb for verb, _ in behaviour.calls)), cell.id


@each_sdk
def test_a_text_has_no_places_left_unfilled(sdk: str) -> None:
    for cell, _, part, _ in predicted(sdk):
        assert not re.search(r"\{(code|reason|name|status)\}", part.message or ""), cell.id


@each_sdk
def test_a_behaviour_says_what_happens_and_what_works_needs_no_fix(sdk: str) -> None:
    for cell, behaviour, part, prediction in predicted(sdk):
        told = prediction.advice
        assert told.cause == behaviour.title, cell.id
        assert told.effect, cell.id
        assert part.verdict is not Verdict.WORKS or not told.fix, cell.id


@each_sdk
def test_an_upgrade_that_is_offered_ends_better(sdk: str) -> None:
    for cell, _, part, prediction in predicted(sdk):
        offered = re.match(r"upgrade to \S+ (\S+) or newer", prediction.advice.fix)
        if offered:
            ((_, newer),) = predict(replace(cell, subject=Subject(sdk, offered[1]))).steps
            assert goodness(newer) < goodness(part), cell.id


#: Endings, best first.
BETTER: Final = (
    Verdict.WORKS,
    Verdict.REFUSED,
    Verdict.ABSENT,
    Verdict.SILENT,
    Verdict.HANGS,
    Verdict.CRASHES,
)


def goodness(part: Expected) -> tuple[int, bool]:
    """How good an ending is, the best first: an error that can be caught is better than a callback."""
    return BETTER.index(part.verdict), part.told is not None


def test_a_newer_version_that_refuses_is_better_than_one_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    newer = Change("reference", "9.0.0", "silent in a turn", "refused", "said by a test")
    monkeypatch.setattr(advice, "later", lambda *_: (newer,))
    fix = predict(asked("reference==1.0.0", "turn:silent")).advice.fix
    assert "9.0.0 or newer, where the call raises an error; until then: " in fix


def test_behaviours_are_told_apart_by_their_slug_alone() -> None:
    behaviour = BEHAVIOURS[0]
    assert replace(behaviour, title="something else", needs=("anything",)) == behaviour
    assert len({each.slug for each in BEHAVIOURS}) == len(BEHAVIOURS)


def test_a_behaviour_is_asked_once_at_the_first_date() -> None:
    both, latest = (behaving(cells("reference", date=date)) for date in ("both", "latest"))
    assert {cell.service_date for cell in both} == {"launch"}
    assert [cell.case for cell in both] == [cell.case for cell in latest]


def test_of_a_version_that_lacks_what_a_behaviour_needs_it_is_not_asked() -> None:
    slugs = {
        version: {cell.case.slug for cell in cells(f"python=={version}")} for version in ("1.18.0", "1.19.0")
    }
    assert slugs["1.19.0"] - slugs["1.18.0"] == {"credential:gemini-variable", "credential:both-variables"}
    spent = {
        version: "credential:spent-token" in {cell.case.slug for cell in cells(f"python=={version}")}
        for version in ("1.17.0", "1.18.0")
    }
    assert spent == {"1.17.0": False, "1.18.0": True}
