"""The running thing: a mock service on a port, in a thread of its own, for sync and async programs alike."""

from __future__ import annotations

import asyncio
import concurrent.futures
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from . import admin, tls
from .core import profiles
from .core.options import Options
from .core.script import ECHO, Script
from .core.service import Service
from .edge.host import Host
from .edge.listener import Listener, listen
from .scripts import READY

if TYPE_CHECKING:
    import socket
    from collections.abc import Awaitable, Callable
    from datetime import date
    from types import TracebackType

    from .core.journal import Entry
    from .core.tokens import Token

T = TypeVar("T")

#: Starting is a matter of milliseconds; ten seconds means the machine, not the server.
START_TIMEOUT_S = 10.0


async def serve(
    service: Service,
    listening: socket.socket,
    certificates: tls.Certificates,
    ready: Callable[[Host], None],
    stop: Callable[[], Awaitable[Any]],
) -> None:
    """Serve in the running loop until ``stop()`` returns."""
    host = Host(service, admin.answer)
    listener = Listener(host, listening, certificates.context())
    ready(host)
    try:
        await stop()
    finally:
        await listener.close()
        await host.close()


class MockServer:
    """A mock Generative Language server.

    Use it as a context manager, in sync or async code; several run side by side in one process::

        with MockServer(service_date="launch") as server:
            client = genai.Client(api_key="any", http_options={"base_url": server.url})

    Args:
        service_date: ``launch``, ``latest``, an ISO date or a ``datetime.date``.
        api_keys: keys that are accepted; none: every key is.
        host, port: where to listen; port 0 takes a free one.
        tls_dir: where the throwaway certificate is kept.
        script: what the model does; the default says back what it was told.
        options: the other fields of ``Options``, for instance ``pace=0``.

    Raises:
        ValueError: an option has a value no server can have.
        OSError: the address is in use, or the certificate folder cannot be written.
    """

    def __init__(
        self,
        *,
        service_date: str | date = "launch",
        api_keys: tuple[str, ...] = (),
        host: str = "127.0.0.1",
        port: int = 0,
        tls_dir: Path | str | None = None,
        script: Script = ECHO,
        **options: Any,
    ) -> None:
        day = profiles.service_date(service_date) if isinstance(service_date, str) else service_date
        self.options = Options(service_date=day, api_keys=tuple(api_keys), **options)
        self._service = Service(self.options, script, READY)
        self._address = (host, port)
        self._tls_dir = Path(tls_dir) if tls_dir is not None else None
        self._thread: threading.Thread | None = None
        self._host: Host | None = None

    # -- life ---------------------------------------------------------------------------------------------

    def start(self) -> MockServer:
        """Listen; returns once connections are accepted."""
        if self._thread is not None:
            raise RuntimeError("this server is running already: stop it before starting it again")
        self._certificates = tls.ensure(self._tls_dir, _extra_hosts(self._address[0]))
        listening = listen(*self._address)
        self.port: int = listening.getsockname()[1]
        self._stopped: asyncio.Event
        started: concurrent.futures.Future[None] = concurrent.futures.Future()
        self._thread = threading.Thread(
            target=self._run, args=(listening, started), name=f"mockserver:{self.port}", daemon=True
        )
        self._thread.start()
        started.result(START_TIMEOUT_S)
        return self

    def _run(self, listening: socket.socket, started: concurrent.futures.Future[None]) -> None:
        async def main() -> None:
            self._stopped = asyncio.Event()
            await serve(self._service, listening, self._certificates, ready, self._stopped.wait)

        def ready(host: Host) -> None:
            self._host = host
            started.set_result(None)

        # The selector loop everywhere: Windows' default loop cannot look at a socket's first byte.
        loop = asyncio.SelectorEventLoop() if sys.platform == "win32" else asyncio.new_event_loop()
        try:
            loop.run_until_complete(main())
        except BaseException as error:
            if started.done():
                raise
            started.set_exception(error)
        finally:
            loop.close()

    def stop(self) -> None:
        """Drop all connections and free the port; harmless when it is not running."""
        if self._thread is None or self._host is None:
            return
        self._host.loop.call_soon_threadsafe(self._stopped.set)
        self._thread.join()
        self._thread = self._host = None

    def __enter__(self) -> MockServer:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    async def __aenter__(self) -> MockServer:
        return self.start()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    # -- where it is --------------------------------------------------------------------------------------

    @property
    def url(self) -> str:
        """The base URL; the same port also answers https, ws and wss."""
        return f"http://{_in_url(self._address[0])}:{self.port}"

    @property
    def tls_url(self) -> str:
        """The base URL for clients that insist on https."""
        return f"https://localhost:{self.port}"

    @property
    def ca_file(self) -> Path:
        """PEM file of the authority that signed the server's certificate."""
        return self._certificates.ca_file

    @property
    def env(self) -> dict[str, str]:
        """The environment variables with which a client process reaches this server and trusts it."""
        return {"GOOGLE_GEMINI_BASE_URL": self.url, **self._certificates.env()}

    # -- what a test does with it -------------------------------------------------------------------------

    @property
    def journal(self) -> tuple[Entry, ...]:
        """Everything that crossed the boundary since the last reset, in order."""
        return self._call(lambda host: tuple(host.service.journal))

    @property
    def tokens(self) -> tuple[Token, ...]:
        """All tokens minted since the last reset."""
        return self._call(lambda host: host.service.tokens)

    @property
    def open_connections(self) -> int:
        """How many Live sockets are open."""
        return self._call(lambda host: host.service.open_connections)

    def of(self, owner: str) -> list[Entry]:
        """The journal of one API key, the sockets opened with its tokens included."""
        return self._call(lambda host: host.service.journal.of(owner))

    def advance(self, seconds: float) -> None:
        """Move the mock's clock forward; what becomes due happens before this returns."""
        self._call(lambda host: host.advance(seconds))

    def play(self, script: Script, api_key: str | None = None) -> None:
        """Play another script from now on, to every client or to those of one API key and its tokens."""
        self._call(lambda host: host.service.play(script, api_key))

    def mint(self, api_key: str = "minted-by-test", version: str | None = None, **request: Any) -> str:
        """Mint a token as a backend would; ``request`` holds wire fields (``uses``, ``expireTime`` …).

        Raises:
            Refusal: the service would refuse, with the fact and the hint.
        """
        token = self._call(lambda host: host.service.mint(request, api_key, version, host.clock.now()))
        return token.name

    def reset(self) -> None:
        """Forget tokens, handles, counts and the journal."""
        self._call(lambda host: host.service.reset())

    def watch(self, listener: Callable[[Entry], None]) -> None:
        """Have each journal entry handed to ``listener`` as it happens, in the server's thread."""
        self._service.journal.watchers.append(listener)

    def _call(self, action: Callable[[Host], T]) -> T:
        """Run something in the server's thread and hand back what it gives."""
        host = self._host
        if host is None:
            raise RuntimeError("this server is not running: use it in a with statement, or call start()")
        done: concurrent.futures.Future[T] = concurrent.futures.Future()

        def run() -> None:
            try:
                done.set_result(action(host))
            except BaseException as error:  # handed to the caller's thread
                done.set_exception(error)

        host.loop.call_soon_threadsafe(run)
        return done.result(START_TIMEOUT_S)


def _in_url(host: str) -> str:
    """A host as a URL writes it; the wildcard addresses are reached by loopback."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"[{host}]" if ":" in host else host


def _extra_hosts(host: str) -> tuple[str, ...]:
    return () if host in ("", "0.0.0.0", "::") else (host,)
