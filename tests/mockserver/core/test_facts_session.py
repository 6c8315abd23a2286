"""What a session does and in which order: turns, tools, interruptions, resumption, history, its end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mockserver.core.effects import Pause, Send
from mockserver.core.script import Call, Rule, Say, Script, Think

from .conftest import SETUP_COMPLETE, TEXT_MODEL, Backend, Client, speech

if TYPE_CHECKING:
    from collections.abc import Callable

HALF_CASCADE = "models/gemini-live-2.5-flash-preview"
NATIVE = "models/gemini-2.5-flash-native-audio-latest"
LIVE_31 = "models/gemini-3.1-flash-live-preview"
LIVE_38 = "models/gemini-3.8-live"
AUDIO = {"generationConfig": {"responseModalities": ["AUDIO"]}}
TEXT = {"generationConfig": {"responseModalities": ["TEXT"]}}
MANUAL = {"realtimeInputConfig": {"automaticActivityDetection": {"disabled": True}}}
UNINTERRUPTED = {"realtimeInputConfig": {"activityHandling": "NO_INTERRUPTION"}}
SEEDED = {"historyConfig": {"initialHistoryInClientContent": True}}
WEATHER = Script(
    "weather",
    (Rule("turn", (Call("get_weather"), Say("it is {response}")), nth=1), Rule("turn", (Say("{text}"),))),
)
UUID4 = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"


def told(client: Client) -> list[str]:
    """What each frame says, by its fields: ``turnComplete+usageMetadata``, ``toolCall`` …"""
    words = []
    for message in client.messages:
        content = message.get("serverContent")
        fields = [*(message if content is None else content)]
        fields += [name for name in message if content is not None and name != "serverContent"]
        words.append(
            "+".join(
                "audio" if "inlineData" in str(message.get("serverContent", {}).get(f)) else f for f in fields
            )
        )
    return words


def answer(id: str = "x", **response: Any) -> dict[str, Any]:
    """A tool response."""
    return {
        "toolResponse": {
            "functionResponses": [{"id": id, "name": "get_weather", "response": {"c": 3}, **response}]
        }
    }


def content(*turns: tuple[str, str], complete: bool = True) -> dict[str, Any]:
    """A clientContent of these roles and texts."""
    said = [{"role": role, "parts": [{"text": text}]} for role, text in turns]
    return {"clientContent": {"turns": said, "turnComplete": complete}}


def call_id(client: Client) -> str:
    """The id of the newest call."""
    calls = [message["toolCall"] for message in client.messages if "toolCall" in message]
    return str(calls[-1]["functionCalls"][0]["id"])


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


# -- resumption and the end -------------------------------------------------------------------------------


@pytest.mark.fact("PRO-012")
@pytest.mark.parametrize(
    ("model", "setup", "at_once", "after_turn", "idle"),
    [
        ("gemini-3.8-live", AUDIO, 1, 1, 0),
        ("gemini-3.1-flash-live-preview", AUDIO, 0, 0, 50),
        ("gemini-3.5-transcribe-live", {"sessionResumption": {}}, 0, 0, 0),
        ("gemini-2.5-flash-native-audio-latest", {}, 0, 0, 0),
        ("gemini-2.5-flash-native-audio-latest", {"sessionResumption": {}}, 0, 1, 0),
    ],
    ids=["3.8", "3.1", "transcribe", "2.5", "2.5-asked"],
)
def test_a_model_tells_its_handle_in_its_own_time(
    latest: Backend, model: str, setup: dict[str, Any], at_once: int, after_turn: int, idle: int
) -> None:
    client = latest.with_key("v1beta", model=f"models/{model}", **setup)
    assert told(client)[1:] == ["sessionResumptionUpdate"] * at_once
    client.say("hi")
    assert told(client)[1:].count("sessionResumptionUpdate") == at_once + after_turn
    before = len(client.messages)
    latest.advance(60.1)
    assert told(client)[before:] == ["sessionResumptionUpdate"] * idle


@pytest.mark.fact("PRO-032")
@pytest.mark.fact("SRV-011")
def test_3_1_tells_a_new_handle_after_a_tool_response(make_backend: Callable[..., Backend]) -> None:
    import re

    client = make_backend("latest", script=WEATHER).with_key("v1beta", model=LIVE_31, **AUDIO)
    client.say("weather?")
    client.send(answer())
    updates = [message for message in client.messages if "sessionResumptionUpdate" in message]
    assert [list(update["sessionResumptionUpdate"]) for update in updates] == [["newHandle", "resumable"]]
    assert re.fullmatch(UUID4, client.handle)
    assert updates[0]["sessionResumptionUpdate"]["resumable"] is True


@pytest.mark.fact("SRV-010")
def test_3_1_acknowledges_input_and_tool_responses(make_backend: Callable[..., Backend]) -> None:
    client = make_backend("latest", script=WEATHER).with_key("v1beta", model=LIVE_31, **AUDIO)
    client.say("weather?")
    assert client.messages[1:2] == [{"serverContent": {}}]
    before = len(client.messages)
    client.send(answer())
    assert client.messages[before] == {"serverContent": {}}


def test_handles_and_go_away_are_not_held_back_behind_audio(make_backend: Callable[..., Backend]) -> None:
    backend = make_backend("latest", pace=1)
    client = backend.with_key(model=LIVE_31, **AUDIO)
    client.say("x" * 176)
    backend.advance(8)
    assert told(client).count("sessionResumptionUpdate") == 6
    assert told(client)[-1] == "sessionResumptionUpdate"
    backend.advance(3)
    assert told(client).count("turnComplete+usageMetadata") == 1


@pytest.mark.fact("PRO-018")
def test_a_connection_lasts_ten_minutes_and_its_handle_two_hours(latest: Backend) -> None:
    client = latest.with_key(model=LIVE_38, **AUDIO)
    latest.advance(589.9)
    assert client.close is None
    latest.advance(0.1)
    assert client.close is not None
    resumed = {"model": LIVE_38, **AUDIO, "sessionResumption": {"handle": client.handle}}
    latest.advance(7_200 - 590 - 1)
    latest.with_key(**resumed).expect_ready()
    latest.advance(1)
    latest.with_key(**resumed).expect_close(1008, "Requested entity was not found.")


def test_a_message_that_is_late_finds_what_was_due_before_it_done(
    make_backend: Callable[..., Backend],
) -> None:
    backend = make_backend(pace=1)
    client = backend.with_key(model=NATIVE)
    client.say("hi")
    backend.now += 20  # nobody woke the session
    client.say("more")
    assert "interrupted" not in told(client)
    assert told(client)[2:4] == ["generationComplete", "turnComplete+usageMetadata"]
    backend.now += 600
    assert client.say("too late")[-1] != Send(SETUP_COMPLETE)
    assert client.close is not None
    assert client.close[0] == 1008


def test_a_client_that_leaves_in_mid_answer_is_told_nothing_more(
    make_backend: Callable[..., Backend],
) -> None:
    backend = make_backend("latest", pace=1)
    client = backend.with_key(model=LIVE_31, **AUDIO)
    client.say("x" * 176)
    client.send({"realtimeInput": {"audio": speech(0.01)}})
    backend.advance(1)
    heard = len(client.effects)
    backend.service.lost(client.name, 1000, "", backend.now)
    backend.advance(1_000)
    assert client.say("hello?") == []
    assert len(client.effects) == heard
    assert backend.service.due is None


# -- what it accepts --------------------------------------------------------------------------------------


@pytest.mark.fact("SRV-020")
def test_early_messages_are_answered_one_by_one(make_backend: Callable[..., Backend]) -> None:
    backend = make_backend(setup_delay_s=0.13, script=WEATHER)
    client = backend.with_key("v1beta", model=TEXT_MODEL)
    client.say("weather?")
    client.send(answer())
    client.say("thanks")
    assert client.effects == []
    backend.advance(0.13)
    assert told(client)[0] == "setupComplete"
    assert client.text == 'it is {"c": 3}thanks'


@pytest.mark.fact("SRV-023")
def test_a_turn_without_a_role_was_answered_in_2025(make_backend: Callable[..., Backend]) -> None:
    client = make_backend("2025-12-31").with_key("v1beta", model=TEXT_MODEL)
    client.send({"clientContent": {"turns": [{"parts": [{"text": "hi"}]}], "turnComplete": True}})
    assert client.text == "hi"
    assert client.close is None


@pytest.mark.fact("SRV-024")
def test_a_half_cascade_model_speaks_unless_told_to_write(make_backend: Callable[..., Backend]) -> None:
    backend = make_backend("2025-07-01")
    client = backend.with_key("v1beta", model=HALF_CASCADE)
    client.say("hi")
    assert told(client)[1:] == ["audio", "generationComplete", "turnComplete+usageMetadata"]
    writes = backend.with_key("v1beta", model=HALF_CASCADE, **TEXT)
    writes.say("hi")
    assert writes.text == "hi"


@pytest.mark.fact("SRV-026")
@pytest.mark.fact("PRO-027")
@pytest.mark.parametrize(
    "history",
    [
        [content(("user", "hi"), ("model", "hello"))],
        [content(("user", "hi"), complete=False), content(("model", "hello"))],
        [content(("user", "hi"), complete=False), {"clientContent": {"turnComplete": True}}],
        [{"realtimeInput": {"audioStreamEnd": True}}, content(("user", "hi"))],
    ],
    ids=["at-once", "in-parts", "completed-alone", "after-realtime-input"],
)
def test_the_opening_content_is_history_where_setup_says_so(
    backend: Backend, history: list[dict[str, Any]]
) -> None:
    client = backend.with_key("v1beta", model=TEXT_MODEL, **SEEDED)
    assert [client.send(message) for message in history] == [[]] * len(history)
    client.send(content(("user", "and now?")))
    assert client.text == "and now?"
    plain = backend.with_key("v1beta", model=TEXT_MODEL)
    plain.send(content(("user", "hi")))
    assert plain.text == "hi"


def test_3_1_takes_history_in_parts_and_then_realtime_text_only(latest: Backend) -> None:
    client = latest.with_key(model=LIVE_31, **SEEDED, **AUDIO)
    client.send(content(("user", "hi"), complete=False))
    assert client.send(content(("model", "hello"))) == []
    client.send({"realtimeInput": {"text": "and now?"}})
    assert told(client)[-1] == "turnComplete+usageMetadata"
    client.send(content(("user", "more")))
    client.expect_close(1007, "Request contains an invalid argument.", "CLS-062")
