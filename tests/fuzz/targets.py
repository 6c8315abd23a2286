"""What is fuzzed: each target reads bytes as the mock does, and holds it to what must always be true."""

from __future__ import annotations

import json
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

import httptools
from websockets.frames import Frame, Opcode
from websockets.protocol import CLIENT, SERVER, Protocol, State

from mockserver.core import frames
from mockserver.core.constraints import Constraint, read_mask
from mockserver.core.errors import Refusal
from mockserver.core.forms import read_script
from mockserver.core.grants import read_message
from mockserver.core.options import Options
from mockserver.core.profiles import LATEST
from mockserver.core.schema import check, parse
from mockserver.core.tokens import read_request
from mockserver.edge.bursts import Bursts
from mockserver.edge.framing import Framing
from mockserver.recordings import files, googles
from mockserver.scripts import load
from mockserver.scripts.reading import Unreadable, read_text

from .conversation import KEY, LIVE, NOW, SETUP, Conversation, play
from .still import Edge

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mockserver.core.wav import Audio

CORPUS: Final = Path(__file__).parent / "corpus"
HANDSHAKE: Final = (
    f"GET {LIVE}?key={KEY} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
).encode()
#: Small enough that bytes from a fuzzer meet them.
SMALL: Final[dict[str, Any]] = {
    "target_bytes": 300, "head_bytes": 600, "head_fields": 12, "body_bytes": 400, "waiting_requests": 3,
    "message_bytes": 2_000, "journal_entries": 100, "journal_bytes": 50_000, "tokens": 5, "handles": 5,
}  # fmt: skip


@dataclass(frozen=True)
class Target:
    """One of them: ``tokens`` are words that a fuzzer may put in."""

    run: Callable[[bytes], None]
    about: str
    tokens: tuple[str, ...] = ()
    longest: int = 4_096


def cut(data: bytes) -> list[bytes]:
    """Bytes in pieces, as a network might cut them: the first byte says how."""
    size = (1_000_000, 1, 7, 100)[data[0] % 4] if data else 1
    return [data[start : start + size] for start in range(1, len(data), size)]


# -- the wire -----------------------------------------------------------------------------------------------


@cache
def _edge() -> Edge:
    return Edge(Path(tempfile.gettempdir()) / "no-authority.pem", **SMALL)


@contextmanager
def _whole() -> Iterator[None]:
    """An edge that something went wrong with is not used again."""
    try:
        yield
    except BaseException:
        _edge.cache_clear()
        raise


def http(data: bytes) -> None:
    """HTTP bytes against the edge: what comes back are answers, none of them a 500."""
    edge = _edge()
    with _whole():
        connection, transport = edge.connect()
        edge.feed(connection, transport, cut(data))
        written = bytes(transport.written)
        edge.end(connection, transport)
        for status in statuses(written):
            assert 100 <= status < 600
            assert status != 500, written


def statuses(written: bytes) -> list[int]:
    """The statuses of answers; what follows a 101, or an answer without an end, is left out."""
    found: list[int] = []

    class Reader:
        def on_headers_complete(self) -> None:
            found.append(parser.get_status_code())

    parser = httptools.HttpResponseParser(Reader())
    # To a HEAD request there are lengths without bodies: read each answer by itself.
    for head in _heads(written):
        try:
            parser = httptools.HttpResponseParser(Reader())
            parser.feed_data(head)
        except httptools.HttpParserUpgrade:
            break
    return found


def _heads(written: bytes) -> list[bytes]:
    parts = written.split(b"HTTP/1.1 ")
    assert parts[0] == b"", written
    return [b"HTTP/1.1 " + part.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" for part in parts[1:]]


def socket(data: bytes) -> None:
    """Frames against the edge: it hears what a library hears, and answers in frames that a client can read."""
    edge, pieces = _edge(), cut(data)
    with _whole():
        connection, transport = edge.connect()
        connection.data_received(HANDSHAKE)
        answer = bytes(transport.written)
        assert answer.startswith(b"HTTP/1.1 101 "), answer
        transport.written.clear()
        edge.feed(connection, transport, pieces)
        heard = [entry.payload for entry in edge.service.journal if entry.kind == "in"]
        written = bytes(transport.written)
        edge.end(connection, transport)
    expected, violation = by_library(b"".join(pieces))
    closed = read_frames(written)
    assert heard == expected[: len(heard)], (heard, expected)
    if len(heard) < len(expected):
        assert closed is not None, "what is not heard comes behind a close"
    elif closed is not None and violation is not None:
        assert closed in (violation, *_by_service(closed)), (closed, violation)


def _by_service(code: int) -> tuple[int, ...]:
    """The service may have closed before the violation came."""
    return (code,) if code in (1007, 1008, 1011) else ()


def by_library(data: bytes) -> tuple[list[bytes], int | None]:
    """The messages that the library hears, and the code with which it closes."""
    protocol = Protocol(SERVER, state=State.OPEN, max_size=SMALL["message_bytes"])
    messages: list[bytes] = []
    parts: list[bytes] = []
    protocol.receive_data(data)
    for event in protocol.events_received():
        frame = cast(Frame, event)
        if frame.opcode in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT):
            parts.append(bytes(frame.data))
            if frame.fin:
                messages.append(b"".join(parts))
                parts = []
    sent = protocol.close_sent
    return messages, sent.code if sent is not None and protocol.close_rcvd is None else None


