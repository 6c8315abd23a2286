"""The Live models: until when each is served, what it answers in, what it asks for."""

# ruff: noqa: E501  (recorded texts stay on one line)

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from .conftest import Backend, Client, speech

if TYPE_CHECKING:
    from collections.abc import Callable

EITHER = {"TEXT", "AUDIO"}
LOW = {"thinkingConfig": {"thinkingLevel": "LOW"}}


def open_session(backend: Backend, model: str, modality: str, **config: Any) -> Client:
    """A session that asks for one modality."""
    return backend.with_key(
        "v1beta", model=f"models/{model}", generationConfig={"responseModalities": [modality], **config}
    )


def expect_not_found(client: Client, model: str, version: str = "v1beta") -> None:
    """Closed as for a model the service does not have; how the text goes on changed with the years."""
    assert client.close is not None
    assert client.close[0] == 1008
    assert client.close[1].startswith(
        f"models/{model} is not found for API version {version}, or is not supported for bidi"
    )


@pytest.mark.parametrize(
    ("model", "modalities", "config", "last_day", "retired"),
    [
        pytest.param("gemini-2.0-flash-exp", EITHER, {}, "2025-12-31", "2026-01-01", marks=pytest.mark.fact("MOD-001")),
        pytest.param("gemini-2.0-flash-live-001", EITHER, {}, "2025-12-08", "2025-12-09", marks=pytest.mark.fact("MOD-002")),
        pytest.param("gemini-live-2.5-flash-preview", EITHER, {}, "2025-12-08", "2025-12-09", marks=pytest.mark.fact("MOD-003")),
        pytest.param("gemini-2.5-flash-preview-native-audio-dialog", {"AUDIO"}, {}, "2025-12-31", "2026-01-01", marks=pytest.mark.fact("MOD-004")),
        pytest.param("gemini-2.5-flash-exp-native-audio-thinking-dialog", {"AUDIO"}, {}, "2025-12-31", "2026-01-01", marks=pytest.mark.fact("MOD-005")),
        pytest.param("gemini-2.5-flash-native-audio-preview-09-2025", {"AUDIO"}, {}, "latest", None, marks=pytest.mark.fact("MOD-006")),
        pytest.param("gemini-2.5-flash-native-audio-preview-12-2025", {"AUDIO"}, {}, "latest", None, marks=pytest.mark.fact("MOD-007")),
        pytest.param("gemini-2.5-flash-native-audio-latest", {"AUDIO"}, {}, "latest", None, marks=pytest.mark.fact("MOD-008")),
        pytest.param("gemini-3.1-flash-live-preview", {"AUDIO"}, {}, "latest", None, marks=pytest.mark.fact("MOD-009")),
        pytest.param("gemini-3.5-live-translate-preview", {"AUDIO"}, {"translationConfig": {"targetLanguageCode": "de"}}, "latest", None, marks=pytest.mark.fact("MOD-010")),
        pytest.param("gemini-3.5-transcribe-live", {"TEXT"}, {}, "latest", None, marks=pytest.mark.fact("MOD-011")),
        pytest.param("gemini-robotics-er-2-streaming-preview", EITHER, {}, "latest", None, marks=pytest.mark.fact("MOD-012")),
        pytest.param("gemini-3.8-live", {"AUDIO"}, {}, "latest", None, marks=pytest.mark.fact("MOD-013")),
        pytest.param("gemini-3.8-live-extended-thinking", {"AUDIO"}, LOW, "latest", None, marks=pytest.mark.fact("MOD-014")),
    ],
)  # fmt: skip
def test_a_model_answers_in_its_modalities_until_it_is_retired(
    make_backend: Callable[..., Backend],
    model: str, modalities: set[str], config: dict[str, Any], last_day: str, retired: str | None,
) -> None:  # fmt: skip
    backend = make_backend(last_day)
    for modality in ("TEXT", "AUDIO"):
        client = open_session(backend, model, modality, **config)
        assert (client.close is None) is (modality in modalities)
        if client.close is None:
            client.say("hi")
            assert (client.text == "hi", "inlineData" in str(client.messages)) == (
                modality == "TEXT",
                modality == "AUDIO",
            )
        else:
            assert client.close[0] == 1007
    if retired:
        expect_not_found(open_session(make_backend(retired), model, "AUDIO", **config), model)


@pytest.mark.fact("MOD-011")
def test_the_model_that_transcribes_refuses_to_speak(latest: Backend) -> None:
    client = open_session(latest, "gemini-3.5-transcribe-live", "AUDIO")
    assert client.close == (
        1007,
        "The requested combination of response modalities (AUDIO) is not supported by the model. models/gemini-3.5-transcribe-live a",
    )


@pytest.mark.fact("MOD-014")
def test_extended_thinking_needs_a_level_and_tells_its_status(latest: Backend) -> None:
    model = "gemini-3.8-live-extended-thinking"
    assert open_session(latest, model, "AUDIO").close == (1007, "Thinking level must be specified")
    client = open_session(latest, model, "AUDIO", **LOW)
    client.say("hi")
    contents = [message["serverContent"] for message in client.messages if "serverContent" in message]
    assert [content.get("interactionStatus") for content in contents if "modelTurn" in content] == [
        "IN_PROGRESS"
    ] * 2
    assert contents[-1] == {"turnComplete": True, "interactionStatus": "IDLE"}


@pytest.mark.fact("MOD-016")
@pytest.mark.parametrize(
    "model", ["gemini-live-2.5-flash-native-audio", "gemini-2.0-flash-live-preview-04-09"]
)
@pytest.mark.parametrize("version", ["v1alpha", "v1beta"])
def test_a_name_of_vertex_ai_is_not_found(latest: Backend, model: str, version: str) -> None:
    expect_not_found(latest.with_key(version, model=f"models/{model}"), model, version)


def test_the_model_that_translates_hears_speech_as_others_do(latest: Backend) -> None:
    client = open_session(latest, "gemini-3.5-live-translate-preview", "AUDIO")
    client.send({"realtimeInput": {"audio": speech(0.4)}})
    client.send({"realtimeInput": {"audioStreamEnd": True}})
    assert "inlineData" in str(client.messages)
