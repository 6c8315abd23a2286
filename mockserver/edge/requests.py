"""What a client asks over HTTP/1.1: bytes in; requests, and what is none, out. Knows no transport."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import httptools

from . import refusals
from .events import Asked, Expecting, Upgrade
from .heads import Heads

if TYPE_CHECKING:
    from ..core.limits import Limits
    from .events import Event, Refused
    from .familiar import Familiar

#: Behind the last request of a connection none comes.
_READ: Final = httptools.HttpRequestParser(object())


class Requests(Heads):
    """The requests of one connection, one after the other, within the limits."""

    def __init__(self, limits: Limits, familiar: Familiar, *, secure: bool) -> None:
        super().__init__(limits)
        self._familiar = familiar
        self._secure = secure
        self._events: list[Event] = []
        #: One was refused: nothing is read any more.
        self._is_over = False

    def feed(self, data: bytes) -> list[Event]:
        """Read on; what is whole now, in order."""
        self._events = []
        begins, rest = self.part is None, data
        alone = self._begun + begins
        while rest:
            rest = self._feed(rest)
        if self._begun == alone and self.part is not None:
            self._fed += len(data)
            self._measure()
        elif self._begun == alone and begins and len(self._events) == 1:
            self._familiar.learn(data, self._events[0])
        return self._events

    def end(self) -> None:
        """No more will come; else parser and reader would keep each other."""
        self._parser = _READ
        self._new_request()

    def _feed(self, data: bytes) -> bytes:
        """Read requests; what is to be read anew."""
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            rest = data[upgrade.args[0] :]
            if self._is_over:
                return b""
            if self._asks_for_websocket():
                self._upgrade(rest)
            elif self._parser.get_method() == b"CONNECT":
                self._refuse(refusals.PROXY)
            else:
                return self._without_upgrade() + rest
        except httptools.HttpParserCallbackError as error:
            self._refuse(refusals.failed(error.__context__))
        except httptools.HttpParserError as error:
            self._refuse(refusals.malformed(error))
        return b""

    def _upgrade(self, rest: bytes) -> None:
        request = self._request(bytes(self._body), secure=self._secure)
        if request.header("sec-websocket-key") is None or request.method != "GET":
            self._refuse(refusals.NO_HANDSHAKE)
        else:
            self._events.append(Upgrade(request, rest))

    # -- httptools ----------------------------------------------------------------------------------------

    def _new_request(self) -> None:
        super()._new_request()
        # Not a list of pieces: chunks of a byte each would make it far larger than the body.
        self._body = bytearray()

    def on_headers_complete(self) -> None:
        """httptools: the body follows; a client that asked whether to send it is to be told so."""
        super().on_headers_complete()
        excess = self._excess()
        if excess is not None:
            self._refuse(refusals.large_head(*excess))
        elif self._is_over or self._parser.should_upgrade():
            return
        elif self._announced_bytes() > self._limits.body_bytes:
            self._refuse(refusals.large_body(self._limits))
        elif any(name == "expect" and value.lower() == "100-continue" for name, value in self._headers):
            self._events.append(Expecting())

    def _announced_bytes(self) -> int:
        """The length of the body, where the client says it; the parser has checked that it is a number."""
        return next((int(value) for name, value in self._headers if name == "content-length"), 0)

    def on_body(self, body: bytes) -> None:
        """httptools: a piece of the body."""
        if len(self._body) + len(body) > self._limits.body_bytes:
            self._refuse(refusals.large_body(self._limits))
        elif not self._is_over:
            self._body += body

    def on_message_complete(self) -> None:
        """httptools: the request is whole."""
        super().on_message_complete()
        if not self._parser.should_upgrade() and not self._is_over:
            request = self._request(bytes(self._body), secure=self._secure)
            self._events.append(Asked(request, self._parser.should_keep_alive()))

    # -- limits -------------------------------------------------------------------------------------------

    def _measure(self) -> None:
        """Refuse a head, or what stands around the chunks of a body, that has no end."""
        excess = self._excess() if self.part == "head" else None
        if excess is not None:
            self._refuse(refusals.large_head(*excess))
        # Twice either: chunks have lines around them, and headers have separators.
        elif self.part == "body" and self._fed > 2 * (self._limits.body_bytes + self._limits.head_bytes):
            self._refuse(refusals.large_body(self._limits))

    def _refuse(self, refused: Refused) -> None:
        if not self._is_over:
            self._is_over = True
            self._events.append(refused)
