"""Messages in a session field by field, and what the versions and dates know apart; setups are beside it."""

# ruff: noqa: E501  (recorded texts stay on one line)

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mockserver.core.effects import Send

from .conftest import SETUP_COMPLETE, TEXT_MODEL, Backend, speech
from .talking import HALF_CASCADE, MANUAL, NATIVE, unknown

if TYPE_CHECKING:
    from collections.abc import Callable

TURN = {"role": "user", "parts": [{"text": "hi"}]}
IMAGE = {"mimeType": "image/jpeg", "data": "AAAA"}


def unknown_kind(name: str) -> tuple[int, str]:
    """The close for a message that does not exist."""
    return 1007, f'Invalid JSON payload received. Unknown name "{name}": Cannot find field.'


@pytest.mark.fact("PRO-020")
@pytest.mark.parametrize(
    ("message", "close"),
    [
        ({"clientContent": {}}, None),
        ({"realtimeInput": {}}, None),
        ({"toolResponse": {}}, None),
        ({"setup": {"model": NATIVE}}, (1007, "setup must be the first message and only the first")),
        ({"clientContents": {}}, unknown_kind("clientContents")),
        ({"setupComplete": {}}, unknown_kind("setupComplete")),
        ({"realtimeInput": {}, "toolResponse": {}}, (1007, "Request contains an invalid argument.")),
        ({"realtimeInput": {}, "bogus": {}}, unknown_kind("bogus")),
    ],
    ids=str,
)
def test_a_message_is_one_of_the_kinds(latest: Backend, message: Any, close: tuple[int, str] | None) -> None:
    client = latest.with_key("v1beta", model=NATIVE)
    client.send(message)
    assert client.close == close


@pytest.mark.fact("PRO-002")
@pytest.mark.parametrize(
    "content",
    [
        {"mediaChunks": [IMAGE]},
        {"audio": speech(0.02)},
        {"video": IMAGE},
        {"audioStreamEnd": True},
        {"activityStart": {}},
    ],
    ids=lambda content: next(iter(content)),
)
def test_realtime_input_is_taken_and_not_acknowledged(latest: Backend, content: dict[str, Any]) -> None:
    for version in ("v1alpha", "v1beta"):
        client = latest.with_key(version, model=NATIVE, **MANUAL)
        assert client.send({"realtimeInput": content}) == []
        client.send({"realtimeInput": {f"{name}X": value for name, value in content.items()}})
        assert client.close == unknown(f"{next(iter(content))}X", "realtime_input")


@pytest.mark.fact("PRO-002")
def test_realtime_text_is_a_turn(latest: Backend) -> None:
    client = latest.with_key("v1beta", model=TEXT_MODEL)
    client.send({"realtimeInput": {"text": "hi"}})
    assert client.text == "hi"


@pytest.mark.fact("PRO-021")
@pytest.mark.parametrize(
    ("content", "close"),
    [
        ({"turns": [TURN], "turnComplete": True}, None),
        ({"turns": TURN, "turn_complete": True}, None),
        ({"turns": [{**TURN, "name": "x"}]}, unknown("name", "client_content.turns[0]")),
        ({"turns": [TURN, {**TURN, "parts": [{"words": "x"}]}]}, unknown("words", "client_content.turns[1].parts[0]")),
        ({"turnComplete": "yes"}, (1007, "Invalid value at 'client_content.turn_complete' (TYPE_BOOL), \"yes\"")),
        ({"complete": True}, unknown("complete", "client_content")),
    ],
    ids=str,
)  # fmt: skip
def test_client_content_has_these_fields(
    latest: Backend, content: dict[str, Any], close: tuple[int, str] | None
) -> None:
    client = latest.with_key("v1beta", model=TEXT_MODEL)
    client.send({"clientContent": content})
    assert client.close == close
    assert client.text == ("hi" if close is None else "")


@pytest.mark.fact("PRO-022")
@pytest.mark.parametrize(
    ("response", "close"),
    [
        ({"id": "f-1", "name": "f", "response": {"a": 1}}, None),
        ({"scheduling": "SILENT"}, None),
        ({"scheduling": "WHEN_IDLE"}, None),
        ({"scheduling": "INTERRUPT", "willContinue": True}, None),
        ({"parts": [{"inlineData": IMAGE}]}, None),
        ({"functionCallId": "f-1"}, unknown("functionCallId", "tool_response.function_responses[0]")),
        ({"response": "fine"}, (1007, "Invalid value at 'tool_response.function_responses[0].response' (type.googleapis.com/google.protobuf.Struct), \"fine\""[:123])),
    ],
    ids=str,
)  # fmt: skip
def test_a_tool_response_has_these_fields(
    latest: Backend, response: dict[str, Any], close: tuple[int, str] | None
) -> None:
    client = latest.with_key("v1beta", model=NATIVE)
    client.send({"toolResponse": {"functionResponses": [response]}})
    assert client.close == close


@pytest.mark.fact("PRO-022")
def test_a_tool_response_has_no_other_scheduling(latest: Backend) -> None:
    client = latest.with_key("v1beta", model=NATIVE)
    client.send({"toolResponse": {"functionResponses": [{"scheduling": "LATER"}]}})
    assert client.close is not None
    assert client.close[1].startswith(
        "Invalid value at 'tool_response.function_responses[0].scheduling' (type.google"
    )


