"""Servers of one rule, raw clients that meet what it spoils, and what the journal says of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from mockserver import Rule, Script

from ..conftest import KEY, SETUP_COMPLETE, TEXT_MODEL, Wire, live_path

if TYPE_CHECKING:
    import ssl

    from mockserver import MockServer
    from mockserver.core.steps import Step

TEXT, BINARY, CLOSE, CONT = 1, 2, 8, 0
SETUP = json.dumps({"setup": {"model": TEXT_MODEL}}).encode()
TURN = json.dumps(
    {"clientContent": {"turns": [{"role": "user", "parts": [{"text": "hi"}]}], "turnComplete": True}}
).encode()
PAYLOAD = b'{"serverContent": {"modelTurn": {"parts": [{"text": "gr\xc3\xbc\xc3\x9fe"}]}}}'
MINT = f"/v1alpha/auth_tokens?key={KEY}"
HANDSHAKE = (
    f"GET {live_path()} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
SWITCHING = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
)


def on(event: Any, *steps: Step, **rule: Any) -> Script:
    """A script of one rule."""
    return Script("one", (Rule(event, steps, **rule),))


#: What a test has opened; the fixture ``hang_up`` closes it.
dialled: list[Wire] = []


def dial(server: MockServer, tls: ssl.SSLContext | None = None) -> Wire:
    """A TCP connection to a server, closed after the test."""
    dialled.append(Wire(server.port, tls))
    return dialled[-1]


def in_turn(server: MockServer, tls: ssl.SSLContext | None = None) -> Wire:
    """A socket on which a turn has been said."""
    one = dial(server, tls)
    one.upgrade(live_path())
    one.frame(TEXT, SETUP)
    assert one.read_frame() == (0x80 | BINARY, SETUP_COMPLETE)
    return one.frame(TEXT, TURN)


def silent(one: Wire, seconds: float = 0.15) -> bool:
    """Whether nothing comes for a while."""
    one.socket.settimeout(seconds)
    try:
        return one.socket.recv(1) is None
    except TimeoutError:
        return True


def faults(server: MockServer) -> list[str]:
    """What the journal says of faults; each names its rule."""
    found = [entry for entry in server.journal if entry.kind == "fault"]
    assert all((entry.script, entry.rule) == ("one", 1) for entry in found)
    return [entry.what for entry in found]
