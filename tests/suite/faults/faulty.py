"""The reference worker with something that befalls it: ``python faulty.py FAULT MARKER``.

A fault happens in the first ``connect``; with ``-once`` behind its name only where MARKER is not there yet.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[3] / "suite" / "drivers"))
from reference import conversation

#: What no record begins with, what one cannot be, and what looks like one.
GARBAGE = (
    b"\xff\xfe\0 plain noise",
    b"\x1e",
    b"\x1enot json\n",
    b"\x1e[1, 2]\n",
    b"\x1e5\n",
    b'\x1e{"id": []}\n',
    b'\x1e{"id": 99999, "outcome": "returned", "events": [], "seconds": 0}\n',
    b'\x1e{"hello": 5}\n',
    b"\x1e" + b"[" * 100_000 + b"\n",
    b'\x1e{"id": 1, "half": ',
)


def kill() -> None:
    """As a system does that runs out of memory."""
    os.kill(os.getpid(), signal.SIGKILL)


def crash() -> None:
    """As native code does that is wrong."""
    os.kill(os.getpid(), signal.SIGSEGV)


def stop() -> None:
    """As Ctrl-Z does, or a loop in native code: it lives and answers nothing."""
    os.kill(os.getpid(), signal.SIGSTOP)


def chatter() -> None:
    """A record without an end."""
    sys.stdout.buffer.write(b"\x1e" + b"x" * 3_000_000)
    sys.stdout.buffer.flush()


def be_busy() -> None:
    """As a loop does that never lets go."""
    while True:
        pass


FAULTS = {"busy": be_busy, "killed": kill, "crashed": crash, "stopped": stop, "endless": chatter}


def main(fault: str, marker: Path) -> None:
    """Be the worker until it happens."""
    name, _, once = fault.partition("-")
    if name == "mute":
        time.sleep(600)
    write, obey = conversation.write, conversation.Worker._obey

    def noisy(record: dict[str, Any]) -> None:
        for garbage in GARBAGE:
            sys.stdout.buffer.write(garbage)
        write(record)

    def obeying(worker: conversation.Worker, call: dict[str, Any]) -> bool:
        if call["verb"] == "connect" and not (once and marker.exists()):
            marker.touch()
            FAULTS[name]()
        return obey(worker, call)

    if name == "garbage":
        conversation.write = noisy
    else:
        conversation.Worker._obey = obeying  # type: ignore[method-assign]
    del sys.argv[1:]
    conversation.main()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
