"""The closes of a session that was set up: what the client did, code and reason as they stand on the wire."""

# ruff: noqa: E501  (recorded texts stay on one line)

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mockserver.core.script import Refuse, Rule, Say, Script

from .conftest import INVALID_ARGUMENT, Backend, speech

if TYPE_CHECKING:
    from collections.abc import Callable

HALF_CASCADE = "models/gemini-live-2.5-flash-preview"
NATIVE = "models/gemini-2.5-flash-native-audio-latest"
LIVE_31 = "models/gemini-3.1-flash-live-preview"
LIVE_38 = "models/gemini-3.8-live"
TRANSCRIBE = "models/gemini-3.5-transcribe-live"
AUDIO = {"generationConfig": {"responseModalities": ["AUDIO"]}}
MANUAL = {"realtimeInputConfig": {"automaticActivityDetection": {"disabled": True}}}
AFFECTIVE = {"generationConfig": {"responseModalities": ["AUDIO"], "enableAffectiveDialog": True}}
SEEDED = {"historyConfig": {"initialHistoryInClientContent": True}}
PRECONDITION = "Precondition check failed."
INTERNAL = "Internal error encountered."
NO_SIGNALS = "Explicit activity control is not supported when automatic activity detection is enabled."


def user(*parts: dict[str, Any], **turn: Any) -> dict[str, Any]:
    """A complete clientContent of one turn."""
    return {
        "clientContent": {"turns": [{"role": "user", **turn, "parts": list(parts)}], "turnComplete": True}
    }


HELLO = user({"text": "hello"})


@pytest.mark.parametrize(
    ("model", "setup", "messages", "code", "reason"),
    [
        pytest.param(
            LIVE_38, AUDIO, [user({"text": "hi"}, role="")], 1007, INVALID_ARGUMENT,
            marks=pytest.mark.fact("CLS-060"), id="a turn without a role",
        ),
        pytest.param(
            LIVE_38, AUDIO, [{"clientContent": {"contents": []}}], 1007,
            "Invalid JSON payload received. Unknown name \"contents\" at 'client_content': Cannot find field.",
            marks=pytest.mark.fact("CLS-061"), id="contents instead of turns",
        ),
        pytest.param(
            LIVE_31, AUDIO, [HELLO, HELLO], 1007, INVALID_ARGUMENT,
            marks=pytest.mark.fact("CLS-062"), id="text in mid-session",
        ),
        pytest.param(
            LIVE_31, AUDIO, [{"realtimeInput": {"text": "hi"}}, HELLO], 1007, INVALID_ARGUMENT,
            marks=pytest.mark.fact("CLS-062"), id="text after realtime input",
        ),
        pytest.param(
            NATIVE, {}, [user({"inlineData": {"mimeType": "audio/pcm", "data": "AAAA"}})], 1007, PRECONDITION,
            marks=pytest.mark.fact("CLS-063"), id="audio in content",
        ),
        pytest.param(
            NATIVE, {}, [{"realtimeInput": {"activityStart": {}}}], 1007, NO_SIGNALS,
            marks=pytest.mark.fact("CLS-064"), id="a start under automatic detection",
        ),
        pytest.param(
            NATIVE, {}, [{"realtimeInput": {"activityEnd": {}}}], 1007, NO_SIGNALS,
            marks=pytest.mark.fact("CLS-064"), id="an end under automatic detection",
        ),
        pytest.param(
            LIVE_38, AFFECTIVE, [HELLO], 1007, INVALID_ARGUMENT,
            marks=pytest.mark.fact("CLS-066"), id="affective dialog at the first content",
        ),
        pytest.param(
            LIVE_38, AFFECTIVE, [{"realtimeInput": {"audio": speech(0.1)}}], 1007, INVALID_ARGUMENT,
            marks=pytest.mark.fact("CLS-066"), id="affective dialog at the first audio",
        ),
        pytest.param(
            LIVE_31, AFFECTIVE, [], 1011, INTERNAL,
            marks=pytest.mark.fact("CLS-066B"), id="affective dialog on 3.1",
        ),
        pytest.param(
            NATIVE, {}, [user({"text": "x" * 520_000})], 1007, INVALID_ARGUMENT,
            marks=pytest.mark.fact("CLS-070"), id="more than the model takes",
        ),
        pytest.param(
            NATIVE, SEEDED, [user({"functionCall": {"name": "f", "args": {}}}, role="model")], 1007,
            INVALID_ARGUMENT, marks=pytest.mark.fact("CLS-071"), id="a call in the history",
        ),
        pytest.param(
            NATIVE, SEEDED, [user({"functionResponse": {"name": "f", "response": {}}})], 1007, INVALID_ARGUMENT,
            marks=pytest.mark.fact("CLS-071"), id="a response in the history",
        ),
        pytest.param(
            NATIVE, {}, [{}], 1007, INVALID_ARGUMENT, marks=pytest.mark.fact("CLS-073"), id="no kind",
        ),
        pytest.param(
            NATIVE, {}, [{**HELLO, "realtimeInput": {"text": "hi"}}], 1007, INVALID_ARGUMENT,
            marks=[pytest.mark.fact("CLS-073"), pytest.mark.fact("PRO-020")], id="two kinds",
        ),
        pytest.param(
            NATIVE, {}, [b"hello"], 1007, "Invalid JSON payload received. Unexpected token.\nhello\n^",
            marks=pytest.mark.fact("CLS-074"), id="no JSON",
        ),
    ],
)  # fmt: skip
def test_a_session_is_closed_for_what_the_client_sends(
    latest: Backend, model: str, setup: dict[str, Any], messages: list[Any], code: int, reason: str
) -> None:
    client = latest.with_key("v1beta", model=model, **setup)
    for message in messages:
        assert client.close is None
        client.send(message)
    client.expect_close(code, reason)


