"""The real key goes to the service and nowhere else; tokens are nowhere whole but on the wire."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.relay import requests
from mockserver.relay.veil import Veil

from ..conftest import Live, Wire, live_path
from .conftest import REAL, STAND_IN, head_of, watch

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable
    from pathlib import Path

    from mockserver import MockServer, Relay

    from .conftest import Raw

MINT = "/v1alpha/auth_tokens"


class Run:
    """All that a session through a relay leaves behind."""

    def __init__(self, relay: Relay, server: MockServer, record: Path) -> None:
        answer = Wire(relay.port).request("POST", MINT, b"{}", x_goog_api_key=STAND_IN)
        self.token = answer.json["name"]
        live = Live(
            relay.port, live_path("BidiGenerateContentConstrained", query=f"access_token={self.token}")
        )
        live.setup().expect_ready().say(f"my token is {self.token}").expect_turn()
        live.close()
        by_key = Live(relay.port, live_path(query=f"key={STAND_IN}"))
        by_key.setup().expect_ready().close()
        relay.stop()
        entries = list(relay._ledger.journal)
        self.owners = {entry.owner for entry in entries}
        self.service_saw = {entry.owner for entry in server.journal}
        self.memory = repr(entries)
        self.shown = json.dumps([entry.shown() for entry in entries]) + "".join(e.line() for e in entries)
        self.file = record.read_text()


@pytest.fixture
def left(
    serve: Callable[..., MockServer], between: Callable[..., Relay], tmp_path: Path
) -> Callable[[], Run]:
    def run() -> Run:
        server, record = serve(api_keys=(REAL,)), tmp_path / "session.jsonl"
        return Run(between(server.url, record=record), server, record)

    return run


def test_the_real_key_is_with_the_service_alone(left: Callable[[], Run], capfd: Any) -> None:
    run = left()
    assert run.service_saw == {REAL}
    assert run.owners == {STAND_IN}, "tokens belong to the stand-in that minted them"
    out, err = capfd.readouterr()
    for place in (run.memory, run.file, out, err):
        assert REAL not in place
    for place in (run.shown, run.file, out, err):
        assert run.token.partition("/")[2] not in place
        assert run.token[-20:] not in place
    assert STAND_IN not in run.file
    assert "auth_tokens/token-1" in run.file
    assert '"x-goog-api-key": "key-1"' in run.file


def test_a_relay_that_keeps_the_clients_key_is_found_out(
    left: Callable[[], Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(requests, "stands_in", lambda value, key: False)
    with pytest.raises((AssertionError, KeyError)):
        left()


def test_a_recording_with_a_token_is_found_out(
    left: Callable[[], Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    from mockserver.recordings.stand_ins import StandIns

    monkeypatch.setattr(StandIns, "text", lambda self, text: text)
    run = left()
    assert run.token in run.file


def echoing(accepted: socket.socket) -> None:
    """Says what key it was asked with, as errors of the service do."""
    head = head_of(accepted).decode()
    body = (
        f'{{"error": "Consumer \'api_key:{REAL}\' has been suspended.", "got": {json.dumps(head)}}}'.encode()
    )
    accepted.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: %d\r\n\r\n" % len(body))
    for at in range(0, len(body), 11):
        accepted.sendall(body[at : at + 11])


@pytest.mark.parametrize("target", [f"/x?key={STAND_IN}", "/x"])
def test_a_service_that_says_the_key_is_not_let_say_it(
    target: str, between: Callable[..., Relay], raw: Callable[..., Raw]
) -> None:
    relay = between(raw(echoing).url)
    answer = Wire(relay.port).request("GET", target, x_goog_api_key=STAND_IN)
    assert answer.status == 403
    assert REAL not in answer.body.decode()
    assert answer.body.count(b"*" * len(REAL)) == 1 + answer.body.count(b"x-goog-api-key") + target.count(
        "key="
    )
    assert REAL not in repr(relay.journal)


def test_a_relay_without_a_veil_is_found_out(
    between: Callable[..., Relay], raw: Callable[..., Raw], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Veil, "pass_on", lambda self, data: data)
    with pytest.raises(AssertionError):
        test_a_service_that_says_the_key_is_not_let_say_it("/x", between, raw)


def test_what_may_be_the_key_waits_for_no_long_time(
    between: Callable[..., Relay], raw: Callable[..., Raw]
) -> None:
    def serve(accepted: socket.socket) -> None:
        head_of(accepted)
        accepted.sendall(f"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{REAL[:20]}".encode())
        accepted.recv(1)

    wire = Wire(between(raw(serve).url).port).send("GET /x HTTP/1.1\r\nHost: x\r\n\r\n")
    assert watch(wire, REAL[:20].encode()).end == "mark"
    wire.close()


@given(st.lists(st.sampled_from([REAL, REAL[:5], REAL[5:], "A", "xyz", ""]), max_size=12), st.integers(1, 50))
def test_a_veil_hides_every_key_however_it_is_cut(parts: list[str], size: int) -> None:
    data = "".join(parts).encode()
    veil = Veil(REAL)
    pieces = [veil.pass_on(data[at : at + size]) for at in range(0, len(data), size)]
    passed = b"".join(pieces) + veil.let_go()
    assert len(passed) == len(data)
    assert REAL.encode() not in passed
    whole = data.replace(REAL.encode(), b"*" * len(REAL))
    for got, wanted in zip(passed, whole, strict=True):
        # What has gone out before it was seen to be the key cannot be taken back: three letters of it.
        assert got == wanted or wanted == ord("*")
    assert passed.count(b"*") >= whole.count(b"*") * (len(REAL) - 3) / len(REAL)


@pytest.mark.parametrize(
    ("target", "goes"),
    [
        ("/x?key=mine", f"/x?key={REAL}"),
        ("/x?a=1&key=mine&b=%20", f"/x?a=1&key={REAL}&b=%20"),
        ("/x?%6bey=mine", f"/x?%6bey={REAL}"),
        ("/x?key=auth_tokens%2Fabc", "/x?key=auth_tokens%2Fabc"),
        ("/x?key=auth_tokens/abc", "/x?key=auth_tokens/abc"),
        ("/x?key=", "/x?key="),
        ("/x?monkey=mine&access_token=t", "/x?monkey=mine&access_token=t"),
        ("/x", "/x"),
    ],
)
def test_a_key_in_the_query_is_replaced_and_nothing_else(target: str, goes: str) -> None:
    assert requests.with_key(target, REAL) == goes
    assert requests.with_key(target, "") == target


def test_a_mistake_of_the_relay_says_nothing_of_the_key(
    between: Callable[..., Relay], monkeypatch: pytest.MonkeyPatch, capfd: Any
) -> None:
    async def fail(*_: object) -> None:
        await asyncio.sleep(0)
        raise RuntimeError("something else")

    relay = between("http://127.0.0.1:9")
    monkeypatch.setattr(type(relay._site), "connect", fail)
    answer = Wire(relay.port).request("GET", "/x", x_goog_api_key=STAND_IN)
    assert "this is a mistake of the relay" in answer.json["error"]["message"]
    assert REAL not in "".join(capfd.readouterr()) + answer.body.decode() + repr(relay)
