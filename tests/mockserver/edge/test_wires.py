"""Transports of our own, held against asyncio's: a protocol on either is told the same."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import struct
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mockserver import tls as certificates
from mockserver.core.limits import Limits
from mockserver.edge import listener

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

#: Far more than the buffers of the system take.
MUCH = 24 * 1024 * 1024
RESET = struct.pack("ii", 1, 0)

pytestmark = pytest.mark.usefixtures("transports")


class Recorder(asyncio.Protocol):
    """Writes down what it is told, and does what a test wants on it."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.log: list[str] = []
        self.got = bytearray()
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.log.append("made")
        self.host.connections.append(self)
        self.host.on_made(self)

    def data_received(self, data: bytes) -> None:
        self.got += data
        self.host.on_data(self, data)

    def eof_received(self) -> bool:
        self.log.append("eof")
        return self.host.stays_open

    def pause_writing(self) -> None:
        self.log.append("much")

    def resume_writing(self) -> None:
        self.log.append("little")

    def connection_lost(self, exc: Exception | None) -> None:
        self.log.append(f"lost: {type(exc).__name__}" if exc else "lost")
        self.transport.close()


@dataclass
class Host:
    """What a listener needs, in a loop of its own thread."""

    loop: asyncio.AbstractEventLoop
    port: int = 0
    limits: Limits = field(default_factory=Limits)
    connections: list[Recorder] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    errors: list[BaseException] = field(default_factory=list)
    stays_open: bool = False
    on_made: Callable[[Recorder], None] = lambda one: None
    on_data: Callable[[Recorder, bytes], None] = lambda one, data: one.transport.write(data)

    def connection(self) -> Recorder:
        return Recorder(self)

    def note_refusal(self, connection: str, rules: str, what: str, hint: str) -> None:
        self.refused.append(what)

    def call(self, work: Callable[[], Any]) -> Any:
        """Do it in the loop."""

        async def done() -> Any:
            return work()

        return asyncio.run_coroutine_threadsafe(done(), self.loop).result(5)

    def log(self, until: str, number: int = 0) -> list[str]:
        """What a protocol was told, once it was told this; five seconds mean never."""
        end = time.monotonic() + 5
        while len(self.connections) <= number or until not in self.connections[number].log:
            assert time.monotonic() < end, [one.log for one in self.connections]
            time.sleep(0.002)
        return self.connections[number].log


@pytest.fixture
def host(tls_dir: Path, transports: str) -> Iterator[Host]:
    """A listener, and the loop it is in."""
    loop = asyncio.new_event_loop()
    found = Host(loop, limits=Limits(tls_s=0.3, close_s=0.3))
    loop.set_exception_handler(lambda _, context: found.errors.append(context["exception"]))
    listening = listener.listen("127.0.0.1", 0)
    found.port = listening.getsockname()[1]
    context = certificates.ensure(tls_dir).context()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    accepting: listener.Listener = found.call(lambda: listener.Listener(found, listening, context))
    yield found
    asyncio.run_coroutine_threadsafe(accepting.close(), loop).result(5)
    left = [one for one in found.connections if not one.log[-1].startswith("lost")]
    found.call(lambda: [one.transport.abort() for one in left])
    found.call(lambda: None)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(5)
    loop.close()


@pytest.fixture(params=["plain", "tls"])
def client(host: Host, tls_dir: Path, request: pytest.FixtureRequest) -> Iterator[socket.socket]:
    """A client that is connected, over either."""
    with _connected(host, tls_dir, tls=request.param == "tls") as one:
        yield one


def _connected(host: Host, tls_dir: Path, *, tls: bool) -> socket.socket:
    one = socket.create_connection(("127.0.0.1", host.port), 5)
    if not tls:
        return one
    trust = ssl.create_default_context(cafile=certificates.ensure(tls_dir).ca_file)
    return trust.wrap_socket(one, server_hostname="127.0.0.1")


def _skip_where_tls_is_asyncios(client: socket.socket, transports: str) -> None:
    if transports == "looped" and _is_tls(client):
        pytest.skip("asyncio's TLS tells that much waits with the next write only")


def _is_tls(client: socket.socket) -> bool:
    return isinstance(client, ssl.SSLSocket)


def _all_of(client: socket.socket, size: int) -> bytes:
    got = bytearray()
    while len(got) < size and (data := client.recv(1024 * 1024)):
        got += data
    return bytes(got)


