"""The edge without sockets and without waiting: a transport that keeps what is written, a clock to be moved."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from mockserver.admin import Control, Gate
from mockserver.core.options import Options
from mockserver.core.service import Service
from mockserver.edge.host import Host

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mockserver.edge.protocol import Connection


class Loop(asyncio.SelectorEventLoop):
    """Nothing is called before its time is moved to."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 1_000.0
        self.timers: list[asyncio.TimerHandle] = []

    def time(self) -> float:
        return self.now

    def call_later(self, delay: float, callback: Callable[..., Any], *args: Any, context: Any = None) -> Any:
        return self.call_at(self.now + delay, callback, *args)

    def call_at(self, when: float, callback: Callable[..., Any], *args: Any, context: Any = None) -> Any:
        timer = asyncio.TimerHandle(when, callback, args, self)
        self.timers.append(timer)
        return timer

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        """It stays in line, and is passed over."""

    def pass_time(self, seconds: float) -> None:
        """Move the clock; what becomes due happens, in order."""
        until = self.now + seconds
        while due := [timer for timer in self.timers if not timer.cancelled() and timer.when() <= until]:
            first = min(due, key=lambda timer: timer.when())
            self.timers.remove(first)
            self.now = max(self.now, first.when())
            first._callback(*first._args)  # not by its _run, which would only log what is wrong
        self.now = until
        self.timers = [timer for timer in self.timers if not timer.cancelled()]


class Transport(asyncio.Transport):
    """Keeps what is written; the peer reads at once."""

    def __init__(self) -> None:
        super().__init__()
        self.written = bytearray()
        self.closing = self.ended = self.paused = False

    def write(self, data: Any) -> None:
        assert not self.ended, "nothing is written behind the end"
        if not self.closing:
            self.written += data

    def is_closing(self) -> bool:
        return self.closing

    def close(self) -> None:
        self.closing = True

    abort = close

    def can_write_eof(self) -> bool:
        return True

    def write_eof(self) -> None:
        self.ended = True

    def get_write_buffer_size(self) -> int:
        return 0

    def pause_reading(self) -> None:
        self.paused = True

    def resume_reading(self) -> None:
        self.paused = False

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return _Socket() if name == "socket" else default


class _Socket:
    def setsockopt(self, *_: Any) -> None:
        """A reset looks like any other end here."""


class Edge:
    """A server of which only the sockets are missing."""

    def __init__(self, ca_file: Path, **options: Any) -> None:
        self.loop = Loop()
        self.service = Service(Options(**{"pace": 0, **options}))
        control = Control(Gate.of("127.0.0.1", ""), ca_file)

        async def begin() -> Host:
            return Host(self.service, control)

        self.host = self.loop.run_until_complete(begin())
        self.loop.close()  # its time goes on, by hand

    def connect(self) -> tuple[Connection, Transport]:
        """A new connection."""
        connection, transport = self.host.connection(), Transport()
        connection.connection_made(transport)
        return connection, transport

    def feed(self, connection: Connection, transport: Transport, pieces: list[bytes]) -> None:
        """Let a client send these, as long as it is read."""
        for piece in pieces:
            if transport.closing:
                return
            if transport.paused:
                self.loop.pass_time(1.0)
            connection.data_received(piece)

    def end(self, connection: Connection, transport: Transport) -> None:
        """The client half-closes, waits a while, and is gone: nothing of it may be left."""
        if not transport.closing:
            connection.eof_received()
        self.loop.pass_time(2_000.0)
        transport.closing = True
        connection.connection_lost(None)
        self.loop.pass_time(2_000.0)
        assert not self.host.connections
        assert not self.host.sockets
        assert self.host.backlog.total == 0
        assert self.service.open_connections == 0
        assert self.service.due is None
        assert not [line for line in self.host.patience._lines.values() if line.since]
        wrong = [entry.what for entry in self.service.journal if "mock itself failed" in entry.what]
        assert not wrong, wrong
        self.service.reset()
