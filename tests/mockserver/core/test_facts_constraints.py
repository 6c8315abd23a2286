"""What a locked setup does to a session, and what a resumption costs, seen from the socket."""

# ruff: noqa: E501  (recorded texts stay on one line)

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import Backend, Client

NATIVE = "models/gemini-2.5-flash-native-audio-latest"
TRANSCRIBE = "models/gemini-3.5-transcribe-live"
ROBOTICS = "models/gemini-robotics-er-2-streaming-preview"
LIVE_31 = "models/gemini-3.1-flash-live-preview"
TEXT = {"generationConfig": {"responseModalities": ["TEXT"]}}
AUDIO = {"generationConfig": {"responseModalities": ["AUDIO"]}}


def speaks(client: Client) -> bool:
    """Tell whether the model answers in audio; it answers in any case."""
    client.say("hello")
    assert "turnComplete" in str(client.messages)
    return "inlineData" in str(client.messages)


@pytest.mark.fact("CON-000")
@pytest.mark.parametrize(
    ("locked", "mask", "offered", "spoken", "transcribed"),
    [
        (None, "", {"model": ROBOTICS, **AUDIO}, True, False),
        (None, "", {"model": ROBOTICS, **TEXT}, False, False),
        ({"model": ROBOTICS, **TEXT}, "", {"model": NATIVE, **AUDIO, "outputAudioTranscription": {}}, False, False),
        ({"model": ROBOTICS, **AUDIO}, "model", {"model": NATIVE, "outputAudioTranscription": {}}, True, True),
        ({"model": ROBOTICS, **TEXT}, "generation_config.response_modalities", {"model": ROBOTICS, **AUDIO}, False, False),
        ({"model": ROBOTICS, **TEXT}, "model", {"model": NATIVE, **AUDIO}, True, False),
    ],
    ids=["nothing-speaks", "nothing-writes", "whole", "masked-model", "masked-modality", "unmasked-modality"],
)  # fmt: skip
def test_the_setup_that_runs(
    latest: Backend, locked: Any, mask: str, offered: dict[str, Any], spoken: bool, transcribed: bool
) -> None:
    fields = {"bidiGenerateContentSetup": locked} if locked else {}
    client = latest.with_token(latest.mint(**fields, **({"fieldMask": mask} if mask else {})), **offered)
    assert speaks(client) is spoken
    assert bool(client.transcript) is transcribed


@pytest.mark.fact("CON-001")
@pytest.mark.parametrize("version", ["v1alpha", "v1beta"])
def test_another_modality_instruction_and_model_change_nothing(latest: Backend, version: str) -> None:
    token = latest.mint(version, bidiGenerateContentSetup={"model": ROBOTICS, **TEXT}, uses=0)
    plain = latest.with_token(token, version, model=ROBOTICS)
    client = latest.with_token(
        token, version, model="models/none", systemInstruction={"parts": [{"text": "shout"}]}, **AUDIO
    )
    assert client.effects == plain.effects
    assert client.say("hello") == plain.say("hello")


@pytest.mark.fact("CON-002")
def test_a_lock_of_the_model_alone_falls_back_to_text(latest: Backend) -> None:
    token = latest.mint(bidiGenerateContentSetup={"model": LIVE_31})
    client = latest.with_token(token, model=LIVE_31, **AUDIO)
    assert client.close == (
        1007,
        "The requested combination of response modalities (TEXT) is not supported by the model. "
        "models/gemini-3.1-flash-live-preview",
    )


@pytest.mark.fact("CON-005")
def test_a_lock_does_not_send_the_setup_for_the_client(latest: Backend) -> None:
    token = latest.mint(bidiGenerateContentSetup={"model": NATIVE}, uses=0)
    method, query = "BidiGenerateContentConstrained", f"access_token={token}"
    silent = latest.connect(method, query=query)
    latest.advance(20)
    assert silent.effects == []
    hasty = latest.connect(method, query=query)
    hasty.send({"realtimeInput": {"text": "hello"}})
    assert hasty.close is not None
    assert hasty.close[0] == 1007
    for setup in ({}, {"model": NATIVE}):
        client = latest.connect(method, query=query)
        client.send({"setup": setup})
        client.expect_ready()


@pytest.mark.fact("CON-006")
@pytest.mark.parametrize(
    ("model", "setup"),
    [
        (NATIVE, AUDIO),
        (TRANSCRIBE, TEXT),
        (ROBOTICS, TEXT),
        (
            LIVE_31,
            {
                "generationConfig": {
                    "responseModalities": ["AUDIO"],
                    "thinkingConfig": {"thinkingLevel": "LOW"},
                }
            },
        ),
        (NATIVE, {"tools": [{"googleSearch": {}}], "inputAudioTranscription": {}, "sessionResumption": {}}),
    ],
)
def test_an_unconstrained_token_opens_any_model_with_any_config(
    latest: Backend, model: str, setup: dict[str, Any]
) -> None:
    client = latest.with_token(latest.mint(), model=model, **setup)
    assert json.loads(client.effects[0].payload) == {"setupComplete": {}}
    assert speaks(client) is ("TEXT" not in str(setup))


@pytest.mark.fact("CON-007")
@pytest.mark.parametrize("times", [1, 5])
def test_a_spent_token_resumes_again_and_again(latest: Backend, times: int) -> None:
    token = latest.mint()
    first = latest.with_token(token, model=NATIVE, sessionResumption={})
    first.say("hi")
    for _ in range(times):
        resumed = latest.with_token(token, model=NATIVE, sessionResumption={"handle": first.handle})
        resumed.expect_ready()
    latest.with_token(token, model=NATIVE).expect_close(1011, "Token has been used too many times", "CLS-007")


@pytest.mark.fact("CON-007B")
@pytest.mark.parametrize(("date", "free"), [("2026-01-31", False), ("2026-02-01", True)])
def test_until_2026_a_resumption_cost_a_use(
    make_backend: Callable[..., Backend], date: str, free: bool
) -> None:
    backend = make_backend(date)
    token = backend.mint()
    first = backend.with_token(token, model=NATIVE, sessionResumption={})
    first.say("hi")
    resumed = backend.with_token(token, model=NATIVE, sessionResumption={"handle": first.handle})
    assert resumed.close == (None if free else (1011, "Token has been used too many times"))


@pytest.mark.fact("CON-011")
def test_a_whole_lock_honours_the_handle_of_the_client(latest: Backend) -> None:
    token = latest.mint(bidiGenerateContentSetup={"model": NATIVE, "sessionResumption": {}})
    first = latest.with_token(token, model=NATIVE)
    first.say("hi")
    latest.with_token(token, sessionResumption={"handle": first.handle}).expect_ready()
    wrong = latest.with_token(
        latest.mint(bidiGenerateContentSetup={"model": NATIVE}), sessionResumption={"handle": "x" * 36}
    )
    wrong.expect_close(1008, "BidiGenerateContent session not found", "CLS-049")


@pytest.mark.fact("CON-012")
def test_a_masked_field_the_token_leaves_unset_is_the_default_again(latest: Backend) -> None:
    token = latest.mint(
        bidiGenerateContentSetup={"model": ROBOTICS}, fieldMask="model,outputAudioTranscription"
    )
    client = latest.with_token(token, model=ROBOTICS, outputAudioTranscription={}, **AUDIO)
    assert speaks(client)
    assert client.transcript == ""
