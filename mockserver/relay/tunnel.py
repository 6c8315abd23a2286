"""Two connections whose bytes go into each other: from the client, and to the service.

Heads of requests are written anew, for the host and the key; all else passes as it comes, to the byte.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Final

import httptools
from websockets.protocol import CLIENT, SERVER

from ..core.effects import Respond
from ..core.errors import pretty
from ..core.frames import http_answer
from ..edge.heads import Heads
from .legs import Leg
from .passages import Passage
from .requests import outgoing
from .site import why
from .taps import MAX_BYTES, Answered, Answers, Broken, Closing, Frames, Message
from .veil import Veil

if TYPE_CHECKING:
    from ..core.request import Request
    from .host import Host

#: How long the beginning of the key may wait for its end: far longer than the bytes of one answer take.
_VEIL_S: Final = 0.05


class Client(Heads, Leg):
    """The side of the client."""

    def __init__(self, host: Host) -> None:
        Heads.__init__(self, host.limits)
        Leg.__init__(self)
        self._host = host
        self._service: Service | None = None
        self._connecting: asyncio.Task[None] | None = None
        #: What goes out once the service is reached.
        self._waiting: list[bytes] = []
        #: Why it cannot be.
        self._unreachable: tuple[str, str] | None = None
        #: Whether a request is coming, and those whose answers are still to come, in order.
        self._coming = False
        self.pending: deque[Passage] = deque()
        #: The handshake that waits for its answer, and what came behind it; then the socket.
        self._early = b""
        self.socket: Passage | None = None
        self._frames: Frames | None = None

    # -- what the client sends ----------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        super().connection_made(transport)
        self._host.connections.add(self)

    def data_received(self, data: bytes) -> None:
        """Take bytes for whichever protocol is spoken now."""
        if self._frames is not None:
            self._read_frames(data)
            self._send(data)
        elif self.socket is not None:
            self._early += data
        else:
            self._read_requests(data)

    def _read_requests(self, data: bytes) -> None:
        alone, rest = self._begun + (self.part is None), data
        while rest:
            rest = self._feed(rest)
        if self.part == "head" and self._begun == alone:
            self._fed += len(data)
            self._measure()

    def _feed(self, data: bytes) -> bytes:
        """Read requests; what is to be read anew."""
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            rest = data[upgrade.args[0] :]
            if self._is_refused:
                return b""
            if self._asks_for_websocket():
                self._early = rest
                self._knock()
            elif self._parser.get_method() == b"CONNECT":
                hint = "the client takes the relay for its proxy: unset HTTPS_PROXY or set NO_PROXY=localhost"
                self._refuse_plainly("CONNECT is for proxies", hint)
            else:
                return self._without_upgrade() + rest
        except httptools.HttpParserError as error:
            hint = "what came is no HTTP/1.1: check the scheme and the port of the client's base URL"
            self._refuse_plainly(f"malformed HTTP request: {error}", hint)
        return b""

    def _measure(self) -> None:
        """Refuse a head that is too large."""
        excess = self._excess()
        if excess is not None:
            self._refuse_plainly(excess[1], "send less in the head of a request", excess[0])

    @property
    def _is_refused(self) -> bool:
        return self.transport is None or self.transport.is_closing()

    def _new_request(self) -> None:
        super()._new_request()
        self._body = bytearray()
        self._passage: Passage | None = None

    def on_message_begin(self) -> None:
        """httptools: a request begins."""
        super().on_message_begin()
        self._coming = True

    def on_headers_complete(self) -> None:
        """httptools: the head goes out at once, the body as it comes."""
        super().on_headers_complete()
        self._measure()
        if not self._parser.should_upgrade() and not self._is_refused:
            self._send(self._head())

    def on_body(self, body: bytes) -> None:
        """httptools: a piece of the body."""
        if self._is_refused:
            return
        self._body += body[: MAX_BYTES - len(self._body)]
        self._send(b"%x\r\n%b\r\n" % (len(body), body) if self._is_chunked else body)

    def on_message_complete(self) -> None:
        """httptools: the request is whole."""
        super().on_message_complete()
        if self._parser.should_upgrade() or self._is_refused:
            return
        self._send(b"0\r\n\r\n" if self._is_chunked else b"")
        self._note()
        self._coming = False
        if self._unreachable is not None:
            self._refuse_all()

    def _note(self) -> None:
        """Note the request that is coming, with as much of it as is here; once."""
        if self._passage is None:
            self._passage = Passage(self._host.ledger, "request", self._whole_request())
            self.pending.append(self._passage)

    @property
    def asked(self) -> Passage | None:
        """What is answered now: the first request that waits, or the one that is still coming."""
        if not self.pending and self._coming:
            self._note()
        return self.pending[0] if self.pending else None

    def _head(self) -> bytes:
        request = self._whole_request()
        return outgoing(request.method, request.target, self._written, self._host.site, self._host.key)

    def _whole_request(self) -> Request:
        assert self.transport is not None
        secure = self.transport.get_extra_info("ssl_object") is not None
        return self._request(bytes(self._body), secure=secure)

    @property
    def _is_chunked(self) -> bool:
        return any(name == "transfer-encoding" for name, _ in self._headers)

    def _knock(self) -> None:
        """A handshake: nothing more is read until it has its answer."""
        self.socket = Passage(self._host.ledger, "handshake", self._whole_request())
        self.pending.append(self.socket)
        self.hold("the handshake has no answer")
        self._send(self._head())

    def _read_frames(self, data: bytes) -> None:
        assert self._frames is not None
        assert self.socket is not None
        for event in self._frames.feed(data):
            match event:
                case Message(payload, text):
                    self.socket.received(payload, text=text)
                case Closing(code, reason):
                    self.socket.closed_by_client(code, reason)
                case Broken(reason):
                    self.socket.unreadable("the client", reason)

    # -- the way to the service ---------------------------------------------------------------------------

    def _send(self, data: bytes) -> None:
        if self._service is not None:
            self._service.write(data)
        elif self._unreachable is None:
            self._waiting.append(data)
            if self._connecting is None:
                self.hold("the service is not reached yet")
                self._connecting = asyncio.ensure_future(self._connect())

    async def _connect(self) -> None:
        try:
            await self._host.site.connect(lambda: Service(self, self._host.key))
        except Exception as error:
            self._unreachable = why(error, self._host.site)
            self._waiting.clear()
            self._refuse_all()
        self.release("the service is not reached yet")

    def reached(self, service: Service) -> None:
        """The service is there."""
        if self.transport is None or self.transport.is_closing():
            service.end(reset=False, orderly=True)
            return
        self._service = self._other = service
        waiting, self._waiting = self._waiting, []
        service.write(b"".join(waiting))

    def _refuse_all(self) -> None:
        """Answer in the place of a service that is not there."""
        assert self._unreachable is not None
        what, hint = self._unreachable
        body = pretty({"error": {"code": 502, "message": f"{what}; {hint}", "status": "UNAVAILABLE"}})
        answer = Respond(502, (("Content-Type", "application/json; charset=UTF-8"),), body)
        while self.pending:
            passage = self.pending.popleft()
            passage.refused(what, hint, answer)
            self.write(http_answer(answer, keep=False, head=passage.to_head))
            self.end(reset=False, orderly=True)

    def _refuse_plainly(self, text: str, hint: str, status: int = 400) -> None:
        """Answer what is not even a request; the service never sees it."""
        self._host.note_refusal("http", "HTTP", text, hint)
        refusal = Respond(status, (("Content-Type", "text/plain"),), f"{text}\n".encode())
        self.write(http_answer(refusal, keep=False))
        self.end(reset=False, orderly=True)

    # -- what the service answers -------------------------------------------------------------------------

    def admitted(self) -> None:
        """The handshake is answered by 101: frames from here on."""
        self._frames = Frames(SERVER)
        self._go_on()

    def rejected(self) -> None:
        """The handshake is answered otherwise: requests from here on."""
        self.socket = None
        self._parser = httptools.HttpRequestParser(self)
        self._go_on()

    def _go_on(self) -> None:
        early, self._early = self._early, b""
        if early:
            self.data_received(early)
        self.release("the handshake has no answer")

    # -- the end ------------------------------------------------------------------------------------------

    def ended(self, by: str, *, reset: bool) -> bool:
        """A side is gone; whether that was in order: nothing was under way."""
        under_way = [*self.pending, *([self.socket] if self.socket is not None else [])]
        orderly = all(passage.is_over for passage in under_way)
        for passage in under_way:
            passage.lost("the client" if by == "the client" else "the service", reset=reset)
        return orderly

    def connection_lost(self, exc: Exception | None) -> None:
        """The client is gone."""
        if self._connecting is not None and not self._connecting.done():
            self._connecting.cancel()
        reset = isinstance(exc, ConnectionResetError)
        orderly = self.ended("the client", reset=reset)
        if self._service is not None:
            self._service.end(reset=reset, orderly=orderly)
        self._host.leave(self)


class Service(Leg):
    """The side of the service."""

    def __init__(self, client: Client, key: str) -> None:
        super().__init__()
        self._client = client
        self._other = client
        self._veil = Veil(key)
        self._answers: Answers | None = Answers(lambda: bool(client.pending) and client.pending[0].to_head)
        self._frames: Frames | None = None
        self._unveiling: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It is reached."""
        super().connection_made(transport)
        self._client.reached(self)

    def data_received(self, data: bytes) -> None:
        """What it sends passes on; the journal knows before the client does."""
        self._pass(self._veil.pass_on(data))
        if self._unveiling is not None:
            self._unveiling.cancel()
        if self._veil.holds:
            loop = asyncio.get_running_loop()
            self._unveiling = loop.call_later(_VEIL_S, lambda: self._pass(self._veil.let_go()))

    def _pass(self, data: bytes) -> None:
        if self._frames is not None:
            self._read_frames(data)
        elif self._answers is not None:
            self._read_answers(self._answers, data)
        self._client.write(data)

    def _read_answers(self, answers: Answers, data: bytes) -> None:
        try:
            for one in answers.feed(data):
                if isinstance(one, bytes):
                    self._frames = Frames(CLIENT)
                    self._client.admitted()
                    self._read_frames(one)
                elif one.status == 101 and self._client.socket is not None:
                    self._client.socket.opened(one)
                    self._client.pending.clear()
                else:
                    self._answered(one)
        except httptools.HttpParserError as error:
            self._answers = None
            asked = self._client.asked
            if asked is not None:
                asked.unreadable("the service", f"it is no HTTP/1.1: {error}")

    def _answered(self, answer: Answered) -> None:
        passage = self._client.asked
        if passage is None:
            return  # nobody asked: the service says why it ends the connection
        self._client.pending.popleft()
        passage.answered(answer)
        if passage.is_socket:
            self._client.rejected()

    def _read_frames(self, data: bytes) -> None:
        socket = self._client.socket
        assert self._frames is not None
        assert socket is not None
        for event in self._frames.feed(data):
            match event:
                case Message(payload, text):
                    socket.sent(payload, text=text)
                case Closing(code, reason):
                    socket.closed_by_service(code, reason)
                case Broken(reason):
                    socket.unreadable("the service", reason)

    def connection_lost(self, exc: Exception | None) -> None:
        """The service is gone, as the client will be."""
        if self._unveiling is not None:
            self._unveiling.cancel()
        self._pass(self._veil.let_go())
        if self._answers is not None and self._frames is None and self._client.pending:
            begun = self._answers.rest()
            if begun is not None and exc is None and self._answers.ends_with_the_connection:
                self._answered(begun)
        reset = isinstance(exc, ConnectionResetError)
        orderly = self._client.ended("the service", reset=reset)
        self._client.end(reset=reset, orderly=orderly)
