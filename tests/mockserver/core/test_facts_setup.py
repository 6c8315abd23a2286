"""What the service was seen to say of a setup: its fields, its model, its modality, its handle."""

# ruff: noqa: E501  (recorded texts stay on one line)

from __future__ import annotations

from typing import Any

import pytest

from .conftest import (
    AUDIO_MODEL,
    INVALID_ARGUMENT,
    KEY,
    SETUP_FIRST,
    TEXT_MODEL,
    UNRESOLVABLE,
    Backend,
    Client,
)

LIVE_31 = "models/gemini-3.1-flash-live-preview"
LIVE_38 = "models/gemini-3.8-live"
THINKING_38 = "models/gemini-3.8-live-extended-thinking"
HALF_CASCADE = "models/gemini-live-2.5-flash-preview"
TEXT = {"responseModalities": ["TEXT"]}
AUDIO = {"responseModalities": ["AUDIO"]}


def setup(date: str, version: str, message: dict[str, Any]) -> tuple[Backend, Client]:
    """Open a socket with a key and send a first message."""
    backend = Backend(date)
    client = backend.connect(version=version, query=f"key={KEY}")
    client.send(message)
    return backend, client


def speaking(language: str) -> dict[str, Any]:
    """A generationConfig that asks for a language."""
    return {**AUDIO, "speechConfig": {"languageCode": language}}


def thinking(level: str) -> dict[str, Any]:
    """A generationConfig that asks for a thinking level."""
    return {**AUDIO, "thinkingConfig": {"thinkingLevel": level}}


@pytest.mark.parametrize(
    ("date", "version", "model", "reason"),
    [
        pytest.param("latest", "v1beta", "models/gemini-nope-live", "models/gemini-nope-live is not found for API version v1beta, or is not supported for bidiGenerateContent. Call ModelService", marks=pytest.mark.fact("CLS-030")),
        pytest.param("2026-01-01", "v1alpha", "models/x", "models/x is not found for API version v1alpha, or is not supported for bidiGenerateContent. Call ModelService.ListModels to", marks=pytest.mark.fact("CLS-030")),
        pytest.param("latest", "v1beta", "models/gemini-2.0-flash-live-001", "models/gemini-2.0-flash-live-001 is not found for API version v1beta, or is not supported for bidiGenerateContent. Call Mod", marks=pytest.mark.fact("CLS-030")),
        pytest.param("launch", "v1beta", "models/x", "models/x is not found for API version v1beta, or is not supported for bidiGenerateContent. Call ListModels to see the list ", marks=pytest.mark.fact("CLS-030B")),
        pytest.param("2025-12-31", "v1alpha", "models/gemini-nope-live", "models/gemini-nope-live is not found for API version v1alpha, or is not supported for bidiGenerateContent. Call ListModels ", marks=pytest.mark.fact("CLS-030B")),
        pytest.param("launch", "v1alpha", "gemini-2.0-flash-exp", "gemini-2.0-flash-exp is not found for API version v1alpha, or is not supported for bidiGenerateContent. Call ModelService.L", marks=pytest.mark.fact("CLS-031")),
        pytest.param("latest", "v1beta", "gemini-3.8-live", "gemini-3.8-live is not found for API version v1beta, or is not supported for bidiGenerateContent. Call ModelService.ListMod", marks=pytest.mark.fact("CLS-031")),
    ],
)  # fmt: skip
def test_a_key_opens_live_models_only(date: str, version: str, model: str, reason: str, fact: str) -> None:
    assert len(reason) == 123
    _, client = setup(date, version, {"setup": {"model": model}})
    client.expect_close(1008, reason, fact)


