"""Attacks that have names, as a table: what is sent, what must be answered; others are served afterwards.

``docs/reliability.md`` shows it, ``test_attacks.py`` runs it.
"""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

from mockserver.core import frames

from ..conftest import AUDIO_MODEL, KEY, live_path

if TYPE_CHECKING:
    from collections.abc import Callable

#: Where it is sent: on a TCP connection, on one with TLS, on an open socket, or to what reads files of people.
On = Literal["tcp", "tls", "socket", "script", "recording"]


@dataclass(frozen=True)
class Attack:
    """One of them.

    Attributes:
        answer: the statuses, in order, or ``close`` and its code; then ``ends`` where the connection does,
            ``open`` where it must not; for files, words of the refusal.
        options: settings of the server it is made against.
        unseen: what must not be in the journal: a request that was smuggled in.
    """

    name: str
    on: On
    sent: bytes | Callable[[], bytes]
    answer: str
    options: dict[str, Any] = field(default_factory=dict)
    unseen: str = ""

    def data(self) -> bytes:
        """What is sent; large things are made when they are needed."""
        return self.sent if isinstance(self.sent, bytes) else self.sent()


MINT: Final = f"POST /v1alpha/auth_tokens?key={KEY} HTTP/1.1\r\nHost: x\r\n"
SETUP: Final = json.dumps({"setup": {"model": AUDIO_MODEL}}).encode()
TEXT: Final = 1


def _request(*lines: str, body: str = "") -> bytes:
    return ("\r\n".join([*lines, "", ""]) + body).encode("latin-1")


def _mint(*lines: str, body: str = "") -> bytes:
    return (MINT + "\r\n".join([*lines, "", ""]) + body).encode("latin-1")


def _upgrade(*lines: str) -> bytes:
    return _request(
        f"GET {live_path()} HTTP/1.1", "Host: x", "Connection: Upgrade", "Upgrade: websocket", *lines
    )


def _frame(opcode: int, payload: bytes = b"", **how: Any) -> bytes:
    return frames.frame(opcode, payload, masked=True, **how)


def _message(payload: bytes) -> bytes:
    """The setup, then a message."""
    return _frame(TEXT, SETUP) + _frame(TEXT, payload)


def _masked(mask: bytes, payload: bytes) -> bytes:
    body = bytes(byte ^ mask[n % 4] for n, byte in enumerate(payload))
    return bytes([0x81, 0x80 | len(payload)]) + mask + body


def _padded(size: int) -> bytes:
    """A setup, with white space up to a size; the mask is four zeros, so that nobody has to count."""
    payload = SETUP + b" " * (size - len(SETUP))
    return b"\x81\xff" + size.to_bytes(8, "big") + b"\0\0\0\0" + payload


_SMUGGLED: Final = "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
_CHUNKED: Final = "Transfer-Encoding: chunked"

