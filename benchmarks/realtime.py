"""Many sessions of real-time audio: what they take of a core, and how long the server keeps them waiting."""

from __future__ import annotations

import selectors
import time
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from benchmarks import wire
from benchmarks.measures import RATE_HZ, audio_message, opened, percentile, speech
from benchmarks.processes import cpu_s
from benchmarks.servers import SETUP

if TYPE_CHECKING:
    from benchmarks.servers import Server
    from benchmarks.wire import Wire

#: As browsers cut a microphone.
FRAME_S: Final = 0.02
#: A session asks so often, in frames, whether the server has got that far: by a ping behind the audio.
_ASKS: Final = 25
_PING: Final = wire.frame(b"?", wire.PING)
_PONG: Final = b"\x8a\x01?"
#: Nobody is answered while all speak, not even where a slow machine makes a pause.
_DETECTION: Final = {"automaticActivityDetection": {"silenceDurationMs": 60_000}}
_SETUP: Final = wire.frame(wire.packed({"setup": {**SETUP["setup"], "realtimeInputConfig": _DETECTION}}))


@dataclass
class RealTime:
    """What was seen: the share of a core, seconds from a ping to its pong, and how late the clients were."""

    busy: float
    waited_s: list[float]
    #: The most by which a frame was sent too late: clients that are late themselves prove nothing.
    late_s: float

    @property
    def p99_s(self) -> float:
        """What 99 of 100 pings did not have to wait longer for."""
        return percentile(self.waited_s, 0.99)


@dataclass
class _Speaker:
    """One session, and the pings that have no pong yet."""

    wire: Wire
    asked: list[float] = field(default_factory=list)


def speak(server: Server, sessions: int, seconds: float) -> RealTime:
    """Let so many sessions speak for so long, spread evenly over the time of a frame.

    Raises:
        WrongAnswer: anything but pongs came while they spoke, or too few of them.
    """
    frames = [wire.frame(audio_message(speech(round(RATE_HZ * FRAME_S), seed))) for seed in range(64)]
    waited: list[float] = []
    with ExitStack() as stack, selectors.DefaultSelector() as selector:
        speakers = [
            _Speaker(stack.enter_context(closing(opened(server, setup=_SETUP)))) for _ in range(sessions)
        ]
        for one in speakers:
            one.wire.socket.setblocking(False)
            selector.register(one.wire.socket, selectors.EVENT_READ, one)
        cpu, began, sent, late = cpu_s(server.pid), time.perf_counter(), 0, 0.0
        count = round(seconds / FRAME_S) * sessions
        while sent < count:
            due = int((time.perf_counter() - began) / FRAME_S * sessions)
            late = max(late, (due - sent - 1) * FRAME_S / sessions)
            for number in range(sent, min(due, count)):
                _say(speakers[number % sessions], number // sessions, number, frames)
            sent = max(sent, min(due, count))
            _listen(selector, 0.001, waited)
        busy = (cpu_s(server.pid) - cpu) / (time.perf_counter() - began)
        until = time.perf_counter() + wire.TIMEOUT_S
        while any(one.asked for one in speakers) and time.perf_counter() < until:
            _listen(selector, 0.01, waited)
    if len(waited) < count // _ASKS:
        raise wire.WrongAnswer(f"expected a pong to each of {count // _ASKS} pings, got {len(waited)}")
    return RealTime(busy, waited, late)


def _say(one: _Speaker, turn: int, number: int, frames: list[bytes]) -> None:
    frame = frames[number % len(frames)]
    if number % _ASKS == 0:
        frame += _PING
        one.asked.append(time.perf_counter())
    if one.wire.socket.send(frame) != len(frame):
        raise wire.WrongAnswer("the server does not read what is sent in real time")


def _listen(selector: selectors.BaseSelector, seconds: float, waited: list[float]) -> None:
    """Take the pongs that have come."""
    for key, _ in selector.select(seconds):
        one: _Speaker = key.data
        one.wire.held += one.wire.socket.recv(65_536)
        now = time.perf_counter()
        while one.wire.held:
            if not one.wire.held.startswith(_PONG[: len(one.wire.held)]):
                raise wire.WrongAnswer(f"expected a pong, got {one.wire.held[:80]!r}")
            if len(one.wire.held) < len(_PONG):
                break
            one.wire.held = one.wire.held[len(_PONG) :]
            waited.append(now - one.asked.pop(0))
