"""One listening socket for plain and TLS connections: the first byte tells which."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import sys
from typing import Final, Protocol

#: A TLS record of type handshake; no HTTP method begins with it.
_TLS_HANDSHAKE: Final = b"\x16"
_BACKLOG: Final = 1024


def listen(host: str, port: int) -> socket.socket:
    """Bind the socket; port 0 takes any free one.

    Raises:
        OSError: the address is in use or not ours.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.create_server((host, port), family=family, backlog=_BACKLOG)
    listening.setblocking(False)
    return listening


def listen_together(host: str, port: int, count: int) -> list[socket.socket]:
    """Bind one port for several processes, a socket for each.

    Linux spreads what connects evenly among sockets that share a port. Elsewhere all get the same socket, and
    whoever is free accepts.

    Raises:
        OSError: the address is in use or not ours.
    """
    first = listen(host, port)
    if count == 1 or sys.platform != "linux":
        return [first] * count
    # Only now: bound with it, it would share the port with any other server that has it too.
    first.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    address = (host, first.getsockname()[1])
    others = [
        socket.create_server(address, family=first.family, backlog=_BACKLOG, reuse_port=True)
        for _ in range(count - 1)
    ]
    return [first, *others]


class Host(Protocol):
    """Whose connections they are: the mock's host, or the relay's."""

    loop: asyncio.AbstractEventLoop

    def connection(self) -> asyncio.BaseProtocol:
        """What speaks on a new connection."""

    def note_refusal(self, connection: str, rules: str, what: str, hint: str) -> None:
        """Journal what was refused by the rules of the wire."""


class Listener:
    """Accepts connections until it is closed."""

    def __init__(self, host: Host, listening: socket.socket, tls: ssl.SSLContext) -> None:
        self._host = host
        self._listening = listening
        self._tls = tls
        self._greeting: set[asyncio.Task[None]] = set()
        # A callback and no task: a task that is cancelled may lose the connection it was just given.
        host.loop.add_reader(listening, self._accept)

    def _accept(self) -> None:
        try:
            accepted, _ = self._listening.accept()
        except OSError:  # it is gone again, or no file descriptor is free: the next turn tries anew
            return
        accepted.setblocking(False)
        accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        task = asyncio.ensure_future(self._greet(accepted))
        self._greeting.add(task)
        task.add_done_callback(self._greeting.discard)
        # A task that is cancelled before its first step runs no handler of its own.
        task.add_done_callback(lambda task: accepted.close() if task.cancelled() else None)

    async def _greet(self, accepted: socket.socket) -> None:
        """Find out what is spoken, then hand the socket to its protocol."""
        try:
            first = await self._first_byte(accepted)
            tls = self._tls if first == _TLS_HANDSHAKE else None
            await self._host.loop.connect_accepted_socket(self._host.connection, accepted, ssl=tls)
        except (OSError, ssl.SSLError) as error:
            accepted.close()
            if isinstance(error, ssl.SSLError):
                self._note_distrust(error)

    async def _first_byte(self, accepted: socket.socket) -> bytes:
        readable = asyncio.Event()
        self._host.loop.add_reader(accepted, readable.set)
        try:
            await readable.wait()
        finally:
            self._host.loop.remove_reader(accepted)
        return accepted.recv(1, socket.MSG_PEEK)

    def _note_distrust(self, error: ssl.SSLError) -> None:
        """A client that does not trust the certificate sends an alert and goes; say what it lacks."""
        self._host.note_refusal(
            "tls",
            "TLS",
            f"TLS handshake failed: {error.reason or error}",
            "the client does not trust this server: set SSL_CERT_FILE (Python), NODE_EXTRA_CA_CERTS (Node) "
            "or REQUESTS_CA_BUNDLE as the server prints them at its start",
        )

    async def close(self) -> None:
        """Stop accepting; connections already handed over go on."""
        self._host.loop.remove_reader(self._listening)
        tasks = tuple(self._greeting)
        for task in tasks:
            task.cancel()
        for task in tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task
        self._listening.close()
