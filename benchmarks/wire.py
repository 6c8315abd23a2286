"""The clients that load a server: sockets and bytes, nothing parsed that need not be.

What must come back is known to the byte wherever it can be, so a server that answers wrongly ends a measure
instead of being counted. Frames are masked once, before the clock runs.
"""

from __future__ import annotations

import base64
import hashlib
import json
import socket
import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import ssl

MASK: Final = b"\x5a\x11\xc3\x7e"
#: A server that says nothing for so long is broken, not slow.
TIMEOUT_S: Final = 20
PATIENCE: Final = struct.pack("ll", TIMEOUT_S, 0)
TEXT: Final = 1
CLOSE: Final = 8
PING: Final = 9

#: What SDKs call themselves.
_CLIENT: Final = "google-genai-sdk/1.0 gl-python/3.11"
_KEY: Final = "dGhlIHNhbXBsZSBub25jZQ=="
_ACCEPT: Final = base64.b64encode(
    hashlib.sha1(_KEY.encode() + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()
)


class WrongAnswer(Exception):
    """A server answered otherwise than it must: nothing of it is counted."""


def packed(message: Any) -> bytes:
    """JSON as SDKs send it: no white space."""
    return json.dumps(message, separators=(",", ":")).encode()


def frame(payload: bytes, opcode: int = TEXT) -> bytes:
    """A frame as a client sends it."""
    size = len(payload)
    if size < 126:
        head = bytes([0x80 | opcode, 0x80 | size])
    elif size < 65_536:
        head = bytes([0x80 | opcode, 0x80 | 126]) + size.to_bytes(2, "big")
    else:
        head = bytes([0x80 | opcode, 0x80 | 127]) + size.to_bytes(8, "big")
    mask = (MASK * (size // 4 + 1))[:size]
    masked = int.from_bytes(payload, "big") ^ int.from_bytes(mask, "big")
    return head + MASK + masked.to_bytes(size, "big")


def upgrade(path: str) -> bytes:
    """The request that opens a WebSocket, with the headers that an SDK sends."""
    return (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {_KEY}\r\nSec-WebSocket-Version: 13\r\n"
        f"User-Agent: {_CLIENT}\r\nx-goog-api-client: {_CLIENT}\r\n\r\n"
    ).encode()


def post(path: str, message: Any) -> bytes:
    """A request with JSON, on a connection that stays."""
    body = packed(message)
    return (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"User-Agent: {_CLIENT}\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode() + body


@dataclass
class Wire:
    """One connection; what has come and was not asked for yet waits in ``held``."""

    socket: socket.socket | ssl.SSLSocket
    held: bytes = field(default=b"", repr=False)

    @classmethod
    def connect(cls, port: int, tls: ssl.SSLContext | None = None) -> Wire:
        """Connect to a port of the loopback."""
        plain = socket.socket()
        try:
            plain.connect(("127.0.0.1", port))
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            # By the kernel: a timeout of Python's own costs a poll for each read.
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, PATIENCE)
            return cls(plain if tls is None else tls.wrap_socket(plain, server_hostname="localhost"))
        except BaseException:
            plain.close()
            raise

    def send(self, data: bytes) -> None:
        """Send all of it."""
        self.socket.sendall(data)

    def _more(self) -> None:
        try:
            data = self.socket.recv(262_144)
        except BlockingIOError:
            raise WrongAnswer(f"the server says no more behind {self.held[-100:]!r}") from None
        if not data:
            raise WrongAnswer(f"the server hung up behind {self.held[-100:]!r}")
        self.held += data

    def until(self, end: bytes) -> bytes:
        """All up to ``end``, which is part of it."""
        while (at := self.held.find(end)) < 0:
            self._more()
        found, self.held = self.held[: at + len(end)], self.held[at + len(end) :]
        return found

    def take(self, size: int) -> bytes:
        """Exactly so many bytes."""
        while len(self.held) < size:
            self._more()
        found, self.held = self.held[:size], self.held[size:]
        return found

    def expect(self, wanted: bytes, buffer: bytearray) -> None:
        """Take exactly these bytes, however many; ``buffer`` has room for them, and is used again."""
        view, size = memoryview(buffer), len(wanted)
        have = min(len(self.held), size)
        view[:have], self.held = self.held[:have], self.held[have:]
        while have < size:
            try:
                got = self.socket.recv_into(view[have:size])
            except BlockingIOError:
                got = 0
            if not got:
                raise WrongAnswer(f"the server said no more after {have} bytes of {size}")
            have += got
        if buffer[:size] != wanted:  # not the view, which is compared byte by byte
            raise WrongAnswer(f"expected {wanted[:80]!r}…, got {bytes(view[:80])!r}…")

    def message(self) -> bytes:
        """The payload of the next frame of the server; a close is one too."""
        head = self.take(2)
        size = head[1]
        if size == 126:
            size = int.from_bytes(self.take(2), "big")
        elif size == 127:
            size = int.from_bytes(self.take(8), "big")
        return self.take(size)

    def opened(self) -> None:
        """Read the answer to ``upgrade``."""
        head = self.until(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 101 ") or _ACCEPT not in head:
            raise WrongAnswer(f"expected 101 with the accept key {_ACCEPT!r}, got {head!r}")

    def set_up(self) -> None:
        """Read ``setupComplete``, in whatever white space."""
        message = self.message()
        if message.translate(None, b" \n") != b'{"setupComplete":{}}':
            raise WrongAnswer(f"expected setupComplete, got {message!r}")

    def answered(self) -> bytes:
        """Read an HTTP answer; its body."""
        head = self.until(b"\r\n\r\n")
        at = head.lower().find(b"content-length:")
        if not head.startswith(b"HTTP/1.1 200 "):
            raise WrongAnswer(f"expected 200, got {head!r}")
        if at >= 0:
            return self.take(int(head[at + 15 : head.index(b"\r", at)]))
        return self.until(b"\r\n0\r\n\r\n")  # chunked: an SDK would read it so too

    def answered_with(self, wanted: bytes) -> None:
        """Read an HTTP answer that holds this."""
        body = self.answered()
        if wanted not in body:
            raise WrongAnswer(f"expected {wanted!r} in the answer, got {body[:200]!r}")

    def rest(self) -> bytes:
        """All that comes until the server hangs up."""
        while data := self.socket.recv(4_096):
            self.held += data
        found, self.held = self.held, b""
        return found

    def close(self) -> None:
        """Hang up."""
        self.socket.close()
