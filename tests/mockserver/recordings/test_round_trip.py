"""What is recorded, played and recorded again, is the same."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from mockserver import READY, MockServer, load
from mockserver.core import replaying, takes
from mockserver.recordings import entries, read

from ..conftest import Live, live_path
from .conftest import a_session, untimed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mockserver import Entry

    Record = Callable[..., tuple[Path, tuple[Entry, ...]]]

#: Scripts that end normally or by a close: not those that are silent, take real time, or break frames.
ENDING = sorted(
    set(READY)
    - {name for name in READY if name.startswith(("silent-", "slow-"))}
    - {"half-frame", "half-handshake", "masked", "reserved-bits", "oversized", "long-audio"}
)


def problems(journal: tuple[Entry, ...]) -> list[str]:
    """What the mock says of who departs from a recording."""
    return [entry.what for entry in journal if entry.kind == "problem"]


@pytest.mark.parametrize("name", ENDING)
def test_a_recording_of_a_replay_is_the_recording(name: str, record: Record) -> None:
    client = partial(a_session, is_greeted=name == "greeting")
    first, _ = record(READY[name], client)
    again, journal = record(load(first), client)
    assert untimed(again) == untimed(first)
    assert problems(journal) == []
    assert len(untimed(first)) >= 4


@pytest.mark.parametrize(
    ("place", "name", "wrong", "script"),
    [
        (replaying, "cut", lambda reason: "", "close-1011"),
        (takes, "pretty", lambda value: b"{}", "greeting"),
        (entries.Reader, "_end", lambda self, entry: None, "echo"),
        (replaying.Replay, "_listen", lambda self, size: [], "echo"),
    ],
)
def test_a_wrong_replay_is_found_out(
    place: Any, name: str, wrong: Any, script: str, record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, _ = record(READY[script])
    monkeypatch.setattr(place, name, wrong)
    try:
        again, _ = record(load(first))
    except (TimeoutError, KeyError):
        return
    assert untimed(again) != untimed(first)


def test_a_script_with_a_recording_is_json_as_any(record: Record) -> None:
    script = load(record(READY["echo"])[0])
    assert load(json.loads(json.dumps(script.data()))) == script


def test_times_are_as_recorded_and_scaled_by_the_pace(
    record: Record, serve: Callable[..., MockServer], live: Callable[..., Live]
) -> None:
    path, _ = record(READY["greeting"], a_session)
    script = load(path)
    # As if the service had taken ten seconds for its first message.
    first = next(n for n, line in enumerate(script.recorded) if line.kind == "binary")
    later = (replace(line, ms=line.ms + 10_000) for line in script.recorded[first:])
    server = serve(script=replace(script, recorded=(*script.recorded[:first], *later)), pace=0.5)
    one = live(server).setup(tools=[{"functionDeclarations": [{"name": "get_weather"}]}])
    while not any(entry.kind == "in" for entry in server.journal):
        pass
    assert not [entry for entry in server.journal if entry.kind == "out"]
    server.advance(4.9)
    assert not [entry for entry in server.journal if entry.kind == "out"]
    server.advance(0.2)
    one.expect_ready()


def test_a_handshake_that_was_refused_is_refused_and_a_mint_that_failed_fails(
    serve: Callable[..., MockServer],
) -> None:
    lines = [
        {"ms": 0, "on": "http-1", "by": "client", "kind": "request", "what": "POST /v1beta/auth_tokens"},
        {"ms": 9, "on": "http-1", "by": "service", "kind": "response", "status": 404, "payload": "no such"},
        {"ms": 10, "on": "ws-1", "by": "client", "kind": "handshake", "what": f"GET {live_path()}"},
        {
            "ms": 20, "on": "ws-1", "by": "service", "kind": "rejected", "status": 429,
            "headers": {"retry-after": "7"}, "payload": {"json": {"error": "busy"}},
        },
        {"ms": 30, "on": "ws-2", "by": "client", "kind": "handshake", "what": f"GET {live_path()}"},
        {"ms": 40, "on": "ws-2", "by": "service", "kind": "drop", "reset": True},
    ]  # fmt: skip
    server = serve(script={"name": "recorded", "rules": [], "recorded": lines})
    from ..conftest import Wire

    wire = Wire(server.port)
    answer = wire.request("POST", "/v1beta/auth_tokens", b"{}")
    assert (answer.status, answer.body) == (404, b"no such")
    wire.close()
    wire = Wire(server.port)
    answer = wire.upgrade(live_path())
    assert (answer.status, answer.headers["retry-after"], answer.json) == (429, "7", {"error": "busy"})
    wire.close()
    wire = Wire(server.port)
    wire.send(f"GET {live_path()} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n")
    wire.send("Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
    assert wire.rest() == b""
    wire.close()
    assert not [entry for entry in server.journal if entry.kind == "fault"], "the service did it, no script"


def test_a_model_and_a_field_that_the_mock_does_not_know_are_played(record: Record) -> None:
    """A recording is of the real service, which knows more."""

    def client(port: int) -> None:
        live = Live(port, live_path("BidiGenerateContent", "v1beta"))
        live.setup("models/gemini-99-live", aFieldOfTomorrow={"a": 1})
        live._next()
        live.close()

    first, _ = record(READY["echo"], client)
    lines = [line for line in read(first).lines if line.kind != "close"]
    assert lines[-1].by == "client", "the mock refused it"
    answered = (*lines, replace(lines[-1], by="service", payload={"json": {"setupComplete": {"new": True}}}))
    again, journal = record(replace(load(first), recorded=answered), client)
    assert [line.payload for line in read(again).lines if line.kind == "text"][-1] == {
        "json": {"setupComplete": {"new": True}}
    }
    assert problems(journal) == []


def test_who_comes_more_often_gets_it_again_and_is_told_of(record: Record) -> None:
    path, _ = record(READY["echo"])

    def twice(port: int) -> None:
        a_session(port)
        a_session(port)

    again, journal = record(load(path), twice)
    told = problems(journal)
    assert len(told) == 2
    assert all("came more often than recorded (1): it begins again" in one for one in told)
    assert len(read(again).lines) == 2 * len(read(path).lines)


def test_what_was_not_recorded_is_as_the_mock_does_it(record: Record) -> None:
    path, _ = record(READY["echo"])

    def lists(port: int) -> None:
        from ..conftest import Wire

        wire = Wire(port)
        assert wire.request("GET", "/v1beta/models?key=k").status == 501
        wire.close()

    _, journal = record(load(path), lists)
    assert problems(journal) == [
        "otherwise than recorded: nothing was recorded of GET /v1beta/models: the mock answers"
    ]


def test_it_is_played_to_one_key_and_its_tokens(
    record: Record, serve: Callable[..., MockServer], live: Callable[..., Live]
) -> None:
    from ..conftest import Wire

    script = load(record(READY["greeting"])[0])
    server: Any = serve()
    server.play(script, api_key="mine")
    wire = Wire(server.port)
    token = wire.request("POST", "/v1alpha/auth_tokens", b'{"uses": 3}', x_goog_api_key="mine").json["name"]
    wire.close()
    assert token == "auth_tokens/token-1"
    query = f"access_token={token}"
    one = live(server, "BidiGenerateContentConstrained", query=query)
    one.setup(tools=[{"functionDeclarations": [{"name": "get_weather"}]}]).expect_ready()
    assert {entry.owner for entry in server.journal} == {"mine"}
    live(server).setup().expect_ready().say("hi").expect_turn()
