"""A server on a port, and clients that speak bytes to it."""

from __future__ import annotations

import json
import socket
import ssl
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from websockets.client import ClientProtocol
from websockets.exceptions import InvalidStatus
from websockets.frames import Opcode
from websockets.protocol import State
from websockets.uri import parse_uri

from mockserver import FACTS, Entry, MockServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

KEY = "AIzaSyTheKeyOfTheseTests"
AUDIO_MODEL = "models/gemini-2.5-flash-native-audio-latest"
TEXT_MODEL = "models/gemini-3.5-transcribe-live"
SETUP_COMPLETE = b'{\n  "setupComplete": {}\n}\n'
#: Nothing here takes longer than milliseconds; a test that waits this long has found a hang.
PATIENCE_S = 5.0


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test may name only evidence that exists."""
    for item in items:
        for mark in item.iter_markers("fact"):
            assert mark.args[0] in FACTS, f"{item.nodeid} names fact {mark.args[0]}, which is no row"


def live_path(
    method: str = "BidiGenerateContent", version: str = "v1alpha", query: str = f"key={KEY}"
) -> str:
    """The path of a Live method, with its query."""
    path = f"/ws/google.ai.generativelanguage.{version}.GenerativeService.{method}"
    return f"{path}?{query}" if query else path


class Wire:
    """A TCP connection, in bytes."""

    def __init__(self, port: int, tls: ssl.SSLContext | None = None) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), PATIENCE_S)
        if tls is not None:
            self.socket = tls.wrap_socket(self.socket, server_hostname="localhost")
        self._received = b""

    def send(self, data: bytes | str) -> Wire:
        """Send all of it."""
        self.socket.sendall(data.encode("latin-1") if isinstance(data, str) else data)
        return self

    def request(self, method: str, path: str, body: bytes = b"", **headers: str) -> Answer:
        """Send a request with a body, and read the answer; header names are written with underscores."""
        lines = [f"{method} {path} HTTP/1.1", "Host: localhost", f"Content-Length: {len(body)}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        self.send("\r\n".join([*lines, "", ""])).send(body)
        return self.answer(head=method == "HEAD")

    def answer(self, *, head: bool = False) -> Answer:
        """Read one HTTP answer."""
        head_bytes = self.until(b"\r\n\r\n")
        status_line, *lines = head_bytes.decode("latin-1").split("\r\n")[:-2]
        headers = [(name.lower(), value) for name, _, value in (line.partition(": ") for line in lines)]
        length = 0 if head else int(dict(headers).get("content-length", "0"))
        return Answer(int(status_line.split()[1]), headers, self.exactly(length))

    def until(self, end: bytes) -> bytes:
        """Read up to and with ``end``."""
        while end not in self._received:
            self._fill()
        data, _, self._received = self._received.partition(end)
        return data + end

    def exactly(self, count: int) -> bytes:
        """Read so many bytes."""
        while len(self._received) < count:
            self._fill()
        data, self._received = self._received[:count], self._received[count:]
        return data

    def _fill(self) -> None:
        data = self.socket.recv(65_536)
        assert data, f"the server closed; it had sent {self._received!r}"
        self._received += data

    def rest(self) -> bytes:
        """All that comes until the server closes; a reset counts as a close."""
        try:
            while data := self.socket.recv(65_536):
                self._received += data
        except ConnectionResetError:
            pass
        data, self._received = self._received, b""
        return data

    def upgrade(self, path: str, *headers: str) -> Answer:
        """Ask for a WebSocket, as RFC 6455 has it."""
        lines = [f"GET {path} HTTP/1.1", "Host: localhost", "Upgrade: websocket", "Connection: Upgrade"]
        lines += ["Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", *headers]
        return self.send("\r\n".join([*lines, "", ""])).answer()

    def frame(self, opcode: int, payload: bytes, *, fin: bool = True, masked: bool = True) -> Wire:
        """Send one frame; the mask is four zeros, which leaves the payload readable."""
        length = len(payload)
        sizes = bytes([length]) if length < 126 else b"\x7e" + length.to_bytes(2, "big")
        head = bytes([opcode | (0x80 if fin else 0), sizes[0] | (0x80 if masked else 0)]) + sizes[1:]
        return self.send(head + (b"\0\0\0\0" if masked else b"") + payload)

    def read_frame(self) -> tuple[int, bytes]:
        """Read one frame: its first byte, and its payload."""
        first, length = self.exactly(2)
        assert length < 128, "a server does not mask"
        if length == 126:
            length = int.from_bytes(self.exactly(2), "big")
        elif length == 127:
            length = int.from_bytes(self.exactly(8), "big")
        return first, self.exactly(length)

    def close(self) -> None:
        """Close the TCP connection."""
        self.socket.close()


class Answer:
    """One HTTP answer."""

    def __init__(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.status, self.headers, self.body = status, dict(headers), body

    @property
    def json(self) -> Any:
        """The body, parsed."""
        return json.loads(self.body)


class Live:
    """A client of the Live API on the ``websockets`` library, in one thread.

    Not on its threaded client: that reads and writes one TLS connection at once, and hangs now and then.
    """

    def __init__(
        self, port: int, path: str, headers: dict[str, str] | None = None, tls: ssl.SSLContext | None = None
    ) -> None:
        self._wire = Wire(port, tls)
        scheme = "wss" if tls else "ws"
        self._protocol = ClientProtocol(parse_uri(f"{scheme}://localhost:{port}{path}"), max_size=None)
        self._events: deque[Any] = deque()
        request = self._protocol.connect()
        request.headers.update(headers or {})
        self._protocol.send_request(request)
        self._flush()
        #: The answer to the handshake.
        self.response = self._next()
        if self.response is None or self._protocol.handshake_exc is not None:
            self._wire.close()
            raise self._protocol.handshake_exc or ConnectionError("no answer to the handshake")

    def _flush(self) -> None:
        for data in self._protocol.data_to_send():
            if data:
                self._wire.send(data)

    def _next(self) -> Any:
        """The next thing the server sends; None when it has closed the connection."""
        while not self._events:
            try:
                data = self._wire.socket.recv(65_536)
            except ConnectionError:
                data = b""
            if not data:
                return None
            self._protocol.receive_data(data)
            self._events.extend(self._protocol.events_received())
            with suppress(ConnectionError):
                self._flush()
        return self._events.popleft()

    def _drain(self) -> None:
        while self._next() is not None:
            pass

    def send(self, message: dict[str, Any] | str | bytes) -> Live:
        """Send one message; bytes go in a binary frame."""
        if isinstance(message, bytes):
            self._protocol.send_binary(message)
        else:
            text = json.dumps(message) if isinstance(message, dict) else message
            self._protocol.send_text(text.encode())
        self._flush()
        return self

    def setup(self, model: str = AUDIO_MODEL, **fields: Any) -> Live:
        """Send a setup."""
        return self.send({"setup": {"model": model, **fields}})

    def say(self, text: str) -> Live:
        """Send one whole user turn."""
        turn = {"role": "user", "parts": [{"text": text}]}
        return self.send({"clientContent": {"turns": [turn], "turnComplete": True}})

    def receive_bytes(self) -> bytes:
        """Receive one frame; it must be whole and binary."""
        frame = self._next()
        assert frame is not None, "the server closed"
        assert (frame.opcode, frame.fin) == (Opcode.BINARY, True), frame
        return bytes(frame.data)

    def receive(self) -> Any:
        """Receive one message."""
        return json.loads(self.receive_bytes())

    def expect_ready(self) -> Live:
        """The next frame is setupComplete, to the byte."""
        assert self.receive_bytes() == SETUP_COMPLETE
        return self

    def expect_turn(self) -> list[Any]:
        """All messages up to the end of a turn."""
        messages = [self.receive()]
        while "turnComplete" not in messages[-1].get("serverContent", {}):
            messages.append(self.receive())
        return messages

    def expect_close(self, code: int, reason: str = "") -> None:
        """The server closes with exactly this; what it sends before does not matter."""
        self._drain()
        received = self._protocol.close_rcvd
        assert received is not None, "the connection broke without a close frame"
        assert (received.code, received.reason) == (code, reason)

    def expect_drop(self) -> None:
        """The connection breaks without a close frame."""
        self._drain()
        assert self._protocol.close_rcvd is None

    def close(self, code: int = 1000, reason: str = "") -> None:
        """Close in the normal way, and wait for the server's part of it."""
        if self._protocol.state is State.OPEN:
            with suppress(ConnectionError, TimeoutError):
                self._protocol.send_close(code, reason)
                self._flush()
                self._drain()
        self._wire.close()


