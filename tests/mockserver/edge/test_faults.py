"""Faults on the wire: the bytes are what a script says they are."""

from __future__ import annotations

import json
import os
import ssl
import time
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import pytest
from websockets.exceptions import ConnectionClosedError
from websockets.sync.client import connect

from mockserver import (
    Abort,
    Close,
    Delay,
    Drip,
    Garble,
    GoAway,
    Pause,
    Proceed,
    Raw,
    Refuse,
    Reject,
    Respond,
    Rule,
    Say,
    Script,
    Send,
    Silence,
)
from mockserver.core import frames

from ..conftest import KEY, SETUP_COMPLETE, TEXT_MODEL, Wire, live_path, refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mockserver import MockServer
    from mockserver.core.steps import Step

    from ..conftest import Live

pytestmark = pytest.mark.usefixtures("transports")

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


_dialled: list[Wire] = []


@pytest.fixture(autouse=True)
def hang_up() -> Iterator[None]:
    """Close what a test has opened."""
    yield
    while _dialled:
        _dialled.pop().close()


def dial(server: MockServer, tls: ssl.SSLContext | None = None) -> Wire:
    """A TCP connection to a server, closed after the test."""
    _dialled.append(Wire(server.port, tls))
    return _dialled[-1]


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


class TestFrames:
    """What a garbled frame looks like, to the byte, and what a library makes of it."""

    @pytest.mark.parametrize(
        ("how", "wire_bytes"),
        [
            ("masked", b"\x82\xc2" + frames.MASK),
            ("reserved_bits", b"\xf2\x42" + PAYLOAD),
            ("oversized", b"\x82\x7f" + (2**40).to_bytes(8, "big") + PAYLOAD),
            ("bad_utf8", b"\x81\x44" + PAYLOAD + b"\xe2\x82"),
            ("text", b"\x81\x42" + PAYLOAD),
            ("half", (b"\x82\x42" + PAYLOAD)[:34]),
            (
                "fragments",
                b"\x02\x16" + PAYLOAD[:22] + b"\x00\x16" + PAYLOAD[22:44] + b"\x80\x16" + PAYLOAD[44:],
            ),
        ],
    )
    def test_garbled_bytes(self, serve: Callable[..., MockServer], how: str, wire_bytes: bytes) -> None:
        server = serve(script=on("turn", Garble(how), Send(PAYLOAD)))
        one = in_turn(server)
        assert one.exactly(len(wire_bytes)) == wire_bytes
        if how == "masked":
            masked = one.exactly(len(PAYLOAD))
            assert bytes(byte ^ frames.MASK[n % 4] for n, byte in enumerate(masked)) == PAYLOAD
        assert silent(one)
        one.close()
        assert faults(server)[0] == f"garble what follows: {how}"

    @pytest.mark.parametrize(
        ("how", "code"), [("masked", 1002), ("reserved_bits", 1002), ("oversized", 1009), ("bad_utf8", 1007)]
    )
    def test_a_library_refuses_it(self, serve: Callable[..., MockServer], how: str, code: int) -> None:
        server = serve(script=on("turn", Garble(how), Send(PAYLOAD)))
        with connect(f"ws://127.0.0.1:{server.port}{live_path()}") as socket:
            socket.send(SETUP)
            socket.recv()
            socket.send(TURN)
            with pytest.raises(ConnectionClosedError) as caught:
                socket.recv()
        # websockets 13 dies of text that is no UTF-8 before it can say so.
        assert caught.value.sent.code == code if caught.value.sent else how == "bad_utf8"

    @pytest.mark.parametrize("how", ["fragments", "text"])
    def test_a_library_reads_what_is_legal(self, serve: Callable[..., MockServer], how: str) -> None:
        server = serve(script=on("turn", Garble(how), Send(PAYLOAD)))
        with connect(f"ws://127.0.0.1:{server.port}{live_path()}") as socket:
            socket.send(SETUP)
            socket.recv()
            socket.send(TURN)
            received = socket.recv()
            assert (received.encode() if isinstance(received, str) else received) == PAYLOAD

    def test_half_of_a_frame_then_a_drop(self, serve: Callable[..., MockServer]) -> None:
        server = serve(script=on("turn", Garble("half"), Send(PAYLOAD), Send(b"never"), Abort()))
        one = in_turn(server)
        assert one.rest() == (b"\x82\x42" + PAYLOAD)[:34]
        assert faults(server)[-1] == "drop the connection"

    def test_half_of_a_close_is_sent_and_nothing_after_it(self, serve: Callable[..., MockServer]) -> None:
        server = serve(script=on("turn", Garble("half"), Close(1011, "bye")))
        one = in_turn(server)
        assert one.exactly(3) == b"\x88\x05\x03"
        assert silent(one)

    def test_the_legal_answer_is_garbled_too(self, serve: Callable[..., MockServer]) -> None:
        server = serve(script=on("setup", Garble("text"), Proceed()))
        one = dial(server)
        one.upgrade(live_path())
        assert one.frame(TEXT, SETUP).read_frame() == (0x80 | TEXT, SETUP_COMPLETE)
        out = [entry for entry in server.journal if entry.kind == "out"]
        assert [entry.payload for entry in out] == [SETUP_COMPLETE]
        assert "(text)" in out[0].what

    def test_raw_bytes_go_out_as_they_are(self, serve: Callable[..., MockServer]) -> None:
        server = serve(script=on("turn", Send(b"{}"), Raw(b"\x8f\x00anything"), Send(b"[]")))
        assert in_turn(server).exactly(18) == b"\x82\x02{}\x8f\x00anything\x82\x02[]"
        assert "send 10 bytes as they are" in faults(server)

    def test_a_payload_that_is_no_json(self, serve: Callable[..., MockServer]) -> None:
        server = serve(script=on("turn", Send(b"<html>"), Send(b"\xff\xfe", text=True)))
        one = in_turn(server)
        assert [one.read_frame(), one.read_frame()] == [(0x82, b"<html>"), (0x81, b"\xff\xfe")]