def read_frames(written: bytes) -> int | None:
    """Read what a server sent; the code of its close, where it sent one."""
    protocol = Protocol(CLIENT, state=State.OPEN, max_size=None)
    protocol.receive_data(written)
    for event in protocol.events_received():
        frame = cast(Frame, event)
        if frame.opcode is Opcode.BINARY:
            json.loads(bytes(frame.data))
        else:
            assert frame.opcode in (Opcode.CLOSE, Opcode.PONG), frame
    assert protocol.parser_exc is None or isinstance(protocol.parser_exc, EOFError), protocol.parser_exc
    received = protocol.close_rcvd
    return received.code if received is not None else None


# -- what is said on it -------------------------------------------------------------------------------------


def messages(data: bytes) -> None:
    """Messages of a client, one after another, each behind an empty line."""
    one = Conversation()
    name = one.connect()
    first, *others = data.split(b"\n\n")
    one.say(name, first if first else json.dumps(SETUP).encode())
    for payload in others[:20]:
        one.say(name, payload)
    one.end(name)


def tokens(data: bytes) -> None:
    """A request for a token, with constraints and a mask; then a setup by that token, and a turn."""
    body, _, rest = data.partition(b"\n\n")
    setup, _, turn = rest.partition(b"\n\n")
    one = Conversation()
    token = one.mint(body)
    name = one.connect(token)
    one.say(name, setup if setup else json.dumps(SETUP).encode())
    one.say(name, turn)
    one.end(name)


# -- its parts, by themselves, which are faster -------------------------------------------------------------

_PROFILES: Final = (Options().profile("v1alpha"), Options(service_date=LATEST).profile("v1beta"))


def framing(data: bytes) -> None:
    """Frames: our own reader hears what the library hears, however they are cut, and closes as it does."""
    reader, pieces, heard = Framing(SMALL["message_bytes"], Bursts()), cut(data), []
    for piece in pieces:
        heard += [message for message, _ in reader.receive(piece)]
    sent = reader.close_sent
    closed = sent.code if sent is not None and reader.close_received is None else None
    assert (heard, closed) == by_library(b"".join(pieces))


def reading(data: bytes) -> None:
    """A message, and a request for a token, by their schema: taken, or refused in words."""
    for profile in _PROFILES:
        said = _or_refused(lambda profile=profile: read_message(data, profile))
        if isinstance(said, Refusal):
            assert len(said.close().reason.encode()) <= 123
            assert str(said)
        else:
            # What was read is of one spelling, and of the schema still.
            assert read_message(json.dumps(dict([said])).encode(), profile) == said
        wished = _or_refused(lambda profile=profile: read_request(data, profile))
        if isinstance(wished, Refusal):
            json.loads(wished.respond(NOW).body)


def _or_refused(read: Callable[[], Any]) -> Any:
    try:
        return read()
    except Refusal as refusal:
        return refusal


def masks(data: bytes) -> None:
    """A field mask and a setup to lock: it is read as it is written, and what is locked stays."""
    text, _, setup = data.partition(b"\n")
    try:
        paths = read_mask(text.decode(errors="replace"))
    except Refusal:
        return
    assert read_mask(",".join(".".join(path) for path in paths)) == paths
    checked = parse(setup)
    if not checked.violations:
        checked = check(checked.value, "BidiGenerateContentSetup", "setup", _PROFILES[0])
    locked = checked.value if not checked.violations else {"model": "models/locked"}
    constraint = Constraint(locked, paths)
    offered = {"model": "models/other", "generationConfig": {"temperature": 1}}
    once = constraint.apply(offered)
    assert constraint.apply(once) == once
    assert offered == {"model": "models/other", "generationConfig": {"temperature": 1}}, "it is left alone"


