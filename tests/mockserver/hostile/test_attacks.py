"""Each attack is answered as the table says, and afterwards everybody else is served."""

from __future__ import annotations

import contextlib
import re
import ssl
from typing import TYPE_CHECKING

import pytest
from websockets.frames import Opcode
from websockets.protocol import CLIENT, Protocol, State

from mockserver.core import frames
from mockserver.recordings import files
from mockserver.scripts import load

from ..conftest import KEY, Live, Wire, live_path
from .attacks import ATTACKS, Attack

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mockserver import MockServer

LAST = b"GET /last HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"

ON_THE_WIRE = [
    attack for found in ATTACKS.values() for attack in found if attack.on in ("tcp", "tls", "socket")
]
IN_FILES = [attack for found in ATTACKS.values() for attack in found if attack.on in ("script", "recording")]


def name(attack: Attack) -> str:
    return attack.name


def attacked(attack: Attack, server: MockServer) -> str:
    """What an attack gets, in the words of the table."""
    trusting = ssl.create_default_context(cafile=server.ca_file) if attack.on == "tls" else None
    with contextlib.closing(Wire(server.port, trusting)) as wire:
        talk = on_a_socket if attack.on == "socket" else on_a_connection
        return talk(wire, attack)


def on_a_connection(wire: Wire, attack: Attack) -> str:
    """Where it is to stay open, another request is sent behind: the last one."""
    stays = attack.answer.endswith("open")
    with contextlib.suppress(ConnectionError):  # it may end before all is sent
        wire.send(attack.data() + (LAST if stays else b""))
    found = re.findall(r"HTTP/1\.1 (\d{3}) [^\r\n]*\r\n", until(wire, None).decode("latin-1"))
    end = "open" if stays and found[-1:] == ["404"] else "ends"
    return " ".join(filter(None, [many(found[:-1] if end == "open" else found), end]))


def on_a_socket(wire: Wire, attack: Attack) -> str:
    """A ping is sent behind; a close is answered, if the attack is not just that nobody does."""
    assert wire.upgrade(live_path()).status == 101
    with contextlib.suppress(ConnectionError):
        wire.send(attack.data()).send(frames.frame(9, b"last", masked=True))
    reader = Protocol(CLIENT, state=State.OPEN, max_size=None)
    reader.receive_data(until(wire, lambda data: b"\x8a\x04last" in data or is_closed(data)))
    kinds = {event.opcode for event in reader.events_received()}  # type: ignore[union-attr]
    assert kinds <= {Opcode.BINARY, Opcode.PONG, Opcode.CLOSE}
    if reader.close_rcvd is None:
        return "open" if Opcode.PONG in kinds else "ends"
    if not attack.options.get("close_s"):
        with contextlib.suppress(ConnectionError):
            wire.send(frames.frame(8, b"\x03\xe8", masked=True))
    until(wire, None)
    return f"close {reader.close_rcvd.code} ends"


def until(wire: Wire, enough: Callable[[bytes], bool] | None) -> bytes:
    """All that comes, until it is enough or the connection ends."""
    data, wire._received = wire._received, b""
    with contextlib.suppress(ConnectionError):
        while (enough is None or not enough(data)) and (more := wire.socket.recv(1 << 20)):
            data += more
    return data


def is_closed(data: bytes) -> bool:
    """Whether there is a close frame; its code may stand anywhere behind it."""
    reader = Protocol(CLIENT, state=State.OPEN, max_size=None)
    reader.receive_data(data)
    return reader.close_rcvd is not None


def many(found: list[str]) -> str:
    """Statuses; the same many times as ``404 x1000``."""
    return f"{found[0]} x{len(found)}" if len(set(found)) == 1 < len(found) else " ".join(found)


def assert_serves(server: MockServer) -> None:
    """Another client mints and talks."""
    with contextlib.closing(Wire(server.port)) as other:
        assert other.request("POST", f"/v1alpha/auth_tokens?key={KEY}").status == 200
    with contextlib.closing(Live(server.port, live_path())) as live:
        assert live.setup().expect_ready().say("hello").expect_turn()


@pytest.mark.parametrize("attack", ON_THE_WIRE, ids=name)
def test_an_attack_is_answered_and_others_are_served(
    attack: Attack, serve: Callable[..., MockServer]
) -> None:
    server = serve(**attack.options)
    kept = server.mint()
    assert attacked(attack, server) == attack.answer
    assert not attack.unseen or not [entry for entry in server.journal if attack.unseen in entry.what]
    assert not [entry.what for entry in server.journal if "mock itself failed" in entry.what]
    assert server.tokens[0].name == kept, "and nothing was reset"
    assert server._call(lambda host: host.clock.moved_s) == 0
    if not attack.options:
        assert_serves(server)


@pytest.mark.parametrize("attack", IN_FILES, ids=name)
def test_a_hostile_file_is_refused_with_its_mistake(attack: Attack, tmp_path: Path) -> None:
    path = tmp_path / ("recording.jsonl" if attack.on == "recording" else "script.yaml")
    path.write_bytes(attack.data())
    with pytest.raises(ValueError, match=re.escape(attack.answer)):
        files.read(path) if attack.on == "recording" else load(path)


def test_names_are_unique() -> None:
    names = [attack.name for attack in (*ON_THE_WIRE, *IN_FILES)]
    assert len(set(names)) == len(names) == sum(map(len, ATTACKS.values()))


def test_an_attack_that_is_answered_otherwise_is_told(server: MockServer) -> None:
    # So that the table cannot say anything it likes.
    assert attacked(Attack("x", "tcp", b"GET /x HTTP/1.1\r\n\r\n", "200 open"), server) == "404 open"
    assert attacked(Attack("x", "tcp", b"GET /x HTTP/9\r\n\r\n", "200 open"), server) == "400 ends"
    assert attacked(Attack("x", "socket", b"\x88\x82\0\0\0\0\x03\xe8", "open"), server) == "close 1000 ends"
    assert attacked(Attack("x", "socket", b"\x89\x80\0\0\0\0", "close 1002 ends"), server) == "open"