class TestCloses:
    """The end of a socket."""

    def test_a_close_without_a_code_is_an_empty_frame(self, serve: Callable[..., MockServer]) -> None:
        server = serve(script=on("turn", Close()))
        assert in_turn(server).exactly(2) == b"\x88\x00"
        assert faults(server) == ["close without a code"]
        closed = [entry for entry in server.journal if entry.kind == "close"]
        assert [(entry.what, entry.status) for entry in closed] == [("no code", 1005)]

    @pytest.mark.parametrize("code", [1000, 1001, 1008, 1012, 3000, 4999])
    def test_a_close_with_any_code(self, serve: Callable[..., MockServer], code: int) -> None:
        server = serve(script=on("turn", Close(code, "why")))
        assert in_turn(server).read_frame() == (0x88, code.to_bytes(2, "big") + b"why")

    def test_a_code_that_no_library_sends_goes_out_raw(self, serve: Callable[..., MockServer]) -> None:
        server = serve(script=on("turn", Raw(frames.close_frame(1006, "")), Abort()))
        assert in_turn(server).rest() == b"\x88\x02\x03\xee"

    def test_a_fin_ends_in_order_after_what_was_sent(self, serve: Callable[..., MockServer]) -> None:
        server = serve(script=on("turn", Send(b"{}"), Abort()))
        one = in_turn(server)
        assert one.exactly(4) == b"\x82\x02{}"
        assert one.socket.recv(1) == b""

    def test_a_reset_is_one(self, serve: Callable[..., MockServer]) -> None:
        server = serve(script=on("turn", Abort(reset=True)))
        one = in_turn(server)
        with pytest.raises(ConnectionResetError):
            one.socket.recv(1)
        assert faults(server) == ["drop the connection by a reset"]

    @pytest.mark.parametrize("reset", [False, True])
    def test_a_drop_over_tls_is_no_orderly_end(self, serve: Callable[..., MockServer], reset: bool) -> None:
        server = serve(script=on("turn", Send(b"{}"), Abort(reset)))
        one = in_turn(server, ssl.create_default_context(cafile=server.env["SSL_CERT_FILE"]))
        assert one.exactly(4) == b"\x82\x02{}"
        # Past the TLS library: no closing alert comes, only the end of the connection.
        one.socket.setblocking(True)
        if reset:
            with pytest.raises(ConnectionResetError):
                os.read(one.socket.fileno(), 1)
        else:
            assert os.read(one.socket.fileno(), 1) == b""

    def test_go_away_announces_a_close_that_comes(
        self, serve: Callable[..., MockServer], live: Callable[..., Live]
    ) -> None:
        server = serve(script=on("turn", Say("soon"), GoAway(7)))
        one = live(server).setup(TEXT_MODEL).expect_ready().say("hi")
        while "goAway" not in (message := one.receive()):
            pass
        assert message == {"goAway": {"timeLeft": "7s"}}
        server.advance(7)
        one.expect_close(
            1008,
            "Connection aborted because the client failed to close the connection after receiving a GoAway "
            "signal once the session durat",
        )


