"""WebSocket on the wire: handshake, frames, and both ways to an end."""

# ruff: noqa: E501  (recorded texts stay on one line)

from __future__ import annotations

import contextlib
import json
import time
from typing import TYPE_CHECKING

import pytest

from mockserver import Abort, Close, Pause, Reject, Respond, Rule, Say, Script, Send, Silence

from ..conftest import KEY, SETUP_COMPLETE, TEXT_MODEL, Wire, live_path, refusals, refused

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

    from mockserver import MockServer

    from ..conftest import Live

pytestmark = pytest.mark.usefixtures("transports")

TEXT, BINARY, CLOSE, PING, PONG, CONT = 1, 2, 8, 9, 10, 0
SETUP = b'{"setup": {"model": "models/gemini-3.5-transcribe-live"}}'
UNREGISTERED = (
    "Method doesn't allow unregistered callers (callers without established identity). "
    "Please use API Key or other form of API c"
)


def eventually(condition: Callable[[], bool]) -> None:
    """Wait for what another thread is about to do; five seconds mean never."""
    until = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.005)


@pytest.fixture
def opened(wire: Callable[..., Wire]) -> Wire:
    """A socket after its handshake."""
    one = wire()
    assert one.upgrade(live_path()).status == 101
    return one


def test_a_handshake_as_rfc_6455_has_it(wire: Callable[..., Wire]) -> None:
    answer = wire().upgrade(live_path())
    assert answer.status == 101
    assert answer.headers == {
        "upgrade": "websocket",
        "connection": "Upgrade",
        "sec-websocket-accept": "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
    }


@pytest.mark.fact("WS-034")
def test_compression_is_not_taken_up(wire: Callable[..., Wire]) -> None:
    answer = wire().upgrade(
        live_path(), "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits"
    )
    assert answer.status == 101
    assert "sec-websocket-extensions" not in answer.headers


def test_a_frame_may_follow_the_handshake_at_once(wire: Callable[..., Wire]) -> None:
    one = wire()
    one.send(
        f"GET {live_path()} HTTP/1.1\r\nHost: x\r\nConnection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
        + bytes([0x81, 0x80 | len(SETUP)]) + b"\0\0\0\0" + SETUP
    )  # fmt: skip
    assert one.answer().status == 101
    assert one.read_frame() == (0x80 | BINARY, SETUP_COMPLETE)


def test_a_handshake_may_follow_a_request_on_its_connection(wire: Callable[..., Wire]) -> None:
    one = wire()
    assert one.request("POST", f"/v1alpha/auth_tokens?key={KEY}").status == 200
    assert one.upgrade(live_path()).status == 101
    assert one.frame(TEXT, SETUP).read_frame() == (0x80 | BINARY, SETUP_COMPLETE)


