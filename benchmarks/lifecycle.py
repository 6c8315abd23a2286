"""From a command to the first answer, and how long a server inside a program takes to start and to stop."""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
from contextlib import closing
from typing import TYPE_CHECKING

from benchmarks.wire import TIMEOUT_S, Wire
from mockserver import MockServer

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

#: How often it is tried whether a server listens yet: a start is known to half of it.
_TRY_S = 0.001


def first_answer_s(command: Sequence[str], port: int, request: bytes, wanted: bytes, folder: Path) -> float:
    """Seconds from starting a command to the end of its first answer.

    Raises:
        RuntimeError: none came.
        WrongAnswer: another came.
    """
    # With bytecode, as whatever is installed starts.
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=folder, env=env)
    try:
        while time.perf_counter() - began < TIMEOUT_S:
            with contextlib.suppress(ConnectionRefusedError), closing(Wire.connect(port)) as wire:
                wire.send(request)
                wire.answered_with(wanted)
                return time.perf_counter() - began
            time.sleep(_TRY_S)
    finally:
        process.terminate()
        process.wait()
    raise RuntimeError(f"{command!r} gave no answer on port {port} in {TIMEOUT_S} s")


def in_process_s(times: int) -> tuple[list[float], list[float]]:
    """Seconds that ``MockServer`` takes to start, and to stop, once its certificate is there."""
    MockServer().start().stop()
    starts, stops = [], []
    for _ in range(times):
        began = time.perf_counter()
        server = MockServer().start()
        started = time.perf_counter()
        server.stop()
        stopped = time.perf_counter()
        starts.append(started - began)
        stops.append(stopped - started)
    return starts, stops
