"""Rates: how much a server gets done, on the clock and for each second of its processor.

Each measure loads one server for a number of operations and reads every answer. The clients work in batches
over several connections: while they read from one, the server has others to do, and need not wait for them.
Whether it did is seen in ``Rate.busy``; what it gets done while it does not wait, in ``Rate.per_core_s``.
"""

from __future__ import annotations

import base64
import math
import random
import time
from array import array
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

from benchmarks import wire
from benchmarks.processes import cpu_s
from benchmarks.wire import CLOSE, PING, Wire, WrongAnswer

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator

    from benchmarks.servers import Server

#: Connections that are worked on side by side.
WIDE: Final = 16
#: Messages that are written at once to each of them.
DEEP: Final = 16
MESSAGE_BYTES: Final = 4_096
RATE_HZ: Final = 16_000


@dataclass(frozen=True)
class Rate:
    """Operations, and what they took: seconds on the clock, seconds of the server's processor."""

    operations: int
    wall_s: float
    cpu_s: float

    @property
    def per_s(self) -> float:
        """Operations a second, on the clock."""
        return self.operations / self.wall_s

    @property
    def per_core_s(self) -> float:
        """Operations for each second of processor: what one core does that has nothing else to do."""
        return self.operations / self.cpu_s

    @property
    def busy(self) -> float:
        """The share of the time in which the server was at work."""
        return self.cpu_s / self.wall_s


def timed(server: Server, work: Callable[[], int]) -> Rate:
    """Do the work; it says how many operations it was."""
    cpu, began = cpu_s(server.pid), time.perf_counter()
    operations = work()
    wall = time.perf_counter() - began
    return Rate(operations, wall, cpu_s(server.pid) - cpu)


# -- tokens -----------------------------------------------------------------------------------------------


