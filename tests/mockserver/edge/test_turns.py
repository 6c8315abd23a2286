"""What is written while sockets have their turns goes out behind the last of them, and none of it is lost."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import sys
from typing import TYPE_CHECKING, cast

import pytest

from mockserver.edge import wires
from mockserver.edge.sockets import drop

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mockserver.edge.poller import Poller

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has epoll")

#: Where the segments that came stand in what ``TCP_INFO`` tells.
SEGMENTS_IN = 140


class Connection:
    """A connection over TCP: its wire, what is said on it, and its client."""

    def __init__(self, poller: Poller, turn: Callable[[Connection, bytes], None]) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            self.client = socket.create_connection(server.getsockname(), 5)
            ours, _ = server.accept()
        ours.setblocking(False)
        self.turn = turn
        self.log: list[str] = []
        self.wire = wires.Wire(poller, ours)
        poller.watch(ours.fileno(), self.wire, 1)
        self.wire.begin(self)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        pass

    def data_received(self, data: bytes) -> None:
        self.turn(self, data)

    def eof_received(self) -> bool:
        return False

    def pause_writing(self) -> None:
        self.log.append("much")

    def resume_writing(self) -> None:
        self.log.append("little")

    def connection_lost(self, exc: Exception | None) -> None:
        self.log.append(f"lost: {type(exc).__name__}" if exc else "lost")

    def has(self) -> bytes:
        """What came to the client by now."""
        self.client.settimeout(0)
        try:
            return self.client.recv(1 << 20, socket.MSG_PEEK)
        except BlockingIOError:
            return b""
        finally:
            self.client.settimeout(5)

    def all(self) -> bytes:
        """All that comes to the client, to the end."""
        pieces = bytearray()
        while piece := self.client.recv(1 << 20):
            pieces += piece
        return bytes(pieces)

    @property
    def segments(self) -> int:
        """How many segments have come to the client."""
        told = self.client.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 256)
        return cast(int, struct.unpack_from("I", told, SEGMENTS_IN)[0])


class House:
    """An event loop that a test turns, and what is connected in it."""

    def __init__(self) -> None:
        from mockserver.edge.poller import Poller

        self.loop = asyncio.new_event_loop()
        self.poller = Poller(self.loop)
        self.connections: list[Connection] = []

    def connection(self, turn: Callable[[Connection, bytes], None]) -> Connection:
        self.connections.append(Connection(self.poller, turn))
        return self.connections[-1]

    def run(self, rounds: int = 3) -> None:
        """Let the loop turn a few times."""

        async def turns() -> None:
            for _ in range(rounds):
                await asyncio.sleep(0)

        self.loop.run_until_complete(turns())


@pytest.fixture
def house() -> Iterator[House]:
    made = House()
    yield made
    for one in made.connections:
        one.client.close()
        one.wire.abort()
    made.run()
    made.poller.retire()
    made.loop.close()


def say(data: bytes) -> Callable[[Connection, bytes], None]:
    """A turn in which this is written."""
    return lambda one, _: one.wire.write(data)


@pytest.mark.parametrize(("size", "seen"), [(1, b""), (16 * 1024, b""), (16 * 1024 + 1, b"x")])
def test_a_little_goes_out_behind_the_last_turn(house: House, size: int, seen: bytes) -> None:
    meanwhile: list[bytes] = []
    first = house.connection(say(b"x" * size))
    second = house.connection(lambda one, _: meanwhile.append(first.has()[:1]))
    for one in (first, second):
        one.client.send(b"go")
    house.run()
    assert meanwhile == [seen], "much goes out at once"
    assert first.has() == b"x" * size


def test_what_is_written_outside_of_turns_goes_out_at_once(house: House) -> None:
    one = house.connection(say(b""))
    one.wire.write(b"by a timer")
    assert one.has() == b"by a timer"


def test_what_is_written_twice_in_a_turn_stays_in_order(house: House) -> None:
    def turn(one: Connection, _: bytes) -> None:
        for piece in (b"one ", b"two ", b"x" * 40_000, b" three"):
            one.wire.write(piece)
        one.wire.close()

    one = house.connection(turn)
    one.client.send(b"go")
    house.run()
    assert one.all() == b"one two " + b"x" * 40_000 + b" three"


def test_the_last_of_it_and_the_end_are_one_packet(house: House) -> None:
    def turn(one: Connection, data: bytes) -> None:
        one.wire.write(b"goodbye")
        if data == b"close":
            one.wire.close()
        if data == b"eof":
            one.wire.write_eof()

    def packets(word: bytes) -> int:
        one = house.connection(turn)
        one.client.send(word)
        before = one.segments
        house.run()
        if word == b"go":
            one.wire.close()
            house.run()
        assert one.all() == b"goodbye"
        return one.segments - before

    assert packets(b"close") == packets(b"eof") == packets(b"go") - 1


@pytest.mark.parametrize("reset", [False, True])
def test_a_connection_that_is_dropped_is_dropped_behind_it(house: House, reset: bool) -> None:
    def turn(one: Connection, _: bytes) -> None:
        one.wire.pause_reading()
        one.client.send(b"never read")
        one.wire.write(b"the last words")
        drop(one.wire, reset=reset)

    one = house.connection(turn)
    one.client.send(b"go")
    house.run()
    assert one.client.recv(100) == b"the last words"
    with pytest.raises(ConnectionResetError) if reset else contextlib.nullcontext():
        assert one.client.recv(100) == b"", "a FIN, though input was unread"
    assert one.log == ["lost"]


def test_a_client_that_does_not_read_is_waited_for(house: House) -> None:
    turns: list[bytes] = []

    def turn(one: Connection, data: bytes) -> None:
        turns.append(data)
        one.wire.write(b"y" * 16_000)

    one = house.connection(turn)
    while "much" not in one.log:
        one.client.send(b"go")
        house.run()
    assert 0 < one.wire.get_write_buffer_size() <= 16_000 + 64 * 1024
    one.wire.close()
    one.client.settimeout(0)
    read, size = 0, 1
    while size:
        house.run()
        with contextlib.suppress(BlockingIOError):
            size = len(one.client.recv(1 << 20))
            read += size
    assert read == len(turns) * 16_000
    assert one.log == ["much", "little", "lost"]


def test_who_is_gone_takes_nothing_from_the_others(house: House) -> None:
    first, second = (house.connection(say(b"answer")) for _ in range(2))
    for one in (first, second):
        one.client.send(b"go")

    def turn(one: Connection, data: bytes) -> None:
        one.client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        one.client.close()
        one.wire.write(data)
        one.wire.write(b"and more")

    first.turn = turn
    house.run()
    assert second.has() == b"answer"
    assert len(first.log) == 1
    assert first.log[0] in ("lost: BrokenPipeError", "lost: ConnectionResetError")


def test_who_fails_as_it_goes_out_keeps_nobody_else_from_it(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails() -> None:
        raise ValueError("told that much waits")

    told: list[dict[str, object]] = []
    house.loop.set_exception_handler(lambda _, context: told.append(context))
    first, second = (house.connection(say(b"answer")) for _ in range(2))
    first.wire.set_write_buffer_limits(high=0)
    first.pause_writing = fails  # type: ignore[method-assign]
    send = wires.Wire._send
    # The first client takes nothing.
    monkeypatch.setattr(wires.Wire, "_send", lambda one, data: 0 if one is first.wire else send(one, data))
    for one in (first, second):
        one.client.send(b"go")
    house.run()
    assert second.has() == b"answer"
    assert [type(context["exception"]) for context in told] == [ValueError]
    assert first.log == ["lost: ValueError"]


def test_a_turn_that_fails_keeps_nobody_from_writing(house: House) -> None:
    class Interrupt(KeyboardInterrupt):
        pass

    def turn(one: Connection, _: bytes) -> None:
        one.wire.write(b"before")
        raise Interrupt

    one = house.connection(turn)
    one.client.send(b"go")
    with pytest.raises(Interrupt):
        house.run()
    assert one.has() == b"before"
    one.wire.write(b" and behind")
    assert one.has() == b"before and behind"
