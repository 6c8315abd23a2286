"""What one probe put on the wire, as it happens."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from suite.wire import socket_ended

if TYPE_CHECKING:
    from mockserver import Entry

#: A call puts something on the wire within milliseconds, or never will, as where it trusts nobody.
BEGIN_S: Final = 2.0


class Ear:
    """What one probe put on the wire."""

    def __init__(self) -> None:
        #: Added to in the server's thread.
        self.entries: list[Entry] = []
        self._heard = 0
        self.ended = asyncio.Event()
        self._began = asyncio.Event()
        self._something = asyncio.Event()

    def hear(self, entry: Entry) -> None:
        """Take note that something happened, and that the server has done with this probe's socket."""
        self._began.set()
        self._something.set()
        if socket_ended(entry):
            self.ended.set()

    async def quiet(self, seconds: float) -> None:
        """Wait until something has ever happened, or ought to have, and then nothing for so long."""
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._began.wait(), BEGIN_S)
        with suppress(asyncio.TimeoutError):
            while True:
                self._something.clear()
                await asyncio.wait_for(self._something.wait(), seconds)

    def heard(self) -> list[Entry]:
        """All that was added since the last time."""
        fresh = self.entries[self._heard :]
        self._heard += len(fresh)
        return fresh
