"""What a session does and in which order: turns, interruptions, tools."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mockserver.core.effects import Pause
from mockserver.core.script import Call, Rule, Say, Script, Think

from .conftest import TEXT_MODEL, Backend, speech
from .talking import (
    AUDIO,
    HALF_CASCADE,
    LIVE_31,
    MANUAL,
    NATIVE,
    TEXT,
    UNINTERRUPTED,
    WEATHER,
    answer,
    call_id,
    content,
    told,
)

if TYPE_CHECKING:
    from collections.abc import Callable

# -- the order of a turn ----------------------------------------------------------------------------------


@pytest.mark.fact("PRO-006")
@pytest.mark.fact("SRV-007")
@pytest.mark.parametrize("model", [NATIVE, TEXT_MODEL])
def test_a_turn_ends_in_two_frames(backend: Backend, model: str) -> None:
    client = backend.with_key(model=model)
    client.say("hi")
    assert told(client)[-2:] == ["generationComplete", "turnComplete+usageMetadata"]
    assert told(client).count("turnComplete+usageMetadata") == 1


@pytest.mark.fact("PRO-007")
def test_ten_seconds_of_audio_take_four_to_send_and_ten_to_end(make_backend: Callable[..., Backend]) -> None:
    backend = make_backend(pace=1)
    client = backend.with_key(model=NATIVE)
    client.say("x" * 176)  # 10.56 s of audio
    backend.advance(4.29)
    assert told(client)[-1] == "audio"
    backend.advance(0.02)
    assert told(client)[-1] == "generationComplete"
    backend.advance(10.53 - 4.31)
    assert told(client)[-1] == "generationComplete"
    backend.advance(0.06)
    assert told(client)[-1] == "turnComplete+usageMetadata"


@pytest.mark.fact("PRO-034")
@pytest.mark.fact("SRV-009")
def test_pieces_of_transcription_stand_between_the_audio_they_belong_to(latest: Backend) -> None:
    client = latest.with_key(model=NATIVE, outputAudioTranscription={}, inputAudioTranscription={})
    client.send({"realtimeInput": {"audio": speech(1)}})
    client.send({"realtimeInput": {"audioStreamEnd": True}})
    piece = ["outputTranscription", "audio"]
    assert told(client) == [
        "setupComplete", "inputTranscription", *piece, *piece, *piece, *piece, "audio", "audio",
        "generationComplete", "turnComplete+usageMetadata",
    ]  # fmt: skip
    pieces = [
        m["serverContent"]["outputTranscription"] for m in client.messages if "outputTranscription" in str(m)
    ]
    assert pieces == [{"text": "1.0"}, {"text": " seconds"}, {"text": " of"}, {"text": " speech"}]


@pytest.mark.fact("PRO-036")
@pytest.mark.fact("PRO-037")
def test_3_1_hears_a_whole_utterance_first_and_says_two_things_at_once(latest: Backend) -> None:
    client = latest.with_key(model=LIVE_31, outputAudioTranscription={}, inputAudioTranscription={}, **AUDIO)
    client.send({"realtimeInput": {"audio": speech(1)}})
    client.send({"realtimeInput": {"audioStreamEnd": True}})
    heard = [message["serverContent"] for message in client.messages if "inputTranscription" in str(message)]
    assert heard == [{"inputTranscription": {"text": "1.0 seconds of speech"}}]
    words = told(client)
    assert words.index("inputTranscription") < words.index("audio+outputTranscription")
    assert words.count("audio+outputTranscription") == 4
    assert "outputTranscription" not in words


@pytest.mark.fact("SRV-005")
def test_a_thought_comes_before_transcription_and_audio(make_backend: Callable[..., Backend]) -> None:
    script = Script("thought", (Rule("turn", (Think("Hm."), Say("hi"))),))
    client = make_backend(script=script).with_key(model=NATIVE, outputAudioTranscription={})
    client.say("hello")
    assert client.messages[1]["serverContent"]["modelTurn"]["parts"] == [{"text": "Hm.", "thought": True}]
    assert told(client)[1:4] == ["modelTurn", "outputTranscription", "audio"]


@pytest.mark.parametrize("wish", [True, False])
def test_thoughts_are_shown_to_those_who_ask(backend: Backend, wish: bool) -> None:
    config = {"responseModalities": ["AUDIO"], "thinkingConfig": {"includeThoughts": wish}}
    client = backend.with_key(model=NATIVE, generationConfig=config)
    client.say("hello")
    assert ("thought" in str(client.messages)) is wish
    assert ("thoughtsTokenCount" in client.messages[-1]["usageMetadata"]) is wish


@pytest.mark.fact("PRO-011")
@pytest.mark.fact("SRV-007")
def test_usage_names_and_order_and_a_total_without_thoughts(make_backend: Callable[..., Backend]) -> None:
    script = Script("thought", (Rule("turn", (Think("x" * 40), Say("yes"))),))
    client = make_backend(script=script).with_key(model=HALF_CASCADE, **TEXT)
    client.say("x" * 80)
    usage = client.messages[-1]["usageMetadata"]
    assert list(usage.items()) == [
        ("promptTokenCount", 20),
        ("responseTokenCount", 1),
        ("totalTokenCount", 21),
        ("promptTokensDetails", [{"modality": "TEXT", "tokenCount": 20}]),
        ("responseTokensDetails", [{"modality": "TEXT", "tokenCount": 1}]),
        ("thoughtsTokenCount", 10),
    ]


@pytest.mark.fact("PRO-003")
def test_turn_complete_alone_completes_what_came_before(backend: Backend) -> None:
    client = backend.with_key(model=TEXT_MODEL)
    assert client.send(content(("user", "to be"), complete=False)) == []
    client.send({"clientContent": {"turns": [{"role": "user", "parts": [{"text": "continued"}]}]}})
    client.send({"clientContent": {"turnComplete": True}})
    assert client.text == "to be continued"


def test_the_model_answers_the_last_turn_of_a_conversation(backend: Backend) -> None:
    client = backend.with_key(model=TEXT_MODEL)
    client.send(content(("user", "hi"), ("model", "hello"), ("user", "how are"), ("user", "you")))
    assert client.text == "how are you"


# -- interruptions ----------------------------------------------------------------------------------------


@pytest.mark.fact("PRO-008")
@pytest.mark.parametrize("after_s", [0.0, 0.5, 2.0], ids=lambda s: f"after {s} s")
def test_speech_interrupts_what_is_being_said(make_backend: Callable[..., Backend], after_s: float) -> None:
    backend = make_backend(pace=1)
    client = backend.with_key(model=NATIVE)
    client.say("a sentence that takes some three seconds, or more, to say")
    backend.advance(after_s)
    before = len(client.messages)
    client.send({"realtimeInput": {"audio": speech(0.1)}})
    assert client.messages[before:] == [
        {"serverContent": {"interrupted": True}},
        {"serverContent": {"turnComplete": True}},
    ]
    backend.advance(0.4)
    assert len(client.messages) == before + 2, "the rest of it never comes"


@pytest.mark.fact("PRO-035")
def test_an_activity_between_the_two_ends_of_a_turn_interrupts_it(
    make_backend: Callable[..., Backend],
) -> None:
    backend = make_backend(pace=1)
    client = backend.with_key(model=NATIVE, **MANUAL)
    client.say("x" * 176)
    backend.advance(8)
    assert told(client)[-1] == "generationComplete"
    client.send({"realtimeInput": {"activityStart": {}}})
    assert told(client)[-3:] == ["generationComplete", "interrupted", "turnComplete"]


def test_a_second_start_of_activity_is_the_same_activity(make_backend: Callable[..., Backend]) -> None:
    client = make_backend(pace=1).with_key(model=NATIVE, inputAudioTranscription={}, **MANUAL)
    for message in (
        {"activityStart": {}},
        {"audio": speech(0.4)},
        {"activityStart": {}},
        {"audio": speech(0.2)},
    ):
        assert client.send({"realtimeInput": message}) == []
    client.send({"realtimeInput": {"activityEnd": {}}})
    assert client.messages[1] == {"serverContent": {"inputTranscription": {"text": "0.6 seconds of speech"}}}


def test_an_activity_is_answered_once(backend: Backend) -> None:
    client = backend.with_key(model=NATIVE, **MANUAL)
    for message in ({"activityStart": {}}, {"audio": speech(0.4)}, {"activityEnd": {}}, {"activityEnd": {}}):
        client.send({"realtimeInput": message})
    client.expect_close(1007, "Precondition check failed.", "CLS-065")
    assert told(client).count("generationComplete") == 1


def test_speech_that_may_not_interrupt_is_answered_afterwards(make_backend: Callable[..., Backend]) -> None:
    backend = make_backend(pace=1)
    client = backend.with_key(model=NATIVE, outputAudioTranscription={}, **UNINTERRUPTED)
    client.say("first")
    client.send({"realtimeInput": {"audio": speech(0.4)}})
    client.send({"realtimeInput": {"audioStreamEnd": True}})
    backend.advance(30)
    assert client.transcript == "first0.4 seconds of speech"
    assert "interrupted" not in told(client)
    assert told(client).count("turnComplete+usageMetadata") == 2


def test_speech_that_may_not_interrupt_leaves_a_call_open(make_backend: Callable[..., Backend]) -> None:
    backend = make_backend(script=WEATHER)
    client = backend.with_key(model=NATIVE, outputAudioTranscription={}, **UNINTERRUPTED)
    client.say("weather?")
    client.send({"realtimeInput": {"audio": speech(0.4)}})
    client.send({"realtimeInput": {"audioStreamEnd": True}})
    assert told(client)[1:] == ["toolCall"]
    client.send(answer())
    assert client.transcript == 'it is {"c": 3}0.4 seconds of speech'


def test_a_call_that_was_never_told_is_not_cancelled(make_backend: Callable[..., Backend]) -> None:
    script = Script("slow", (Rule("turn", (Say("let me see"), Pause(2), Call("f"))),))
    backend = make_backend(script=script)
    client = backend.with_key(model=NATIVE)
    client.say("weather?")
    client.send({"realtimeInput": {"audio": speech(0.1)}})
    assert told(client)[-2:] == ["interrupted", "turnComplete"]
    assert "toolCallCancellation" not in told(client)


# -- tools ------------------------------------------------------------------------------------------------


@pytest.mark.fact("PRO-009")
@pytest.mark.fact("SRV-008")
@pytest.mark.parametrize(
    ("model", "setup", "announced"),
    [(NATIVE, {}, []), (LIVE_31, AUDIO, []), (HALF_CASCADE, AUDIO, ["modelTurn"])],
    ids=["2.5", "3.1", "half-cascade"],
)
def test_a_tool_round_is_one_turn(
    make_backend: Callable[..., Backend], model: str, setup: dict[str, Any], announced: list[str]
) -> None:
    backend = make_backend(script=WEATHER)
    client = backend.with_key("v1beta", model=model, **setup)
    client.say("weather?")
    words = [word for word in told(client)[1:] if word]
    assert words == [*announced, "toolCall"]
    backend.advance(1)
    assert "generationComplete" not in told(client), "nothing until the response"
    client.send(answer(call_id(client)))
    words = [word for word in told(client) if word not in ("", "sessionResumptionUpdate")]
    after = words[words.index("toolCall") + 1 :]
    assert after == ["audio"] * (len(after) - 2) + ["generationComplete", "turnComplete+usageMetadata"]
    assert len(after) > 2


@pytest.mark.fact("SRV-022")
@pytest.mark.parametrize("response", [{"id": "never-issued"}, {"name": ""}, {"id": ""}], ids=str)
def test_a_tool_response_need_not_name_what_it_answers(
    make_backend: Callable[..., Backend], response: dict[str, Any]
) -> None:
    client = make_backend(script=WEATHER).with_key("v1beta", model=TEXT_MODEL)
    client.say("weather?")
    client.send(answer(**response))
    assert client.text == 'it is {"c": 3}'


def test_a_second_tool_response_changes_nothing(make_backend: Callable[..., Backend]) -> None:
    client = make_backend(script=WEATHER).with_key(model=TEXT_MODEL)
    client.say("weather?")
    client.send(answer())
    assert client.send(answer()) == []
    client.say("thanks")
    assert client.text == 'it is {"c": 3}thanks'


def test_a_response_that_will_continue_is_not_the_last(make_backend: Callable[..., Backend]) -> None:
    client = make_backend(script=WEATHER).with_key(model=TEXT_MODEL)
    client.say("weather?")
    assert client.send(answer(call_id(client), willContinue=True)) == []
    client.send(answer(call_id(client), response={"c": 4}))
    assert client.text == 'it is {"c": 3}; {"c": 4}'


@pytest.mark.fact("PRO-031")
@pytest.mark.parametrize(
    "interruption", [{"realtimeInput": {"text": "stop"}}, content(("user", "stop"))], ids=["text", "content"]
)
def test_an_interrupted_call_is_cancelled_by_its_id(
    make_backend: Callable[..., Backend], interruption: dict[str, Any]
) -> None:
    client = make_backend(script=WEATHER).with_key(model=TEXT_MODEL)
    client.say("weather?")
    client.send(interruption)
    assert {"toolCallCancellation": {"ids": [call_id(client)]}} in client.messages
    assert client.text == "stop"
    assert client.send(answer(call_id(client))) == [], "too late"
