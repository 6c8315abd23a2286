"""Every limit of the wire, made small: what is answered beyond it, and that others do not notice."""

from __future__ import annotations

import contextlib
import socket
import time
from typing import TYPE_CHECKING, Any

import pytest

from mockserver import Rule, Script, Silence
from mockserver.core.steps import Say

from ..conftest import KEY, Live, Wire, live_path, refusals, refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mockserver import MockServer

pytestmark = pytest.mark.usefixtures("transports")

MINT = f"/v1alpha/auth_tokens?key={KEY}"
#: Far more than the buffers of the system take.
MUCH = 256 * 1024 * 1024
BEGUN = f"POST {MINT} HTTP/1.1\r\nHost: x\r\n"


@pytest.fixture
def connect() -> Iterator[Callable[[MockServer], Wire]]:
    """Open connections to any server; all are closed after the test."""
    with contextlib.ExitStack() as stack:
        yield lambda server: stack.enter_context(contextlib.closing(Wire(server.port)))


def wait_for_refusal(server: MockServer, says: str) -> None:
    """The server hears of it a moment after the client; five seconds mean never."""
    until = time.monotonic() + 5
    while not any(says in entry.what for entry in refusals(server)):
        assert time.monotonic() < until, [entry.what for entry in refusals(server)]
        time.sleep(0.005)


def pushed(one: Wire, data: bytes) -> int:
    """How many bytes a client can send, again and again the same, before it is made to wait."""
    one.socket.settimeout(0.2)
    sent = 0
    with contextlib.suppress(TimeoutError):
        while sent < MUCH:
            sent += one.socket.send(data[sent % len(data) :])
    one.socket.settimeout(5)
    return sent


def assert_serves(server: MockServer) -> None:
    """Another client is served."""
    with contextlib.closing(Wire(server.port)) as other:
        assert other.request("POST", MINT).status == 200
    with contextlib.closing(Live(server.port, live_path())) as live:
        live.setup().expect_ready()


