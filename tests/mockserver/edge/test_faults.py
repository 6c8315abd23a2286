"""Faults on the wire: the bytes are what a script says they are."""

from __future__ import annotations

import os
import ssl
import time
from typing import TYPE_CHECKING

import pytest
from websockets.exceptions import ConnectionClosedError
from websockets.sync.client import connect

from mockserver import (
    Abort,
    Close,
    Drip,
    Garble,
    GoAway,
    Proceed,
    Raw,
    Say,
    Send,
)
from mockserver.core import frames

from ..conftest import SETUP_COMPLETE, TEXT_MODEL, live_path
from .spoiled import (
    PAYLOAD,
    SETUP,
    TEXT,
    TURN,
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
