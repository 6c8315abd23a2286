"""The mock under churn for a long time: does its memory stay flat, and are all served to the end?

    python benchmarks/soak.py                    10,000 sessions at once, then 30 minutes of churn
    python benchmarks/soak.py --minutes 2 --sessions 1000

First so many sessions are open at once, which tells what one costs. Then clients of every kind come and go:
turns, tokens, audio, TLS, drops, frames of 1 MiB, floods of pings, readers that do not read, nonsense; some
hundred sessions stay and are replaced now and then. The rings of the server are small, so that they are full
within minutes. Every ten seconds the server counts itself: memory in RAM, objects that the garbage collector
knows, connections, appointments. The slope is a least-squares line through what comes after the warm-up, with
the interval in which it lies by 95 %.

``--write`` keeps the figures in ``docs/soak.json``, which ``docs/reliability.md`` shows, and draws
``docs/soak.svg``. Ends with 1 where a client was served otherwise than it must be.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import gc
import json
import math
import os
import platform
import resource
import ssl
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parent.parent
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))

from benchmarks.churn import OVER, Churn, closed, opened, turn  # noqa: E402
from benchmarks.processes import resident_bytes  # noqa: E402
from mockserver import MockServer  # noqa: E402

FIGURES: Final = ROOT / "docs" / "soak.json"
CURVE: Final = ROOT / "docs" / "soak.svg"
#: So that they are full long before the warm-up is over.
RINGS: Final = {"journal_entries": 10_000, "journal_bytes": 32 * 2**20, "tokens": 5_000, "handles": 5_000}
SAMPLE_S: Final = 10.0


# -- the server, which counts itself ------------------------------------------------------------------------


def serve() -> None:
    """Run a mock; for each line that comes, tell how large it is."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with MockServer(pace=0, **RINGS) as server:
        print(json.dumps({"port": server.port, "ca": str(server.ca_file)}), flush=True)
        for _ in sys.stdin:
            print(json.dumps(server._call(counted)), flush=True)


def counted(host: Any) -> dict[str, int]:
    """What the server has, in its own thread."""
    gc.collect()
    with contextlib.suppress(OSError, AttributeError):
        # What the allocator keeps for later is no leak, and hides one.
        ctypes.CDLL("libc.so.6").malloc_trim(0)
    service = host.service
    return {
        "resident": resident_bytes(os.getpid()),
        "objects": len(gc.get_objects()),
        "connections": len(host.connections),
        "sessions": service.open_connections,
        "appointments": service._appointments.room,
        "entries": len(service.journal),
        "journal_bytes": service.journal.bytes,
        "dropped": service.journal.dropped,
        "tokens": len(service.tokens),
        "files": len(os.listdir("/proc/self/fd")),
    }


