"""Run a command with one variant, against a mock of its own, and keep what it said and sent."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from typing import IO, TYPE_CHECKING, Final

from mockserver import ECHO, SERVICE_HOST, MockServer

from .. import platforms
from .model import OPTIONS, PATHS, Run

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mockserver import Script

    from .model import Variant

#: A test run takes seconds, a slow one minutes; what takes longer hangs, as old SDKs do when refused.
LIMIT_S: Final = 300.0
#: Of what a command prints, the end is kept: there it says what failed.
KEPT_BYTES: Final = 64 * 1024
#: The server hears of the end of a process's sockets within milliseconds.
_SETTLE_S: Final = 1.0


def run(
    variant: Variant,
    command: Sequence[str],
    *,
    service_date: str,
    script: Script = ECHO,
    limit_s: float = LIMIT_S,
) -> Run:
    """Run it to its end, or for so long; all that it started ends with it.

    Raises:
        OSError: there is no such program.
    """
    with (
        MockServer(service_date=service_date, script=script, pace=0, redirect=(SERVICE_HOST,)) as server,
        tempfile.TemporaryFile() as output,
    ):
        env = server.environment(environment(os.environ, variant))
        begun = time.monotonic()
        status = _ended(_start(command, variant, env, output), limit_s)
        seconds = time.monotonic() - begun
        _settle(server)
        return Run(variant, tuple(command), status, _end_of(output), server.journal, seconds)


def environment(before: Mapping[str, str], variant: Variant) -> dict[str, str]:
    """An environment with a variant's variables in it."""
    made = dict(before)
    for name, value in variant.variables.items():
        if name in PATHS:
            made[name] = os.pathsep.join(filter(None, [value, before.get(name)]))
        elif name in OPTIONS:
            made[name] = " ".join(filter(None, [before.get(name), value]))
        else:
            made[name] = value
    return made


def _start(
    command: Sequence[str], variant: Variant, env: Mapping[str, str], output: IO[bytes]
) -> subprocess.Popen[bytes]:
    # A file, and no pipe: a process that outlives the command may hold a pipe open for ever.
    return subprocess.Popen(
        list(command),
        cwd=variant.folder,
        env=dict(env),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        **platforms.apart(),
    )


def _ended(process: subprocess.Popen[bytes], limit_s: float) -> int | None:
    """Its exit status; what it has started and left behind is ended, as is all of it at the time limit."""
    try:
        status = process.wait(limit_s)
    except BaseException as error:
        platforms.end_with_children(process.pid)
        process.wait()
        if isinstance(error, subprocess.TimeoutExpired):
            return None
        raise
    platforms.end_children(process.pid)
    return status


def _settle(server: MockServer) -> None:
    until = time.monotonic() + _SETTLE_S
    while server.open_connections and time.monotonic() < until:
        time.sleep(0.01)


def _end_of(output: IO[bytes]) -> str:
    output.seek(0, os.SEEK_END)
    output.seek(max(0, output.tell() - KEPT_BYTES))
    return output.read().decode(errors="replace")