@pytest.mark.fact("CLS-032")
@pytest.mark.parametrize(
    "message",
    [{}, {"model": ""}, {"model": "gemini-3.8-live"}, {"model": "models/gemini-2.0-flash-live-001"},
     {"model": "tunedModels/mine"}, {"model": "models/none", "generationConfig": TEXT, "tools": [{}]}],
)  # fmt: skip
def test_a_token_opens_what_can_be_resolved(latest: Backend, message: dict[str, Any]) -> None:
    client = latest.connect("BidiGenerateContentConstrained", "v1beta", f"access_token={latest.mint()}")
    client.send({"setup": message})
    client.expect_close(1007, UNRESOLVABLE, "CLS-032")


@pytest.mark.parametrize(
    ("version", "message", "reason"),
    [
        pytest.param("v1beta", {"setup": {"bogusField": 1}}, "Invalid JSON payload received. Unknown name \"bogusField\" at 'setup': Cannot find field.", marks=pytest.mark.fact("CLS-034")),
        pytest.param("v1alpha", {"setup": {"explicitVadSignal": True}}, "Invalid JSON payload received. Unknown name \"explicitVadSignal\" at 'setup': Cannot find field.", marks=pytest.mark.fact("CLS-034")),
        pytest.param("v1beta", {"setUp": {}}, 'Invalid JSON payload received. Unknown name "setUp": Cannot find field.', marks=pytest.mark.fact("CLS-034B")),
        pytest.param("v1beta", {"setup": {"sessionResumption": {"transparent": True}}}, "Invalid JSON payload received. Unknown name \"transparent\" at 'setup.session_resumption': Cannot find field.", marks=pytest.mark.fact("CLS-035")),
        pytest.param("v1alpha", {"setup": {"generation_config": {"responseModality": "TEXT"}}}, "Invalid JSON payload received. Unknown name \"responseModality\" at 'setup.generation_config': Cannot find field.", marks=pytest.mark.fact("CLS-035")),
        pytest.param("v1beta", {"setup": {"tools": [{}, {"functionDeclarations": [{"title": "x"}]}]}}, "Invalid JSON payload received. Unknown name \"title\" at 'setup.tools[1].function_declarations[0]': Cannot find field.", marks=pytest.mark.fact("CLS-035")),
        pytest.param("v1beta", {"setup": {"realtimeInputConfig": {"automaticActivityDetection": {"startOfSpeechSensitivity": "HIGH"}}}}, "Invalid value at 'setup.realtime_input_config.automatic_activity_detection.start_of_speech_sensitivity' (type.googleapis.co", marks=pytest.mark.fact("CLS-036")),
        pytest.param("v1beta", {"toolResponse": {"functionResponses": [{"scheduling": "NOW"}]}}, "Invalid value at 'tool_response.function_responses[0].scheduling' (type.googleapis.com/google.ai.generativelanguage.v1beta.", marks=pytest.mark.fact("CLS-036")),
        pytest.param("v1beta", {"setup": {"proactivity": {"proactiveAudio": True}}}, "Invalid JSON payload received. Unknown name \"proactivity\" at 'setup': Cannot find field.", marks=pytest.mark.fact("CLS-037")),
        pytest.param("v1beta", {"setup": {"responseModalities": ["AUDIO"]}}, "Invalid JSON payload received. Unknown name \"responseModalities\" at 'setup': Cannot find field.", marks=pytest.mark.fact("CLS-038")),
        pytest.param("v1alpha", {"setup": {"speech_config": {}}}, "Invalid JSON payload received. Unknown name \"speech_config\" at 'setup': Cannot find field.", marks=pytest.mark.fact("CLS-038")),
        pytest.param("v1alpha", {"setup": {"thinkingConfig": {}}}, "Invalid JSON payload received. Unknown name \"thinkingConfig\" at 'setup': Cannot find field.", marks=pytest.mark.fact("CLS-038")),
        pytest.param("v1beta", {"setup": {"mediaResolution": "x"}}, "Invalid JSON payload received. Unknown name \"mediaResolution\" at 'setup': Cannot find field.", marks=pytest.mark.fact("CLS-038")),
        pytest.param("v1beta", {"setup": {"enableAffectiveDialog": True}}, "Invalid JSON payload received. Unknown name \"enableAffectiveDialog\" at 'setup': Cannot find field.", marks=pytest.mark.fact("CLS-038")),
    ],
)  # fmt: skip
def test_a_message_that_is_not_of_the_schema_closes(
    version: str, message: dict[str, Any], reason: str, fact: str
) -> None:
    _, client = setup("latest", version, message)
    client.expect_close(1007, reason, fact)


