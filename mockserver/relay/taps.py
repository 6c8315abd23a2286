"""What is read of the bytes that pass: HTTP answers and WebSocket messages. A tap changes nothing."""

from __future__ import annotations

import contextlib
import gzip
import zlib
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

import httptools
from websockets.frames import Frame
from websockets.protocol import Protocol, State

from ..edge.sockets import Assembly

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from websockets.protocol import Side

    from ..core.effects import Headers

#: Most of a body, and of a message, that the journal keeps.
MAX_BYTES: Final = 20 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Answered:
    """An HTTP answer, whole, or as much of it as came."""

    status: int
    headers: Headers
    body: bytes


class Answers:
    """Reads the answers on one connection."""

    def __init__(self, to_head: Callable[[], bool]) -> None:
        #: Tells whether the next answer is to a HEAD request, and so has no body.
        self._to_head = to_head
        self._whole: deque[Answered] = deque()
        self._begin()

    def _begin(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._forget()

    def _forget(self) -> None:
        self._headers: list[tuple[str, str]] = []
        self._body: list[bytes] = []
        self._kept = 0
        self._status = 0

    def feed(self, data: bytes) -> Iterator[Answered | bytes]:
        """The answers that end here; after one with 101, the bytes that follow it.

        Raises:
            httptools.HttpParserError: what came is no HTTP/1.1.
        """
        rest: bytes | None = None
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            rest = data[upgrade.args[0] :]
        while self._whole:
            yield self._whole.popleft()
        if rest is not None:
            yield rest

    def rest(self) -> Answered | None:
        """Nothing more comes: an answer that has begun."""
        return self._answered() if self._status else None

    @property
    def ends_with_the_connection(self) -> bool:
        """Whether an answer has begun whose end is that of the connection."""
        sized = {"content-length", "transfer-encoding"}
        return bool(self._status) and not any(name.lower() in sized for name, _ in self._headers)

    def on_header(self, name: bytes, value: bytes) -> None:
        """httptools: one header."""
        self._headers.append((name.decode("latin-1"), value.decode("latin-1")))

    def on_headers_complete(self) -> None:
        """httptools: the head is whole."""
        self._status = self._parser.get_status_code()
        if self._status >= 200 and self._to_head():
            self._whole.append(self._answered())
            self._begin()

    def on_body(self, body: bytes) -> None:
        """httptools: a piece of the body."""
        if self._kept < MAX_BYTES:
            self._body.append(body[: MAX_BYTES - self._kept])
            self._kept += len(body)

    def on_message_complete(self) -> None:
        """httptools: the answer is whole; one below 200 only announces it, save for 101."""
        if self._status >= 200 or self._status == 101:
            self._whole.append(self._answered())
        self._forget()

    def _answered(self) -> Answered:
        headers, body = tuple(self._headers), b"".join(self._body)
        if any(name.lower() == "content-encoding" and value == "gzip" for name, value in headers):
            with contextlib.suppress(OSError, EOFError, zlib.error):  # then as it came
                body = gzip.decompress(body)
        return Answered(self._status, headers, body)


@dataclass(frozen=True, slots=True)
class Message:
    """A whole message."""

    payload: bytes
    text: bool


@dataclass(frozen=True, slots=True)
class Closing:
    """A close frame."""

    code: int
    reason: str


@dataclass(frozen=True, slots=True)
class Broken:
    """What came is against RFC 6455; nothing more is read."""

    why: str


class Frames:
    """Reads what one side sends on a socket."""

    def __init__(self, reader: Side) -> None:
        # What the protocol would answer is thrown away: the other end answers.
        self._protocol = Protocol(reader, state=State.OPEN, max_size=MAX_BYTES)
        self._message = Assembly()
        self._over = False

    def feed(self, data: bytes) -> Iterator[Message | Closing | Broken]:
        """What ends in these bytes."""
        if self._over:
            return
        self._protocol.receive_data(data)
        for event in self._protocol.events_received():
            message = self._message.add(cast(Frame, event))
            if message is not None:
                yield Message(*message)
        self._protocol.data_to_send()
        closed, wrong = self._protocol.close_rcvd, self._protocol.parser_exc
        if closed is not None:
            self._over = True
            yield Closing(closed.code, closed.reason)
        elif wrong is not None:
            self._over = True
            yield Broken(str(wrong))