@pytest.mark.parametrize(
    ("limits", "request_text", "status", "says"),
    [
        ({"target_bytes": 100}, f"GET /{'x' * 100} HTTP/1.1\r\nHost: x\r\n\r\n", 414, "target_bytes (100)"),
        ({"target_bytes": 100, "head_bytes": 500}, f"GET /{'x' * 900}", 414, "target_bytes (100)"),
        ({"head_bytes": 100}, f"GET / HTTP/1.1\r\nX: {'x' * 100}\r\n\r\n", 431, "head_bytes (100)"),
        ({"head_bytes": 100}, f"GET / HTTP/1.1\r\nX: {'x' * 1000}", 431, "head_bytes (100)"),
        ({"head_bytes": 100}, f"GET / HTTP/1.1\r\n{'x' * 1000}", 431, "head_bytes (100)"),
        ({"head_fields": 5}, "GET / HTTP/1.1\r\n" + "X: x\r\n" * 6 + "\r\n", 431, "head_fields (5)"),
        ({"body_bytes": 10}, f"{BEGUN}Content-Length: 11\r\n\r\n", 413, "over 10 bytes"),
        ({"body_bytes": 10, "head_bytes": 200},
         f"{BEGUN}Transfer-Encoding: chunked\r\n\r\n1;{'x' * 800}\r\n", 413, "over 10 bytes"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("piece", [1, 7, 100_000])
def test_what_is_too_large_is_refused(
    serve: Callable[..., MockServer],
    connect: Callable[[MockServer], Wire],
    limits: dict[str, Any],
    request_text: str,
    status: int,
    says: str,
    piece: int,
) -> None:
    if piece == 100_000 and not request_text.endswith("\r\n\r\n"):
        piece = 300  # what is not whole is measured from its second piece on
    server = serve(**limits)
    one = connect(server)
    with contextlib.suppress(ConnectionError):  # it may be refused before all is sent
        for start in range(0, len(request_text), piece):
            one.send(request_text[start : start + piece])
    answer = one.answer()
    assert answer.status == status
    assert says.encode() in answer.body
    assert one.rest() == b"", "and the connection ends"
    assert says in refusals(server)[-1].what
    assert len(server.journal) == 1


def test_what_is_just_not_too_large_is_taken(
    serve: Callable[..., MockServer], connect: Callable[[MockServer], Wire]
) -> None:
    server = serve(target_bytes=len(MINT), head_fields=2, body_bytes=2, head_bytes=len(MINT) + 30)
    assert connect(server).request("POST", MINT, b"{}").status == 200


def test_a_trailer_is_no_header(server: MockServer, wire: Callable[..., Wire]) -> None:
    one = wire().send(
        "POST /v1alpha/auth_tokens HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"
    )
    assert one.send(f"x-goog-api-key: {KEY}\r\n\r\n").answer().status == 403


@pytest.mark.parametrize(
    ("limits", "sent", "says"),
    [
        ({"head_s": 0.1}, "GET /", "the head of the request took longer than head_s (0.1)"),
        ({"head_s": 0.1}, f"{BEGUN}X: y", "head_s"),
        ({"body_s": 0.1}, f"{BEGUN}Content-Length: 5\r\n\r\n{{", "the body of the request took longer"),
    ],
)  # fmt: skip
def test_who_takes_too_long_over_a_request_is_told(
    serve: Callable[..., MockServer],
    connect: Callable[[MockServer], Wire],
    limits: dict[str, Any],
    sent: str,
    says: str,
) -> None:
    server = serve(**limits)
    one = connect(server).send(sent)
    answer = one.answer()
    assert (answer.status, says.encode() in answer.body) == (408, True)
    assert one.rest() == b""
    assert_serves(server)


def test_a_trickle_does_not_buy_time(
    serve: Callable[..., MockServer], connect: Callable[[MockServer], Wire]
) -> None:
    server = serve(head_s=0.2)
    one = connect(server).send("GET / HTTP/1.1\r\n")
    began = time.monotonic()
    with contextlib.suppress(ConnectionError, TimeoutError):
        while time.monotonic() - began < 5 and not refusals(server):
            one.send("X: y\r\n")
            time.sleep(0.02)
    assert one.answer().status == 408


@pytest.mark.parametrize("tls_byte", [False, True])
def test_who_says_nothing_or_half_a_hello_is_dropped(
    serve: Callable[..., MockServer], connect: Callable[[MockServer], Wire], tls_byte: bool
) -> None:
    server = serve(head_s=0.1, tls_s=0.1)
    one = connect(server)
    if tls_byte:
        one.send(b"\x16\x03\x01\x02\x00\x01")
    assert one.rest() == b""
    if tls_byte:
        wait_for_refusal(server, "the TLS handshake took longer than tls_s (0.1)")
    else:
        assert server.journal == (), "nothing was said on either side"
    assert_serves(server)


def test_an_idle_connection_ends_in_silence(
    serve: Callable[..., MockServer], connect: Callable[[MockServer], Wire]
) -> None:
    server = serve(idle_s=0.1)
    one = connect(server)
    assert one.request("POST", MINT).status == 200
    assert one.rest() == b""
    assert refusals(server) == []


def test_patience_ends_for_nobody_who_is_served(
    serve: Callable[..., MockServer], connect: Callable[[MockServer], Wire]
) -> None:
    held = Script("held", (Rule("mint", (Silence(),), nth=1),))
    server = serve(head_s=0.1, body_s=0.1, idle_s=0.1, stalled_s=0.1, script=held)
    waiting = connect(server).send(f"{BEGUN}Content-Length: 0\r\n\r\n")
    with contextlib.closing(Live(server.port, live_path())) as live:
        live.setup().expect_ready()
        time.sleep(0.3)
        assert live.say("still here").expect_turn()
        waiting.socket.settimeout(0.05)
        with pytest.raises(TimeoutError):
            waiting.socket.recv(1)


def test_a_connection_more_than_there_may_be_is_closed(
    serve: Callable[..., MockServer], connect: Callable[[MockServer], Wire]
) -> None:
    server = serve(connections=2)
    first, second = connect(server), connect(server)
    assert first.request("POST", MINT).status == second.request("POST", MINT).status == 200
    assert connect(server).rest() == b""
    wait_for_refusal(server, "the limit connections allows (2)")
    first.close()
    second.close()
    until = time.monotonic() + 5
    while connect(server).send(f"{BEGUN}Connection: close\r\nContent-Length: 0\r\n\r\n").rest() == b"":
        assert time.monotonic() < until, "there is room again"
        time.sleep(0.01)


def test_a_socket_more_than_there_may_be_gets_503(
    serve: Callable[..., MockServer], live: Callable[..., Live]
) -> None:
    server = serve(sockets=1)
    one = live(server).setup().expect_ready()
    answer = refused(lambda: Live(server.port, live_path()))
    assert answer.status_code == 503
    assert b"the limit sockets allows (1)" in answer.body
    assert one.say("still here").expect_turn()


def test_requests_behind_a_held_answer_wait_at_the_client(
    serve: Callable[..., MockServer], connect: Callable[[MockServer], Wire]
) -> None:
    server = serve(waiting_requests=3, script=Script("held", (Rule("mint", (Silence(),), nth=1),)))
    one = connect(server)
    assert pushed(one, f"{BEGUN}Content-Length: 0\r\n\r\n".encode() * 1_000) < MUCH
    assert [entry.kind for entry in server.journal].count("request") == 1, (
        "and the service has seen the first alone"
    )
    assert_serves(server)


PING = b"\x89\xfd\0\0\0\0" + b"x" * 125
PONG = (0x8A, b"x" * 125)


class TestSlowReaders:
    """What waits for a client that does not read is bounded."""

    @staticmethod
    def flood(server: MockServer) -> Wire:
        """A client that asks for much and reads nothing."""
        one = Wire(server.port)
        one.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        one.upgrade(live_path())
        one.frame(1, b'{"setup": {"model": "models/gemini-2.5-flash-native-audio-latest"}}')
        turn = b'{"realtimeInput": {"text": "go"}}'
        one.socket.settimeout(0.2)
        with contextlib.suppress(TimeoutError, ConnectionError):
            for _ in range(200):
                one.frame(1, turn)
        return one

    def test_too_much_for_one_drops_it(self, serve: Callable[..., MockServer]) -> None:
        server = serve(unsent_bytes=1_000_000, script=Script("much", (Rule("turn", (Say("x" * 5_000),)),)))
        with contextlib.closing(self.flood(server)):
            wait_for_refusal(server, "dropped by the limit unsent_bytes: ")
            assert server.open_connections == 0
            assert server.journal[-1].what == "by the server: 1006 unsent_bytes"
        assert_serves(server)

    def test_too_much_for_all_drops_who_has_most(self, serve: Callable[..., MockServer]) -> None:
        much = Script("much", (Rule("turn", (Say("x" * 5_000),)),))
        server = serve(all_unsent_bytes=1_000_000, script=much)
        with contextlib.closing(self.flood(server)):
            wait_for_refusal(server, "dropped by the limit all_unsent_bytes: ")

    def test_who_takes_nothing_for_long_is_dropped(self, serve: Callable[..., MockServer]) -> None:
        server = serve(stalled_s=0.2, script=Script("some", (Rule("turn", (Say("x" * 20),)),)))
        with contextlib.closing(self.flood(server)):
            wait_for_refusal(server, "dropped by the limit stalled_s: ")
        assert_serves(server)

    def test_who_does_not_read_is_not_read(self, serve: Callable[..., MockServer]) -> None:
        server = serve()
        with contextlib.closing(Wire(server.port)) as one:
            one.upgrade(live_path())
            assert pushed(one, PING * 1_000) < MUCH
            assert refusals(server) == [], "it is only made to wait"
        assert_serves(server)

    def test_who_catches_up_is_read_again(self, serve: Callable[..., MockServer]) -> None:
        server = serve(stalled_s=30.0)
        with contextlib.closing(Wire(server.port)) as one:
            one.upgrade(live_path())
            whole, part = divmod(pushed(one, PING * 1_000), len(PING))
            for _ in range(whole):
                assert one.read_frame() == PONG
            assert one.send(PING[part:]).read_frame() == PONG


def test_tcp_asks_after_silent_peers(serve: Callable[..., MockServer]) -> None:
    server = serve(keepalive_s=7)
    with contextlib.closing(Live(server.port, live_path())) as live:
        live.setup().expect_ready()
        [connection] = server._call(lambda host: list(host.connections))
        accepted = connection._transport.get_extra_info("socket")
        assert accepted.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
        assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == 7


def test_without_file_descriptors_new_connections_wait(
    server: MockServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    import errno

    from mockserver.edge import listener

    tried = 0
    monkeypatch.setattr(listener, "_FULL_S", 0.2)
    real = socket.socket.accept

    def accept(listening: socket.socket) -> Any:
        nonlocal tried
        tried += 1
        if tried == 1:
            raise OSError(errno.EMFILE, "Too many open files")
        return real(listening)

    monkeypatch.setattr(socket.socket, "accept", accept)
    with contextlib.closing(Wire(server.port)) as one:
        assert one.request("POST", MINT).status == 200
    assert tried == 3, "one that failed, one that came, and none behind it: the processor was not kept busy"
    assert refusals(server)[0].what == "no file descriptor is free: new connections wait"
