"""Bytes on the wire, for faults that no library would send: HTTP answers, the 101, WebSocket frames."""

from __future__ import annotations

import hashlib
from binascii import b2a_base64
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from .effects import NO_CODE

if TYPE_CHECKING:
    from .effects import Headers, Respond

CONT: Final = 0
TEXT: Final = 1
BINARY: Final = 2
CLOSE: Final = 8
#: What a client masks with is random; here it is always the same.
MASK: Final = b"\x37\xfa\x21\x3d"
#: What an oversized frame announces: more than any client takes, and less than RFC 6455 forbids.
OVERSIZED: Final = 2**40

_ACCEPT_GUID: Final = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_SWITCHING: Final = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
)
NO_BODY: Final = frozenset({204, 304})
_PHRASES: Final = {
    200: "OK", 201: "Created", 202: "Accepted", 204: "No Content", 206: "Partial Content",
    301: "Moved Permanently", 302: "Found", 303: "See Other", 304: "Not Modified",
    307: "Temporary Redirect", 308: "Permanent Redirect", 400: "Bad Request", 401: "Unauthorized",
    402: "Payment Required", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed",
    406: "Not Acceptable", 408: "Request Timeout", 409: "Conflict", 410: "Gone", 411: "Length Required",
    412: "Precondition Failed", 413: "Content Too Large", 414: "URI Too Long", 415: "Unsupported Media Type",
    418: "I'm a Teapot", 421: "Misdirected Request", 422: "Unprocessable Content",
    425: "Too Early", 426: "Upgrade Required", 428: "Precondition Required", 429: "Too Many Requests",
    431: "Request Header Fields Too Large", 451: "Unavailable For Legal Reasons",
    500: "Internal Server Error", 501: "Not Implemented", 502: "Bad Gateway", 503: "Service Unavailable",
    504: "Gateway Timeout", 505: "HTTP Version Not Supported", 511: "Network Authentication Required",
}  # fmt: skip


def http_answer(response: Respond, *, keep: bool, head: bool = False) -> bytes:
    """An HTTP/1.1 answer; ``head``: to a HEAD request, which gets no body."""
    begun = _begun(response.status, response.headers)
    closes = b"" if keep else b"Connection: close\r\n"
    if response.status in NO_BODY:
        return begun + closes + b"\r\n"
    body = b"" if head else response.body
    return b"%bContent-Length: %d\r\n%b\r\n%b" % (begun, len(response.body), closes, body)


@lru_cache(maxsize=64)
def _begun(status: int, headers: Headers) -> bytes:
    """The head of an answer up to where two of one second differ."""
    lines = [f"HTTP/1.1 {status} {_PHRASES.get(status, 'Unknown')}"]
    lines += [f"{name}: {value}" for name, value in headers]
    return "\r\n".join([*lines, ""]).encode("latin-1")


def switching(key: str, protocol: str = "") -> bytes:
    """The answer that opens a WebSocket (RFC 6455, 4.2.2)."""
    accept = b2a_base64(hashlib.sha1(key.encode() + _ACCEPT_GUID).digest())[:-1]
    chosen = f"Sec-WebSocket-Protocol: {protocol}\r\n".encode() if protocol else b""
    return b"%b%b\r\n%b\r\n" % (_SWITCHING, accept, chosen)


def frame(
    opcode: int,
    payload: bytes,
    *,
    fin: bool = True,
    reserved: int = 0,
    masked: bool = False,
    announced: int | None = None,
) -> bytes:
    """One frame (RFC 6455, 5.2); ``announced`` is the length it claims, where that is not its own."""
    size = len(payload) if announced is None else announced
    first = (0x80 if fin else 0) | reserved << 4 | opcode
    bit = 0x80 if masked else 0
    if size < 126:
        length = bytes([bit | size])
    elif size < 65_536:
        length = bytes([bit | 126]) + size.to_bytes(2, "big")
    else:
        length = bytes([bit | 127]) + size.to_bytes(8, "big")
    head = bytes([first]) + length
    if not masked:
        return head + payload
    return head + MASK + bytes(byte ^ MASK[n % 4] for n, byte in enumerate(payload))


def close_frame(code: int, reason: str) -> bytes:
    """A close frame; without a code an empty one."""
    return frame(CLOSE, b"" if code == NO_CODE else code.to_bytes(2, "big") + reason.encode())


def fragments(payload: bytes, opcode: int) -> list[bytes]:
    """A message in three frames, cut anywhere, even within a character."""
    third = max(1, -(-len(payload) // 3))
    parts = [payload[:third], payload[third : 2 * third], payload[2 * third :]]
    return [frame(CONT if number else opcode, part, fin=number == 2) for number, part in enumerate(parts)]
