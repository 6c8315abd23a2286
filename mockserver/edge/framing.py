"""The frames of one WebSocket: whole messages on the shortest way, all else by websockets' sans-I/O layer.

Nearly all that clients send are masked text or binary frames that hold a whole message, pings, and one close.
Those are read here. Anything else (fragments, whatever is against RFC 6455 or too large) goes to the library,
byte for byte, and so does all that follows. So the library alone says what is wrong, and how it is answered.
"""

from __future__ import annotations

import struct
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from .bursts import FEWEST
from .sockets import Assembly

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from websockets.frames import Close
    from websockets.protocol import Protocol

    from ..core.effects import Send
    from .bursts import Bursts

_TEXT: Final = 0x81
_BINARY: Final = 0x82
_CLOSE: Final = 0x88
_PING: Final = 0x89
_PONG: Final = 0x8A
_CONTROLS: Final = frozenset({_CLOSE, _PING, _PONG})
#: The first bytes of frames that are whole.
_WHOLE: Final = _CONTROLS | {_TEXT, _BINARY}
_MASKED: Final = 0x80
#: The first bytes of what comes most: a masked message whose length takes two bytes.
_USUAL: Final = frozenset({_TEXT << 8 | _MASKED | 126, _BINARY << 8 | _MASKED | 126})
_HEAD_BYTES: Final = 4
_HEAD: Final = struct.Struct(">HH").unpack_from


@lru_cache(maxsize=1)
def unmasking() -> Callable[[bytes, bytes], bytes]:
    """What takes a mask from a payload; imported with the first one, for a server should start at once."""
    try:  # compiled, where the platform has a wheel
        from websockets.speedups import apply_mask
    except ImportError:
        from websockets.utils import apply_mask
    return apply_mask