def test_several_violations_stand_in_one_reason_that_is_cut() -> None:
    _, client = setup("latest", "v1beta", {"setup": {"a": 1, "bb": 2}})
    said = (
        "Invalid JSON payload received. Unknown name \"a\" at 'setup': Cannot find field.\n"
        "Invalid JSON payload received. Unknown name \"bb\" at 'setup': Cannot find field."
    )
    client.expect_close(1007, said[:123], "CLS-034")


@pytest.mark.fact("CLS-037")
def test_proactivity_closes_on_v1beta_with_a_token_too(latest: Backend) -> None:
    client = latest.with_token(latest.mint("v1beta"), "v1beta", proactivity={})
    reason = "Invalid JSON payload received. Unknown name \"proactivity\" at 'setup': Cannot find field."
    client.expect_close(1007, reason, "CLS-037")


@pytest.mark.fact("CLS-037A")
@pytest.mark.parametrize("date", ["launch", "latest"])
def test_proactivity_opens_on_v1alpha(date: str) -> None:
    config = {"model": AUDIO_MODEL, "proactivity": {"proactive_audio": True}}
    _, client = setup(date, "v1alpha", {"setup": config})
    client.expect_ready()


@pytest.mark.fact("CLS-039")
@pytest.mark.parametrize(
    "message",
    [
        {"realtimeInput": {"audio": {"mimeType": "audio/pcm;rate=16000", "data": "AAAA"}}},
        {"clientContent": {"turnComplete": True}},
        {"toolResponse": {}},
    ],
)
def test_anything_before_setup_closes(message: dict[str, Any]) -> None:
    _, client = setup("latest", "v1beta", message)
    client.expect_close(1007, INVALID_ARGUMENT, "CLS-039")


@pytest.mark.fact("CLS-040")
@pytest.mark.parametrize("date", ["launch", "latest"])
def test_anything_before_setup_closes_in_other_words_on_v1alpha(date: str) -> None:
    _, client = setup(date, "v1alpha", {"clientContent": {"turnComplete": True}})
    client.expect_close(1007, SETUP_FIRST, "CLS-040")


@pytest.mark.fact("CLS-040")
@pytest.mark.parametrize("date", ["launch", "latest"])
def test_a_second_setup_closes(date: str) -> None:
    _, client = setup(date, "v1beta", {"setup": {"model": AUDIO_MODEL}})
    client.expect_ready()
    client.setup()
    client.expect_close(1007, SETUP_FIRST, "CLS-040")


