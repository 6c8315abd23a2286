"""Small things that both ends of a connection need: messages out of frames, and the ways to drop it."""

from __future__ import annotations

import socket
import struct
import sys
from typing import TYPE_CHECKING, Final

from ..core.frames import BINARY, CONT, TEXT

if TYPE_CHECKING:
    import asyncio

    from websockets.frames import Frame

#: Close at once, with a reset instead of a FIN: linger for no time at all.
_RESET: Final = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)


class Assembly:
    """A message that may come in several frames."""

    def __init__(self) -> None:
        # Not a list of pieces: a million of a byte, or of none, would be far larger than the message.
        self._fragments = bytearray()
        self._text = False

    def add(self, frame: Frame) -> tuple[bytes, bool] | None:
        """A whole message once its last frame is here, and whether it is text; a control frame is none."""
        if frame.opcode not in (TEXT, BINARY, CONT):
            return None
        if frame.opcode != CONT:
            self._text = frame.opcode == TEXT
            if frame.fin:
                return bytes(frame.data), self._text
        self._fragments += frame.data
        if not frame.fin:
            return None
        message, self._fragments = bytes(self._fragments), bytearray()
        return message, self._text


def drop(transport: asyncio.Transport, *, reset: bool) -> None:
    """Break a connection, in order or by a reset; without TLS, behind what is written."""
    if reset:
        connected = transport.get_extra_info("socket")
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    if reset or transport.get_extra_info("ssl_object") is not None:
        transport.abort()  # the orderly end of TLS would be an answer
    elif not transport.is_closing():
        # The FIN goes out before the socket is closed: with input unread, that would be a reset.
        transport.write_eof()
        transport.close()