class TestHandshakes:
    """Before the socket is open."""

    @pytest.mark.parametrize("status", [200, 302, 401, 404, 429, 500, 503, 599])
    def test_any_status_headers_and_body(
        self, serve: Callable[..., MockServer], live: Callable[..., Live], status: int
    ) -> None:
        told = Respond(status, (("X-Why", "a script"), ("X-Why", "twice")), b"no\0pe")
        server = serve(script=on("handshake", Reject(told), nth=1))
        one = dial(server)
        answer = one.send(HANDSHAKE).answer()
        assert (answer.status, answer.body) == (status, b"no\0pe")
        assert [value for name, value in answer.headers.items() if name == "x-why"] == ["twice"]
        live(server).setup().expect_ready()
        assert faults(server) == [f"answer {status}"]

    def test_half_of_the_101(self, serve: Callable[..., MockServer]) -> None:
        server = serve(script=on("handshake", Garble("half"), Proceed()))
        one = dial(server).send(HANDSHAKE)
        half = SWITCHING[: len(SWITCHING) // 2]
        assert one.exactly(len(half)) == half
        assert silent(one)
        one.close()

    def test_half_of_the_101_then_a_drop(self, serve: Callable[..., MockServer]) -> None:
        server = serve(script=on("handshake", Garble("half"), Proceed(), Abort()))
        assert dial(server).send(HANDSHAKE).rest() == SWITCHING[: len(SWITCHING) // 2]

    def test_no_answer_at_all_and_the_journal_knows_when_the_client_goes(
        self, serve: Callable[..., MockServer]
    ) -> None:
        server = serve(script=on("handshake", Silence()))
        one = dial(server).send(HANDSHAKE)
        assert silent(one)
        one.close()
        until = time.monotonic() + 5
        while server.journal[-1].kind != "lost" and time.monotonic() < until:
            time.sleep(0.005)
        assert server.journal[-1].what == "by the client: 1006"
        assert server.open_connections == 0

    def test_a_late_101_and_a_client_that_did_not_wait(self, serve: Callable[..., MockServer]) -> None:
        server = serve(script=on("handshake", Pause(30), Proceed()))
        one = dial(server).send(HANDSHAKE)
        one.frame(TEXT, SETUP)
        assert silent(one)
        one.socket.settimeout(5)
        server.advance(30)
        assert one.exactly(len(SWITCHING)) == SWITCHING
        assert one.read_frame() == (0x82, SETUP_COMPLETE)

    def test_a_drop_and_a_reset(self, serve: Callable[..., MockServer]) -> None:
        server = serve(script=on("handshake", Abort(reset=True)))
        one = dial(server).send(HANDSHAKE)
        with pytest.raises(ConnectionResetError):
            one.socket.recv(1)

    def test_a_close_right_after_the_101(self, serve: Callable[..., MockServer]) -> None:
        server = serve(script=on("handshake", Proceed(), Close(1013, "later")))
        one = dial(server).send(HANDSHAKE)
        assert one.exactly(len(SWITCHING)) == SWITCHING
        assert one.read_frame() == (0x88, (1013).to_bytes(2, "big") + b"later")
        assert server.open_connections == 0

    def test_a_101_drop_by_drop(self, serve: Callable[..., MockServer]) -> None:
        server = serve(script=on("handshake", Drip(50, 1), Proceed()))
        one = dial(server).send(HANDSHAKE)
        assert one.exactly(50) == SWITCHING[:50]
        assert silent(one)
        one.socket.settimeout(5)
        server.advance(3)
        assert one.exactly(len(SWITCHING) - 50) == SWITCHING[50:]
        assert one.frame(TEXT, SETUP).read_frame() == (0x82, SETUP_COMPLETE)

    def test_a_delay_of_real_time(self, serve: Callable[..., MockServer]) -> None:
        server = serve(script=on("handshake", Delay(0.2), Proceed()))
        begun = time.monotonic()
        dial(server).send(HANDSHAKE).answer()
        assert time.monotonic() - begun >= 0.2

    def test_a_client_that_goes_during_a_delay_leaves_nothing(self, serve: Callable[..., MockServer]) -> None:
        server = serve(script=on("handshake", Delay(0.2), Proceed()))
        one = dial(server).send(HANDSHAKE)
        one.frame(TEXT, SETUP)
        one.close()
        time.sleep(0.3)
        assert server.open_connections == 0
        assert not [entry for entry in server.journal if entry.kind in ("in", "out")]

    def test_the_clock_does_not_shorten_a_delay(self, serve: Callable[..., MockServer]) -> None:
        server = serve(script=on("turn", Delay(0.3), Send(b"{}"), Send(b"[]")))
        begun = time.monotonic()
        one = in_turn(server)
        server.advance(10)
        assert one.exactly(8) == b"\x82\x02{}\x82\x02[]"
        assert time.monotonic() - begun >= 0.3

    def test_frames_that_go_at_once_keep_their_place(self, serve: Callable[..., MockServer]) -> None:
        sends = [Send(b"x" * size, text=size % 3 == 0) for size in (0, 2, 3, 125, 126, 65_535, 65_536) * 9]
        raw, end = Raw(frames.frame(9, b"?")), Close(1000, "bye")
        server = serve(script=on("turn", *sends, raw, *sends, Delay(0.1), Delay(0.1), *sends, end))
        begun = time.monotonic()
        one = in_turn(server)
        burst = b"".join(frames.frame(TEXT if send.text else BINARY, send.payload) for send in sends)
        wanted = burst + raw.data + 2 * burst + frames.close_frame(1000, "bye")
        assert one.exactly(len(wanted)) == wanted
        assert time.monotonic() - begun >= 0.2


class TestTokens:
    """The token service."""

    @pytest.mark.parametrize("status", [429, 500, 503])
    def test_so_many_failures_then_success(
        self, serve: Callable[..., MockServer], wire: Callable[..., Wire], status: int
    ) -> None:
        told = Respond(status, (("Retry-After", "7"),), b"{}")
        server = serve(script=on("mint", told, nth="1-2"))
        one = dial(server)
        answers = [one.request("POST", MINT) for _ in range(4)]
        assert [answer.status for answer in answers] == [status, status, 200, 200]
        assert [answer.headers.get("retry-after") for answer in answers] == ["7", "7", None, None]
        assert faults(server) == [f"answer {status}"] * 2

    def test_never_answered_and_the_next_connection_is(self, serve: Callable[..., MockServer]) -> None:
        server = serve(script=on("mint", Silence(), nth=1))
        one = dial(server)
        one.send(f"POST {MINT} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
        assert silent(one)
        assert dial(server).request("POST", MINT).status == 200
        one.close()

    def test_a_late_answer_keeps_its_place_among_pipelined_requests(
        self, serve: Callable[..., MockServer]
    ) -> None:
        server = serve(script=on("mint", Pause(10), Proceed(), nth=1))
        one = dial(server)
        both = f"POST {MINT} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n" + (
            "GET /v1beta/nowhere HTTP/1.1\r\nHost: x\r\n\r\n"
        )
        one.send(both)
        assert silent(one)
        one.socket.settimeout(5)
        server.advance(10)
        assert [one.answer().status, one.answer().status] == [200, 404]

    def test_half_an_answer(self, serve: Callable[..., MockServer]) -> None:
        told = Respond(503, (("X-Long", "x" * 50),), b"0123456789" * 10)
        server = serve(script=on("mint", Garble("half"), told))
        one = dial(server)
        one.send(f"POST {MINT} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
        whole = frames.http_answer(told, keep=False)
        assert one.exactly(20) == b"HTTP/1.1 503 Service"
        assert silent(one)
        assert b"0123" not in whole[: len(whole) // 2]

    def test_an_answer_drop_by_drop_ends_the_connection(self, serve: Callable[..., MockServer]) -> None:
        server = serve(script=on("mint", Drip(100, 0.5), Proceed()))
        one = dial(server)
        one.send(f"POST {MINT} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
        assert len(one.exactly(100)) == 100
        assert silent(one)
        one.socket.settimeout(5)
        server.advance(30)
        rest = one.rest()
        assert b"auth_tokens/" in rest
        [answer] = [entry for entry in server.journal if entry.kind == "response"]
        assert answer.status == 200

    def test_a_refusal_of_a_fact_is_told_as_the_script_s(self, serve: Callable[..., MockServer]) -> None:
        server = serve(script=on("mint", Refuse("TOK-058")))
        assert dial(server).request("POST", MINT).status == 429
        [refusal] = [entry for entry in server.journal if entry.kind == "refusal"]
        assert (refusal.fact, refusal.script, refusal.rule) == ("TOK-058", "one", 1)
        assert "by rule 1 of script one" in refusal.line()
        assert faults(server) == ["refuse as TOK-058"]

    def test_a_dropped_request(self, serve: Callable[..., MockServer]) -> None:
        server = serve(script=on("mint", Abort()))
        one = dial(server)
        assert one.send(f"POST {MINT} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n").rest() == b""


def test_phrases_are_those_of_the_standard() -> None:
    for status in HTTPStatus:
        if status.value in frames._PHRASES and status not in (413, 414, 418, 422):  # renamed by RFC 9110
            assert frames._PHRASES[status.value] == status.phrase


def test_a_session_drop_by_drop(serve: Callable[..., MockServer], live: Callable[..., Live]) -> None:
    server = serve(script=on("turn", Drip(7, 0.25), Say("one two three")))
    one = live(server).setup(TEXT_MODEL).expect_ready().say("hi")
    until = time.monotonic() + 5
    while not faults(server):  # the turn is here
        assert time.monotonic() < until
        time.sleep(0.005)
    server.advance(60)
    said = "".join(
        part["text"]
        for message in one.expect_turn()
        for part in message["serverContent"].get("modelTurn", {}).get("parts", [])
    )
    assert said == "one two three"
    assert faults(server) == ["drip what follows, 7 bytes every 0.25 s"]


def test_a_refused_handshake_is_read_by_a_library(
    serve: Callable[..., MockServer], live: Callable[..., Live]
) -> None:
    server = serve(script=on("handshake", Reject(Respond(418, (), b"short and stout"))))
    response = refused(lambda: live(server))
    assert (response.status_code, response.body) == (418, b"short and stout")
