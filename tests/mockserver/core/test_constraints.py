"""What a connection's own setup becomes under a token: replaced whole, merged by a mask, or left alone."""

# ruff: noqa: E501  (recorded texts stay on one line)

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from mockserver.core.constraints import Constraint, read_mask
from mockserver.core.errors import Refusal

from .conftest import AUDIO_MODEL, TEXT_MODEL, UNRESOLVABLE, Backend

AUDIO = {"responseModalities": ["AUDIO"]}


@pytest.mark.fact("CON-000")
@pytest.mark.parametrize(
    ("setup", "mask", "offered", "effective"),
    [
        (None, "", {"model": "a"}, {"model": "a"}),
        ({"model": "t"}, "", {"model": "a", "tools": [{}]}, {"model": "t"}),
        ({}, "", {"model": "a"}, {}),
        ({"model": "t"}, "model", {"model": "a", "tools": [{}]}, {"model": "t", "tools": [{}]}),
        ({"model": "t", "tools": [{}]}, "model", {}, {"model": "t"}),
        (
            {"generationConfig": {"temperature": 0.1, "topK": 1}},
            "generationConfig.temperature",
            {"generationConfig": {"temperature": 1, "topK": 9}},
            {"generationConfig": {"temperature": 0.1, "topK": 9}},
        ),
        ({"generationConfig": {"topK": 1}}, "generation_config.top_k", {}, {"generationConfig": {"topK": 1}}),
        ({"model": "t"}, "generationConfig.temperature", {"generationConfig": {"temperature": 1, "topK": 9}}, {"generationConfig": {"topK": 9}}),
        (None, "model,systemInstruction", {"model": "a", "systemInstruction": {}, "tools": []}, {"tools": []}),
        ({"generationConfig": {"topK": 1}}, "generationConfig", {"generationConfig": {"topK": 2, "topP": 3}}, {"generationConfig": {"topK": 1}}),
    ],
    ids=["unlocked", "whole", "whole-and-empty", "masked", "unmasked-parts-of-the-lock-do-nothing", "merged",
         "into-nothing", "reset", "mask-only", "whole-message"],
)  # fmt: skip
def test_the_effective_setup(
    setup: Any, mask: str, offered: dict[str, Any], effective: dict[str, Any]
) -> None:
    before = deepcopy((setup, offered))
    assert Constraint(setup, read_mask(mask)).apply(offered) == effective
    assert (setup, offered) == before, "neither the token nor the offer is changed"


def test_a_lock_survives_its_session() -> None:
    lock = {"generationConfig": {"topK": 1}}
    constraint = Constraint(lock, ())
    constraint.apply({})["generationConfig"]["topK"] = 2
    assert lock == {"generationConfig": {"topK": 1}}


@pytest.mark.fact("CON-011")
def test_the_handle_of_a_client_survives_a_whole_lock() -> None:
    constraint = Constraint({"model": "t", "sessionResumption": {}}, ())
    offered = {"sessionResumption": {"handle": "h"}}
    assert constraint.apply(offered) == {"model": "t", "sessionResumption": {"handle": "h"}}


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("", ()),
        (" , ", ()),
        ("model", (("model",),)),
        ("model, generation_config.temperature", (("model",), ("generationConfig", "temperature"))),
        (
            "generationConfig.speechConfig.languageCode",
            (("generationConfig", "speechConfig", "languageCode"),),
        ),
        ("tools", (("tools",),)),
    ],
)
def test_a_mask_is_paths_in_either_spelling(text: str, paths: tuple[tuple[str, ...], ...]) -> None:
    assert read_mask(text) == paths


@pytest.mark.fact("TOK-053D")
@pytest.mark.parametrize(
    "text",
    ["nope", "model.x", "tools.functionDeclarations", "generationConfig.nope", "generationConfig.", ".", "*",
     "model,nope", "bidiGenerateContentSetup.model", "generationConfig..topK"],
)  # fmt: skip
def test_a_path_that_leads_nowhere_is_refused(text: str) -> None:
    with pytest.raises(Refusal) as caught:
        read_mask(text)
    assert caught.value.fact == "TOK-053D"
    assert caught.value.message == "field_mask is invalid for BidiGenerateContentSetup"