@pytest.mark.fact("SRV-021")
def test_spellings_mix_within_one_message(latest: Backend) -> None:
    client = latest.connect(version="v1beta", query="key=any")
    client.send(
        {
            "setup": {
                "model": NATIVE,
                "generation_config": {
                    "responseModalities": ["AUDIO"],
                    "speech_config": {"languageCode": "en-US"},
                },
                "outputAudioTranscription": {},
                "realtime_input_config": {"automaticActivityDetection": {"silence_duration_ms": 200}},
            }
        }
    )
    assert client.effects == [Send(SETUP_COMPLETE)]
    client.send({"client_content": {"turns": [TURN], "turn_complete": True}})
    assert client.transcript == "hi"
    client.send({"realtime_input": {"media_chunks": [{"mimeType": "audio/pcm", "data": "AAAA"}]}})
    client.send({"tool_response": {"functionResponses": [{"will_continue": True}]}})
    assert client.close is None


@pytest.mark.fact("SRV-027")
@pytest.mark.parametrize(
    "fields",
    [
        {"tools": [{"functionDeclarations": []}]},
        {"tools": [{"functionDeclarations": [{"name": "f", "parametersJsonSchema": {"type": "object", "any": 1}}]}]},
        {"generationConfig": {"candidate_count": 1}},
        {"generationConfig": {"responseModalities": ["MODALITY_UNSPECIFIED"]}},
        {"generationConfig": {"mediaResolution": "MEDIA_RESOLUTION_UNSPECIFIED"}},
        {"generationConfig": {"thinkingConfig": {"thinkingLevel": "THINKING_LEVEL_UNSPECIFIED"}}},
        {"realtimeInputConfig": {"activityHandling": "ACTIVITY_HANDLING_UNSPECIFIED", "turnCoverage": "TURN_COVERAGE_UNSPECIFIED"}},
        {"realtimeInputConfig": {"automaticActivityDetection": {"startOfSpeechSensitivity": "START_SENSITIVITY_UNSPECIFIED"}}},
    ],
    ids=str,
)  # fmt: skip
def test_unusual_setups_open_a_session(latest: Backend, fields: dict[str, Any]) -> None:
    client = latest.with_key("v1beta", model=NATIVE, **fields)
    client.expect_ready()
    client.say("f")
    assert client.close is None


# -- versions apart ---------------------------------------------------------------------------------------

AFFECTIVE = {"generationConfig": {"enableAffectiveDialog": True}}
AFFECTIVE_UNKNOWN = unknown("enableAffectiveDialog", "setup.generation_config")


@pytest.mark.parametrize(
    ("date", "version", "model", "close"),
    [
        pytest.param("2026-07-13", "v1beta", NATIVE, None, marks=pytest.mark.fact("PRO-050")),
        pytest.param("2026-07-12", "v1beta", NATIVE, AFFECTIVE_UNKNOWN, marks=[pytest.mark.fact("PRO-050"), pytest.mark.fact("PRO-050B")]),
        pytest.param("launch", "v1beta", HALF_CASCADE, AFFECTIVE_UNKNOWN, marks=pytest.mark.fact("PRO-050B")),
        pytest.param("launch", "v1alpha", HALF_CASCADE, None, marks=pytest.mark.fact("PRO-051")),
        pytest.param("latest", "v1alpha", NATIVE, None, marks=pytest.mark.fact("PRO-051")),
    ],
)  # fmt: skip
def test_affective_dialog_is_known_here_and_now(
    make_backend: Callable[..., Backend], date: str, version: str, model: str, close: tuple[int, str] | None
) -> None:
    backend = make_backend(date)
    client = backend.with_key(version, model=model, **AFFECTIVE)
    assert client.close == close
    if close is None:
        client.say("hi")
        assert client.close is None
    else:
        assert backend.refusals[-1].fact == "PRO-050B"


@pytest.mark.fact("PRO-052")
def test_v1alpha_knows_all_that_v1beta_knows_and_proactivity(latest: Backend) -> None:
    everything: dict[str, Any] = {
        "generationConfig": {"enableAffectiveDialog": True, "translationConfig": {}},
        "systemInstruction": {"parts": [{"text": "x"}]}, "tools": [{"googleSearch": {}}], "realtimeInputConfig": {},
        "sessionResumption": {}, "contextWindowCompression": {"slidingWindow": {}}, "inputAudioTranscription": {},
        "outputAudioTranscription": {}, "historyConfig": {},
    }  # fmt: skip
    for version in ("v1alpha", "v1beta"):
        client = latest.with_key(version, model=NATIVE, **everything)
        client.say("hi")
        assert "usageMetadata" in str(client.messages)
        assert "sessionResumptionUpdate" in str(client.messages)
    proactive = {"proactivity": {"proactiveAudio": True}}
    latest.with_key("v1alpha", model=NATIVE, **everything, **proactive).expect_ready()
    assert latest.with_key("v1beta", model=NATIVE, **everything, **proactive).close == unknown(
        "proactivity", "setup"
    )


@pytest.mark.fact("PRO-053")
@pytest.mark.parametrize("version", ["v1alpha", "v1beta"])
def test_a_refusal_names_the_version_of_the_path(latest: Backend, version: str) -> None:
    client = latest.with_key(version, model="models/nope")
    assert client.close is not None
    assert client.close[1].startswith(
        f"models/nope is not found for API version {version}, or is not supported for"
    )