def refused(open_socket: Callable[[], Any]) -> Any:
    """The HTTP answer to a handshake that must fail."""
    with pytest.raises(InvalidStatus) as caught:
        open_socket()
    return caught.value.response


def refusals(server: MockServer) -> list[Entry]:
    """The refusals in the server's journal."""
    return [entry for entry in server.journal if entry.kind == "refusal"]


@pytest.fixture(scope="session")
def tls_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Certificates of this run: the user's own are left alone."""
    return tmp_path_factory.mktemp("tls")


@pytest.fixture
def serve(tls_dir: Path) -> Iterator[Callable[..., MockServer]]:
    """Start a server with options of its own; all are stopped after the test."""
    started: list[MockServer] = []

    def start(**options: Any) -> MockServer:
        server = MockServer(**{"pace": 0, "tls_dir": tls_dir, **options}).start()
        started.append(server)
        return server

    yield start
    for server in started:
        server.stop()


@pytest.fixture
def server(serve: Callable[..., MockServer]) -> MockServer:
    """A server at launch, whose audio takes no time."""
    return serve()


@pytest.fixture
def trusting(server: MockServer) -> ssl.SSLContext:
    """A TLS client that trusts the server as its ``env`` tells."""
    return ssl.create_default_context(cafile=server.env["SSL_CERT_FILE"])


@pytest.fixture
def wire(server: MockServer) -> Iterator[Callable[..., Wire]]:
    """Open TCP connections to the server; all are closed after the test."""
    opened: list[Wire] = []

    def open_wire(tls: ssl.SSLContext | None = None) -> Wire:
        opened.append(Wire(server.port, tls))
        return opened[-1]

    yield open_wire
    for one in opened:
        one.close()


@pytest.fixture
def live() -> Iterator[Callable[..., Live]]:
    """Open Live sockets to any server; all are closed after the test."""
    opened: list[Live] = []

    def open_live(
        server: MockServer,
        method: str = "BidiGenerateContent",
        version: str = "v1alpha",
        query: str = f"key={KEY}",
        *,
        path: str = "",
        headers: dict[str, str] | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> Live:
        opened.append(Live(server.port, path or live_path(method, version, query), headers, tls))
        return opened[-1]

    yield open_live
    for one in opened:
        one.close()