_REQUESTS: Final = (
    Attack("two framings: Content-Length and chunked", "tcp",
           _mint("Content-Length: 6", _CHUNKED, body=f"0\r\n\r\n{_SMUGGLED}"), "400 ends", unseen="/smuggled"),
    Attack("two lengths", "tcp", _mint("Content-Length: 2", "Content-Length: 40", body=f"{{}}{_SMUGGLED}"),
           "400 ends", unseen="/smuggled"),
    Attack("the same length twice", "tcp", _mint("Content-Length: 2", "Content-Length: 2", body="{}"), "400 ends"),
    Attack("a list of lengths", "tcp", _mint("Content-Length: 2, 2", body="{}"), "400 ends"),
    Attack("a negative length", "tcp", _mint("Content-Length: -1"), "400 ends"),
    Attack("a length with a sign", "tcp", _mint("Content-Length: +2", body="{}"), "400 ends"),
    Attack("a length beyond all numbers", "tcp", _mint(f"Content-Length: {'9' * 40}"), "400 ends"),
    Attack("a space before the colon", "tcp", _mint("Content-Length : 2", body="{}"), "400 ends"),
    Attack("an encoding that is almost chunked", "tcp",
           _mint("Transfer-Encoding: xchunked", body=f"0\r\n\r\n{_SMUGGLED}"), "400 ends", unseen="/smuggled"),
    Attack("chunked, but not at the end", "tcp",
           _mint("Transfer-Encoding: chunked, identity", body=f"0\r\n\r\n{_SMUGGLED}"), "400 ends", unseen="/smuggled"),
    Attack("a chunk whose length is no number", "tcp", _mint(_CHUNKED, body="zz\r\n"), "400 ends"),
    Attack("a chunk beyond all numbers", "tcp", _mint(_CHUNKED, body=f"{'f' * 17}\r\n"), "400 ends"),
    Attack("a chunk that is longer than it says", "tcp", _mint(_CHUNKED, body=f"1\r\n{{}}\r\n0\r\n\r\n{_SMUGGLED}"),
           "400 ends", unseen="/smuggled"),
    Attack("a chunk with an endless extension", "tcp", lambda: _mint(_CHUNKED, body="1;" + "x" * 2_000),
           "413 ends", {"body_bytes": 100, "head_bytes": 200}),
    Attack("an endless trailer", "tcp", lambda: _mint(_CHUNKED, body="0\r\nX: " + "x" * 2_000),
           "413 ends", {"body_bytes": 100, "head_bytes": 200}),
    Attack("a key in a trailer", "tcp",
           _request("POST /v1alpha/auth_tokens HTTP/1.1", _CHUNKED, body=f"0\r\nx-goog-api-key: {KEY}\r\n\r\n"),
           "403 open"),
    Attack("lines that end with LF alone", "tcp", b"GET /x HTTP/1.1\nHost: x\n\n", "400 ends"),
    Attack("a CR alone in a header", "tcp", _mint("X: a\rX-Y: b"), "400 ends"),
    Attack("a NUL in a header", "tcp", _mint("X: a\0b"), "400 ends"),
    Attack("a NUL in the target", "tcp", _request("GET /a\0b HTTP/1.1"), "400 ends"),
    Attack("a header folded over two lines", "tcp", _mint("X: a", " b: c"), "400 ends"),
    Attack("a header without a name", "tcp", _mint(": x"), "400 ends"),
    Attack("a name with a space", "tcp", _mint("X Y: z"), "400 ends"),
    Attack("a request line of three spaces", "tcp", _request("GET / x HTTP/1.1"), "400 ends"),
    Attack("HTTP/2 from the first byte on", "tcp", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "400 ends"),
    Attack("HTTP/0.9", "tcp", b"GET /\r\n\r\n", "404 ends"),
    Attack("a response in the place of a request", "tcp", b"HTTP/1.1 200 OK\r\n\r\n", "400 ends"),
    Attack("a line feed in an origin, percent-encoded", "tcp",
           _mint("Origin: http://x%0d%0aSet-Cookie:a=b", "Content-Length: 0"), "200 open"),
    Attack("a body that is packed", "tcp",
           lambda: MINT.encode() + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%b" % (
               len(gzip.compress(b"{" + b" " * 10_000_000 + b"}", mtime=0)),
               gzip.compress(b"{" + b" " * 10_000_000 + b"}", mtime=0)), "400 open"),
    Attack("a thousand requests at once that offer HTTP/2", "tcp",
           lambda: _request("GET /x HTTP/1.1", "Connection: Upgrade", "Upgrade: h2c") * 1_000, "404 x1000 open"),
    Attack("a request for a proxy", "tcp", _request("CONNECT evil.example:443 HTTP/1.1"), "400 ends"),
    Attack("a handshake without a key", "tcp", _upgrade(), "400 ends"),
    Attack("a handshake by POST", "tcp", _upgrade("Sec-WebSocket-Key: x").replace(b"GET", b"POST"), "400 ends"),
)  # fmt: skip

