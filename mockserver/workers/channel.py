"""What passes between the process that starts workers and one of them: pickles, each behind its length."""

from __future__ import annotations

import pickle
import socket
import struct
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import asyncio

_LENGTH: Final = struct.Struct("!Q")


def packed(kind: str, value: Any = None) -> bytes:
    """One message."""
    data = pickle.dumps((kind, value))
    return _LENGTH.pack(len(data)) + data


async def receive(reader: asyncio.StreamReader) -> tuple[str, Any]:
    """The next message from a worker: its kind and its value.

    Raises:
        asyncio.IncompleteReadError, ConnectionError: the worker is gone.
    """
    (length,) = _LENGTH.unpack(await reader.readexactly(_LENGTH.size))
    return _unpacked(await reader.readexactly(length))


class Channel:
    """A worker's end, which waits: the other end never does."""

    def __init__(self, connected: socket.socket) -> None:
        connected.setblocking(True)
        self._socket = connected

    def fileno(self) -> int:
        """What an event loop watches."""
        return self._socket.fileno()

    def has_more(self) -> bool:
        """Whether ``receive`` has something to read, and so does not wait for anybody."""
        try:
            self._socket.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        except BlockingIOError:
            return False
        except ConnectionError:
            pass  # ``receive`` tells
        return True

    def send(self, kind: str, value: Any = None) -> None:
        """Send one message."""
        self._socket.sendall(packed(kind, value))

    def receive(self) -> tuple[str, Any]:
        """Wait for the next message.

        Raises:
            EOFError: the process that started this one is gone.
        """
        (length,) = _LENGTH.unpack(self._exactly(_LENGTH.size))
        return _unpacked(self._exactly(length))

    def _exactly(self, count: int) -> bytes:
        data = bytearray()
        while len(data) < count:
            try:
                piece = self._socket.recv(count - len(data))
            except ConnectionError:
                piece = b""
            if not piece:
                raise EOFError
            data += piece
        return bytes(data)


def _unpacked(data: bytes) -> tuple[str, Any]:
    kind, value = pickle.loads(data)
    return kind, value