class Server:
    """The server's process."""

    def __init__(self) -> None:
        command = [sys.executable, __file__, "--serve"]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, text=True, stdin=pipe, stdout=pipe, cwd=ROOT)
        about = json.loads(self._line())
        self.port: int = about["port"]
        self.tls = ssl.create_default_context(cafile=about["ca"])

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()

    def count(self) -> dict[str, int]:
        """How large it is now."""
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        found: dict[str, int] = json.loads(self._line())
        return found

    def stop(self) -> None:
        """End it."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(30)


# -- figures ------------------------------------------------------------------------------------------------


def at_once(server: Server, count: int) -> dict[str, Any]:
    """So many sessions open at once: what each costs, and that all are served."""
    before, began = server.count(), time.monotonic()
    sessions = [opened(server) for _ in range(count)]
    took, during = time.monotonic() - began, server.count()
    for one in (sessions[0], sessions[count // 2], sessions[-1]):
        one.send(turn("hello"))
        one.until(OVER)
    for one in sessions:
        closed(one)
    after = server.count()
    assert during["sessions"] == count, during
    each = (during["resident"] - before["resident"]) / count
    return {
        "sessions": count, "seconds": round(took, 1), "bytes_each": round(each),
        "before_mib": mib(before["resident"]), "during_mib": mib(during["resident"]),
        "after_mib": mib(after["resident"]),
        "appointments_after": after["appointments"], "connections_after": after["connections"],
    }  # fmt: skip


def slope(samples: list[dict[str, Any]], name: str) -> dict[str, float]:
    """The least-squares line through a figure, a minute, with the half of its 95 % interval."""
    times = [one["minutes"] for one in samples]
    values = [float(one[name]) for one in samples]
    count, mean_t, mean_v = len(times), sum(times) / len(times), sum(values) / len(values)
    spread = sum((t - mean_t) ** 2 for t in times)
    line = sum((t - mean_t) * (v - mean_v) for t, v in zip(times, values, strict=True)) / spread
    rest = sum((v - mean_v - line * (t - mean_t)) ** 2 for t, v in zip(times, values, strict=True))
    half = 1.96 * math.sqrt(rest / max(1, count - 2) / spread)
    return {
        "per_minute": line,
        "half_interval": half,
        "mean": mean_v,
        "least": min(values),
        "most": max(values),
    }


def mib(count: int) -> float:
    """Bytes as MiB, for people."""
    return round(count / 2**20, 1)


def curve(samples: list[dict[str, Any]], warm_up: float) -> str:
    """Memory over time, as a picture."""
    width, height, most = 720, 200, max(one["resident"] for one in samples) * 1.1
    last = samples[-1]["minutes"]
    points = " ".join(
        f"{40 + one['minutes'] / last * (width - 50):.1f},"
        f"{height - 30 - one['resident'] / most * (height - 50):.1f}"
        for one in samples
    )
    line = 40 + warm_up / last * (width - 50)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" '
        f'font-size="11" role="img" aria-label="Memory of the mock over {last:.0f} minutes of churn">\n'
        f'<rect width="{width}" height="{height}" fill="#fff"/>\n'
        f'<path d="M40 10V{height - 30}H{width - 10}" stroke="#888" fill="none"/>\n'
        f'<path d="M{line:.1f} 10V{height - 30}" stroke="#ccc" stroke-dasharray="3"/>\n'
        f'<polyline points="{points}" fill="none" stroke="#2563eb" stroke-width="1.5"/>\n'
        f'<text x="4" y="18">{mib(int(most))} MiB</text><text x="30" y="{height - 28}">0</text>\n'
        f'<text x="{line + 4:.1f}" y="20" fill="#666">warm</text>\n'
        f'<text x="{width - 10}" y="{height - 12}" text-anchor="end">{last:.0f} minutes</text>\n</svg>\n'
    )


#: Of what the slope is told.
FOLLOWED: Final = ("resident", "objects", "appointments", "connections")


def warm(samples: list[dict[str, Any]]) -> float:
    """From which minute on the rings are full, and two more have passed: what grows after that has no end.

    A third of the run is always left to draw a line through.
    """
    end = samples[-1]["minutes"]
    full = next(
        (one["minutes"] for one in samples if one["dropped"] and one["tokens"] >= RINGS["tokens"]), end / 3
    )
    return round(min(full + min(2.0, full), end * 2 / 3), 1)


def figures(
    once: dict[str, Any], samples: list[dict[str, Any]], churn: Churn, after: dict[str, int]
) -> dict[str, Any]:
    """All that is kept."""
    begin = warm(samples)
    steady = [one for one in samples if one["minutes"] >= begin]
    return {
        "date": time.strftime("%Y-%m-%d"), "machine": f"{os.cpu_count()} cores, {platform.system()}",
        "python": platform.python_version(), "minutes": round(samples[-1]["minutes"], 1), "warm": begin,
        "at_once": once, "rings": RINGS,
        "slopes": {name: slope(steady, name) for name in FOLLOWED},
        "done": dict(sorted(churn.done.items())), "wrong": dict(churn.wrong), "after": after,
        "curve": [[one["minutes"], one["resident"]] for one in samples],
    }  # fmt: skip


def soak(given: argparse.Namespace) -> int:
    """Do all of it."""
    server = Server()
    try:
        once = at_once(server, given.sessions)
        print(json.dumps(once), flush=True)
        churn, began, samples = Churn(server), time.monotonic(), []
        while time.monotonic() - began < given.minutes * 60:
            time.sleep(SAMPLE_S)
            samples.append({"minutes": round((time.monotonic() - began) / 60, 3), **server.count()})
            if len(samples) % 6 == 0:
                print(json.dumps(samples[-1]), dict(churn.wrong) or "", flush=True)
        churn.stop()
        time.sleep(7.0)  # longer than a close may take
        after = server.count()
    finally:
        server.stop()
    found = figures(once, samples, churn, after)
    print(json.dumps({**found, "curve": len(samples)}, indent=1))
    if given.write:
        FIGURES.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
        CURVE.write_text(curve(samples, found["warm"]), "utf-8")
    return 1 if churn.wrong else 0


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=30.0, help="of churn")
    parser.add_argument("--sessions", type=int, default=10_000, help="open at once, before it")
    parser.add_argument("--write", action="store_true", help="keep the figures for the page")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.minutes < 1:
        parser.error(
            f"--minutes is {given.minutes:g}, but a line takes at least 1: it is counted every ten seconds"
        )
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if given.serve:
        serve()
        return 0
    return soak(given)


if __name__ == "__main__":
    sys.exit(main())