@pytest.mark.fact("CON-001")
def test_a_whole_lock_wins_without_an_error(backend: Backend) -> None:
    lock = {"model": TEXT_MODEL, "generationConfig": {"responseModalities": ["TEXT"]}}
    client = backend.with_token(
        backend.mint(bidiGenerateContentSetup=lock), model="models/none", generationConfig=AUDIO
    )
    client.expect_ready()
    client.say("in text")
    assert client.text == "in text"


@pytest.mark.fact("CON-002")
def test_a_whole_lock_replaces_and_never_merges(latest: Backend) -> None:
    token = latest.mint(bidiGenerateContentSetup={"model": "models/gemini-3.1-flash-live-preview"})
    client = latest.with_token(token, generationConfig=AUDIO)
    client.expect_close(
        1007,
        "The requested combination of response modalities (TEXT) is not supported by the model. "
        "models/gemini-3.1-flash-live-preview",
        "CLS-043",
    )


@pytest.mark.fact("CON-003")
def test_a_masked_model_opens_what_the_client_misnamed(backend: Backend) -> None:
    token = backend.mint(bidiGenerateContentSetup={"model": AUDIO_MODEL}, fieldMask="model")
    backend.with_token(token, model="models/none").expect_ready()


@pytest.mark.fact("CON-004")
def test_a_whole_lock_loses_manual_activity_detection(backend: Backend) -> None:
    token = backend.mint(bidiGenerateContentSetup={"model": AUDIO_MODEL}, uses=0)
    manual = {"automaticActivityDetection": {"disabled": True}}
    client = backend.with_token(token, realtimeInputConfig=manual)
    client.send({"realtimeInput": {"activityStart": {}}})
    client.expect_close(
        1007,
        "Explicit activity control is not supported when automatic activity detection is enabled.",
        "CLS-064",
    )


@pytest.mark.fact("CON-004B")
@pytest.mark.parametrize(("lock", "transcribed"), [({}, False), ({"outputAudioTranscription": {}}, True)])
def test_a_whole_lock_decides_on_transcription(
    backend: Backend, lock: dict[str, Any], transcribed: bool
) -> None:
    token = backend.mint(bidiGenerateContentSetup={"model": AUDIO_MODEL, **lock})
    client = backend.with_token(token, outputAudioTranscription={})
    client.say("hello")
    said = [
        message for message in client.messages if "outputTranscription" in message.get("serverContent", {})
    ]
    assert bool(said) is transcribed


@pytest.mark.fact("CON-005B")
def test_an_empty_setup_is_enough_under_a_lock_that_holds_a_model(backend: Backend) -> None:
    locked, unlocked = backend.mint(bidiGenerateContentSetup={"model": AUDIO_MODEL}), backend.mint()
    method = "BidiGenerateContentConstrained"
    client = backend.connect(method, query=f"access_token={locked}")
    client.send({"setup": {}})
    client.expect_ready()
    client = backend.connect(method, query=f"access_token={unlocked}")
    client.send({"setup": {}})
    client.expect_close(1007, UNRESOLVABLE, "CLS-032")


@pytest.mark.fact("CON-012")
def test_a_mask_without_setup_resets_to_the_default(backend: Backend) -> None:
    token = backend.mint(fieldMask="generationConfig.responseModalities")
    client = backend.with_token(token, generationConfig={"responseModalities": ["TEXT"]})
    client.expect_ready()
    client.say("hello")
    assert "inlineData" in str(client.messages), "the model's own modality, not the client's TEXT"


def test_a_deep_setup_is_merged_like_any_other(backend: Backend) -> None:
    deep: dict[str, Any] = {}
    for _ in range(300):
        deep = {"properties": {"a": deep}}
    tools = [{"functionDeclarations": [{"name": "f", "parametersJsonSchema": deep}]}]
    token = backend.mint(bidiGenerateContentSetup={"model": AUDIO_MODEL}, fieldMask="model")
    client = backend.with_token(token, tools=tools)
    assert client.effects, "an answer, whichever: the client hears of it"
