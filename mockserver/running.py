"""What listens on a port in a thread of its own, for sync and async programs alike."""

from __future__ import annotations

import asyncio
import concurrent.futures
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from . import tls
from .edge.listener import listen

if TYPE_CHECKING:
    import socket
    from collections.abc import Awaitable, Callable, Coroutine
    from types import TracebackType


class _Host(Protocol):
    loop: asyncio.AbstractEventLoop


T = TypeVar("T")
H = TypeVar("H", bound=_Host)
AnyRunning = TypeVar("AnyRunning", bound="Running[Any]")

#: Starting is a matter of milliseconds; ten seconds means the machine, not the server.
START_TIMEOUT_S = 10.0


class Running(Generic[H]):
    """Use it as a context manager, in sync or async code; several run side by side in one process."""

    def __init__(self, host: str, port: int, tls_dir: Path | str | None, names: tuple[str, ...]) -> None:
        self._address = (host, port)
        self._names = tuple(names)
        self._tls_dir = Path(tls_dir) if tls_dir is not None else None
        self._thread: threading.Thread | None = None
        self._host: H | None = None

    async def _serve(
        self, listening: socket.socket, ready: Callable[[H], None], stop: Callable[[], Awaitable[Any]]
    ) -> None:
        """Serve in the running loop until ``stop()`` returns; ``ready`` takes the host once it listens."""
        raise NotImplementedError

    # -- life ---------------------------------------------------------------------------------------------

    def start(self: AnyRunning) -> AnyRunning:
        """Listen; returns once connections are accepted."""
        if self._thread is not None:
            raise RuntimeError("this server is running already: stop it before starting it again")
        self._certificates = tls.ensure(self._tls_dir, extra_hosts(self._address[0], self._names))
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
            await self._serve(listening, ready, self._stopped.wait)

        def ready(host: H) -> None:
            self._host = host
            started.set_result(None)

        try:
            loop = new_loop()
            try:
                loop.run_until_complete(main())
            finally:
                loop.close()
        except BaseException as error:  # without a free file there is no loop either
            if started.done():
                raise
            started.set_exception(error)

    def stop(self) -> None:
        """Drop all connections and free the port; harmless when it is not running."""
        if self._thread is None or self._host is None:
            return
        self._host.loop.call_soon_threadsafe(self._stopped.set)
        self._thread.join()
        self._thread = self._host = None

    def __enter__(self: AnyRunning) -> AnyRunning:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    async def __aenter__(self: AnyRunning) -> AnyRunning:
        return self.start()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    # -- where it is --------------------------------------------------------------------------------------

    @property
    def url(self) -> str:
        """The base URL; the same port also answers https, ws and wss."""
        return f"http://{in_url(self._address[0])}:{self.port}"

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

    def _call(self, action: Callable[[H], T]) -> T:
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


def new_loop() -> asyncio.AbstractEventLoop:
    """A loop that can serve: Windows' default one cannot look at a socket's first byte."""
    return asyncio.SelectorEventLoop() if sys.platform == "win32" else asyncio.new_event_loop()


def run(main: Coroutine[Any, Any, T]) -> T:
    """``asyncio.run`` on a loop that can serve."""
    if sys.platform != "win32":
        return asyncio.run(main)
    if sys.version_info >= (3, 11):
        with asyncio.Runner(loop_factory=new_loop) as runner:
            return runner.run(main)
    asyncio.set_event_loop_policy(asyncio.WindowsSelectorEventLoopPolicy())
    return asyncio.run(main)


def in_url(host: str) -> str:
    """A host as a URL writes it; the wildcard addresses are reached by loopback."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"[{host}]" if ":" in host else host


def extra_hosts(host: str, names: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The names beside the loopback's that a certificate must have."""
    return names if host in ("", "0.0.0.0", "::") else (host, *names)
