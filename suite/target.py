"""What the SDKs are run against: for each service date one mock in this process, heard as it happens."""

from __future__ import annotations

import asyncio
import tempfile
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final

from mockserver import MockServer

from .wire import socket_ended

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockserver import Entry, Script

#: A call puts something on the wire within milliseconds, or never will, as where it trusts nobody.
BEGIN_S: Final = 2.0
#: Entries the mock itself keeps, for those who look at it by hand.
KEPT: Final = 1000


class Ear:
    """What one probe put on the wire, as it happens."""

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


class Target:
    """A mock on one service date; ``options`` are further ones of ``MockServer``."""

    def __init__(self, service_date: str, **options: Any) -> None:
        self.service_date = service_date
        # Audio answers come at once: the matrix asks what works, not how long it sounds.
        # What is heard is kept by who listens.
        self._server = MockServer(service_date=service_date, pace=0, journal_entries=KEPT, **options)
        self._stranger: MockServer | None = None
        self._ears: dict[str, Ear] = {}

    def start(self) -> Target:
        """Listen; journal entries reach the running event loop from now on."""
        loop = asyncio.get_running_loop()

        def hand_over(entry: Entry) -> None:
            ear = self._ears.get(entry.owner or "")
            if ear is not None:
                ear.entries.append(entry)
                loop.call_soon_threadsafe(ear.hear, entry)

        self._server.watch(hand_over)
        self._server.start()
        return self

    def stop(self) -> None:
        """Free the ports."""
        self._server.stop()
        if self._stranger is not None:
            self._stranger.stop()
            self._certificates.cleanup()

    @property
    def trust(self) -> dict[str, str]:
        """Environment a worker process needs from its start.

        The mock's authority alone: nothing else is called, and SDKs load all roots anew for each of their
        clients, which takes longer than anything that is measured.
        """
        names = [name for name in self._server.env if name not in self.env]
        return dict.fromkeys(names, str(self._server.ca_file))

    @property
    def env(self) -> dict[str, str]:
        """Environment that points an SDK here; can change within a process."""
        name = "GOOGLE_GEMINI_BASE_URL"
        return {name: self._server.env[name]}

    def places(self) -> dict[str, str]:
        """The base URLs a case may name."""
        url, https = self._server.url, self._server.tls_url
        return {"{url}": url, "{https}": https, "{ws}": url.replace("http", "ws", 1)}

    def stranger(self) -> str:
        """The base URL of a server whose certificate no worker trusts; started when it is first asked for."""
        if self._stranger is None:
            self._certificates = tempfile.TemporaryDirectory()
            self._stranger = MockServer(tls_dir=self._certificates.name).start()
        return self._stranger.tls_url

    def play(self, script: Script, owner: str) -> None:
        """Play a script to one API key alone."""
        self._server.play(script, owner)

    def mint(self, owner: str) -> str:
        """A fresh token, as some backend would hand it out."""
        return self._server.mint(owner)

    def settle(self) -> None:
        """Wait until the server has taken note of all that has reached it by now."""
        assert self._server.open_connections >= 0  # a round trip through its loop

    @contextmanager
    def listen(self, owner: str) -> Iterator[Ear]:
        """Hear what one probe does while it is measured."""
        ear = self._ears[owner] = Ear()
        try:
            yield ear
        finally:
            del self._ears[owner]