_TARGETS: Final = (
    Attack("up and down: /v1alpha/../_mock/reset", "tcp",
           _request("POST /v1alpha/../_mock/reset HTTP/1.1", "Content-Length: 0"), "404 open"),
    Attack("up and down, encoded", "tcp", _request("POST /v1alpha/%2e%2e/_mock/reset HTTP/1.1", "Content-Length: 0"),
           "404 open"),
    Attack("out of the control API: /_mock/../v1alpha/auth_tokens", "tcp",
           _request(f"POST /_mock/../v1alpha/auth_tokens?key={KEY} HTTP/1.1", "Content-Length: 0"), "404 open"),
    Attack("two slashes before the control API", "tcp", _request("POST //_mock/reset HTTP/1.1", "Content-Length: 0"),
           "404 open"),
    Attack("the control API, encoded, from another site", "tcp",
           _request("POST /%5fmock/reset HTTP/1.1", "Origin: https://evil.example", "Content-Length: 0"), "403 open"),
    Attack("a NUL behind the path, encoded", "tcp",
           _request(f"POST /v1alpha/auth_tokens%00?key={KEY} HTTP/1.1", "Content-Length: 0"), "404 open"),
    Attack("what is no UTF-8, encoded", "tcp", _request("GET /%ff%fe%c0%af HTTP/1.1"), "404 open"),
    Attack("a percent sign without digits", "tcp", _request("GET /%zz%?key=% HTTP/1.1"), "404 open"),
    Attack("another server's address", "tcp", _request("GET http://evil.example/x HTTP/1.1", "Host: x"), "404 open"),
    Attack("a target of a million bytes", "tcp", lambda: _request(f"GET /{'a' * 1_000_000} HTTP/1.1"), "414 ends"),
    Attack("ten thousand headers", "tcp", lambda: _request("GET / HTTP/1.1", *["X: y"] * 10_000), "431 ends"),
    Attack("a header of a million bytes", "tcp", lambda: _request("GET / HTTP/1.1", f"X: {'y' * 1_000_000}"),
           "431 ends"),
    Attack("a header without an end", "tcp", lambda: f"GET / HTTP/1.1\r\nX: {'y' * 400_000}".encode(), "431 ends"),
    Attack("a body that is announced too large", "tcp", _mint("Content-Length: 999999999"), "413 ends"),
    Attack("ten thousand parameters", "tcp", lambda: _request(f"GET /x?{'a=b&' * 4_000} HTTP/1.1"), "404 open"),
)  # fmt: skip

_TIMES: Final = (
    Attack("slowloris: a head that never ends", "tcp", b"GET / HTTP/1.1\r\nX: y\r\n", "408 ends", {"head_s": 0.1}),
    Attack("slow POST: a body that never ends", "tcp", _mint("Content-Length: 100", body="{"), "408 ends",
           {"body_s": 0.1}),
    Attack("a connection on which nothing is said", "tcp", b"", "ends", {"head_s": 0.1}),
    Attack("a TLS hello that never ends", "tcp", b"\x16\x03\x01\x02\x00\x01", "ends", {"tls_s": 0.1}),
    Attack("a connection that is kept for ever", "tcp", _mint("Content-Length: 0"), "200 ends", {"idle_s": 0.1}),
    Attack("a client that never answers a close", "socket", _frame(TEXT, b"x"), "close 1007 ends", {"close_s": 0.1}),
)  # fmt: skip

_TLS: Final = (
    Attack("a TLS byte, then plain HTTP", "tcp", b"\x16" + MINT.encode() + b"\r\n", "ends"),
    Attack("a TLS record of a length that is not allowed", "tcp", b"\x16\x03\x01\xff\xff" + b"\1" * 100, "ends"),
    Attack("an alert in the place of a hello", "tcp", b"\x15\x03\x01\x00\x02\x02\x28", "400 ends"),
    Attack("a hello of SSL 2", "tcp", b"\x80\x2e\x01\x00\x02\x00\x15\x00\x00\x00\x10", "400 ends"),
    Attack("zeros", "tcp", b"\0" * 1_000, "400 ends"),
    Attack("plain HTTP behind the handshake of TLS", "tls", _mint("Content-Length: 0"), "200 open"),
    Attack("no HTTP behind the handshake of TLS", "tls", b"\x16\x03\x01" + b"x" * 100, "400 ends"),
)  # fmt: skip