# -- files of people ----------------------------------------------------------------------------------------


def scripts(data: bytes) -> None:
    """A script: refused with its mistakes, or played; and written as data, it is the same script."""
    try:
        read = read_text(data.decode(errors="replace"), "script")
    except Unreadable:
        return
    script, problems = read_script(read.data, _no_files)
    assert (script is None) == bool(problems)
    if script is None:
        return
    assert load(script.data()).data() == script.data()
    play(script)


def _no_files(name: str) -> Audio:
    raise ValueError(f"no files here, got {name!r}")


def recordings(data: bytes) -> None:
    """A recording, ours or google/test-server's: refused with its mistakes, or played."""
    path = Path("fuzzed.jsonl")
    try:
        if data[:1] in (b"<", b">"):
            lines, _ = googles.read(data, path.name)
            script = files.Recording(path.stem, "", "", lines).script()
        else:
            script = files._read(data, path).script()
    except ValueError:
        return
    for line in script.recorded:
        files.written(line)
    play(script)


def frame(opcode: int, payload: bytes, **how: Any) -> bytes:
    """A client's frame, with the mask that these tests use."""
    return frames.frame(opcode, payload, masked=True, **how)


_JSON_WORDS: Final = (
    '{"setup":', '"model"', '"generationConfig"', '"sessionResumption"', '"clientContent"', '"turns"', '"parts"',
    '"text"', '"turnComplete"', "true", "null", '"realtimeInput"', '"audio"', '"mimeType"', '"data"', '"role"',
    '"toolResponse"', '"functionResponses"', '"tools"', '"automaticActivityDetection"', "NaN", "1e999", "\\ud800",
    '"activityStart"', '"activityEnd"', '"proactivity"', '"handle"', '"systemInstruction"',
)  # fmt: skip

TARGETS: Final[dict[str, Target]] = {
    "http": Target(http, "HTTP bytes", (
        "GET ", "POST ", "HEAD ", "OPTIONS ", "CONNECT ", " HTTP/1.1\r\n", "/v1alpha/auth_tokens", "/_mock/",
        "Content-Length: ", "Transfer-Encoding: chunked\r\n", "Upgrade: websocket\r\n", "Upgrade: h2c\r\n",
        "Connection: Upgrade\r\n", "Sec-WebSocket-Key: ", "Expect: 100-continue\r\n", "Origin: ", "Host: ",
        "\r\n\r\n", "0\r\n\r\n", "key=", "%00", "%ff", "..", "Authorization: Token ",
    )),
    "socket": Target(socket, "WebSocket frames", ("\x81\x80", "\x82\xfe", "\x88\x82", "\x89\x80", "\x00\x80")),
    "frames": Target(framing, "WebSocket frames, against the library alone", ("\x81\x80", "\x82\xfe", "\x88\x82", "\x00\x80")),
    "messages": Target(messages, "messages of a session, as JSON", _JSON_WORDS, longest=2_048),
    "tokens": Target(tokens, "token requests, setups and turns, as JSON", (
        *_JSON_WORDS, '"uses"', '"expireTime"', '"newSessionExpireTime"', '"fieldMask"',
        '"bidiGenerateContentSetup"', "2026-01-15T12:10:00Z",
    ), longest=1_024),
    "json": Target(reading, "JSON by the schema", (*_JSON_WORDS, '"uses"', '"expireTime"', "2026-01-15T12:10:00Z"), longest=1_024),
    "masks": Target(masks, "field masks over locked setups", (
        "generationConfig.temperature", "model", "generation_config", "tools", "systemInstruction", ",", ".", "*",
    ), longest=1_024),
    "scripts": Target(scripts, "scripts in YAML and JSON", (
        "name: ", "rules:", "- on: ", "do:", "say: ", "close: ", "match: ", "nth: ", "each: ", "turn", "setup",
        "handshake", "mint", "&a ", "*a", "? ", "[]: ", "!!python/object", "call: ", "pause: ", "send: ", "raw: ", "abort",
    )),
    "recordings": Target(recordings, "recordings, ours and google/test-server's", (
        '{"format": "mockserver recording", "version": 1}\n', '"ms"', '"connection"', '"by"', '"kind"', '"client"',
        '"service"', '"handshake"', '"accepted"', '"binary"', '"text"', '"payload"', '"what"', '"json"', ">12 ",
    )),
}  # fmt: skip
