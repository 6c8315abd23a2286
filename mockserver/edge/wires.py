"""The transport of a connection whose socket a poller watches.

It keeps to what asyncio says of its transports, so a protocol need not know which it has.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from typing import TYPE_CHECKING, Any, Final, Protocol

from .poller import IN, OUT

if TYPE_CHECKING:
    from .poller import Poller

#: So much may wait before the protocol is told, as with asyncio.
_HIGH_BYTES: Final = 64 * 1024
#: Up to so much is sent once all sockets had their turns; more, while the processor has it at hand.
_LITTLE_BYTES: Final = 16 * 1024
#: Linux holds a packet back for what follows, here the end.
_MORE: Final = getattr(socket, "MSG_MORE", 0)
#: Nothing is wrong: it is to be tried again.
BUSY: Final = (BlockingIOError, InterruptedError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


class Speaker(Protocol):
    """What speaks on a connection: the part of asyncio's protocols that these transports need."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""

    def data_received(self, data: bytes) -> None:
        """Bytes came."""

    def eof_received(self) -> bool | None:
        """No more will come; whether the connection stays open all the same."""

    def pause_writing(self) -> None:
        """Much waits to be sent."""

    def resume_writing(self) -> None:
        """Little does."""

    def connection_lost(self, exc: Exception | None) -> None:
        """It is over."""