def test_bytes_go_in_and_out(host: Host, client: socket.socket) -> None:
    client.sendall(b"hello")
    assert _all_of(client, 5) == b"hello"
    client.sendall(b"again")
    assert _all_of(client, 5) == b"again"
    client.close()
    assert host.log("lost") == ["made", "eof", "lost"]
    assert not host.errors


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(sizes=st.lists(st.integers(1, 200_000), min_size=1, max_size=8), high=st.integers(0, 100_000))
def test_whatever_the_sizes_nothing_is_lost_or_turned_round(
    host: Host, client: socket.socket, sizes: list[int], high: int
) -> None:
    pieces = [bytes([n % 251]) * size for n, size in enumerate(sizes)]
    host.on_made = lambda one: one.transport.set_write_buffer_limits(high=high)
    for piece in pieces:
        client.sendall(piece)  # the server keeps what is not read yet
    assert _all_of(client, sum(sizes)) == b"".join(pieces)
    assert not host.errors


def test_a_slow_reader_is_told_of_once_and_gets_everything(
    host: Host, client: socket.socket, transports: str
) -> None:
    _skip_where_tls_is_asyncios(client, transports)
    payload = bytes(range(256)) * (MUCH // 256)
    host.on_data = lambda one, data: one.transport.write(payload)
    client.sendall(b"!")
    assert host.log("much") == ["made", "much"]
    waiting = host.call(lambda: host.connections[0].transport.get_write_buffer_size())
    assert 0 < waiting <= MUCH
    assert _all_of(client, MUCH) == payload
    assert host.log("little") == ["made", "much", "little"]
    assert host.call(lambda: host.connections[0].transport.get_write_buffer_size()) == 0


def test_a_close_comes_behind_what_is_written(host: Host, client: socket.socket) -> None:
    def answer(one: Recorder, data: bytes) -> None:
        one.transport.write(b"x" * MUCH)
        one.transport.close()
        assert one.transport.is_closing()

    host.on_data = answer
    client.sendall(b"!")
    assert len(_all_of(client, MUCH)) == MUCH
    assert client.recv(1) == b""
    client.close()
    assert host.log("lost")[0] == "made"
    assert "lost" in host.log("lost")


def test_an_abort_does_not_wait(host: Host, client: socket.socket, transports: str) -> None:
    _skip_where_tls_is_asyncios(client, transports)

    def answer(one: Recorder, data: bytes) -> None:
        one.transport.write(b"x" * MUCH)
        one.transport.abort()

    host.on_data = answer
    client.sendall(b"!")
    assert host.log("lost") == ["made", "much", "lost"]
    got = b""
    with contextlib.suppress(OSError):
        got = _all_of(client, MUCH)
    assert len(got) < MUCH


def test_a_client_that_resets_is_lost(host: Host, client: socket.socket) -> None:
    client.sendall(b"!")
    assert _all_of(client, 1) == b"!"
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    if _is_tls(client):  # the goodbye of TLS would come before the reset
        socket.socket(fileno=client.detach()).close()
    else:
        client.close()
    assert host.log("lost: ConnectionResetError") == ["made", "lost: ConnectionResetError"]
    assert not host.errors


def test_a_client_that_resets_while_much_waits_is_lost(
    host: Host, client: socket.socket, transports: str
) -> None:
    _skip_where_tls_is_asyncios(client, transports)

    def answer(one: Recorder, data: bytes) -> None:
        one.transport.pause_reading()
        one.transport.write(b"x" * MUCH)

    host.on_data = answer
    client.sendall(b"!")
    host.log("much")
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    socket.socket(fileno=client.detach()).close()
    end = time.monotonic() + 5
    while not host.connections[0].log[-1].startswith("lost"):
        assert time.monotonic() < end
        time.sleep(0.002)
    assert host.connections[0].log[:2] == ["made", "much"]


def test_what_is_not_read_waits(host: Host, client: socket.socket) -> None:
    client.sendall(b"1")
    assert _all_of(client, 1) == b"1"
    one = host.connections[0]
    host.call(one.transport.pause_reading)
    assert not host.call(one.transport.is_reading)
    client.sendall(b"2" * 100_000)
    time.sleep(0.05)
    assert bytes(one.got) == b"1"
    host.call(one.transport.resume_reading)
    assert host.call(one.transport.is_reading)
    assert _all_of(client, 100_000) == b"2" * 100_000


def test_reading_can_be_stopped_in_the_middle_of_it(host: Host, client: socket.socket) -> None:
    """With TLS the rest of a record is not at the socket any more, where a poller would see it."""

    def take(one: Recorder, data: bytes) -> None:
        one.transport.pause_reading()
        host.loop.call_later(0.01, one.transport.resume_reading)

    host.on_data = take
    client.sendall(b"3" * 300_000)
    host.log("made")
    end = time.monotonic() + 10
    while len(host.connections[0].got) < 300_000:
        assert time.monotonic() < end, len(host.connections[0].got)
        time.sleep(0.01)


def test_a_half_closed_client_may_be_answered(host: Host, tls_dir: Path) -> None:
    host.stays_open = True
    with _connected(host, tls_dir, tls=False) as client:
        client.sendall(b"?")
        client.shutdown(socket.SHUT_WR)
        host.log("eof")

        def say() -> None:
            one = host.connections[0].transport
            one.write(b"!")
            assert one.can_write_eof()
            one.write_eof()
            one.close()

        host.call(say)
        assert _all_of(client, 9) == b"?!"
    assert host.log("lost") == ["made", "eof", "lost"]


def test_a_half_close_comes_behind_what_is_written_and_reading_goes_on(host: Host, tls_dir: Path) -> None:
    def answer(one: Recorder, data: bytes) -> None:
        if data == b"?":
            one.transport.write(b"x" * MUCH)
            one.transport.write_eof()

    host.on_data = answer
    with _connected(host, tls_dir, tls=False) as client:
        client.sendall(b"?")
        assert len(_all_of(client, MUCH)) == MUCH
        assert client.recv(1) == b""
        client.sendall(b"still here")
    assert host.log("lost")[-2:] == ["eof", "lost"]
    assert bytes(host.connections[0].got) == b"?still here"


def test_tls_cannot_be_half_closed(host: Host, tls_dir: Path) -> None:
    with _connected(host, tls_dir, tls=True) as client:
        client.sendall(b"?")
        assert _all_of(client, 1) == b"?"
        assert not host.call(host.connections[0].transport.can_write_eof)


def test_a_protocol_that_raises_is_dropped_and_no_other(
    host: Host, client: socket.socket, tls_dir: Path
) -> None:
    def fail(one: Recorder, data: bytes) -> None:
        if data == b"bad":
            raise ValueError("as if by mistake")
        one.transport.write(data)

    host.on_data = fail
    client.sendall(b"bad")
    assert host.log("lost: ValueError")[0] == "made"
    assert [str(error) for error in host.errors] == ["as if by mistake"]
    with _connected(host, tls_dir, tls=False) as other:
        other.sendall(b"good")
        assert _all_of(other, 4) == b"good"


def test_tls_in_pieces_of_a_byte(host: Host, tls_dir: Path) -> None:
    trust = ssl.create_default_context(cafile=certificates.ensure(tls_dir).ca_file)
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = trust.wrap_bio(incoming, outgoing, server_hostname="127.0.0.1")

    def flush() -> None:
        for byte in outgoing.read():
            raw.sendall(bytes([byte]))

    with socket.create_connection(("127.0.0.1", host.port), 5) as raw:
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for step in (tls.do_handshake, lambda: tls.write(b"hello"), lambda: tls.read(5)):
            while True:
                try:
                    step()
                    break
                except ssl.SSLWantReadError:
                    flush()
                    incoming.write(raw.recv(65_536))
            flush()
        assert bytes(host.connections[0].got) == b"hello"


def test_a_handshake_that_stops_is_ended_and_told(host: Host) -> None:
    with socket.create_connection(("127.0.0.1", host.port), 5) as client:
        client.sendall(b"\x16\x03\x01\x02\x00\x01")
        assert client.recv(1) == b""
    end = time.monotonic() + 5
    while not host.refused and time.monotonic() < end:
        time.sleep(0.002)
    assert host.refused == ["the TLS handshake took longer than tls_s (0.3)"]
    assert not host.connections


@pytest.mark.parametrize("said", [b"", b"\x16", b"\x16\x03\x01\x02\x00"])
def test_who_goes_before_the_handshake_is_over_is_no_connection(host: Host, said: bytes) -> None:
    with socket.create_connection(("127.0.0.1", host.port), 5) as client:
        client.sendall(said)
        time.sleep(0.02)
    time.sleep(0.05)
    assert not host.refused
    assert not host.errors


def test_who_never_says_goodbye_is_not_waited_for(host: Host, tls_dir: Path, transports: str) -> None:
    """The end of TLS takes both sides; asyncio waits for the client's far longer than a server here does."""
    if transports == "looped":
        pytest.skip("asyncio's own time")
    host.on_data = lambda one, data: one.transport.close()
    with _connected(host, tls_dir, tls=True) as client:
        client.sendall(b"!")
        assert "lost" in host.log("lost")


def test_what_asyncio_tells_of_a_socket(host: Host, client: socket.socket) -> None:
    client.sendall(b"!")
    assert _all_of(client, 1) == b"!"
    one = host.connections[0].transport
    told = host.call(lambda: {name: one.get_extra_info(name) for name in ("peername", "sockname", "socket")})
    assert told["peername"] == client.getsockname()
    assert told["sockname"][1] == host.port
    assert told["socket"].fileno() >= 0
    secure = host.call(lambda: one.get_extra_info("ssl_object"))
    assert (secure is not None) == _is_tls(client)
    assert host.call(lambda: one.get_extra_info("no such", 7)) == 7
