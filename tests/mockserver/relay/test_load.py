"""Many at once, and one that does not read."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING

from mockserver.relay import legs

from ..conftest import TEXT_MODEL, Live, Wire, live_path
from ..edge.test_websocket import eventually
from .conftest import head_of

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    import pytest

    from mockserver import MockServer, Relay

    from .conftest import Raw

SESSIONS = 100
#: Buffers of the loop and of the kernel, on four sockets; nothing that grows has so few.
BOUND_BYTES = 24 * 1024 * 1024
FLOOD_BYTES = 128 * 1024 * 1024


def test_a_hundred_sessions_at_once_are_kept_apart(
    serve: Callable[..., MockServer], between: Callable[..., Relay]
) -> None:
    relay = between(serve().url, key=None)

    def session(number: int) -> str:
        live = Live(relay.port, live_path(query=f"key=client-{number}"))
        live.setup(TEXT_MODEL).expect_ready()
        together.wait()
        live.say(f"I am {number}")
        said = str(live.expect_turn())
        live.close()
        return said

    together = threading.Barrier(SESSIONS, timeout=30)
    with ThreadPoolExecutor(SESSIONS) as pool:
        said = list(pool.map(session, range(SESSIONS)))
    assert len(said) == SESSIONS
    eventually(lambda: relay.open_connections == 0)
    for number in range(SESSIONS):
        entries = relay.of(f"client-{number}")
        assert [entry.kind for entry in entries][:3] == ["handshake", "open", "in"]
        assert len({entry.connection for entry in entries}) == 1
        assert [entry.kind for entry in entries][-1] == "lost"


def flood(between: Callable[..., Relay], raw: Callable[..., Raw]) -> int:
    """How many bytes a service could send to a client that reads nothing."""
    sent = [0]

    def serve(accepted: socket.socket) -> None:
        head_of(accepted)
        accepted.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % FLOOD_BYTES)
        while sent[0] < FLOOD_BYTES:
            sent[0] += accepted.send(b"x" * 65_536)

    wire = Wire(between(raw(serve).url).port).send("GET /x HTTP/1.1\r\nHost: x\r\n\r\n")
    before = -1
    while before != sent[0] and sent[0] < FLOOD_BYTES:
        before = sent[0]
        time.sleep(0.5)
    wire.close()
    return sent[0]


def test_a_client_that_does_not_read_holds_the_service_back(
    between: Callable[..., Relay], raw: Callable[..., Raw]
) -> None:
    assert flood(between, raw) < BOUND_BYTES


def test_a_relay_that_piles_up_is_found_out(
    between: Callable[..., Relay], raw: Callable[..., Raw], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(legs.Leg, "pause_writing", lambda self: None)
    assert flood(between, raw) >= BOUND_BYTES


def test_a_service_that_does_not_read_holds_the_client_back(
    between: Callable[..., Relay], raw: Callable[..., Raw]
) -> None:
    over = threading.Event()

    def serve(accepted: socket.socket) -> None:
        head_of(accepted)
        over.wait(20)

    wire = Wire(between(raw(serve).url).port)
    wire.send(f"POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: {FLOOD_BYTES}\r\n\r\n")
    wire.socket.settimeout(0.5)
    sent = 0
    with suppress(TimeoutError):
        while sent < FLOOD_BYTES:
            sent += wire.socket.send(b"x" * 65_536)
    over.set()
    wire.close()
    assert sent < BOUND_BYTES
