"""What a process costs, read from ``/proc``: processor seconds to the nanosecond, and memory."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

#: The server has one core to itself, the clients the other.
SERVER_CORE: Final = 0
CLIENT_CORE: Final = 1


def pin(core: int, pid: int = 0) -> None:
    """Keep a process on one core, where the machine has it."""
    if core in os.sched_getaffinity(0) or core < (os.cpu_count() or 1):
        os.sched_setaffinity(pid, {core})


def cpu_s(pid: int) -> float:
    """Seconds of processor that all threads of a process have used, in user and in system."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9


def resident_bytes(pid: int) -> int:
    """Memory that a process has in RAM."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise ProcessLookupError(f"process {pid} has no memory any more")
