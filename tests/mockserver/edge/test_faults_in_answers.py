"""Faults in answers: handshakes, and the token service, which a script spoils."""

from __future__ import annotations

import time
from http import HTTPStatus
from typing import TYPE_CHECKING

import pytest

from mockserver import (
    Abort,
    Close,
    Delay,
    Drip,
    Garble,
    Pause,
    Proceed,
    Raw,
    Refuse,
    Reject,
    Respond,
    Send,
    Silence,
)
from mockserver.core import frames

from ..conftest import SETUP_COMPLETE, Wire, refused
from .spoiled import (
    BINARY,
    HANDSHAKE,
    MINT,
    SETUP,
    SWITCHING,
    TEXT,
    dial,
    faults,
    in_turn,
    on,
    silent,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockserver import MockServer

    from ..conftest import Live

pytestmark = pytest.mark.usefixtures("transports")


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

    def test_what_comes_by_itself_waits_for_a_delay_too(self, serve: Callable[..., MockServer]) -> None:
        server = serve(script=on("turn", Send(b"[]"), Delay(0.3), Pause(5), Send(b"{}")))
        begun = time.monotonic()
        one = in_turn(server)
        assert one.exactly(4) == b"\x82\x02[]"
        server.advance(10)
        assert one.exactly(4) == b"\x82\x02{}"
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


def test_a_refused_handshake_is_read_by_a_library(
    serve: Callable[..., MockServer], live: Callable[..., Live]
) -> None:
    server = serve(script=on("handshake", Reject(Respond(418, (), b"short and stout"))))
    response = refused(lambda: live(server))
    assert (response.status_code, response.body) == (418, b"short and stout")
