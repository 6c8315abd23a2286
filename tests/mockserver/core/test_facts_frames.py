"""Frames byte for byte: each scene sends exactly what stands in its golden file, as recorded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from mockserver.core.effects import Send
from mockserver.core.script import Call, Rule, Say, Script, Think

from .conftest import Backend, Client, speech

if TYPE_CHECKING:
    from collections.abc import Callable

GOLDEN = Path(__file__).parent.parent / "golden" / "frames"
HALF_CASCADE = "models/gemini-live-2.5-flash-preview"
NATIVE = "models/gemini-2.5-flash-native-audio-latest"
LIVE_31 = "models/gemini-3.1-flash-live-preview"
LIVE_38 = "models/gemini-3.8-live"
EXTENDED = "models/gemini-3.8-live-extended-thinking"
TRANSCRIBE = "models/gemini-3.5-transcribe-live"
AUDIO = {"generationConfig": {"responseModalities": ["AUDIO"]}}
TEXT = {"generationConfig": {"responseModalities": ["TEXT"]}}
LOW = {"generationConfig": {"responseModalities": ["AUDIO"], "thinkingConfig": {"thinkingLevel": "LOW"}}}
MANUAL = {"realtimeInputConfig": {"automaticActivityDetection": {"disabled": True}}}
WEATHER = Script("weather", (Rule("turn", (Call("get_weather", {"city": "Oslo"}), Say("{response}"))),))
THOUGHT = Script("thought", (Rule("turn", (Think("Short."), Say("Yes."))),))


def open_session(
    model: str, script: Script | None = None, pace: float = 0, **setup: Any
) -> tuple[Backend, Client]:
    """A session on v1beta, on a day when the model is served."""
    date = "2025-07-01" if model == HALF_CASCADE else "latest"
    backend = Backend(date, **({"script": script} if script else {}), pace=pace)
    return backend, backend.with_key("v1beta", model=model, **setup)


def after_setup(client: Client) -> list[bytes]:
    """All frames but setupComplete."""
    frames = [effect.payload for effect in client.effects if isinstance(effect, Send)]
    return frames[1:]


def of_kind(client: Client, *names: str) -> list[bytes]:
    """The frames that say one of these."""
    return [
        frame
        for frame in after_setup(client)
        if {*names} & {*json.loads(frame), *json.loads(frame).get("serverContent", {})}
    ]


def setup_complete() -> list[bytes]:
    _, client = open_session(NATIVE)
    return [effect.payload for effect in client.effects if isinstance(effect, Send)]


def text() -> list[bytes]:
    _, client = open_session(HALF_CASCADE, **TEXT)
    client.say("one two three four")
    return after_setup(client)


def audio() -> list[bytes]:
    _, client = open_session(NATIVE)
    client.say("hi")
    return after_setup(client)


def thought() -> list[bytes]:
    _, client = open_session(HALF_CASCADE, THOUGHT, **TEXT)
    client.say("may I?")
    return after_setup(client)


def calls(model: str, **setup: Any) -> Callable[[], list[bytes]]:
    """A scene in which the model calls a tool."""

    def scene() -> list[bytes]:
        _, client = open_session(model, WEATHER, **setup)
        client.say("weather?")
        return of_kind(client, "toolCall", "modelTurn")

    return scene


def tool_response() -> list[bytes]:
    _, client = open_session(LIVE_31, WEATHER, **AUDIO)
    client.say("weather?")
    client.send({"toolResponse": {"functionResponses": [{"name": "get_weather", "response": {"c": 3}}]}})
    return after_setup(client)[:4]


def tool_cancelled() -> list[bytes]:
    _, client = open_session(NATIVE, WEATHER)
    client.say("weather?")
    before = len(client.effects) - 1
    client.send({"realtimeInput": {"audio": speech(0.2)}})
    return after_setup(client)[before:]


def interrupted() -> list[bytes]:
    _, client = open_session(NATIVE, pace=1)
    client.say("something rather long")
    before = len(client.effects) - 1
    client.send({"realtimeInput": {"audio": speech(0.2)}})
    return after_setup(client)[before:]


def resumption() -> list[bytes]:
    _, client = open_session(NATIVE, sessionResumption={})
    client.say("hi")
    return of_kind(client, "sessionResumptionUpdate")


def go_away() -> list[bytes]:
    backend, client = open_session(NATIVE)
    backend.advance(540)
    return after_setup(client)


def transcriptions() -> list[bytes]:
    _, client = open_session(NATIVE, inputAudioTranscription={}, outputAudioTranscription={})
    client.send({"realtimeInput": {"audio": speech(1.5)}})
    client.send({"realtimeInput": {"audioStreamEnd": True}})
    return of_kind(client, "inputTranscription", "outputTranscription")


def voice_activity() -> list[bytes]:
    _, client = open_session(TRANSCRIBE, **MANUAL)
    client.send({"realtimeInput": {"audio": speech(5.0)}})
    for message in ({"activityStart": {}}, {"audio": speech(1.68)}, {"activityEnd": {}}):
        client.send({"realtimeInput": message})
    return after_setup(client)


def between_content() -> list[bytes]:
    _, client = open_session(LIVE_38, outputAudioTranscription={}, **AUDIO)
    client.say("hi")
    return [
        frame for frame in after_setup(client) if b"inlineData" not in frame and b"newHandle" not in frame
    ]


def interaction_status() -> list[bytes]:
    _, client = open_session(EXTENDED, THOUGHT, **LOW)
    client.say("may I?")
    return [frame for frame in of_kind(client, "modelTurn", "turnComplete") if b"inlineData" not in frame]


SCENES: dict[str, Callable[[], list[bytes]]] = {
    "setup-complete": setup_complete,
    "text": text,
    "audio": audio,
    "thought": thought,
    "tool-call-half-cascade": calls(HALF_CASCADE, **TEXT),
    "tool-call-2.5": calls(NATIVE),
    "tool-call-3.1": calls(LIVE_31, **AUDIO),
    "tool-call-3.8": calls(LIVE_38, **AUDIO),
    "tool-response-3.1": tool_response,
    "tool-cancelled": tool_cancelled,
    "interrupted": interrupted,
    "resumption": resumption,
    "go-away": go_away,
    "transcriptions": transcriptions,
    "voice-activity": voice_activity,
    "between-content-3.8": between_content,
    "interaction-status-3.8": interaction_status,
}


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("setup-complete", marks=[pytest.mark.fact("PRO-005"), pytest.mark.fact("SRV-002")]),
        pytest.param(
            "text",
            marks=[
                pytest.mark.fact("PRO-017"),
                pytest.mark.fact("SRV-001"),
                pytest.mark.fact("SRV-002"),
                pytest.mark.fact("SRV-004"),
                pytest.mark.fact("SRV-007"),
                pytest.mark.fact("PRO-006"),
                pytest.mark.fact("PRO-011"),
            ],
        ),
        pytest.param("audio", marks=[pytest.mark.fact("SRV-003"), pytest.mark.fact("PRO-016")]),
        pytest.param("thought", marks=[pytest.mark.fact("SRV-005"), pytest.mark.fact("SRV-007")]),
        pytest.param(
            "tool-call-half-cascade", marks=[pytest.mark.fact("SRV-006"), pytest.mark.fact("PRO-010")]
        ),
        pytest.param("tool-call-2.5", marks=[pytest.mark.fact("SRV-006"), pytest.mark.fact("PRO-031")]),
        pytest.param("tool-call-3.1", marks=pytest.mark.fact("SRV-006")),
        pytest.param("tool-call-3.8", marks=[pytest.mark.fact("SRV-006"), pytest.mark.fact("PRO-010")]),
        pytest.param("tool-response-3.1", marks=[pytest.mark.fact("SRV-010"), pytest.mark.fact("SRV-011")]),
        pytest.param("tool-cancelled", marks=pytest.mark.fact("PRO-031")),
        pytest.param("interrupted", marks=pytest.mark.fact("PRO-008")),
        pytest.param("resumption", marks=pytest.mark.fact("PRO-032")),
        pytest.param("go-away", marks=pytest.mark.fact("PRO-013")),
        pytest.param("transcriptions", marks=[pytest.mark.fact("PRO-033"), pytest.mark.fact("SRV-009")]),
        pytest.param("voice-activity", marks=[pytest.mark.fact("PRO-014"), pytest.mark.fact("PRO-019")]),
        pytest.param("between-content-3.8", marks=pytest.mark.fact("PRO-015")),
        "interaction-status-3.8",
    ],
)
def test_frames_are_those_of_the_golden_file(name: str) -> None:
    golden = (GOLDEN / f"{name}.json").read_bytes()
    assert b"".join(SCENES[name]()) == golden


def test_every_golden_file_has_its_scene() -> None:
    assert sorted(path.stem for path in GOLDEN.glob("*.json")) == sorted(SCENES)


@pytest.mark.parametrize("name", SCENES)
def test_a_scene_is_the_same_every_time(name: str) -> None:
    assert SCENES[name]() == SCENES[name]()


@pytest.mark.fact("PRO-004")
def test_server_content_says_only_what_the_protocol_knows() -> None:
    frames = [json.loads(frame) for scene in SCENES.values() for frame in scene()]
    assert {field for frame in frames for field in frame.get("serverContent", {})} == {
        "modelTurn",
        "generationComplete",
        "turnComplete",
        "interrupted",
        "inputTranscription",
        "outputTranscription",
        "interimInputTranscription",
        "interactionStatus",
    }
    statuses = {
        frame["serverContent"].get("interactionStatus") for frame in frames if "serverContent" in frame
    }
    assert statuses == {None, "IN_PROGRESS", "IDLE"}


@pytest.mark.fact("PRO-030")
def test_a_message_says_one_thing_and_may_say_what_it_used() -> None:
    frames = [json.loads(frame) for scene in SCENES.values() for frame in scene()]
    assert {tuple(frame) for frame in frames} == {
        (),
        ("setupComplete",),
        ("serverContent",),
        ("serverContent", "usageMetadata"),
        ("serverContent", "voiceActivity"),
        ("toolCall",),
        ("toolCallCancellation",),
        ("goAway",),
        ("sessionResumptionUpdate",),
    }