def test_affective_dialog_opens_a_session_on_3_8_all_the_same(latest: Backend) -> None:
    latest.with_key("v1beta", model=LIVE_38, **AFFECTIVE).expect_ready()


@pytest.mark.fact("CLS-065")
@pytest.mark.parametrize("before", [[], ["activityStart"], ["audio", "activityStart"]], ids=str)
def test_an_empty_activity_gets_an_empty_turn_and_the_close(latest: Backend, before: list[str]) -> None:
    client = latest.with_key("v1beta", model=TRANSCRIBE, **MANUAL)
    for name in before:
        client.send({"realtimeInput": {name: speech(0.2) if name == "audio" else {}}})
    assert client.close is None
    client.send({"realtimeInput": {"activityEnd": {}}})
    assert client.messages[-1] == {"serverContent": {"turnComplete": True}, "usageMetadata": {}}
    client.expect_close(1007, "Precondition check failed.", "CLS-065")


@pytest.mark.fact("CLS-070")
@pytest.mark.parametrize(
    ("setup", "close"),
    [({"contextWindowCompression": {"slidingWindow": {}}}, None), ({}, (1007, INVALID_ARGUMENT))],
)
def test_a_history_fills_turn_by_turn_unless_it_is_compressed(
    backend: Backend, setup: dict[str, Any], close: tuple[int, str] | None
) -> None:
    client = backend.with_key(model=HALF_CASCADE, generationConfig={"responseModalities": ["TEXT"]}, **setup)
    client.send(user({"text": "x" * 60_000}))
    assert client.close is None
    client.send(user({"text": "x" * 60_000}))
    assert client.close == close


@pytest.mark.fact("CLS-067")
def test_a_client_that_ignores_go_away_is_closed_in_mid_answer(make_backend: Callable[..., Backend]) -> None:
    backend = make_backend("latest", pace=1)
    client = backend.with_key("v1beta", model=NATIVE)
    backend.advance(539)
    client.say("a very long answer " * 60)
    backend.advance(1)
    assert client.messages[-1] == {"goAway": {"timeLeft": "50s"}}, "not held back behind the audio"
    backend.advance(49.9)
    assert client.close is None
    backend.advance(0.1)
    client.expect_close(
        1008,
        "Connection aborted because the client failed to close the connection after receiving a GoAway signal "
        "once the session durat",
        "CLS-067",
    )
    heard = len(client.effects)
    backend.advance(1_000)
    assert len(client.effects) == heard


@pytest.mark.parametrize(
    ("fact", "code", "reason"),
    [
        pytest.param(
            "CLS-068", 1008, "Operation is not implemented, or supported, or enabled.",
            marks=pytest.mark.fact("CLS-068"),
        ),
        pytest.param("CLS-069", 1008, "The operation was aborted.", marks=pytest.mark.fact("CLS-069")),
        pytest.param("CLS-069B", 1011, INTERNAL, marks=pytest.mark.fact("CLS-069B")),
        pytest.param(
            "CLS-069C", 1011, "The service is currently unavailable.", marks=pytest.mark.fact("CLS-069C")
        ),
        pytest.param(
            "CLS-069D", 1011, "Deadline expired before operation could complete.",
            marks=pytest.mark.fact("CLS-069D"),
        ),
        pytest.param(
            "CLS-069E", 1008, "Requested entity was not found.", marks=pytest.mark.fact("CLS-069E")
        ),
    ],
)  # fmt: skip
def test_what_happens_now_and_then_happens_on_demand(
    make_backend: Callable[..., Backend], fact: str, code: int, reason: str
) -> None:
    script = Script(
        "fails once", (Rule("turn", (Say("half a"), Refuse(fact)), nth=1), Rule("turn", (Say("all"),)))
    )
    backend = make_backend(script=script)
    client = backend.with_key(model=NATIVE, outputAudioTranscription={})
    client.say("hello")
    assert client.transcript == "half a", "what was said before the fault arrives"
    client.expect_close(code, reason, fact)
    again = backend.with_key(model=NATIVE, outputAudioTranscription={})
    again.say("hello")
    assert again.transcript == "all"


@pytest.mark.fact("CLS-072")
def test_a_locked_token_fails_inside_on_demand(make_backend: Callable[..., Backend]) -> None:
    backend = make_backend(script=Script("once", (Rule("setup", (Refuse("CLS-072"),), nth=1),)))
    token = backend.mint(bidiGenerateContentSetup={"model": NATIVE}, uses=0)
    client = backend.with_token(token, model=NATIVE, systemInstruction={"parts": [{"text": "x" * 10_000}]})
    client.expect_close(1011, "Internal error encountered.", "CLS-072")
    backend.with_token(token, model=NATIVE).expect_ready()