def tokens(server: Server, count: int) -> Rate:
    """Mint tokens over connections that stay open."""
    said = server.dialect
    with _wide(server) as wires:

        def work() -> int:
            for _ in range(rounds := -(-count // WIDE)):
                for one in wires:
                    one.send(said.mint)
                for one in wires:
                    one.answered_with(said.minted)
            return rounds * WIDE

        return timed(server, work)


def tokens_of_their_own(server: Server, count: int) -> Rate:
    """Mint tokens with requests of which no two are alike."""
    said = server.dialect
    rounds = -(-count // WIDE)
    requests = iter([said.mint_anew(number) for number in range(rounds * WIDE)])
    with _wide(server) as wires:

        def work() -> int:
            for _ in range(rounds):
                for one in wires:
                    one.send(next(requests))
                for one in wires:
                    one.answered_with(said.minted)
            return rounds * WIDE

        return timed(server, work)


# -- sessions ---------------------------------------------------------------------------------------------


def sessions(server: Server, count: int, tls: ssl.SSLContext | None = None) -> Rate:
    """Whole sessions: connect, handshake, setup, setupComplete, close."""
    said, code = server.dialect, (1000).to_bytes(2, "big")
    goodbye, farewell = wire.frame(code, CLOSE), b"\x88\x02" + code

    def work() -> int:
        for _ in range(rounds := -(-count // WIDE)):
            with _wide(server, tls) as wires:
                for one in wires:
                    one.send(said.upgrade)
                for one in wires:
                    one.opened()
                    one.send(said.setup)
                for one in wires:
                    one.set_up()
                    one.send(goodbye)
                for one in wires:
                    if one.rest() != farewell:
                        raise WrongAnswer("expected the close that was sent")
        return rounds * WIDE

    return timed(server, work)


@contextmanager
def _wide(server: Server, tls: ssl.SSLContext | None = None) -> Iterator[list[Wire]]:
    """New connections, to be worked on side by side."""
    with ExitStack() as stack:
        yield [stack.enter_context(closing(Wire.connect(server.port, tls))) for _ in range(WIDE)]


def requests_over_tls(server: Server, count: int, tls: ssl.SSLContext) -> Rate:
    """Connect over TLS, ask once, and go: what a TLS connection costs at least."""

    def work() -> int:
        for _ in range(rounds := -(-count // WIDE)):
            with _wide(server, tls) as wires:
                for one in wires:
                    one.send(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                for one in wires:
                    one.answered_with(b"ok")
        return rounds * WIDE

    return timed(server, work)


def setup_times(server: Server, count: int) -> list[float]:
    """Seconds from connecting to setupComplete, of one session after the other."""
    said, taken = server.dialect, []
    for _ in range(count):
        began = time.perf_counter()
        with closing(Wire.connect(server.port)) as one:
            one.send(said.upgrade)
            one.opened()
            one.send(said.setup)
            one.set_up()
            taken.append(time.perf_counter() - began)
    return taken


def percentile(values: list[float], share: float) -> float:
    """The value that so large a share of them does not exceed."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


# -- messages of clients ----------------------------------------------------------------------------------


@cache
def speech(samples: int, seed: int) -> bytes:
    """PCM16 of somebody who speaks without a pause: tones and noise, no two pieces the same."""
    random_ = random.Random(seed)
    pitch = random_.uniform(90, 250)
    tone = (2 * math.pi * pitch / RATE_HZ, random_.uniform(3_000, 9_000))
    wave = (round(tone[1] * math.sin(tone[0] * n) + random_.gauss(0, 400)) for n in range(samples))
    return array("h", wave).tobytes()


def audio_message(pcm: bytes) -> bytes:
    """A message with audio, as SDKs send it."""
    blob = {"data": base64.b64encode(pcm).decode(), "mimeType": f"audio/pcm;rate={RATE_HZ}"}
    return wire.packed({"realtimeInput": {"audio": blob}})


@cache
def audio_messages() -> tuple[bytes, ...]:
    """Frames with audio messages of 4 KiB, to be sent in this order."""
    room = MESSAGE_BYTES - len(audio_message(b""))
    samples = room // 4 * 3 // 2
    return tuple(wire.frame(audio_message(speech(samples, seed))) for seed in range(WIDE * DEEP))


def opened(server: Server, tls: ssl.SSLContext | None = None, setup: bytes = b"") -> Wire:
    """A session behind its setup: this one, or the server's usual one."""
    one = Wire.connect(server.port, tls)
    try:
        one.send(server.dialect.upgrade)
        one.opened()
        one.send(setup or server.dialect.setup)
        one.set_up()
    except BaseException:
        one.close()
        raise
    return one


def messages_in(server: Server, count: int) -> Rate:
    """Audio of clients, 4 KiB a message; each batch is read to its end before the next one goes."""
    frames = audio_messages()
    batches = [b"".join(frames[n * DEEP : (n + 1) * DEEP]) for n in range(WIDE)]
    answers, buffer = server.dialect.audio_answer * DEEP, bytearray(262_144)
    ping = b"" if answers else wire.frame(b"all", PING)
    wanted = answers or b"\x8a\x03all"
    with ExitStack() as stack:
        wires = [stack.enter_context(closing(opened(server))) for _ in range(WIDE)]

        def work() -> int:
            for turn in range(rounds := -(-count // (WIDE * DEEP))):
                for number, one in enumerate(wires):
                    one.send(batches[(turn + number) % WIDE] + ping)
                for one in wires:
                    one.expect(wanted, buffer)
            return rounds * WIDE * DEEP

        return timed(server, work)


# -- frames of the server ---------------------------------------------------------------------------------


def frames_out(server: Server, count: int) -> Rate:
    """Frames of 4 KiB, as the answers to turns; every byte of them is compared."""
    burst = server.dialect.frame * server.burst
    buffer = bytearray(len(burst))
    with ExitStack() as stack:
        # Sessions that are new every few turns: servers keep what was said, and the peer notes it all again.
        def work() -> int:
            done = 0
            while done < count:
                wires = [stack.enter_context(closing(opened(server))) for _ in range(4)]
                for _ in range(4):
                    for one in wires:
                        one.send(server.dialect.turn)
                    for one in wires:
                        one.expect(burst, buffer)
                        while b"turnComplete" not in one.message():
                            pass
                        done += server.burst
            return done

        return timed(server, work)
