"""One TCP connection: requests, and after an upgrade, the frames of a WebSocket."""

from __future__ import annotations

import asyncio
from collections import deque
from itertools import groupby
from typing import TYPE_CHECKING, Final, cast

from ..core.effects import NO_CODE, Abort, Accept, Close, Delay, Pause, Raw, Reject, Respond, Send
from ..core.frames import http_answer
from ..core.store import StoreLost
from . import refusals
from .bounds import Bounds
from .events import Asked, Expecting, Refused, Upgrade
from .framing import Framing
from .requests import Requests
from .sockets import drop
from .streaming import Pipe, Stream

if TYPE_CHECKING:
    from ..core.effects import Effect
    from ..core.request import Request
    from .events import Event
    from .host import Host
    from .patience import Phase

#: What may come behind a handshake that has no answer yet; the rest waits at the client.
_EARLY_BYTES: Final = 64 * 1024


class Connection(Bounds, asyncio.BufferedProtocol):
    """A client's connection, whatever it speaks."""

    def __init__(self, host: Host) -> None:
        super().__init__()
        self._host = host
        self._limits = host.limits
        #: What parses requests; None: none had to be parsed, or behind a handshake, where none come.
        self._requests: Requests | None = None
        #: Requests are being read: what the client is waited for is found out behind the last of them.
        self._is_reading = False
        #: Nothing is read any more: the client was refused.
        self._is_over = False
        self._socket: Framing | None = None
        self._pipe: Pipe | None = None
        #: The name of the request or socket that the service deals with; empty: of none.
        self._name = ""
        #: What the service asks for and is not done yet; None, which takes no room: nothing.
        self._outbox: deque[list[Effect]] | None = None
        self._delayed = False
        #: Whether the handshake waits for its answer, and what came meanwhile.
        self._knocking = False
        self._early = b""
        #: The request whose answer is held back, and those behind it.
        self._asked: Asked | None = None
        self._behind: list[Asked] = []
        #: Bytes of messages since something was last said to the client: a session may have to keep them.
        self._unanswered = 0
        self._transport: asyncio.Transport
        self._is_secure = False

    # -- asyncio ------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast(asyncio.Transport, transport)
        self._is_secure = transport.get_extra_info("ssl_object") is not None
        self._host.connections.add(self)
        self._host.patience.wait(self, "head")

    def get_buffer(self, sizehint: int) -> memoryview:
        """Where bytes are read to: one place for all, which is never in use for longer than a call."""
        return self._host.buffer

    def buffer_updated(self, nbytes: int) -> None:
        """So many bytes came."""
        self.data_received(bytes(self._host.buffer[:nbytes]))

    def data_received(self, data: bytes) -> None:
        """Take bytes for whichever protocol is spoken now."""
        if self._socket is not None:
            self._receive_frames(data)
        elif self._knocking:
            self._early += data
            if len(self._early) > _EARLY_BYTES:
                self._hold("the handshake has no answer")
        elif self._pipe is None and not self._is_over:
            # The answer on a pipe has no end: another request would get none.
            self._receive_requests(data)

    def _receive_requests(self, data: bytes) -> None:
        self._is_reading = True
        known = self._host.familiar.find(data, secure=self._is_secure) if self._part is None else None
        for event in self._parse(data) if known is None else (known,):
            self._take(event)
        self._is_reading = False
        self._wait()

    def _parse(self, data: bytes) -> list[Event]:
        if self._requests is None:
            self._requests = Requests(self._limits, self._host.familiar, secure=self._is_secure)
        return self._requests.feed(data)

    def _take(self, event: Event) -> None:
        """Do what is due to a request, or to what is none."""
        if self._is_over or self._transport.is_closing():
            return
        match event:
            case Asked():
                self._serve(event)
            case Upgrade(request, rest):
                self._knock(request, rest)
            case Refused():
                self._refuse(event)
            case Expecting():
                self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def eof_received(self) -> None:
        """The client half-closed."""
        if self._socket is not None:
            self._socket.receive_eof()
        elif self._is_over:
            self._transport.close()

    def resume_writing(self) -> None:
        """The client has taken what waited."""
        super().resume_writing()
        if self._pipe is not None:
            self._pipe.drained()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone, however."""
        if self._requests is not None:
            self._requests.end()
        self._transport.close()  # Python 3.10 warns of a TLS transport that nobody closed
        self._host.leave(self)
        self._outbox = None
        if self._pipe is not None:
            self._pipe.lost()
        if self._host.sockets.pop(self._name, None) is not None:
            received = self._socket.close_received if self._socket is not None else None
            code, reason = (received.code, received.reason) if received else (1006, "")
            self._host.service.lost(self._name, code, reason, self._host.clock.now())

    # -- limits -------------------------------------------------------------------------------------------

    def _awaited(self) -> Phase | None:
        """What the client is to do next; None: nothing that has a time."""
        if self._socket is not None:
            return None if self._is_open else "closing"
        if self._is_over or self._transport.is_closing():
            return "closing"
        if self._knocking or self._pipe is not None or self._asked is not None:
            return None
        return self._part or "idle"

    @property
    def _part(self) -> Phase | None:
        """What comes of a request; None: it is whole, or none has begun."""
        return self._requests.part if self._requests is not None else None

    def _refuse_late(self, phase: Phase) -> None:
        """Answer a request of which a part took too long; if none has begun, nobody waits for an answer."""
        if self._part is None:
            self._transport.close()
        else:
            self._refuse(refusals.late(phase, self._limits))

    # -- HTTP ---------------------------------------------------------------------------------------------

    def _serve(self, asked: Asked) -> None:
        """Have a request answered: by the control API, or by the service."""
        try:
            path = asked.request.path
            if path.startswith("/_mock/") or path == "/_mock":
                self._control(asked)
            else:
                self._behind.append(asked)
                self._ask()
                if len(self._behind) >= self._limits.waiting_requests:
                    self._hold("requests wait for their answers")
            self._host.set_timer()
        except Exception as error:
            self._refuse(refusals.failed(error))

    def _control(self, asked: Asked) -> None:
        response = self._host.control(self._host, asked.request)
        if isinstance(response, Stream):
            self._transport.write(response.head)
            self._pipe = Pipe(self._transport)
            response.begin(self._pipe)
        else:
            self._respond(response, keep=asked.keep, head=asked.request.method == "HEAD")

    def _ask(self) -> None:
        """Hand the next request to the service, once the one before it has its answer."""
        while self._behind and self._asked is None and not self._transport.is_closing():
            self._asked = self._behind.pop(0)
            self._name, effects = self._host.service.exchange(self._asked.request, self._host.clock.now())
            self._host.sockets[self._name] = self
            self.carry_out(effects)
        if not self._behind:
            self._release("requests wait for their answers")

    def _respond(self, response: Respond, *, keep: bool, head: bool = False) -> None:
        if self._transport.is_closing():
            return
        self._transport.write(http_answer(response, keep=keep, head=head))
        self._wrote()
        if not keep:
            self._transport.close()

    def _refuse(self, refused: Refused) -> None:
        """Answer what is not even a request; the service never sees it."""
        if self._is_over or self._transport.is_closing():
            return
        self._host.note_refusal("http", "HTTP", refused.what, refused.hint)
        self._is_over = True
        if not self._transport.can_write_eof():
            self._respond(refused.answer, keep=False)
            return
        # Closed with input unread, it would be a reset, and the client might never see the answer.
        self._transport.write(http_answer(refused.answer, keep=False))
        self._transport.write_eof()
        self._wait()

    # -- WebSocket ----------------------------------------------------------------------------------------

    def _knock(self, request: Request, rest: bytes) -> None:
        """Ask the service for a socket."""
        if self._host.service.open_connections >= self._limits.sockets:
            self._refuse(refusals.full(self._limits))
            return
        if self._requests is not None:
            # Most of a socket's life nothing else comes: the room that its request took is given back.
            self._requests.end()
            self._requests = None
        self._knocking, self._early = True, rest
        try:
            self._name, effects = self._host.service.handshake(request, self._host.clock.now())
        except StoreLost as error:
            self._refuse(refusals.failed(error))
            return
        self._host.sockets[self._name] = self
        self.carry_out(effects)
        self._host.set_timer()

    def _accept(self, head: bytes) -> None:
        self._transport.write(head)
        self._knocking = False
        self._socket = Framing(self._limits.message_bytes, self._host.bursts)
        if not self._is_reading:
            self._wait()
        self._release("the handshake has no answer")
        if self._early:
            rest, self._early = self._early, b""
            self._receive_frames(rest)

    def _receive_frames(self, data: bytes) -> None:
        assert self._socket is not None
        now = self._host.clock.now()
        for message, text in self._socket.receive(data):
            self._receive_message(message, text, now)
        self._flush()
        if not self._socket.is_open:
            self._note_violation()
        self._host.set_timer()

    def _receive_message(self, message: bytes, text: bool, now: float) -> None:
        self._unanswered += len(message)
        if self._unanswered > self._limits.unanswered_bytes:
            if self._is_open:
                self._refuse_flood()
            return
        try:
            effects = self._host.service.receive(self._name, message, now, text=text)
        except Exception as error:
            self._host.note_refusal(self._name, "MOCK", *refusals.failed(error)[1:])
            effects = [Close(1011, "Internal error encountered.")]
            self._host.service.lost(self._name, 1011, repr(error), self._host.clock.now(), by="the mock")
        if effects:
            self.carry_out(effects)

    def _refuse_flood(self) -> None:
        """Close where much comes to which nothing is said: a session keeps what belongs to no turn yet."""
        limit = self._limits.unanswered_bytes
        what = f"more than unanswered_bytes ({limit}) came while nothing was said to the client"
        self._host.note_refusal(self._name, "LIMIT", what, "end turns, or raise unanswered_bytes")
        name, now = self._name, self._host.clock.now()
        self._close(1009, "unanswered_bytes")
        self._host.service.lost(name, 1009, "unanswered_bytes", now, by="the server")

    def _note_violation(self) -> None:
        """Note that the protocol has closed by itself: what came was against the rules of WebSocket."""
        assert self._socket is not None
        sent = self._socket.close_sent
        if sent is None or self._socket.close_received is not None:
            return
        if self._host.sockets.pop(self._name, None) is not None:
            what = f"{sent.code} {sent.reason}".rstrip()
            hint = "the frame is against RFC 6455, or too large: let a WebSocket library write it"
            self._host.note_refusal(self._name, "RFC 6455", what, hint)
            now = self._host.clock.now()
            self._host.service.lost(self._name, sent.code, sent.reason, now, by="the server")

    def carry_out(self, effects: list[Effect]) -> None:
        """Do what the service asks, in its order; what can go out in one write does."""
        if len(effects) == 1 and self._outbox is None and not self._delayed:
            self._carry_out(effects)
        else:
            self._stand_in_line(effects)
        if self._socket is not None:
            self._flush()

    def _stand_in_line(self, effects: list[Effect]) -> None:
        """Do one after the other, up to one that holds back those behind it."""
        if self._outbox is None:
            self._outbox = deque()
        for kind, alike in groupby(effects, type):
            together = list(alike)
            # Frames go at once; all else may change what becomes of what is behind it.
            self._outbox.extend([together] if kind is Send else [[one] for one in together])
        while self._outbox and not self._delayed:
            self._carry_out(self._outbox.popleft())
        self._outbox = self._outbox or None

    def _carry_out(self, alike: list[Effect]) -> None:
        match alike[0]:
            case Send() if self._is_open:
                assert self._socket is not None
                self._unanswered = 0
                self._socket.send(alike)  # type: ignore[arg-type]  # all of them are frames
            case Respond() as response:
                self._answer(response)
            case Accept(head):
                self._accept(head)
            case Delay(seconds):
                self._delayed = True
                self._host.loop.call_later(seconds, self._go_on)
            case Reject(response):
                self._leave()
                self._respond(response, keep=False)
            case Raw(data):
                self._write(data)
            case Abort(reset):
                self._write(b"")
                self._leave()
                drop(self._transport, reset=reset)
            case Close(code, reason) if self._is_open:
                self._close(code, reason)
            case Send() | Close() | Pause():
                pass  # the client has closed already; a pause is the service's

    def _go_on(self) -> None:
        self._delayed = False
        self.carry_out([])

    @property
    def _is_open(self) -> bool:
        return self._socket is not None and self._socket.is_open

    def _leave(self) -> None:
        """The service is done with this request or socket."""
        self._host.sockets.pop(self._name, None)
        self._name = ""

    def _answer(self, response: Respond) -> None:
        asked, self._asked = self._asked, None
        assert asked is not None, "an answer is to a request"
        self._leave()
        self._respond(response, keep=asked.keep, head=asked.request.method == "HEAD")
        self._ask()
        if not self._is_reading:
            self._wait()

    def _write(self, data: bytes) -> None:
        """Write past all protocols, behind what they have written."""
        if self._socket is not None:
            self._flush()
        if not self._transport.is_closing():
            self._transport.write(data)
            self._wrote()

    def _close(self, code: int, reason: str) -> None:
        assert self._socket is not None
        self._leave()
        self._socket.close(None if code == NO_CODE else code, reason)
        # RFC 6455 lets either side wait for the other's close frame.
        self._wait()

    def _flush(self) -> None:
        """Write what waits; at its end, close."""
        assert self._socket is not None
        data, is_over = self._socket.written()
        if data and not self._transport.is_closing():
            self._transport.write(data)
            self._wrote()
        if is_over:
            self._transport.close()