class Wire(asyncio.Transport):
    """A connection without TLS."""

    __slots__ = (
        "_buffer",
        "_descriptor",
        "_events",
        "_has_eof",
        "_high",
        "_is_closing",
        "_is_over",
        "_is_slow",
        "_low",
        "_poller",
        "_socket",
        "_speaker",
        "_unsent",
    )

    def __init__(self, poller: Poller, connected: socket.socket) -> None:
        self._poller = poller
        self._socket = connected
        self._descriptor = connected.fileno()
        self._speaker: Speaker | None = None
        #: What the poller tells of.
        self._events = IN
        #: What waits to be sent; None, which takes no room: nothing ever did.
        self._buffer: bytearray | None = None
        #: What is sent once all sockets had their turns.
        self._unsent: bytes | None = None
        self._high, self._low = _HIGH_BYTES, _HIGH_BYTES // 4
        self._is_slow = False
        #: Nothing follows what is written.
        self._has_eof = False
        self._is_closing = False
        #: Its end is told, or about to be.
        self._is_over = False
        poller.hand_over(self._descriptor, self)

    def begin(self, speaker: Speaker) -> None:
        """Let somebody speak on it."""
        self._speaker = speaker
        speaker.connection_made(self)

    @property
    def _spoken_to(self) -> Speaker:
        assert self._speaker is not None, "nothing is read or written before somebody speaks on it"
        return self._speaker

    # -- what the poller tells ----------------------------------------------------------------------------

    def ready(self, events: int) -> None:
        """Read and write, as far as it goes; an error is what either of them meets."""
        if events & ~IN and self._events & OUT:
            self._write_on()
        if events & ~OUT and self._events & IN:
            self._read()

    def failed(self, error: Exception) -> None:
        """The protocol raised: tell the loop, and drop the connection."""
        about = {"message": "a protocol failed", "exception": error, "transport": self}
        self._poller.loop.call_exception_handler(about)
        self._lose(error)

    def _watch(self, events: int) -> None:
        """Have the poller tell of these events."""
        if events != self._events and not self._is_over:
            self._poller.change(self._descriptor, self._events, events)
            self._events = events

    # -- reading ------------------------------------------------------------------------------------------

    def _read(self) -> None:
        buffer = self._poller.buffer
        try:
            size = self._receive(buffer)
        except BUSY:
            return
        except OSError as error:
            self._lose(error)
            return
        if size:
            self._speaker.data_received(bytes(buffer[:size]))  # type: ignore[union-attr]  # somebody speaks
        elif self._spoken_to.eof_received():
            self._watch(self._events & ~IN)
        else:
            self.close()

    def _receive(self, buffer: memoryview) -> int:
        return self._socket.recv_into(buffer)

    def is_reading(self) -> bool:
        """Whether what comes is read."""
        return bool(self._events & IN) and not self._is_closing

    def pause_reading(self) -> None:
        """Read no more for now."""
        if not self._is_closing:
            self._watch(self._events & ~IN)

    def resume_reading(self) -> None:
        """Read on."""
        if not self._is_closing:
            self._watch(self._events | IN)

    # -- writing ------------------------------------------------------------------------------------------

    def _send(self, data: bytes | bytearray) -> int:
        # Behind the last of it comes a FIN: in the same packet.
        return self._socket.send(data, _MORE if self._is_closing or self._has_eof else 0)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send, or queue behind what waits; of no use once it is closed."""
        if not data or self._is_closing or self._has_eof:
            return
        if self._unsent is not None:
            self.send_off()
            if self._is_over:
                return
        elif self._poller.is_looking and len(data) <= _LITTLE_BYTES and not self._buffer:
            self._unsent = bytes(data)
            self._poller.unsent.append(self)
            return
        self._send_or_queue(data)

    def send_off(self) -> None:
        """Send what was written while sockets had their turns."""
        data, self._unsent = self._unsent, None
        if data is not None:
            self._send_or_queue(data)
            if not self._buffer and not self._is_over:
                self._written()

    def _send_or_queue(self, data: bytes | bytearray | memoryview) -> None:
        sent = 0
        if not self._buffer:
            try:
                sent = self._send(data)  # type: ignore[arg-type]  # bytes, here
            except BUSY:
                pass
            except OSError as error:
                self._lose(error)
                return
            if sent == len(data):
                return
            self._watch(self._events | OUT)
        if self._buffer is None:
            self._buffer = bytearray()
        self._buffer += memoryview(data)[sent:]
        if len(self._buffer) > self._high and not self._is_slow:
            self._is_slow = True
            self._spoken_to.pause_writing()

    def _write_on(self) -> None:
        buffer = self._buffer
        try:
            if buffer:
                del buffer[: self._send(buffer)]
        except BUSY:
            return
        except OSError as error:
            self._lose(error)
            return
        if not buffer:
            self._watch(self._events & ~OUT)
            self._written()
        if self._is_slow and self.get_write_buffer_size() <= self._low:
            self._is_slow = False
            self._spoken_to.resume_writing()

    def _written(self) -> None:
        """Nothing waits any more."""
        if self._has_eof:
            self._shut()
        if self._is_closing:
            self._leave()

    def can_write_eof(self) -> bool:
        """It can be half-closed."""
        return True

    def write_eof(self) -> None:
        """Half-close it behind what is written."""
        if not self._has_eof and not self._is_closing:
            self._has_eof = True
            if not self._buffer and self._unsent is None:
                self._shut()

    def _shut(self) -> None:
        with contextlib.suppress(OSError):  # the client is gone already
            self._socket.shutdown(socket.SHUT_WR)

    def get_write_buffer_size(self) -> int:
        """How many bytes wait for the client: what goes out behind the turns of all does not."""
        return len(self._buffer) if self._buffer else 0

    def get_write_buffer_limits(self) -> tuple[int, int]:
        """From how much on the protocol is told that it is little, or much; bytes."""
        return self._low, self._high

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Set them: much is over ``high``, by default 64 KiB, little up to ``low``, else a quarter."""
        self._high = high if high is not None else _HIGH_BYTES if low is None else 4 * low
        self._low = low if low is not None else self._high // 4

    # -- the end ------------------------------------------------------------------------------------------

    def is_closing(self) -> bool:
        """Whether it is closed, or about to be."""
        return self._is_closing

    def close(self) -> None:
        """Close it behind what is written."""
        if self._is_closing:
            return
        self._watch(self._events & ~IN)
        self._is_closing = True
        if not self._buffer and self._unsent is None:
            self._leave()

    def abort(self) -> None:
        """Close it now."""
        self.send_off()
        self._lose(None)

    def _leave(self) -> None:
        """All is written: go."""
        self._lose(None)

    def _lose(self, error: Exception | None) -> None:
        """It is over: tell the protocol, though not in the middle of what it does."""
        if not self._is_over:
            self._poller.forget(self._descriptor, self._events)
            self._events = 0
            self._is_closing = self._is_over = True
            self._buffer = self._unsent = None
            self._poller.loop.call_soon(self._end, error)

    def _end(self, error: Exception | None) -> None:
        speaker, self._speaker = self._speaker, None  # else the two would keep each other
        try:
            if speaker is not None:
                speaker.connection_lost(error)
        finally:
            self._socket.close()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """What asyncio tells by these names of the socket and of TLS."""
        if name == "socket":
            return self._socket
        if name in ("peername", "sockname"):
            with contextlib.suppress(OSError):
                return self._socket.getpeername() if name == "peername" else self._socket.getsockname()
        return default
