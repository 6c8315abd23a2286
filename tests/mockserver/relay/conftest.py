"""Relays to a mock, and what a client sees with one in between and without."""

from __future__ import annotations

import re
import socket
import threading
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from mockserver import MockServer, Relay

from ..conftest import Wire

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

#: What must never be seen on the client's side of a relay, nor be written.
REAL = "AIzaSyTheRealKeyThatNobodyMaySee0123456"
STAND_IN = "stand-in-of-team-a"
#: Loopback answers within milliseconds; this long without a byte is silence.
SILENCE_S = 0.4


class Saw(NamedTuple):
    """What came on one connection, and how it ended: fin, reset or silence."""

    data: bytes
    end: str


def watch(wire: Wire, until: bytes = b"") -> Saw:
    """All that comes up to a mark, a pattern, to the end, or until nothing has come for a while."""
    wire.socket.settimeout(SILENCE_S)
    data, wire._received = wire._received, b""
    while not (until and re.search(until, data)):
        try:
            more = wire.socket.recv(65_536)
        except TimeoutError:
            return Saw(data, "silence")
        except ConnectionResetError:
            return Saw(data, "reset")
        if not more:
            return Saw(data, "fin")
        data += more
    return Saw(data, "mark")


def undated(saw: Saw) -> Saw:
    """Without the time of day, which no two answers share."""
    return Saw(re.sub(rb"\r\nDate: [^\r]*", b"", saw.data), saw.end)


class Raw:
    """A service of bytes: each connection is handed to a function, in a thread of its own."""

    def __init__(self, serve: Callable[[socket.socket], None]) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self._serve = serve
        self._open: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    def _accept(self) -> None:
        while True:
            try:
                accepted, _ = self._listening.accept()
            except OSError:
                return
            self._open.append(accepted)
            thread = threading.Thread(target=self._run, args=(accepted,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _run(self, accepted: socket.socket) -> None:
        with accepted, suppress(OSError):  # the client may be gone
            self._serve(accepted)

    def close(self) -> None:
        """Stop, and drop what is open."""
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for one in self._open:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        for thread in (self._accepting, *self._threads):
            thread.join(5)


def head_of(accepted: socket.socket) -> bytes:
    """Read one head of a request, and what came with it."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = accepted.recv(65_536)
        if not more:
            break
        data += more
    return data


@pytest.fixture(autouse=True)
def tidy(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Close all connections of clients after the test, once relays have stopped."""
    opened: list[Wire] = []
    begin = Wire.__init__

    def remember(self: Wire, *about: Any) -> None:
        begin(self, *about)
        opened.append(self)

    monkeypatch.setattr(Wire, "__init__", remember)
    yield
    for one in opened:
        one.close()


@pytest.fixture
def between(tls_dir: Path) -> Iterator[Callable[..., Relay]]:
    """Start a relay to a base URL; all are stopped after the test."""
    with ExitStack() as stack:

        def start(to: str, **options: Any) -> Relay:
            return stack.enter_context(Relay(to, **{"key": REAL, "tls_dir": tls_dir, **options}))

        yield start


@pytest.fixture
def raw() -> Iterator[Callable[..., Raw]]:
    """Start a service of bytes; all are stopped after the test."""
    started: list[Raw] = []

    def start(serve: Callable[[socket.socket], None]) -> Raw:
        started.append(Raw(serve))
        return started[-1]

    yield start
    for one in started:
        one.close()


@pytest.fixture
def both(
    serve: Callable[..., MockServer], between: Callable[..., Relay]
) -> Callable[[Callable[[int], Any], dict[str, Any]], tuple[Any, Any]]:
    """What a client sees of a fresh mock, and of another one through a relay."""

    def run(client: Callable[[int], Any], options: dict[str, Any]) -> tuple[Any, Any]:
        direct = client(serve(**options).port)
        # The key passes as it is, for a script may be chosen by it.
        return direct, client(between(serve(**options).url, key=None).port)

    return run