def test_a_handshake_may_come_byte_by_byte(wire: Callable[..., Wire]) -> None:
    one = wire()
    request = (
        f"GET {live_path()} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    for byte in request.encode() + b"\x81" + bytes([0x80 | len(SETUP)]) + b"\0\0\0\0" + SETUP:
        one.send(bytes([byte]))
    assert one.answer().status == 101
    assert one.read_frame() == (0x80 | BINARY, SETUP_COMPLETE)


@pytest.mark.fact("WS-016")
def test_a_refused_handshake_is_an_empty_404_that_is_not_json(
    server: MockServer, live: Callable[..., Live]
) -> None:
    response = refused(lambda: live(server, version="v1"))
    assert response.status_code == 404
    assert response.headers["Content-Length"] == "0"
    assert not response.body
    assert "json" not in response.headers["Content-Type"]
    assert refusals(server)[-1].fact == "WS-016"


def test_a_handshake_without_a_key_is_told_what_is_missing(
    wire: Callable[..., Wire], server: MockServer
) -> None:
    one = wire()
    one.send(f"GET {live_path()} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
    answer = one.answer()
    assert answer.status == 400
    assert b"Sec-WebSocket-Key" in answer.body
    assert "Sec-WebSocket-Key" in refusals(server)[-1].what


@pytest.mark.fact("WS-017")
@pytest.mark.parametrize("slash", ["/", "//"])
def test_one_slash_or_two(server: MockServer, live: Callable[..., Live], slash: str) -> None:
    live(server, path=slash + live_path()[1:]).setup().expect_ready()


@pytest.mark.fact("WS-004")
@pytest.mark.fact("WS-005")
def test_server_frames_are_binary_unmasked_and_unfragmented(opened: Wire) -> None:
    opened.frame(TEXT, SETUP)
    assert opened.exactly(28) == b"\x82\x1a" + SETUP_COMPLETE


@pytest.mark.fact("WS-006B")
def test_a_client_may_send_binary_frames(opened: Wire) -> None:
    assert opened.frame(BINARY, SETUP).read_frame()[1] == SETUP_COMPLETE


@pytest.mark.parametrize("size", [1, 7, 30])
def test_a_message_may_come_in_fragments(opened: Wire, size: int) -> None:
    pieces = [SETUP[start : start + size] for start in range(0, len(SETUP), size)]
    for n, piece in enumerate(pieces):
        opened.frame(CONT if n else TEXT, piece, fin=n == len(pieces) - 1)
    assert opened.read_frame()[1] == SETUP_COMPLETE


def test_a_ping_may_stand_between_fragments(opened: Wire) -> None:
    opened.frame(TEXT, SETUP[:5], fin=False).frame(PING, b"here?").frame(CONT, SETUP[5:])
    assert opened.read_frame() == (0x80 | PONG, b"here?")
    assert opened.read_frame()[1] == SETUP_COMPLETE


@pytest.mark.fact("WS-033")
def test_an_idle_socket_hears_nothing_not_even_a_ping(opened: Wire, server: MockServer) -> None:
    server.advance(300)
    opened.frame(PING, b"mine")
    assert opened.read_frame() == (0x80 | PONG, b"mine")


def test_a_long_message_is_taken(server: MockServer, live: Callable[..., Live]) -> None:
    one = live(server).setup(outputAudioTranscription={}).expect_ready()
    one.send({"realtimeInput": {"audio": {"mimeType": "audio/pcm", "data": "AH8A" * 100_000}}})
    one.send({"realtimeInput": {"audioStreamEnd": True}})
    assert one.receive() == {"serverContent": {"outputTranscription": {"text": "9.4"}}}


class TestTheServerCloses:
    """The only error channel there is."""

    @pytest.mark.fact("CLS-002")
    @pytest.mark.fact("WS-007")
    def test_the_reason_is_cut_at_123_bytes(self, wire: Callable[..., Wire]) -> None:
        one = wire()
        one.upgrade(live_path(query=""))
        first, payload = one.frame(TEXT, SETUP).read_frame()
        assert first == 0x80 | CLOSE
        assert len(payload) == 125
        assert payload == (1008).to_bytes(2, "big") + UNREGISTERED.encode()

    def test_a_reason_is_never_cut_within_a_character(self, opened: Wire) -> None:
        message = json.dumps({"setup": {"x" + "é" * 80: 1}}, ensure_ascii=False).encode()
        _, payload = opened.frame(TEXT, message).read_frame()
        assert payload[2:].decode().startswith('Invalid JSON payload received. Unknown name "xé')
        assert len(payload) == 125 - 1, "one byte less: half a character does not go out"

    def test_the_connection_ends_once_the_client_has_answered(self, opened: Wire) -> None:
        opened.frame(TEXT, b"nonsense").read_frame()
        opened.frame(CLOSE, (1000).to_bytes(2, "big"))
        assert opened.rest() == b""

    def test_a_client_that_never_answers_is_dropped(self, serve: Callable[..., MockServer]) -> None:
        with contextlib.closing(Wire(serve(close_s=0.05).port)) as one:
            one.upgrade(live_path())
            assert one.frame(TEXT, b"nonsense").read_frame()[0] == 0x80 | CLOSE
            assert one.rest() == b""

    def test_what_comes_after_the_close_is_not_heard(self, opened: Wire, server: MockServer) -> None:
        opened.frame(TEXT, b"nonsense").frame(TEXT, SETUP)
        assert opened.read_frame()[0] == 0x80 | CLOSE
        opened.frame(TEXT, SETUP)
        opened.close()
        assert [entry.kind for entry in server.journal].count("in") == 1

    def test_a_lone_surrogate_in_a_name_closes_like_any_unknown_name(self, opened: Wire) -> None:
        _, payload = opened.frame(TEXT, b'{"setup": {"\\ud800": 1}}').read_frame()
        assert payload[:2] == (1007).to_bytes(2, "big")

    @pytest.mark.parametrize("message", [b"[" * 60_000, b"[" * 200, b'{"a":' * 12_000, b"\xff\xfe"])
    def test_what_cannot_be_read_closes_and_does_not_crash(self, opened: Wire, message: bytes) -> None:
        _, payload = opened.frame(TEXT, message).read_frame()
        assert payload == (1007).to_bytes(2, "big") + b"Invalid JSON payload received. Unexpected token."


class TestTheClientCloses:
    """And the journal remembers with what."""

    @pytest.mark.fact("WS-032")
    def test_the_close_is_answered_and_noted(self, opened: Wire, server: MockServer) -> None:
        opened.frame(CLOSE, (1000).to_bytes(2, "big"))
        assert opened.read_frame() == (0x80 | CLOSE, (1000).to_bytes(2, "big"))
        assert opened.rest() == b""
        eventually(lambda: server.open_connections == 0)
        last = server.journal[-1]
        assert (last.kind, last.what, last.status) == ("lost", "by the client: 1000", 1000)

    def test_its_reason_is_noted(self, opened: Wire, server: MockServer) -> None:
        opened.frame(CLOSE, (3000).to_bytes(2, "big") + b"enough").read_frame()
        eventually(lambda: server.open_connections == 0)
        assert server.journal[-1].what == "by the client: 3000 enough"

    def test_a_break_is_noted_as_1006(self, opened: Wire, server: MockServer) -> None:
        opened.close()
        eventually(lambda: server.open_connections == 0)
        assert server.journal[-1].what == "by the client: 1006"

    def test_a_close_in_mid_turn_leaves_nothing_behind(
        self, serve: Callable[..., MockServer], live: Callable[..., Live]
    ) -> None:
        server = serve(pace=1)
        one = live(server).setup().expect_ready().say("a sentence that takes its time")
        one.receive()
        one.close()
        eventually(lambda: server.open_connections == 0)
        entries = len(server.journal)
        server.advance(60)
        assert len(server.journal) == entries


@pytest.mark.parametrize(
    ("frame", "code", "says"),
    [
        ((TEXT, SETUP, True, False), 1002, "mask"),
        ((3, b"", True, True), 1002, "opcode"),
        ((CONT, b"", True, True), 1002, "continuation"),
        ((PING, b"", False, True), 1002, "fragment"),
        ((TEXT | 0x40, SETUP, True, True), 1002, "reserved"),
    ],
    ids=["unmasked", "unknown-opcode", "continuation-of-nothing", "fragmented-ping", "reserved-bit"],
)
def test_a_frame_against_the_protocol_closes_and_the_journal_says_why(
    opened: Wire, server: MockServer, frame: tuple[int, bytes, bool, bool], code: int, says: str
) -> None:
    opcode, payload, fin, masked = frame
    first, closing = opened.frame(opcode, payload, fin=fin, masked=masked).read_frame()
    assert (first, closing[:2]) == (0x80 | CLOSE, code.to_bytes(2, "big"))
    assert opened.rest() == b""
    eventually(lambda: server.open_connections == 0)
    assert f"{code}" in refusals(server)[-1].what
    assert says in refusals(server)[-1].what


def test_a_message_without_end_closes_with_1009(opened: Wire, server: MockServer) -> None:
    opened.send(b"\x81\xff" + (server.options.message_bytes + 1).to_bytes(8, "big") + b"\0\0\0\0")
    assert opened.read_frame()[1][:2] == (1009).to_bytes(2, "big")
    eventually(lambda: server.open_connections == 0)
    assert "1009" in refusals(server)[-1].what


class TestFaults:
    """What a script does to the wire."""

    def test_a_drop_in_a_turn_has_no_close_frame(
        self, serve: Callable[..., MockServer], live: Callable[..., Live]
    ) -> None:
        server = serve(script=Script("drop", (Rule("turn", (Abort(),)),)))
        live(server).setup().expect_ready().say("hello").expect_drop()

    def test_a_drop_at_the_handshake_has_no_answer(self, serve: Callable[..., MockServer]) -> None:
        from ..conftest import Wire

        server = serve(script=Script("drop", (Rule("handshake", (Abort(),)),)))
        one = Wire(server.port)
        one.send(
            f"GET {live_path()} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        assert one.rest() == b""
        one.close()

    def test_a_handshake_is_refused_as_scripted(
        self, serve: Callable[..., MockServer], live: Callable[..., Live]
    ) -> None:
        busy = Respond(503, (("Content-Type", "text/plain"), ("Retry-After", "1")), b"busy")
        server = serve(script=Script("busy", (Rule("handshake", (Reject(busy),), nth=1),)))
        response = refused(lambda: live(server))
        assert (response.status_code, response.headers["Retry-After"]) == (503, "1")
        live(server).setup().expect_ready()

    def test_a_close_of_its_own_words(
        self, serve: Callable[..., MockServer], live: Callable[..., Live]
    ) -> None:
        steps = (Send(b'{"serverContent": {}}'), Close(1011, "The service is currently unavailable."))
        server = serve(script=Script("down", (Rule("turn", steps),)))
        one = live(server).setup().expect_ready().say("hello")
        assert one.receive() == {"serverContent": {}}
        one.expect_close(1011, "The service is currently unavailable.")

    def test_a_long_reason_is_cut_not_a_crash(
        self, serve: Callable[..., MockServer], live: Callable[..., Live]
    ) -> None:
        server = serve(script=Script("long", (Rule("turn", (Close(1011, "日" * 100),)),)))
        live(server).setup().expect_ready().say("hello").expect_close(1011, "日" * 41)

    def test_a_pause_is_moved_by_the_clock(
        self, serve: Callable[..., MockServer], live: Callable[..., Live]
    ) -> None:
        server = serve(script=Script("slow", (Rule("turn", (Pause(300), Say("at last"))),)))
        one = live(server).setup(TEXT_MODEL).expect_ready().say("hello")
        eventually(lambda: [entry.kind for entry in server.journal].count("in") == 2)
        server.advance(300)
        assert "".join(part["text"] for message in one.expect_turn()
                       for part in message["serverContent"].get("modelTurn", {}).get("parts", [])) == "at last"  # fmt: skip

    def test_silence_after_setup(self, serve: Callable[..., MockServer], live: Callable[..., Live]) -> None:
        server = serve(script=Script("mute", (Rule("setup", (Silence(),)),)))
        one = live(server).setup()
        eventually(lambda: any(entry.kind == "in" for entry in server.journal))
        server.advance(100)
        assert not [entry for entry in server.journal if entry.kind == "out"]
        one.close()


def test_a_mistake_of_the_mock_closes_the_socket_and_stands_in_the_journal(
    server: MockServer, live: Callable[..., Live], monkeypatch: pytest.MonkeyPatch
) -> None:
    one = live(server).setup().expect_ready()

    def fail(*_: object) -> None:
        raise ZeroDivisionError("planned")

    monkeypatch.setattr("mockserver.core.session.Session.receive", fail)
    one.send({"realtimeInput": {"text": "hi"}})
    one.expect_close(1011, "Internal error encountered.")
    [refusal] = [entry for entry in server.journal if entry.kind == "refusal"]
    assert refusal.fact == "MOCK"
    assert "ZeroDivisionError('planned')" in refusal.what
    assert server.open_connections == 0


@pytest.mark.parametrize(("text", "opcode"), [(True, TEXT), (False, BINARY)])
def test_a_scripted_frame_is_of_the_kind_it_is_told_to_be(
    serve: Callable[..., MockServer], text: bool, opcode: int
) -> None:
    server = serve(script=Script("frames", (Rule("setup", (Send(b'{"a": 1}', text=text),)),)))
    one = Wire(server.port)
    assert one.upgrade(live_path()).status == 101
    one.frame(TEXT, SETUP)
    assert one.read_frame() == (0x80 | opcode, b'{"a": 1}')
    one.close()


def test_an_entry_says_whether_its_connection_was_over_tls(
    server: MockServer, wire: Callable[..., Wire], trusting: ssl.SSLContext
) -> None:
    for tls in (None, trusting):
        assert (
            wire(tls).request("POST", "/v1alpha/auth_tokens", b"{}", x_goog_api_key=KEY, X_Compat="a").status
            == 200
        )
    requests = [entry for entry in server.journal if entry.kind == "request"]
    assert [entry.secure for entry in requests] == [False, True]
    assert all(dict(entry.headers)["x-compat"] == "a" for entry in requests)
