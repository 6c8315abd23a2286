"""What connections and the listener share: one service, its clock, and the timer between them."""

from __future__ import annotations

import asyncio
import contextlib
from functools import cached_property
from typing import TYPE_CHECKING

from .backlog import Backlog
from .bursts import Bursts
from .clock import Clock
from .familiar import Familiar
from .patience import Patience
from .poller import READ_BYTES
from .protocol import Connection

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..core.effects import Effect, Respond
    from ..core.limits import Limits
    from ..core.request import Request
    from ..core.service import Service
    from .streaming import Stream


class Host:
    """One running service inside one event loop; all methods belong to that loop's thread."""

    def __init__(self, service: Service, control: Callable[[Host, Request], Respond | Stream]) -> None:
        self.service = service
        self.control = control
        self.clock = Clock()
        service.moved(0.0)
        self.loop = asyncio.get_running_loop()
        self.limits: Limits = service.options
        self.patience = Patience(self.loop, self.limits)
        self.backlog = Backlog(self.limits)
        self.familiar = Familiar()
        self.bursts = Bursts()
        self.connections: set[Connection] = set()
        self.sockets: dict[str, Connection] = {}
        self._timer: asyncio.TimerHandle | None = None
        #: The moment on the mock's clock for which it is set.
        self._due: float | None = None
        self._empty = asyncio.Event()

    @cached_property
    def buffer(self) -> memoryview:
        """Where asyncio's transports read to: room that is asked for anew costs more than what is read."""
        return memoryview(bytearray(READ_BYTES))

    def connection(self) -> Connection:
        """What speaks on a new connection."""
        return Connection(self)

    def note_refusal(self, connection: str, rules: str, what: str, hint: str) -> None:
        """Journal what was refused before the service saw it: by the rules of the wire, not by a fact."""
        self.service.journal.add(
            at=self.clock.now(), connection=connection, kind="refusal", what=what, fact=rules, hint=hint
        )

    def leave(self, connection: Connection) -> None:
        """A connection is gone."""
        self.connections.discard(connection)
        self.patience.wait(connection, None)
        self.backlog.forget(connection)
        if not self.connections:
            self._empty.set()

    def deliver(self, name: str, effects: list[Effect]) -> None:
        """Hand effects to the socket they are for, and set the timer for what comes next."""
        connection = self.sockets.get(name)
        if connection is not None:
            connection.carry_out(effects)
        self.set_timer()

    def wake(self) -> None:
        """Do all that is due now."""
        self._unset_timer()
        for name, effects in self.service.wake(self.clock.now()):
            self.deliver(name, effects)
        self.set_timer()

    def advance(self, seconds: float) -> None:
        """Move the clock and do what has become due."""
        self.clock.advance(seconds)
        self.service.moved(self.clock.moved_s)
        self.wake()

    def rewind(self, offset: float) -> None:
        """Go back to real time: nothing is left that would be older than it is."""
        self.clock = Clock(offset)
        self.service.moved(0.0)
        self._unset_timer()
        self.set_timer()

    def set_timer(self) -> None:
        """Have ``wake`` called when the service next has something to do, or somewhat before."""
        due = self.service.due
        # One that is early finds nothing to do; to set it anew for each session that ends would cost more.
        if due is None or (self._due is not None and self._due <= due):
            return
        self._unset_timer()
        self._due = due
        self._timer = self.loop.call_later(max(0.0, due - self.clock.now()), self.wake)

    def _unset_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._due = None

    async def close(self) -> None:
        """Drop every connection."""
        if self._timer is not None:
            self._timer.cancel()
        for connection in tuple(self.connections):
            connection.abort()
        if self.connections:
            self._empty.clear()
            with contextlib.suppress(asyncio.TimeoutError):
                # Transports close in the next turns of the loop; a second is far beyond any of them.
                await asyncio.wait_for(self._empty.wait(), timeout=1.0)
