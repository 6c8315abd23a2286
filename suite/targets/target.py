"""What the SDKs are run against, whichever it is: a server in this process, heard as it happens."""

from __future__ import annotations

import asyncio
import time
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Final, Protocol

from suite.cases.connecting import MODEL, NOT_VALID

from .ear import Ear

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from mockserver import Entry, Script
    from suite.model import Probe

#: From it an SDK takes its base URL; it may change within a process.
BASE_URL_VARIABLE: Final = "GOOGLE_GEMINI_BASE_URL"


class NotMeasured(Exception):
    """Why a probe says nothing about its configuration; it is asked no more."""


class Unwell(Exception):
    """The server is busy or away: what was seen says nothing about a configuration."""


class Server(Protocol):
    """What a target needs of the mock, or of a relay."""

    @property
    def url(self) -> str:
        """Base URL of plain HTTP."""

    @property
    def tls_url(self) -> str:
        """Base URL of HTTPS."""

    @property
    def ca_file(self) -> Path:
        """The authority that a client has to trust."""

    @property
    def env(self) -> Mapping[str, str]:
        """Environment that leads clients here."""

    @property
    def open_connections(self) -> int:
        """Asks the server's own thread, and so waits for what it has still to do."""

    def watch(self, watcher: Callable[[Entry], None]) -> None:
        """Be told of each entry of the journal, in the server's thread."""


class Target:
    """A server and who listens to it.

    Each probe has an API key of its own, by which its entries are told from all others.

    Attributes:
        service_date: what the server is like, or expected to be.
        model: the model that it is asked for, in the place of the one that the cases name.
    """

    def __init__(self, service_date: str, server: Server, model: str = MODEL) -> None:
        self.service_date = service_date
        self.model = model
        self._server = server
        self._ears: dict[str, Ear] = {}
        self._began, self._since = datetime.now(timezone.utc), time.monotonic()

    def start(self) -> Target:
        """Journal entries reach the running event loop from now on."""
        loop = asyncio.get_running_loop()

        def hand_over(entry: Entry) -> None:
            ear = self._ears.get((entry.owner or "").removesuffix(NOT_VALID))
            if ear is not None:
                ear.entries.append(entry)
                loop.call_soon_threadsafe(ear.hear, entry)

        self._server.watch(hand_over)
        return self

    def stop(self) -> None:
        """Free the ports."""

    @property
    def trust(self) -> dict[str, str]:
        """Environment a worker process needs from its start.

        The server's authority alone: nothing else is called, and SDKs load all roots anew for each of their
        clients, which takes longer than anything that is measured.
        """
        names = [name for name in self._server.env if name not in self.env]
        return dict.fromkeys(names, str(self._server.ca_file))

    @property
    def env(self) -> dict[str, str]:
        """Environment that points an SDK here; can change within a process."""
        return {BASE_URL_VARIABLE: self._server.env[BASE_URL_VARIABLE]}

    def places(self) -> dict[str, str]:
        """The base URLs a case may name."""
        url, https = self._server.url, self._server.tls_url
        return {"{url}": url, "{https}": https, "{ws}": url.replace("http", "ws", 1)}

    def stranger(self) -> str:
        """The base URL of a server whose certificate no worker trusts."""
        raise NotImplementedError

    def now(self) -> datetime:
        """The time, by a clock that goes on where the machine's is moved, as the mock's does."""
        return self._began + timedelta(seconds=time.monotonic() - self._since)

    def play(self, script: Script, owner: str) -> None:
        """Play a script to one API key alone."""
        raise NotImplementedError

    def mint(self, owner: str) -> str:
        """A fresh token, as some backend would hand it out."""
        raise NotImplementedError

    def admit(self, probe: Probe) -> None:
        """Let a probe be asked.

        Raises:
            NotMeasured: it may not be asked any more.
        """

    def vouch(self, entries: Sequence[Entry]) -> None:
        """Look whether what a probe heard may count.

        Raises:
            Unwell: it says something about the server's health alone.
        """

    def patience(self, probe: Probe, trouble: Unwell) -> float:
        """After how many seconds to ask once more.

        Raises:
            NotMeasured: it was asked often enough.
        """
        raise NotMeasured(str(trouble))

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
