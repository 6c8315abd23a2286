"""What the connections of one relay share."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from .tunnel import Client

if TYPE_CHECKING:
    from ..core.limits import Limits
    from .passages import Ledger
    from .site import Site


class Host:
    """One running relay inside one event loop; all methods belong to that loop's thread."""

    def __init__(self, site: Site, key: str, ledger: Ledger, limits: Limits) -> None:
        self.site = site
        self.limits = limits
        self.key = key
        self.ledger = ledger
        self.loop = asyncio.get_running_loop()
        self.connections: set[Client] = set()
        self._empty = asyncio.Event()

    def connection(self) -> Client:
        """What speaks on a new connection."""
        return Client(self)

    def note_refusal(self, connection: str, rules: str, what: str, hint: str) -> None:
        """Journal what was refused by the rules of the wire."""
        self.ledger.refuse(connection, None, rules, what, hint)

    @property
    def open_connections(self) -> int:
        """How many sockets are open."""
        return sum(1 for one in self.connections if one.socket is not None and one.socket.is_open)

    def leave(self, client: Client) -> None:
        """A client is gone."""
        self.connections.discard(client)
        if not self.connections:
            self._empty.set()

    async def close(self) -> None:
        """Drop every connection."""
        for client in tuple(self.connections):
            if client.transport is not None:
                client.transport.abort()
        if self.connections:
            self._empty.clear()
            with contextlib.suppress(asyncio.TimeoutError):
                # Transports close in the next turns of the loop; a second is far beyond any of them.
                await asyncio.wait_for(self._empty.wait(), timeout=1.0)