@pytest.mark.parametrize(
    ("date", "fields", "close"),
    [
        pytest.param("latest", {"model": AUDIO_MODEL, "contextWindowCompression": {}}, (1007, INVALID_ARGUMENT), marks=pytest.mark.fact("CLS-041")),
        pytest.param("latest", {"model": AUDIO_MODEL, "context_window_compression": {}}, (1007, INVALID_ARGUMENT), marks=pytest.mark.fact("CLS-041")),
        pytest.param("2026-04-30", {"model": AUDIO_MODEL, "generationConfig": TEXT}, (1007, "Cannot extract voices from a non-audio request."), marks=pytest.mark.fact("CLS-042")),
        pytest.param("2026-07-01", {"model": LIVE_31, "generationConfig": TEXT}, (1007, "The requested combination of response modalities (TEXT) is not supported by the model. models/gemini-3.1-flash-live-preview"), marks=pytest.mark.fact("CLS-043")),
        pytest.param("latest", {"model": TEXT_MODEL, "generationConfig": AUDIO}, (1007, "The requested combination of response modalities (AUDIO) is not supported by the model. models/gemini-3.5-transcribe-live a"), marks=pytest.mark.fact("CLS-044")),
        pytest.param("latest", {"model": AUDIO_MODEL, "generationConfig": {"responseModalities": ["AUDIO", "TEXT"]}}, (1007, INVALID_ARGUMENT), marks=pytest.mark.fact("CLS-045")),
        pytest.param("2025-07-01", {"model": HALF_CASCADE, "generationConfig": {"responseModalities": ["TEXT", "AUDIO"]}}, (1007, INVALID_ARGUMENT), marks=pytest.mark.fact("CLS-045")),
        pytest.param("latest", {"model": AUDIO_MODEL, "generationConfig": speaking("sv")}, (1007, "Unsupported language code 'sv' for model models/gemini-2.5-flash-native-audio-latest"), marks=pytest.mark.fact("CLS-046")),
        pytest.param("latest", {"model": THINKING_38, "generationConfig": AUDIO}, (1007, "Thinking level must be specified"), marks=pytest.mark.fact("CLS-047")),
        pytest.param("latest", {"model": LIVE_38, "generationConfig": thinking("LOW")}, (1007, "Thinking level is not supported for this model"), marks=pytest.mark.fact("CLS-047B")),
        pytest.param("latest", {"model": LIVE_31}, (1011, "Internal error encountered."), marks=pytest.mark.fact("CLS-048")),
        pytest.param("latest", {"model": AUDIO_MODEL, "sessionResumption": {"handle": "never-given"}}, (1008, "BidiGenerateContent session not found"), marks=pytest.mark.fact("CLS-049")),
        pytest.param("latest", {"model": LIVE_38, "sessionResumption": {"handle": "never-given"}}, (1008, "Requested entity was not found."), marks=pytest.mark.fact("CLS-049B")),
        pytest.param("latest", {"model": LIVE_38, "sessionResumption": {"handle": "no handle!"}}, (1007, "Invalid session handle"), marks=pytest.mark.fact("CLS-049C")),
    ],
)  # fmt: skip
def test_a_setup_its_model_does_not_take_closes(
    date: str, fields: dict[str, Any], close: tuple[int, str], fact: str
) -> None:
    _, client = setup(date, "v1beta", {"setup": fields})
    client.expect_close(*close, fact=fact)


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"model": AUDIO_MODEL, "contextWindowCompression": {"slidingWindow": {}}}, marks=pytest.mark.fact("CLS-041")),
        pytest.param({"model": AUDIO_MODEL, "generationConfig": speaking("en-US")}, marks=pytest.mark.fact("CLS-046")),
        pytest.param({"model": LIVE_31, "generationConfig": speaking("sv")}, marks=pytest.mark.fact("CLS-046")),
        pytest.param({"model": LIVE_38, "generationConfig": speaking("sv")}, marks=pytest.mark.fact("CLS-046")),
        pytest.param({"model": TEXT_MODEL, "generationConfig": {"speechConfig": {"languageCode": "sv"}}}, marks=pytest.mark.fact("CLS-046")),
        pytest.param({"model": THINKING_38, "generationConfig": thinking("LOW")}, marks=pytest.mark.fact("CLS-047")),
        pytest.param({"model": LIVE_31, "generationConfig": AUDIO}, marks=pytest.mark.fact("CLS-048")),
        pytest.param({"model": AUDIO_MODEL, "generationConfig": {"speechConfig": {"voiceConfig": {"prebuiltVoiceConfig": {"voiceName": "Nobody"}}}}}, marks=pytest.mark.fact("CLS-050")),
    ],
)  # fmt: skip
def test_what_looks_like_it_and_is_fine_opens(fields: dict[str, Any]) -> None:
    _, client = setup("latest", "v1beta", {"setup": fields})
    client.expect_ready()
