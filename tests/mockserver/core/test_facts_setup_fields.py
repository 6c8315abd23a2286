"""Setups field by field: what is taken, what has no effect, and what is refused by name."""

# ruff: noqa: E501  (recorded texts stay on one line)

from __future__ import annotations

from typing import Any

import pytest

from .conftest import TEXT_MODEL, Backend
from .talking import NATIVE, unknown


@pytest.mark.fact("PRO-001")
@pytest.mark.parametrize("version", ["v1alpha", "v1beta"])
@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"generationConfig": {}},
        {"systemInstruction": {"parts": [{"text": "be brief"}]}},
        {"tools": [{"googleSearch": {}}]},
        {"realtimeInputConfig": {}},
        {"sessionResumption": {}},
        {"contextWindowCompression": {"slidingWindow": {}}},
        {"inputAudioTranscription": {}},
        {"outputAudioTranscription": {}},
        {"historyConfig": {}},
    ],
    ids=lambda fields: next(iter(fields), "model"),
)
def test_setup_has_this_field_on_both_versions(latest: Backend, version: str, fields: dict[str, Any]) -> None:
    latest.with_key(version, model=NATIVE, **fields).expect_ready()


@pytest.mark.fact("PRO-001")
@pytest.mark.parametrize(
    ("version", "fields", "close"),
    [
        ("v1beta", {"explicitVadSignal": True}, unknown("explicitVadSignal", "setup")),
        ("v1alpha", {"explicitVadSignal": True}, unknown("explicitVadSignal", "setup")),
        (
            "v1beta",
            {"sessionResumption": {"transparent": True}},
            unknown("transparent", "setup.session_resumption"),
        ),
        ("v1beta", {"proactivity": {"proactiveAudio": True}}, unknown("proactivity", "setup")),
        ("v1alpha", {"proactivity": {"proactiveAudio": True}}, None),
    ],
)
def test_setup_has_no_field_of_vertex_ai(
    latest: Backend, version: str, fields: dict[str, Any], close: tuple[int, str] | None
) -> None:
    client = latest.with_key(version, model=NATIVE, **fields)
    assert client.close == close


@pytest.mark.fact("PRO-001B")
@pytest.mark.parametrize("version", ["v1alpha", "v1beta"])
@pytest.mark.parametrize(
    "fields",
    [{"avatarConfig": {"anything": 1}}, {"safetySettings": [{"category": "X", "threshold": "BLOCK_NONE"}]}],
    ids=["avatarConfig", "safetySettings"],
)
def test_what_sdks_send_is_accepted_without_effect(
    latest: Backend, version: str, fields: dict[str, Any]
) -> None:
    client, plain = (
        latest.with_key(version, model=TEXT_MODEL, **fields),
        latest.with_key(version, model=TEXT_MODEL),
    )
    assert client.say("hi") == plain.say("hi")
    assert client.close is None


@pytest.mark.fact("PRO-023")
@pytest.mark.parametrize(
    "config",
    [
        {"responseModalities": ["AUDIO"]},
        {
            "speechConfig": {
                "voiceConfig": {"prebuiltVoiceConfig": {"voiceName": "Kore"}},
                "languageCode": "en-US",
            }
        },
        {"temperature": 0.5, "topP": 0.9, "topK": 40, "maxOutputTokens": 99, "candidateCount": 1},
        {"presencePenalty": 0.1, "frequencyPenalty": 0.1, "seed": 7},
        {"mediaResolution": "MEDIA_RESOLUTION_LOW"},
        {"thinkingConfig": {"includeThoughts": True, "thinkingBudget": 0}},
        {"enableAffectiveDialog": True},
        {"translationConfig": {"targetLanguageCode": "de"}},
        {"audioTranscriptionConfig": {}},
    ],
    ids=lambda config: next(iter(config)),
)
def test_generation_config_has_these_fields(latest: Backend, config: dict[str, Any]) -> None:
    client = latest.with_key("v1beta", model=NATIVE, generationConfig=config)
    client.expect_ready()
    bad = latest.with_key(
        "v1beta", model=NATIVE, generationConfig={f"{name}X": 1 for name in list(config)[:1]}
    )
    assert bad.close == unknown(f"{next(iter(config))}X", "setup.generation_config")