_FRAMES: Final = (
    Attack("a frame without a mask", "socket", frames.frame(TEXT, SETUP), "close 1002 ends"),
    Attack("a mask of zeros", "socket", _masked(b"\0\0\0\0", SETUP), "open"),
    Attack("a mask of ones", "socket", _masked(b"\xff\xff\xff\xff", SETUP), "open"),
    *(Attack(f"reserved opcode {opcode}", "socket", _frame(opcode), "close 1002 ends") for opcode in (3, 7, 11, 15)),
    *(Attack(f"reserved bit {bit}", "socket", _frame(TEXT, SETUP, reserved=1 << 3 - bit), "close 1002 ends")
      for bit in (1, 2, 3)),
    Attack("a ping in pieces", "socket", _frame(9, b"x", fin=False), "close 1002 ends"),
    Attack("a ping of 126 bytes", "socket", _frame(9, b"x" * 126), "close 1002 ends"),
    Attack("a close of 126 bytes", "socket", _frame(8, b"\x03\xe8" + b"x" * 124), "close 1002 ends"),
    Attack("half a close code", "socket", _frame(8, b"\x03"), "close 1002 ends"),
    *(Attack(f"close code {code}", "socket", _frame(8, code.to_bytes(2, "big")), "close 1002 ends")
      for code in (999, 1005, 1006, 1015, 5000)),
    Attack("a close whose reason is no UTF-8", "socket", _frame(8, b"\x03\xe8\xff"), "close 1007 ends"),
    Attack("a close within a message in pieces", "socket", _frame(TEXT, b"{", fin=False) + _frame(8, b"\x03\xe8"),
           "close 1002 ends"),
    Attack("a continuation of nothing", "socket", _frame(0, b"x"), "close 1002 ends"),
    Attack("a message within a message in pieces", "socket", _frame(TEXT, b"{", fin=False) + _frame(TEXT, b"{}"),
           "close 1002 ends"),
    Attack("a frame of a length beyond all numbers", "socket", b"\x81\xff" + b"\xff" * 8 + b"\0\0\0\0", "close 1009 ends"),
    Attack("a length of 2 to the 63", "socket", b"\x81\xff\x80" + b"\0" * 7 + b"\0\0\0\0", "close 1009 ends"),
    Attack("a frame of 1 MiB", "socket", lambda: _padded(2**20), "open"),
    Attack("a frame of 16 MiB", "socket", lambda: _padded(2**24), "open"),
    Attack("a frame over the limit", "socket", b"\x81\xff" + (20 * 2**20 + 1).to_bytes(8, "big") + b"\0\0\0\0",
           "close 1009 ends"),
    Attack("pieces that are over the limit together", "socket",
           lambda: _frame(TEXT, b"x" * 600, fin=False) + _frame(0, b"x" * 600), "close 1009 ends",
           {"message_bytes": 1_000}),
    Attack("a turn that never ends", "socket",
           lambda: _frame(TEXT, SETUP) + _frame(
               TEXT, b'{"clientContent":{"turns":[{"role":"user","parts":[{"text":"' + b"x" * 1_000 + b'"}]}]}}') * 100,
           "close 1009 ends", {"unanswered_bytes": 50_000}),
    Attack("a hundred thousand pieces of nothing", "socket",
           lambda: _frame(TEXT, b"", fin=False) + _frame(0, b"", fin=False) * 100_000 + _frame(0, SETUP), "open"),
    Attack("a message in pieces of a byte", "socket",
           lambda: b"".join(_frame(0 if n else TEXT, SETUP[n : n + 1], fin=n == len(SETUP) - 1)
                            for n in range(len(SETUP))), "open"),
    Attack("ten thousand pings", "socket", lambda: _frame(9, b"x") * 10_000 + _frame(TEXT, SETUP), "open"),
    Attack("ten thousand pongs that nobody asked for", "socket", lambda: _frame(10) * 10_000 + _frame(TEXT, SETUP),
           "open"),
    Attack("HTTP on an open socket", "socket", MINT.encode() + b"\r\n", "close 1002 ends"),
)  # fmt: skip

