"""One conversation: its states, its timers, and what it has still to say."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest

from mockserver.core import audio
from mockserver.core.audio import spoken
from mockserver.core.effects import Send

from .conftest import (
    AUDIO_MODEL,
    INVALID_ARGUMENT,
    SETUP_COMPLETE,
    SETUP_FIRST,
    TEXT_MODEL,
    Backend,
    Client,
    speech,
)

if TYPE_CHECKING:
    from collections.abc import Callable

MANUAL = {"automaticActivityDetection": {"disabled": True}}
GO_AWAY = (
    "Connection aborted because the client failed to close the connection "
    "after receiving a GoAway signal once the session durat"
)


def kinds(client: Client) -> list[str]:
    """What each message says, in a word."""
    return [
        next(iter(message.get("serverContent", message)), "nothing")
        for message in client.messages
    ]  # fmt: skip


def pcm(client: Client) -> list[bytes]:
    """The chunks of audio that came."""
    turns = [message.get("serverContent", {}).get("modelTurn", {}) for message in client.messages]
    parts = [part for turn in turns for part in turn.get("parts", []) if "inlineData" in part]
    return [base64.b64decode(part["inlineData"]["data"]) for part in parts]


@pytest.mark.fact("WS-005")
@pytest.mark.fact("PRO-005")
def test_setup_complete_takes_26_bytes(backend: Backend) -> None:
    client = backend.with_key()
    assert client.effects == [Send(SETUP_COMPLETE)]
    assert len(SETUP_COMPLETE) == 26


@pytest.mark.fact("SRV-001")
@pytest.mark.fact("SRV-004")
@pytest.mark.fact("SRV-007")
@pytest.mark.fact("PRO-006")
def test_a_text_turn_byte_by_byte(backend: Backend) -> None:
    client = backend.with_key(model=TEXT_MODEL)
    frames = client.say("one two three")
    assert frames == [
        Send(b"""{
  "serverContent": {
    "modelTurn": {
      "parts": [
        {
          "text": "one two"
        }
      ],
      "role": "model"
    }
  }
}
"""),
        Send(b"""{
  "serverContent": {
    "modelTurn": {
      "parts": [
        {
          "text": " three"
        }
      ],
      "role": "model"
    }
  }
}
"""),
        Send(b"""{
  "serverContent": {
    "generationComplete": true
  }
}
"""),
        Send(b"""{
  "serverContent": {
    "turnComplete": true
  },
  "usageMetadata": {
    "promptTokenCount": 3,
    "responseTokenCount": 3,
    "totalTokenCount": 6,
    "promptTokensDetails": [
      {
        "modality": "TEXT",
        "tokenCount": 3
      }
    ],
    "responseTokensDetails": [
      {
        "modality": "TEXT",
        "tokenCount": 3
      }
    ]
  }
}
"""),
    ]


@pytest.mark.fact("PRO-017")
def test_a_2_x_model_leaves_out_the_role(make_backend: Callable[..., Backend]) -> None:
    client = make_backend("2025-07-01").with_key(
        model="models/gemini-live-2.5-flash-preview", generationConfig={"responseModalities": ["TEXT"]}
    )
    client.say("hi")
    assert client.messages[1] == {"serverContent": {"modelTurn": {"parts": [{"text": "hi"}]}}}


@pytest.mark.fact("SRV-003")
@pytest.mark.fact("PRO-041")
def test_audio_comes_in_the_chunks_of_the_service(backend: Backend) -> None:
    client = backend.with_key()
    client.say("a sentence that takes about three seconds to say")
    chunks = pcm(client)
    assert [len(chunk) for chunk in chunks[:-1]] == [9_600, *[11_520] * (len(chunks) - 2)]
    assert 0 < len(chunks[-1]) <= 11_520
    assert len(chunks) > 3
    first = client.messages[1]["serverContent"]["modelTurn"]["parts"][0]["inlineData"]
    assert list(first) == ["mimeType", "data"]
    assert first["mimeType"] == "audio/pcm;rate=24000"


def test_audio_is_the_same_every_time_and_never_odd() -> None:
    for length in (0, 1, 7, 100):
        spoken = audio.spoken("x" * length)
        assert len(spoken) % 2 == 0
        assert spoken == audio.spoken("y" * length)
        assert b"".join(audio.chunks(spoken)) == spoken


@pytest.mark.fact("PRO-007")
def test_turn_complete_is_held_back_for_as_long_as_the_audio_plays(
    make_backend: Callable[..., Backend],
) -> None:
    backend = make_backend(pace=1)
    client = backend.with_key()
    text = "a sentence that takes some time"
    plays = len(spoken(text)) / 48_000
    client.say(text)
    backend.advance(plays / 2)
    assert kinds(client)[-1] == "generationComplete", "audio comes faster than it plays"
    assert sum(map(len, pcm(client))) == len(spoken(text))
    backend.advance(plays / 2 - 0.03)
    assert kinds(client)[-1] == "generationComplete"
    backend.advance(0.06)
    assert kinds(client)[-1] == "turnComplete"


@pytest.mark.fact("PRO-008")
@pytest.mark.parametrize(
    "interruption",
    [
        {"realtimeInput": {"text": "wait"}},
        {"realtimeInput": {"activityStart": {}}},
        {"clientContent": {"turns": [{"role": "user", "parts": [{"text": "wait"}]}], "turnComplete": True}},
    ],
    ids=["text", "activity", "content"],
)
def test_an_interruption_drops_what_is_still_to_be_said(
    make_backend: Callable[..., Backend], interruption: dict[str, Any]
) -> None:
    backend = make_backend(pace=1)
    client = backend.with_key(realtimeInputConfig=MANUAL)
    client.say("a sentence that takes some time")
    before = len(client.messages)
    client.send(interruption)
    assert client.messages[before : before + 2] == [
        {"serverContent": {"interrupted": True}},
        {"serverContent": {"turnComplete": True}},
    ]


def test_nothing_is_interrupted_between_turns(backend: Backend) -> None:
    client = backend.with_key()
    client.say("one")
    client.say("two")
    assert "interrupted" not in kinds(client)


@pytest.mark.fact("SRV-020")
def test_messages_before_setup_complete_are_queued_and_answered(make_backend: Callable[..., Backend]) -> None:
    backend = make_backend(setup_delay_s=0.13)
    client = backend.with_key(model=TEXT_MODEL)
    client.say("early")
    client.send({"realtimeInput": {"text": " bird"}})
    assert client.effects == []
    backend.advance(0.12)
    assert client.effects == []
    backend.advance(0.02)
    assert client.effects[0] == Send(SETUP_COMPLETE)
    assert client.text == "early bird"
    client.say("!")
    assert client.text == "early bird!"


@pytest.mark.fact("SRV-020")
def test_setup_complete_comes_before_the_close_for_a_queued_message(
    make_backend: Callable[..., Backend],
) -> None:
    backend = make_backend(setup_delay_s=0.13)
    client = backend.with_key()
    client.send({"realtimeInput": {"activityStart": {}}})
    backend.advance(1)
    assert client.effects[0] == Send(SETUP_COMPLETE)
    client.expect_close(
        1007,
        "Explicit activity control is not supported when automatic activity detection is enabled.",
        "CLS-064",
    )


def test_a_second_setup_is_refused_while_the_first_is_under_way(make_backend: Callable[..., Backend]) -> None:
    client = make_backend(setup_delay_s=1).with_key()
    client.setup()
    client.expect_close(1007, SETUP_FIRST, "CLS-040")


@pytest.mark.parametrize(
    "message",
    [
        {"toolResponse": {"functionResponses": [{"id": "never issued", "response": {}}]}},
        {"realtimeInput": {"mediaChunks": [{"mimeType": "audio/pcm", "data": "AAAA"}]}},
        {"realtimeInput": {"video": {"mimeType": "image/jpeg", "data": ""}}},
        {"realtimeInput": {"audioStreamEnd": True}},
        {"realtimeInput": {}},
        {"clientContent": {"turns": [{"role": "user", "parts": [{"text": "to be continued"}]}]}},
        {"clientContent": {}},
        b'{"realtimeInput": {"audio": {"mimeType": "audio/pcm", "data": "\\u002B\\u002B"}}}',
    ],
)
def test_a_message_that_asks_for_nothing_gets_nothing(backend: Backend, message: Any) -> None:
    client = backend.with_key()
    assert client.send(message) == []
    client.expect_ready()


@pytest.mark.fact("PRO-003")
def test_turn_complete_alone_makes_the_model_speak(backend: Backend) -> None:
    client = backend.with_key()
    client.send({"clientContent": {"turnComplete": True}})
    assert kinds(client)[-1] == "turnComplete"


@pytest.mark.fact("CLS-060")
@pytest.mark.fact("SRV-023")
@pytest.mark.parametrize(("date", "close"), [("launch", None), ("latest", (1007, INVALID_ARGUMENT))])
def test_a_turn_without_a_role_is_refused_by_now(
    make_backend: Callable[..., Backend], date: str, close: tuple[int, str] | None
) -> None:
    client = make_backend(date).with_key()
    client.send({"clientContent": {"turns": [{"parts": [{"text": "hi"}]}], "turnComplete": True}})
    assert client.close == close


@pytest.mark.fact("CLS-064")
@pytest.mark.parametrize("signal", ["activityStart", "activityEnd"])
def test_activity_signals_need_manual_detection(backend: Backend, signal: str) -> None:
    reason = "Explicit activity control is not supported when automatic activity detection is enabled."
    client = backend.with_key()
    client.send({"realtimeInput": {signal: {}}})
    client.expect_close(1007, reason, "CLS-064")
    manual = backend.with_key(realtimeInputConfig=MANUAL)
    for message in ({"activityStart": {}}, {"audio": speech(0.2)}, {"activityEnd": {}}):
        manual.send({"realtimeInput": message})
    assert len(backend.refusals) == 1


def test_audio_is_answered_when_it_ends(backend: Backend) -> None:
    client = backend.with_key(outputAudioTranscription={})
    client.send({"realtimeInput": {"audio": speech(0.4)}})
    assert len(client.messages) == 1
    client.send({"realtimeInput": {"audioStreamEnd": True}})
    assert client.transcript == "0.4 seconds of speech"


@pytest.mark.fact("PRO-038")
def test_audio_before_the_start_of_activity_is_thrown_away(backend: Backend) -> None:
    client = backend.with_key(realtimeInputConfig=MANUAL, outputAudioTranscription={})
    speak = {"realtimeInput": {"audio": speech(0.3)}}
    client.send(speak)
    client.send({"realtimeInput": {"activityStart": {}}})
    client.send(speak)
    client.send({"realtimeInput": {"activityEnd": {}}})
    assert client.transcript == "0.3 seconds of speech"


@pytest.mark.fact("PRO-012")
@pytest.mark.parametrize("asked", [True, False])
def test_a_handle_comes_after_a_turn_when_it_was_asked_for(backend: Backend, asked: bool) -> None:
    client = backend.with_key(**({"sessionResumption": {}} if asked else {}))
    client.say("hello")
    updates = [message for message in client.messages if "sessionResumptionUpdate" in message]
    assert len(updates) == asked
    if asked:
        assert updates[0] == {"sessionResumptionUpdate": {"newHandle": client.handle, "resumable": True}}
        assert [len(part) for part in client.handle.split("-")] == [8, 4, 4, 4, 12]


@pytest.mark.fact("PRO-013")
@pytest.mark.fact("CLS-067")
def test_a_connection_is_told_to_leave_and_closed_50_s_later(backend: Backend) -> None:
    client = backend.with_key()
    backend.advance(539.9)
    assert len(client.messages) == 1
    backend.advance(0.1)
    assert client.messages[-1] == {"goAway": {"timeLeft": "50s"}}
    backend.advance(49.9)
    assert client.close is None
    backend.advance(0.1)
    client.expect_close(1008, GO_AWAY, "CLS-067")


def test_a_long_leap_plays_everything_in_order(make_backend: Callable[..., Backend]) -> None:
    backend = make_backend(pace=1, setup_delay_s=0.1)
    client = backend.with_key()
    client.say("hello")
    backend.advance(10_000)
    assert kinds(client)[0] == "setupComplete"
    assert kinds(client)[-3:] == ["generationComplete", "turnComplete", "goAway"]
    client.expect_close(1008, GO_AWAY, "CLS-067")


def test_after_the_close_nothing_is_heard_or_said(backend: Backend) -> None:
    client = backend.with_key()
    client.send({"bogus": {}})
    assert client.close is not None
    assert client.say("hello") == []
    backend.advance(10_000)
    assert backend.service.open_connections == 0


@pytest.mark.parametrize("text", ["\ud800", "\x00", "é" * 70, "日本語", ""])
def test_any_text_can_be_said_back(backend: Backend, text: str) -> None:
    client = backend.with_key(model=TEXT_MODEL)
    client.say(text)
    assert kinds(client)[-1] == "turnComplete"
    if text.isprintable() and text:
        assert client.text == text


def test_text_in_the_model_s_frames_is_utf_8_not_escapes(backend: Backend) -> None:
    client = backend.with_key(model=TEXT_MODEL)
    [first, *_] = client.say("日本語")
    assert isinstance(first, Send)
    assert "日本語".encode() in first.payload
    assert json.loads(first.payload)


@pytest.mark.parametrize("model", [AUDIO_MODEL, TEXT_MODEL])
def test_usage_counts_both_sides(backend: Backend, model: str) -> None:
    client = backend.with_key(model=model)
    client.say("twelve chars")
    usage = client.messages[-1]["usageMetadata"]
    assert usage["promptTokenCount"] == 3
    assert usage["totalTokenCount"] == usage["promptTokenCount"] + usage["responseTokenCount"]
