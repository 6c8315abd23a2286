"""From a socket that was accepted to a connection: its first byte tells whether TLS is spoken."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from typing import TYPE_CHECKING, Any, Final, Protocol, cast

from .patience import Patience
from .poller import IN, Poller
from .secure import HandshakeTimeout, SecureWire
from .wires import Wire

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Collection

    from ..core.limits import Limits
    from .patience import Phase
    from .wires import Speaker

#: A TLS record of type handshake; no HTTP method begins with it.
_TLS_HANDSHAKE: Final = b"\x16"


class Host(Protocol):
    """Whose connections they are: the mock's host, or the relay's."""

    loop: asyncio.AbstractEventLoop
    limits: Limits

    @property
    def connections(self) -> Collection[object]:
        """Those that are open."""

    def connection(self) -> asyncio.BaseProtocol:
        """What speaks on a new connection."""

    def note_refusal(self, connection: str, rules: str, what: str, hint: str) -> None:
        """Journal what was refused by the rules of the wire."""


class Greeter(Protocol):
    """Makes connections of sockets."""

    def __len__(self) -> int:
        """How many are not made yet."""

    def greet(self, accepted: socket.socket) -> None:
        """Make a connection of a socket that does not block."""

    async def close(self) -> None:
        """Drop those that are not made yet; the others go on."""


# -- by a poller ------------------------------------------------------------------------------------------


class Polled:
    """Connections whose sockets a poller watches.

    Args:
        refused: called with the reason if a client does not get through TLS.
    """

    def __init__(self, host: Host, tls: ssl.SSLContext, refused: Callable[[OSError], None]) -> None:
        self.loop = host.loop
        self._host = host
        self._tls = tls
        self._refused = refused
        self._poller = Poller(host.loop)
        self._patience = Patience(host.loop, host.limits)
        self._coming: set[_Guest | SecureWire] = set()

    def __len__(self) -> int:
        """How many are not made yet."""
        return len(self._coming)

    def greet(self, accepted: socket.socket) -> None:
        """Make a connection of a socket that does not block."""
        guest = _Guest(self, accepted)
        self._coming.add(guest)
        self._patience.wait(guest, "head")
        self._poller.watch(guest.descriptor, guest, IN)

    def admit(self, guest: _Guest, *, tls: bool) -> Wire:
        """The first byte is there; the connection, on which it is still to be read.

        Raises:
            OSError: it is gone already.
        """
        wire = self._secure(guest) if tls else Wire(self._poller, guest.socket)
        self._forget(guest)
        if not tls:
            wire.begin(cast("Speaker", self._host.connection()))
        return wire

    def _secure(self, guest: _Guest) -> SecureWire:
        secured = self._tls.wrap_socket(guest.socket, server_side=True, do_handshake_on_connect=False)

        def speaker() -> Speaker:
            self._coming.discard(wire)
            return cast("Speaker", self._host.connection())

        def refused(error: OSError) -> None:
            self._coming.discard(wire)
            self._refused(error)

        wire = SecureWire(self._poller, secured, speaker, refused, self._patience)
        self._coming.add(wire)
        return wire

    def dismiss(self, guest: _Guest) -> None:
        """Nothing came of it."""
        self._forget(guest)
        with contextlib.suppress(OSError):  # what could not be made secure is closed already
            self._poller.forget(guest.descriptor, IN)
        guest.socket.close()

    def _forget(self, guest: _Guest) -> None:
        self._patience.wait(guest, None)
        self._coming.discard(guest)

    async def close(self) -> None:
        """Drop those that are not made yet; the others go on."""
        for one in tuple(self._coming):
            if isinstance(one, _Guest):
                self.dismiss(one)
            else:
                one.abort()
        self._poller.retire()


class _Guest:
    """A socket of which nothing is known yet."""

    __slots__ = ("_greeter", "descriptor", "phase", "socket")

    def __init__(self, greeter: Polled, accepted: socket.socket) -> None:
        self.phase: Phase | None = None
        self.socket = accepted
        self.descriptor = accepted.fileno()
        self._greeter = greeter

    def ready(self, events: int) -> None:
        """It says something, or is gone."""
        try:
            first = self.socket.recv(1, socket.MSG_PEEK)
            wire = self._greeter.admit(self, tls=first == _TLS_HANDSHAKE) if first else None
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            wire = None
        if wire is None:
            self._greeter.dismiss(self)
            return
        try:
            wire.ready(events)
        except Exception as error:
            wire.failed(error)

    def failed(self, error: Exception) -> None:
        """What should speak on it could not be made."""
        self._greeter.loop.call_exception_handler({"message": "no connection was made", "exception": error})
        self._greeter.dismiss(self)

    def give_up(self, phase: Phase) -> None:
        """Nothing came."""
        self._greeter.dismiss(self)


# -- by asyncio -------------------------------------------------------------------------------------------


class Looped:
    """Connections that are the event loop's, where it has to watch each socket itself.

    Args:
        refused: called with the reason if a client does not get through TLS.
    """

    def __init__(self, host: Host, tls: ssl.SSLContext, refused: Callable[[OSError], None]) -> None:
        self._host = host
        self._tls = tls
        self._refused = refused
        self._patience = Patience(host.loop, host.limits)
        self._greeting: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        """How many are not made yet."""
        return len(self._greeting)

    def greet(self, accepted: socket.socket) -> None:
        """Make a connection of a socket that does not block."""
        task = asyncio.ensure_future(self._greet(accepted))
        self._greeting.add(task)
        task.add_done_callback(self._greeting.discard)
        # A task that is cancelled before its first step runs no handler of its own.
        task.add_done_callback(lambda task: accepted.close() if task.cancelled() else None)

    async def _greet(self, accepted: socket.socket) -> None:
        """Find out what is spoken, then hand the socket to its protocol."""
        try:
            options: dict[str, Any] = {}
            if await self._first_byte(accepted) == _TLS_HANDSHAKE:
                options = {"ssl": self._tls, "ssl_handshake_timeout": self._host.limits.tls_s}
            await self._host.loop.connect_accepted_socket(self._host.connection, accepted, **options)
        except ConnectionAbortedError:
            accepted.close()
            self._refused(HandshakeTimeout())
        except OSError as error:
            accepted.close()
            self._refused(error)

    async def _first_byte(self, accepted: socket.socket) -> bytes:
        with contextlib.suppress(BlockingIOError):  # as a rule it is there already
            return accepted.recv(1, socket.MSG_PEEK)
        readable = asyncio.Event()
        task = asyncio.current_task()
        assert task is not None, "it is greeted in a task"
        waiter = _Waiter(task)
        self._patience.wait(waiter, "head")
        # By its number: of the socket itself asyncio would write a text first, only to say that it is new.
        self._host.loop.add_reader(accepted.fileno(), readable.set)
        try:
            await readable.wait()
        finally:
            self._host.loop.remove_reader(accepted.fileno())
            self._patience.wait(waiter, None)
        return accepted.recv(1, socket.MSG_PEEK)

    async def close(self) -> None:
        """Drop those that are not made yet; the others go on."""
        tasks = tuple(self._greeting)
        for task in tasks:
            task.cancel()
        for task in tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task


class _Waiter:
    """A connection of which nothing is known yet."""

    def __init__(self, task: asyncio.Task[None]) -> None:
        self.phase: Phase | None = None
        self._task = task

    def give_up(self, phase: Phase) -> None:
        """Nothing came."""
        self._task.cancel()