@pytest.mark.fact("PRO-024")
@pytest.mark.parametrize(
    ("config", "close"),
    [
        ({"responseMimeType": "application/json"}, None),
        ({"responseSchema": {"type": "OBJECT"}}, None),
        ({"responseJsonSchema": {"type": "object"}}, None),
        ({"responseLogprobs": True, "logprobs": 3}, None),
        ({"stopSequence": ["hi"]}, unknown("stopSequence", "setup.generation_config")),
        ({"routingConfig": {}}, unknown("routingConfig", "setup.generation_config")),
        ({"audioTimestamp": True}, unknown("audioTimestamp", "setup.generation_config")),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_what_live_does_not_support_has_no_effect(
    latest: Backend, config: dict[str, Any], close: tuple[int, str] | None
) -> None:
    client = latest.with_key("v1beta", model=TEXT_MODEL, generationConfig=config)
    assert client.close == close
    if close is None:
        plain = latest.with_key("v1beta", model=TEXT_MODEL)
        assert client.say("hi there") == plain.say("hi there")
        assert client.text == "hi there"


@pytest.mark.fact("PRO-025")
@pytest.mark.parametrize("side", ["inputAudioTranscription", "outputAudioTranscription"])
def test_a_transcription_config_has_these_fields(latest: Backend, side: str) -> None:
    config: dict[str, Any] = {
        "languageCodes": ["en-US"], "languageAuto": {}, "languageHints": {}, "adaptationPhrases": ["Oslo"],
        "customVocabulary": ["fjord"], "diarization": True, "wordTimestamp": True, "mode": "VERBATIM",
    }  # fmt: skip
    for name, value in config.items():
        latest.with_key("v1beta", model=NATIVE, **{side: {name: value}}).expect_ready()
    latest.with_key("v1beta", model=NATIVE, **{side: {**config, "mode": "SMART"}}).expect_ready()
    client = latest.with_key("v1beta", model=NATIVE, **{side: {"mode": "LOUD"}})
    assert client.close is not None
    path = (
        "setup.input_audio_transcription.mode" if "input" in side else "setup.output_audio_transcription.mode"
    )
    assert client.close[1].startswith(f"Invalid value at '{path}' (type.googleapis.com/")
    client = latest.with_key("v1beta", model=NATIVE, **{side: {"finished": True}})
    assert client.close == unknown("finished", path.removesuffix(".mode"))


@pytest.mark.fact("PRO-026")
@pytest.mark.parametrize(
    ("config", "accepted"),
    [
        ({"automaticActivityDetection": {"disabled": False}}, True),
        ({"automaticActivityDetection": {"startOfSpeechSensitivity": "START_SENSITIVITY_HIGH"}}, True),
        ({"automaticActivityDetection": {"endOfSpeechSensitivity": "END_SENSITIVITY_LOW"}}, True),
        ({"automaticActivityDetection": {"prefixPaddingMs": 20, "silenceDurationMs": 100}}, True),
        ({"activityHandling": "START_OF_ACTIVITY_INTERRUPTS"}, True),
        ({"activityHandling": "NO_INTERRUPTION"}, True),
        ({"turnCoverage": "TURN_INCLUDES_ONLY_ACTIVITY"}, True),
        ({"turnCoverage": "TURN_INCLUDES_ALL_INPUT"}, True),
        ({"turnCoverage": "TURN_INCLUDES_AUDIO_ACTIVITY_AND_ALL_VIDEO"}, True),
        ({"automaticActivityDetection": {"disabled": "maybe"}}, False),
        ({"automaticActivityDetection": {"startOfSpeechSensitivity": "LOUD"}}, False),
        ({"automaticActivityDetection": {"endOfSpeechSensitivity": "START_SENSITIVITY_LOW"}}, False),
        ({"automaticActivityDetection": {"prefixPaddingMs": "soon"}}, False),
        ({"activityHandling": "INTERRUPT"}, False),
        ({"turnCoverage": "ALL"}, False),
        ({"vad": {}}, False),
    ],
    ids=str,
)
def test_realtime_input_config_has_these_fields(
    latest: Backend, config: dict[str, Any], accepted: bool
) -> None:
    client = latest.with_key("v1beta", model=NATIVE, realtimeInputConfig=config)
    if accepted:
        client.expect_ready()
    else:
        assert client.close is not None
        assert client.close[0] == 1007
        assert " at 'setup.realtime_input_config" in client.close[1]


@pytest.mark.fact("PRO-027")
@pytest.mark.parametrize(
    ("fields", "close"),
    [
        ({"contextWindowCompression": {"triggerTokens": "25600", "slidingWindow": {"targetTokens": "12800"}}}, None),
        ({"contextWindowCompression": {"triggerTokens": 25600, "slidingWindow": {}}}, None),
        ({"historyConfig": {"initialHistoryInClientContent": True}}, None),
        ({"contextWindowCompression": {"trigger": 1}}, unknown("trigger", "setup.context_window_compression")),
        ({"contextWindowCompression": {"triggerTokens": "many"}},
         (1007, "Invalid value at 'setup.context_window_compression.trigger_tokens' (TYPE_INT64), \"many\"")),
        ({"historyConfig": {"history": True}}, unknown("history", "setup.history_config")),
        ({"sessionResumption": {"token": "x"}}, unknown("token", "setup.session_resumption")),
        ({"sessionResumption": {"handle": "2b6f0cc9-0000-4000-a000-000000000000"}},
         (1008, "BidiGenerateContent session not found")),
    ],
    ids=str,
)  # fmt: skip
def test_the_configs_for_long_sessions_have_these_fields(
    latest: Backend, fields: dict[str, Any], close: tuple[int, str] | None
) -> None:
    assert latest.with_key("v1beta", model=NATIVE, **fields).close == close
