"""A client cannot tell a relay from the service behind it: to the byte, and to the way a connection ends."""

from __future__ import annotations

import socket
import struct
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from mockserver import READY
from mockserver.edge.sockets import drop
from mockserver.relay import legs, tunnel
from mockserver.relay.taps import Closing, Frames

from ..conftest import KEY, TEXT_MODEL, Wire, live_path
from .conftest import Saw, undated, watch

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockserver import MockServer, Relay

    Both = Callable[[Callable[[int], Any], dict[str, Any]], tuple[Any, Any]]

TEXT, BINARY, CLOSE, PING, CONT = 1, 2, 8, 9, 0
SETUP = f'{{"setup": {{"model": "{TEXT_MODEL}"}}}}'.encode()
TURN = b'{"clientContent": {"turns": [{"role": "user", "parts": [{"text": "hi"}]}], "turnComplete": true}}'
#: Nothing of these comes by itself, or only in real time.
SLOW = {name for name in READY if name.startswith(("silent-", "slow-"))}


# -- requests ---------------------------------------------------------------------------------------------


def request(method: str, target: str, body: bytes = b"", *headers: str) -> bytes:
    """A request, as bytes."""
    lines = [f"{method} {target} HTTP/1.1", "Host: localhost", *headers]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "Connection: close", "", ""]).encode() + body


