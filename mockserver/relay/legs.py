"""One of two connections whose bytes go into each other, whatever they say.

Neither is read faster than the other takes it, so nothing piles up; and it ends as the other did.
"""

from __future__ import annotations

import asyncio
from typing import cast

from ..edge.sockets import drop


class Leg(asyncio.Protocol):
    """One of the two connections."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self._other: Leg | None = None
        #: Why it is not read for now.
        self._holds: set[str] = set()
        #: It ends as soon as the other side has taken what waits: in order, or by a reset.
        self._ending: bool | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self.transport = cast(asyncio.Transport, transport)

    def hold(self, reason: str) -> None:
        """Read no more for now."""
        self._holds.add(reason)
        if self.transport is not None:
            self.transport.pause_reading()

    def release(self, reason: str) -> None:
        """Read on, unless something else is in the way."""
        self._holds.discard(reason)
        if not self._holds and self.transport is not None and not self.transport.is_closing():
            self.transport.resume_reading()

    def pause_writing(self) -> None:
        """This side takes no more: the other is not read."""
        if self._other is not None:
            self._other.hold("the other side is slow")

    def resume_writing(self) -> None:
        """This side has taken what waited."""
        if self._ending is not None:
            self._drop()
        elif self._other is not None:
            self._other.release("the other side is slow")

    def write(self, data: bytes) -> None:
        """Send, behind what waits."""
        if data and self.transport is not None and not self.transport.is_closing():
            self.transport.write(data)

    def end(self, *, reset: bool, orderly: bool) -> None:
        """The other side is gone: end as it did, once all is out."""
        if self.transport is None or self.transport.is_closing() or self._ending is not None:
            return
        if orderly and not reset:
            self.transport.close()
            return
        self._ending = reset
        if self.transport.get_write_buffer_size():
            self.transport.set_write_buffer_limits(high=0)
        else:
            self._drop()

    def _drop(self) -> None:
        assert self.transport is not None
        assert self._ending is not None
        if not self.transport.is_closing():
            drop(self.transport, reset=self._ending)
