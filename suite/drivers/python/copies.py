"""Programs run in copies of this process, so that the SDK is not loaded anew for each.

The exit code is a process's own all the same: a copy does the task as its main program and ends by itself.
Copies are made of a process that has loaded the SDK and done nothing else: no loop, no thread.
"""

import asyncio
import json
import os
import select
import signal
import socket
import sys
import tempfile
from typing import Any

Record = dict[str, Any]

# Between two looks at whether a program has ended; what takes half a second is told a hundredth later.
LOOK_S = 0.005


def split() -> "tuple[Copies | None, Record | None]":
    """Start the process of which copies are made.

    In the worker it gives its end of a line to that process, or nothing where a system cannot copy
    processes; in a copy the task that it is to do.
    """
    if not hasattr(os, "fork"):
        return None, None
    ours, theirs = socket.socketpair()
    sys.stdout.flush()
    if os.fork():
        theirs.close()
        return Copies(ours), None
    ours.close()
    return None, _take_tasks(theirs)


def _take_tasks(line: socket.socket) -> Record:
    """Copy this process for each task; returns in the copies alone."""
    for text in line.makefile():
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            copy = os.fork()
            if copy == 0:
                return _become(json.loads(text), line, out, err)
            code = _wait(copy, line)
            told = {"exit_code": code, "out": _read(out), "err": _read(err)}
        line.sendall(json.dumps(told).encode() + b"\n")
    os._exit(0)


def _become(task: Record, line: socket.socket, out: Any, err: Any) -> Record:
    """Be a program of its own, with the environment and the output that it is given."""
    line.close()
    nothing = os.open(os.devnull, os.O_RDONLY)
    for file, number in ((nothing, 0), (out.fileno(), 1), (err.fileno(), 2)):
        os.dup2(file, number)
    for name, value in task.pop("env", {}).items():
        os.environ.pop(name, None)
        if value is not None:
            os.environ[name] = value
    return task


def _wait(copy: int, line: socket.socket) -> int:
    """Wait for a program's end; end it where the worker asks for that, or is gone."""
    while True:
        ended, status = os.waitpid(copy, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        if select.select([line], [], [], LOOK_S)[0]:
            line.recv(1)
            os.kill(copy, signal.SIGKILL)


def _read(file: Any) -> str:
    file.seek(0)
    return str(file.read().decode(errors="replace"))


class Copies:
    """The worker's end of the line: one task at a time, since answers have no names."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self._line.setblocking(False)
        self._one = asyncio.Lock()

    async def run(self, task: Record) -> Record:
        """Have a task done; where that is given up, its process is ended."""
        loop = asyncio.get_running_loop()
        async with self._one:
            await loop.sock_sendall(self._line, json.dumps(task).encode() + b"\n")
            try:
                return await self._answer(loop)
            except asyncio.CancelledError:
                self._line.send(b"\n")  # anything at all ends it; its answer is nobody's
                await self._answer(loop)
                raise

    async def _answer(self, loop: asyncio.AbstractEventLoop) -> Record:
        got = b""
        while not got.endswith(b"\n"):
            more = await loop.sock_recv(self._line, 65536)
            if not more:
                raise RuntimeError("the process of which copies are made has ended")
            got += more
        return dict(json.loads(got))