MINT = "/v1alpha/auth_tokens"
REQUESTS = {
    "mint with a header": request("POST", MINT, b"{}", f"x-goog-api-key: {KEY}"),
    "mint with a query": request("POST", f"{MINT}?key={KEY}", b'{"uses": 3}'),
    "mint without a key": request("POST", MINT, b"{}"),
    "mint what is refused": request("POST", f"{MINT}?key={KEY}", b'{"uses": "many", "a": 1}'),
    "mint in no JSON": request("POST", f"{MINT}?key={KEY}", b"\xff\xfe{"),
    "mint where there is none": request("POST", f"/v1/auth_tokens?key={KEY}", b"{}"),
    "not played": request("GET", f"/v1beta/models?key={KEY}&pageSize=3"),
    "nothing there": request("GET", "/nothing/here?a=1&a=2&b"),
    "another method": request("DELETE", f"{MINT}?key={KEY}"),
    "to HEAD": request("HEAD", "/nothing"),
    "preflight": request(
        "OPTIONS", MINT, b"", "Origin: https://app.example", "Access-Control-Request-Method: POST",
        "Access-Control-Request-Headers: content-type,x-goog-api-key",
    ),
    "from a page": request("POST", f"{MINT}?key={KEY}", b"{}", "Origin: https://app.example"),
    "a bearer": request("POST", MINT, b"{}", "Authorization: Bearer ya29.somebody"),
    "in chunks": (
        f"POST {MINT}?key={KEY} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
        "Connection: close\r\n\r\n2\r\n{ \r\n1\r\n}\r\n0\r\n\r\n"
    ).encode(),
    "two on one connection": (
        f"POST {MINT}?key={KEY} HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{{}}".encode()
        + request("POST", f"{MINT}?key={KEY}", b"{}")
    ),
    "of HTTP/2": request("GET", "/nothing", b"", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAAP__"),
}  # fmt: skip


def ask(data: bytes, port: int) -> Saw:
    """Send bytes and see all that comes."""
    wire = Wire(port)
    saw = undated(watch(wire.send(data)))
    wire.close()
    return saw


@pytest.mark.parametrize("name", REQUESTS)
def test_an_answer_is_the_same(name: str, both: Both) -> None:
    direct, relayed = both(partial(ask, REQUESTS[name]), {})
    assert relayed == direct
    assert direct.data.startswith(b"HTTP/1.1 ")


@pytest.mark.parametrize("script", ["rate-limited-mint", "failing-mint"])
def test_a_fault_of_minting_is_the_same(script: str, both: Both) -> None:
    direct, relayed = both(partial(ask, REQUESTS["mint with a header"]), {"script": script})
    assert relayed == direct
    assert not direct.data.startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize(
    "step", ["abort", {"abort": {"reset": True}}, {"garble": "half"}, {"raw": "no HTTP"}]
)
def test_no_whole_answer_is_the_same(step: Any, both: Both) -> None:
    steps = [step, "proceed", "abort"] if step == {"garble": "half"} else [step]
    steps = [*steps, "abort"] if step == {"raw": "no HTTP"} else steps
    script = {"name": "no answer", "rules": [{"on": "mint", "then": steps}]}
    direct, relayed = both(partial(ask, REQUESTS["mint with a header"]), {"script": script})
    assert relayed == direct
    assert direct.end in ("fin", "reset")


# -- sockets ----------------------------------------------------------------------------------------------


def converse(
    port: int, *frames: tuple[int, bytes], query: str = f"key={KEY}", version: str = "v1alpha"
) -> Any:
    """The bytes of a session: after the handshake and each frame, up to what ends it."""
    wire = Wire(port)
    wire.send(
        f"GET {live_path(query=query, version=version)} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        "Sec-WebSocket-Protocol: one, two\r\n\r\n"
    )
    seen = [undated(watch(wire, b"\r\n\r\n"))]
    if not seen[0].data.startswith(b"HTTP/1.1 101") or seen[0].end != "mark":
        seen.append(watch(wire))
        frames = ()
    for opcode, payload in frames:
        wire.frame(opcode, payload)
        mark = rb'"turnComplete"' if payload == TURN else rb'"setupComplete"'
        seen.append(watch(wire, mark + rb"|\x88[\x00-\x7d]"))
        if seen[-1].end in ("fin", "reset"):
            break
    wire.close()
    # Where a mark was seen in between depends on how bytes came; what came, and the end, do not.
    return b"".join(saw.data for saw in seen), seen[-1].end


BYE = (CLOSE, (1000).to_bytes(2, "big") + b"bye")
CONVERSATIONS: dict[str, tuple[tuple[int, bytes], ...]] = {
    "a turn": ((TEXT, SETUP), (TEXT, TURN), BYE),
    "in binary": ((BINARY, SETUP), (BINARY, TURN), BYE),
    "a ping": ((PING, b"are you there"), BYE),
    "a close with a code of one's own": ((CLOSE, (4321).to_bytes(2, "big") + b"why not"),),
    "a close without a code": ((CLOSE, b""),),
    "a close that is none": ((CLOSE, b"\x03"),),
    "a reserved opcode": ((3, b"what is this"),),
    "a continuation of nothing": ((CONT, b"more"),),
    "no JSON": ((TEXT, b"no JSON"),),
    "no setup": ((TEXT, TURN),),
    "no UTF-8": ((TEXT, b"\xff\xff"),),
}


@pytest.mark.parametrize("name", CONVERSATIONS)
def test_a_conversation_is_the_same(name: str, both: Both) -> None:
    direct, relayed = both(lambda port: converse(port, *CONVERSATIONS[name]), {})
    assert relayed == direct


@pytest.mark.parametrize("name", sorted(set(READY) - SLOW))
def test_a_script_is_played_the_same(name: str, both: Both) -> None:
    direct, relayed = both(
        lambda port: converse(port, (TEXT, SETUP), (TEXT, TURN), BYE), {"script": READY[name]}
    )
    assert relayed == direct


@pytest.mark.parametrize(("query", "version"), [("key=", "v1alpha"), ("", "v1alpha"), (f"key={KEY}", "v1")])
def test_who_is_not_let_in_is_not(query: str, version: str, both: Both) -> None:
    direct, relayed = both(lambda port: converse(port, (TEXT, SETUP), query=query, version=version), {})
    assert relayed == direct


def test_a_client_that_drops_is_seen_to_drop(
    serve: Callable[..., MockServer], between: Callable[..., Relay]
) -> None:
    from ..edge.test_websocket import eventually

    server = serve()
    relay = between(server.url)
    for reset in (False, True):
        wire = Wire(relay.port)
        wire.upgrade(live_path())
        eventually(lambda: server.open_connections == 1)
        if reset:
            wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        wire.close()
        eventually(lambda: server.open_connections == 0)
        for one in (server, relay):
            last = [entry for entry in one.journal if entry.kind == "lost"][-1]
            assert (last.what, last.status) == ("by the client: 1006", 1006)


def test_it_is_the_same_over_tls(
    serve: Callable[..., MockServer], between: Callable[..., Relay], tls_dir: Any
) -> None:
    import ssl

    server = serve(script="close-1011")
    relay = between(server.tls_url, ca_file_of_target=server.ca_file, key=None)
    context = ssl.create_default_context(cafile=relay.ca_file)
    wire = Wire(relay.port, context)
    wire.upgrade(live_path())
    wire.frame(TEXT, SETUP)
    watch(wire, b'"setupComplete"')
    saw = watch(wire.frame(TEXT, TURN), b"closed by a script")
    assert saw.data.endswith(b"\x03\xf3closed by a script")
    wire.frame(CLOSE, (1011).to_bytes(2, "big"))
    assert watch(wire).end == "fin"
    wire.close()
    assert [entry.secure for entry in relay.journal if entry.kind == "handshake"] == [True]
    assert [entry.secure for entry in server.journal if entry.kind == "handshake"] == [True]


# -- relays that are wrong --------------------------------------------------------------------------------


def _answers_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    def on_message_complete(self: tunnel.Client) -> None:
        self.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")

    monkeypatch.setattr(tunnel.Client, "on_message_complete", on_message_complete)


def _drops_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    passed = tunnel.Service._pass

    def without(self: tunnel.Service, data: bytes) -> None:
        passed(self, data.replace(b"closed by a script", b""))

    monkeypatch.setattr(tunnel.Service, "_pass", without)


def _makes_a_drop_a_close(monkeypatch: pytest.MonkeyPatch) -> None:
    def end(self: legs.Leg, *, reset: bool, orderly: bool) -> None:
        self.write(b"\x88\x02\x03\xf3")
        assert self.transport is not None
        self.transport.close()

    monkeypatch.setattr(legs.Leg, "end", end)


def _makes_a_reset_a_fin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(legs, "drop", lambda transport, *, reset: drop(transport, reset=False))


def _tries_again(monkeypatch: pytest.MonkeyPatch) -> None:
    passed = tunnel.Service._pass

    def again(self: tunnel.Service, data: bytes) -> None:
        if data.startswith(b"HTTP/1.1 429"):
            self.write(REQUESTS["mint with a header"].replace(b"Connection: close\r\n", b""))
            return
        passed(self, data)

    monkeypatch.setattr(tunnel.Service, "_pass", again)


@pytest.mark.parametrize(
    ("breaks", "test"),
    [
        (_answers_itself, partial(test_an_answer_is_the_same, "mint without a key")),
        (_answers_itself, partial(test_a_fault_of_minting_is_the_same, "rate-limited-mint")),
        (_drops_the_reason, partial(test_a_script_is_played_the_same, "close-1011")),
        (_makes_a_drop_a_close, partial(test_a_script_is_played_the_same, "drop-in-turn")),
        (_makes_a_reset_a_fin, partial(test_a_script_is_played_the_same, "reset-in-turn")),
        (_tries_again, partial(test_a_fault_of_minting_is_the_same, "rate-limited-mint")),
    ],
)
def test_a_wrong_relay_is_found_out(
    breaks: Callable[[pytest.MonkeyPatch], None], test: Any, both: Both, monkeypatch: pytest.MonkeyPatch
) -> None:
    breaks(monkeypatch)
    with pytest.raises(AssertionError):
        test(both)


def test_taps_read_what_passes_in_any_pieces() -> None:
    from websockets.protocol import CLIENT

    from mockserver.core import frames

    data = b"".join([*frames.fragments(b"abcdef", TEXT), frames.frame(2, b"x" * 70_000)])
    data += frames.close_frame(1011, "why")
    whole = list(Frames(CLIENT).feed(data))
    piecemeal = Frames(CLIENT)
    assert [one for at in range(0, len(data), 7) for one in piecemeal.feed(data[at : at + 7])] == whole
    assert whole[-1] == Closing(1011, "why")
