"""How long a session lives, how it goes on in another, and what it accepts from the first message on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mockserver.core.effects import Send

from .conftest import SETUP_COMPLETE, TEXT_MODEL, Backend, speech
from .talking import (
    AUDIO,
    HALF_CASCADE,
    LIVE_31,
    LIVE_38,
    NATIVE,
    SEEDED,
    TEXT,
    UUID4,
    WEATHER,
    answer,
    content,
    told,
)

if TYPE_CHECKING:
    from collections.abc import Callable

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