_UNREADABLE: Final = "close 1007 ends"
_JSON: Final = (
    Attack("JSON nested a hundred thousand deep", "socket", lambda: _message(b"[" * 100_000), _UNREADABLE),
    Attack("JSON nested so deep, and closed again", "socket",
           lambda: _message(b'{"a":' * 50_000 + b"1" + b"}" * 50_000), _UNREADABLE),
    Attack("JSON nested a thousand deep, in a field that takes any", "socket", lambda: _message(
        b'{"toolResponse":{"functionResponses":[{"response":' + b'{"a":' * 1_000 + b"1" + b"}" * 1_000 + b"}]}}"),
           _UNREADABLE),
    Attack("a number of a hundred thousand digits", "socket",
           lambda: _message(b'{"clientContent":{"turnComplete":' + b"9" * 100_000 + b"}}"), _UNREADABLE),
    Attack("a number beyond all numbers", "socket", _message(b'{"clientContent":{"turnComplete":1e999}}'),
           _UNREADABLE),
    Attack("NaN", "socket", _message(b'{"clientContent":{"turnComplete":NaN}}'), _UNREADABLE),
    Attack("a name twice", "socket", _message(b'{"realtimeInput":{},"realtimeInput":{"text":5}}'), _UNREADABLE),
    Attack("text that is no UTF-8", "socket", _message(b'{"realtimeInput":{"text":"\xff"}}'), _UNREADABLE),
    Attack("half a surrogate pair", "socket", _message(b'{"realtimeInput":{"text":"\\ud800"}}'), "open"),
    Attack("a byte order mark", "socket", _message(b"\xef\xbb\xbf{}"), _UNREADABLE),
    Attack("UTF-16", "socket", _message('{"realtimeInput":{}}'.encode("utf-16")), _UNREADABLE),
    Attack("a message that is packed", "socket", lambda: _message(gzip.compress(b" " * 10_000_000)), _UNREADABLE),
    Attack("ten thousand unknown names", "socket",
           lambda: _message(json.dumps({f"n{n}": n for n in range(10_000)}).encode()), _UNREADABLE),
    Attack("audio that is no base64", "socket",
           _message(b'{"realtimeInput":{"audio":{"mimeType":"audio/pcm","data":"!!"}}}'), _UNREADABLE),
    Attack("audio at a rate of a thousand digits", "socket", lambda: _message(
        b'{"realtimeInput":{"audio":{"mimeType":"audio/pcm;rate=' + b"9" * 1_000 + b'","data":"AAAA"}}}'), "open"),
    Attack("a body nested a hundred thousand deep", "tcp",
           lambda: _mint("Content-Length: 100000", body="[" * 100_000), "400 open"),
)  # fmt: skip

_CONTROL: Final = (
    Attack("CSRF: a reset from another origin", "tcp",
           _request("POST /_mock/reset HTTP/1.1", "Host: localhost", "Origin: https://evil.example",
                    "Content-Length: 0"), "403 open"),
    Attack("CSRF: a form of another site, without an origin", "tcp",
           _request("POST /_mock/clock HTTP/1.1", "Host: localhost", "Sec-Fetch-Site: cross-site",
                    "Sec-Fetch-Mode: navigate", "Content-Type: text/plain", "Content-Length: 13",
                    body='{"advance":9}'), "403 open"),
    Attack("CSRF: a page of a file", "tcp",
           _request("POST /_mock/reset HTTP/1.1", "Host: localhost", "Origin: null", "Content-Length: 0"), "403 open"),
    Attack("CSRF: a question whether it may", "tcp",
           _request("OPTIONS /_mock/reset HTTP/1.1", "Host: localhost", "Origin: https://evil.example",
                    "Access-Control-Request-Method: POST", "Content-Length: 0"), "403 open"),
    Attack("CSRF: an image of the live page", "tcp",
           _request("GET /_mock/journal HTTP/1.1", "Host: localhost", "Sec-Fetch-Site: cross-site",
                    "Sec-Fetch-Mode: no-cors"), "403 open"),
    Attack("DNS rebinding: a name that is not ours", "tcp",
           _request("GET /_mock/journal HTTP/1.1", "Host: evil.example"), "403 open"),
    Attack("DNS rebinding: a name that begins like ours", "tcp",
           _request("GET /_mock/journal HTTP/1.1", "Host: localhost.evil.example"), "403 open"),
    Attack("DNS rebinding: the page calls itself same-origin", "tcp",
           _request("POST /_mock/reset HTTP/1.1", "Host: evil.example", "Origin: http://evil.example",
                    "Sec-Fetch-Site: same-origin", "Content-Length: 0"), "403 open"),
    Attack("two hosts", "tcp",
           _request("GET /_mock/journal HTTP/1.1", "Host: localhost", "Host: evil.example"), "403 open"),
    Attack("a control request nested a hundred thousand deep", "tcp",
           lambda: _request("POST /_mock/rules HTTP/1.1", "Content-Length: 100000", body="[" * 100_000), "400 open"),
    Attack("a step of the clock beyond all time", "tcp",
           _request("POST /_mock/clock HTTP/1.1", "Content-Length: 17", body='{"advance":1e308}'), "400 open"),
    Attack("a script over the wire that names a file", "tcp", lambda: (
        lambda body: _request("PUT /_mock/script HTTP/1.1", f"Content-Length: {len(body)}", body=body))(
            json.dumps({"name": "x", "rules": [{"on": "turn", "then": [{"audio": {"file": "/etc/passwd"}}]}]})),
           "400 open"),
)  # fmt: skip

