"""The running relay, for sync and async programs alike."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..core.options import Options
from ..edge.listener import Listener
from ..recordings import Writer
from ..running import Running
from .host import Host
from .passages import Ledger
from .site import Site

if TYPE_CHECKING:
    import socket
    from collections.abc import Awaitable, Callable

    from ..core.journal import Entry


class Relay(Running[Host]):
    """Stands between clients and a service, and tells what passes.

    Clients use it like a ``MockServer``, with any API key of their own; the service sees the real one::

        with Relay("https://generativelanguage.googleapis.com", key=key, record="session.jsonl") as relay:
            client = genai.Client(api_key="stand-in", http_options={"base_url": relay.url})

    Args:
        to: the base URL of the service.
        key: the real API key, which takes the place of clients' keys; without one, theirs pass as they are.
        record: a new file, which is written as it happens until the relay stops, without keys and tokens;
            ``load`` plays it.
        ca_file_of_target: the authority that signed the service's certificate, where that is no public one.
        host, port: where to listen; port 0 takes a free one.
        tls_dir: where the throwaway certificate is kept.
        names: more names by which clients reach it, for its certificate.
        limits: fields of ``Limits`` that are about connections, heads of requests and the journal.

    Raises:
        ValueError: ``to`` is no base URL, the file is no certificate, or a limit has no such value.
        OSError: the address is in use, or a file cannot be read or written.
    """

    def __init__(
        self,
        to: str,
        *,
        key: str | None = None,
        record: Path | str | None = None,
        ca_file_of_target: Path | str | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        tls_dir: Path | str | None = None,
        names: tuple[str, ...] = (),
        **limits: Any,
    ) -> None:
        super().__init__(host, port, tls_dir, names)
        self._site = Site.of(to, Path(ca_file_of_target) if ca_file_of_target is not None else None)
        self._key = key or ""
        self._options = Options(**limits)
        self._ledger = Ledger(self._options)
        self._writer: Writer | None = None
        if record is not None:
            self._writer = Writer(Path(record), self._site.url)
            self._writer.watch(self._ledger.journal)

    async def _serve(
        self, listening: socket.socket, ready: Callable[[Host], None], stop: Callable[[], Awaitable[Any]]
    ) -> None:
        if self._writer is not None:
            self._writer.go_on()
        host = Host(self._site, self._key, self._ledger, self._options)
        listener = Listener(host, listening, self._certificates.context())
        ready(host)
        try:
            await stop()
        finally:
            await listener.close()
            await host.close()
            if self._writer is not None:
                self._writer.close()

    @property
    def target(self) -> str:
        """The base URL of the service."""
        return self._site.url

    @property
    def journal(self) -> tuple[Entry, ...]:
        """Everything that passed since the last reset, in order."""
        return self._call(lambda host: tuple(host.ledger.journal))

    @property
    def open_connections(self) -> int:
        """How many Live sockets are open."""
        return self._call(lambda host: host.open_connections)

    def of(self, owner: str) -> list[Entry]:
        """The journal of one stand-in key, the sockets opened with its tokens included."""
        return self._call(lambda host: host.ledger.journal.of(owner))

    def reset(self) -> None:
        """Forget the journal; sockets stay open, and tokens keep their owners."""
        self._call(lambda host: host.ledger.journal.clear())

    def watch(self, listener: Callable[[Entry], None]) -> None:
        """Have each journal entry handed to ``listener`` as it happens, in the relay's thread."""
        self._ledger.journal.watchers.append(listener)