class Framing:
    """Reads what a client sends and writes what it gets; opened by a handshake that is over.

    Args:
        max_bytes: the largest message taken.
        bursts: the server's memory of what went out.
    """

    __slots__ = (
        "_bursts",
        "_closed",
        "_held",
        "_is_librarys",
        "_is_over",
        "_library",
        "_max_bytes",
        "_message",
        "_out",
        "_wanted",
    )

    def __init__(self, max_bytes: int, bursts: Bursts) -> None:
        self._max_bytes = max_bytes
        self._bursts = bursts
        #: The library, once it is needed.
        self._library: Protocol | None = None
        #: The client's close, which was answered by the same.
        self._closed: Close | None = None
        #: Whether all that comes is the library's to read, and the message that it puts together.
        self._is_librarys = False
        self._message: Assembly | None = None
        #: The beginning of a frame, and how long it has to be before there is anything to do.
        self._held = bytearray()
        self._wanted = 0
        self._out: list[bytes] = []
        #: Nothing can follow what is written.
        self._is_over = False

    # -- reading ------------------------------------------------------------------------------------------

    def receive(self, data: bytes) -> Iterator[tuple[bytes, bool]]:
        """Read bytes; each whole message in its turn, and whether it is text."""
        if self._closed is not None:
            return
        if self._is_librarys:
            yield from self._leave_to_library(data)
            return
        if self._held:
            self._held += data
            if len(self._held) < self._wanted:
                return
            data = bytes(self._held)
            self._held.clear()
        at, end, unmask = 0, len(data), unmasking()
        while at < end:
            opening, size = _HEAD(data, at) if end - at >= _HEAD_BYTES else (0, 0)
            # Ours is open as long as nothing was read or written that closes it: the library is asked then.
            is_open = self._library is None or self.is_open
            if is_open and opening in _USUAL and size <= self._max_bytes:
                start = at + 8
                stop = start + size
            else:
                stop, start = self._measure(data, at, end) if is_open else (0, 0)
            if not stop:
                yield from self._leave_to_library(data[at:])
                return
            if stop > end:
                self._held += data[at:]
                self._wanted = stop - at
                return
            payload, first = unmask(data[start:stop], data[start - 4 : start]), data[at]
            if first in (_BINARY, _TEXT):
                yield payload, first == _TEXT
            elif first == _PING:
                self._out.append(bytes((_PONG, len(payload))) + payload)
            elif first == _CLOSE:
                if not self._take_close(payload):
                    yield from self._leave_to_library(data[at:])
                return
            at = stop

    def _take_close(self, payload: bytes) -> bool:
        """Answer a close by the same, if it is as it should be; what is behind it is not looked at."""
        self._closed = _read_close(payload)
        if self._closed is not None:  # nothing may follow it (RFC 6455, 1.4)
            self._is_over = True
            self._out.append(bytes((_CLOSE, len(payload))) + payload)
        return self._closed is not None

    def _measure(self, data: bytes, at: int, end: int) -> tuple[int, int]:
        """Up to where a frame goes, as far as is known, and where its payload starts; 0: it is not for us."""
        if end - at < 2:
            return at + 2, 0
        first, size = data[at], data[at + 1] - _MASKED
        if size < 0 or first not in _WHOLE:
            return 0, 0
        start = at + 6
        if size > 125:
            if first in _CONTROLS:
                return 0, 0
            start += 2 if size == 126 else 8
            if end < start - 4:
                return start - 4, 0
            size = int.from_bytes(data[at + 2 : start - 4], "big")
        return (start + size, start) if size <= self._max_bytes else (0, 0)

    def _leave_to_library(self, data: bytes) -> Iterator[tuple[bytes, bool]]:
        self._is_librarys = True
        library = self._ask_library()
        assembly = self._message = self._message or Assembly()
        library.receive_data(data)
        events = library.events_received()
        self._collect(library)
        for event in events:
            message = assembly.add(event)  # type: ignore[arg-type]  # a server's events are frames
            if message is not None:
                yield message

    def _ask_library(self) -> Protocol:
        # Imported here: few sockets need it, and a server should start at once.
        from websockets.protocol import SERVER, Protocol, State

        if self._library is None:
            self._library = Protocol(SERVER, state=State.OPEN, max_size=self._max_bytes)
        return self._library

    def receive_eof(self) -> None:
        """The client sends no more."""
        if self._closed is not None:
            return
        library = self._ask_library()
        library.receive_eof()
        self._collect(library)

    # -- writing ------------------------------------------------------------------------------------------

    def send(self, messages: Sequence[Send]) -> None:
        """Write messages, each as one frame."""
        if len(messages) < FEWEST:
            self._out += _framed(messages)
            return
        frames = tuple(messages)
        data = self._bursts.find(frames)
        if data is None:
            data = b"".join(_framed(frames))
            self._bursts.keep(frames, data)
        self._out.append(data)

    def close(self, code: int | None, reason: str) -> None:
        """Write a close frame; with 1011 where the code cannot be sent."""
        from websockets.exceptions import ProtocolError

        library = self._ask_library()
        try:
            library.send_close(code, reason)
        except ProtocolError:
            library.send_close(1011, reason)
        self._collect(library)

    def _collect(self, library: Protocol) -> None:
        for piece in library.data_to_send():
            self._out.append(piece)
            self._is_over = self._is_over or not piece  # the library's word for the end

    def written(self) -> tuple[bytes, bool]:
        """What is to be sent now, and whether nothing can follow it."""
        if not self._out:
            return b"", self._is_over
        data = b"".join(self._out)  # the same one, where it is one
        self._out.clear()
        return data, self._is_over

    # -- state --------------------------------------------------------------------------------------------

    @property
    def is_open(self) -> bool:
        """Neither side has closed it."""
        return self._closed is None and (self._library is None or self._library.state.name == "OPEN")

    @property
    def close_received(self) -> Close | None:
        """The client's close frame."""
        return self._closed or (self._library.close_rcvd if self._library is not None else None)

    @property
    def close_sent(self) -> Close | None:
        """Our own."""
        return self._closed or (self._library.close_sent if self._library is not None else None)


def _framed(messages: Iterable[Send]) -> Iterator[bytes]:
    for message in messages:
        payload = message.payload
        yield _head(len(payload), message.text)
        yield payload


@lru_cache(maxsize=1024)
def _head(size: int, text: bool) -> bytes:
    """What stands before the payload of a whole message."""
    opcode = _TEXT if text else _BINARY
    if size < 126:
        return bytes((opcode, size))
    if size < 65_536:
        return bytes((opcode, 126, size >> 8, size & 0xFF))
    return bytes((opcode, 127)) + size.to_bytes(8, "big")


@lru_cache(maxsize=128)
def _read_close(payload: bytes) -> Close | None:
    """The code and the reason of a close frame; None where it is not as it should be.

    The library reads them, once for all clients that close with the same.
    """
    from websockets.exceptions import ProtocolError
    from websockets.frames import Close

    try:
        return Close.parse(payload)
    except (ProtocolError, UnicodeDecodeError):
        return None