_LAUGHS: Final = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{one}: &{one} [{', '.join([f'*{before}'] * 9)}]\n"
    for before, one in zip("abcdefgh", "bcdefghi", strict=True)
)
_HEADER: Final = '{"format": "mockserver recording", "version": 1}\n'
_FILES: Final = (
    Attack("billion laughs", "script", _LAUGHS.encode(), "more than 50000 values"),
    Attack("a list that holds itself", "script", b"name: x\nrules: &a [*a]\n", "nested too deeply"),
    Attack("YAML nested a hundred thousand deep", "script", lambda: b"[" * 100_000, "nested too deeply"),
    Attack("a tag that makes a Python object", "script", b"name: !!python/object/apply:os.system x\n", "is not taken"),
    Attack("a script of two million bytes", "script", lambda: b"# " + b"x" * 2_000_000, "more than 1000000 bytes"),
    Attack("a number too long to read", "script", lambda: b"name: x\nrules: " + b"9" * 10_000, "is no number"),
    Attack("a file that never ends, as audio", "script",
           b"name: x\nrules:\n- on: turn\n  then:\n  - audio: {file: /dev/zero}\n", "is no file"),
    Attack("a line nested a hundred thousand deep", "recording",
           lambda: (_HEADER + "[" * 100_000 + "\n").encode(), "this is no JSON"),
    Attack("a line of another kind", "recording", (_HEADER + "[]\n").encode(), "expected"),
    Attack("a time before all time", "recording",
           (_HEADER + '{"ms": -1, "on": "x", "by": "client", "kind": "note"}\n').encode(), "ms"),
    Attack("a close that no frame can say", "recording",
           (_HEADER + '{"ms": 0, "on": "x", "by": "service", "kind": "close", "status": 1006}\n').encode(), "1006"),
    Attack("a header that splits an answer", "recording",
           (_HEADER + '{"ms": 0, "on": "x", "by": "service", "kind": "response", "status": 200, "headers": '
            '[["X", "a\\r\\nSet-Cookie: b"]]}\n').encode(), "cannot be sent"),
    Attack("a recording of a version to come", "recording",
           b'{"format": "mockserver recording", "version": 1e999}\n', "is unknown"),
    Attack("a first line that is no object", "recording", b"[]\n", "this is no recording"),
)  # fmt: skip

#: All of them, by what they are about.
ATTACKS: Final[dict[str, tuple[Attack, ...]]] = {
    "requests": _REQUESTS, "targets and sizes": _TARGETS, "time": _TIMES, "TLS": _TLS, "frames": _FRAMES,
    "JSON": _JSON, "the control API": _CONTROL, "files": _FILES,
}  # fmt: skip
