"""Clients of every kind that come and go: whom the soak lets at the server, and what each must be told."""

from __future__ import annotations

import contextlib
import json
import socket
import struct
import threading
import time
from collections import Counter
from typing import TYPE_CHECKING, Final, Protocol

from benchmarks import wire

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable


class Server(Protocol):
    """Where a server is, and whom it is to be believed by."""

    port: int
    tls: ssl.SSLContext


#: What stays open all the time; a tenth of it is replaced every minute.
STAYING: Final = 300
CLIENTS: Final = 8
#: Between two activities of one client: the load is bounded, and nobody else's machine is taken.
PAUSE_S: Final = 0.05

LIVE: Final = "/ws/google.ai.generativelanguage.v1alpha.GenerativeService.BidiGenerateContent"
MODEL: Final = "models/gemini-2.5-flash-native-audio-latest"
SETUP: Final = wire.frame(wire.packed({"setup": {"model": MODEL, "sessionResumption": {}}}))
READY: Final = b'"setupComplete": {}\n}\n'
CLOSE: Final = wire.frame(b"\x03\xe8", wire.CLOSE)
OVER: Final = b'"turnComplete": true'


def turn(text: str) -> bytes:
    """A turn of the user."""
    said = {"turns": [{"role": "user", "parts": [{"text": text}]}], "turnComplete": True}
    return wire.frame(wire.packed({"clientContent": said}))


AUDIO: Final = wire.frame(
    wire.packed({"realtimeInput": {"audio": {"mimeType": "audio/pcm;rate=16000", "data": "AAAA" * 1_024}}})
)
MEBIBYTE: Final = wire.frame(wire.packed({"realtimeInput": {}}) + b" " * (2**20 - 20))
PINGS: Final = wire.frame(b"x", wire.PING) * 2_000


def opened(
    server: Server, query: str = "key=any", method: str = "", tls: ssl.SSLContext | None = None
) -> wire.Wire:
    """A session that is ready."""
    one = wire.Wire.connect(server.port, tls)
    one.send(wire.upgrade(f"{LIVE}{method}?{query}") + SETUP)
    one.until(READY)
    return one


def closed(one: wire.Wire) -> None:
    """Close in the normal way."""
    one.send(CLOSE)
    with contextlib.suppress(wire.WrongAnswer):
        while True:
            one.until(b"\x88\x02\x03\xe8")
            break
    one.socket.close()


def dropped(one: wire.Wire) -> None:
    """Go without a word, by a reset."""
    one.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    one.socket.close()


def talks(server: Server) -> None:
    one = opened(server)
    one.send(turn("hello"))
    one.until(OVER)
    closed(one)


def minted(one: wire.Wire) -> str:
    one.send(wire.post("/v1alpha/auth_tokens?key=any", {"uses": 1}))
    head = one.until(b"\r\n\r\n")
    size = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
    return str(json.loads(one.take(size))["name"])


def uses_a_token(server: Server) -> None:
    with contextlib.closing(wire.Wire.connect(server.port).socket) as connected:
        token = minted(wire.Wire(connected))
    closed(opened(server, f"access_token={token}", "Constrained"))


def mints_many(server: Server) -> None:
    with contextlib.closing(wire.Wire.connect(server.port).socket) as connected:
        one = wire.Wire(connected)
        for _ in range(50):
            minted(one)


def over_tls(server: Server) -> None:
    one = opened(server, tls=server.tls)
    one.send(turn("hello"))
    one.until(OVER)
    closed(one)


def speaks(server: Server) -> None:
    one = opened(server)
    one.send(AUDIO * 50)
    one.send(turn("did you hear me"))
    one.until(OVER)
    closed(one)


def drops(server: Server) -> None:
    one = opened(server)
    one.send(turn("a sentence of some length, which nobody waits for"))
    dropped(one)


def sends_a_mebibyte(server: Server) -> None:
    one = opened(server)
    one.send(MEBIBYTE)
    one.send(turn("hello"))
    one.until(OVER)
    closed(one)


def floods(server: Server) -> None:
    one = opened(server)
    one.send(PINGS)
    for _ in range(2_000):
        one.until(b"\x8a\x01x")
    closed(one)


def does_not_read(server: Server) -> None:
    one = opened(server)
    one.send(turn("x" * 400) * 5)
    time.sleep(1.0)
    dropped(one)


def talks_nonsense(server: Server) -> None:
    for data in (b"\x16\x03\x01\x00\x05hello", b"GET / HTTP/9\r\n\r\n", b"\0" * 100):
        with contextlib.closing(wire.Wire.connect(server.port).socket) as connected:
            connected.sendall(data)
            with contextlib.suppress(OSError):
                connected.recv(65_536)
    one = opened(server)
    one.send(wire.frame(b"[" * 10_000))
    one.until(b"\x03\xef")  # 1007
    closed(one)


#: In this order, again and again.
ACTIVITIES: Final[tuple[Callable[[Server], None], ...]] = (
    talks, uses_a_token, speaks, drops, talks, over_tls, sends_a_mebibyte, uses_a_token, floods, talks,
    does_not_read, mints_many, talks_nonsense, talks, drops, over_tls,
)  # fmt: skip


class Churn:
    """Clients that come and go until they are told to stop."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._stopped = threading.Event()
        self.done: Counter[str] = Counter()
        self.wrong: Counter[str] = Counter()
        self._staying: list[wire.Wire] = []
        workers = [threading.Thread(target=self._come_and_go, args=(number,)) for number in range(CLIENTS)]
        self._threads = [*workers, threading.Thread(target=self._stay)]
        for thread in self._threads:
            thread.start()

    def _come_and_go(self, number: int) -> None:
        while not self._stopped.is_set():
            self._do(ACTIVITIES[number % len(ACTIVITIES)])
            number += 1
            self._stopped.wait(PAUSE_S)

    def _do(self, activity: Callable[[Server], None]) -> None:
        try:
            activity(self._server)
            self.done[activity.__name__] += 1
        except Exception as error:
            self.wrong[f"{activity.__name__}: {type(error).__name__}: {str(error)[:200]}"] += 1

    def _stay(self) -> None:
        while not self._stopped.is_set():
            for one in self._staying[: STAYING // 10 if len(self._staying) == STAYING else 0]:
                with contextlib.suppress(OSError):
                    closed(one)
            del self._staying[: STAYING // 10 if len(self._staying) == STAYING else 0]
            while len(self._staying) < STAYING and not self._stopped.is_set():
                self._staying.append(opened(self._server))
            self._stopped.wait(60.0)

    def stop(self) -> None:
        """Let all end what they are at."""
        self._stopped.set()
        for thread in self._threads:
            thread.join()
        for one in self._staying:
            one.socket.close()
