"""What workers and shared stores cost and give: tokens and sessions a second, one worker and two.

    python benchmarks/workers.py

Redis is measured where redis-server or valkey-server is on PATH.

Every session opens with one token of a million uses, so all workers take from the same row: the worst case
of a store. The rounds of all servers are interleaved; each figure is the median of the rounds. Clients run on
the same machine and take from its processors, so two figures are told: what was done on the clock, and what
for each second that the server's processes were on a processor. The second times the number of free
processors is what a server can do. It does not see a worker that waits, so a store is measured by itself too.

Prints two Markdown tables, and what they were made on.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import multiprocessing
import os
import platform
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final

HERE: Final = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from benchmarks import measures, wire  # noqa: E402 - found by the line above
from benchmarks.processes import cpu_s  # noqa: E402
from benchmarks.servers import MOCK  # noqa: E402
from mockserver.core.constraints import Constraint  # noqa: E402
from mockserver.core.limits import Limits  # noqa: E402
from mockserver.core.tokens import Token  # noqa: E402
from mockserver.stores import opened  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Processes that send the load: as many as workers at most, so that none of them waits for clients.
CLIENTS: Final = 2
USES: Final = 1_000_000
#: A batch is well over the resolution of what the kernel counts, and well under what bores.
TOKENS: Final = 4_000
SESSIONS: Final = 2_000
SPENDS: Final = 5_000
_LIVE: Final = (
    "/ws/google.ai.generativelanguage.v1alpha.GenerativeService.BidiGenerateContentConstrained?access_token="
)


@dataclass(frozen=True)
class Way:
    """One way to serve."""

    name: str
    workers: int
    store: str = ""


@dataclass
class Figures:
    """What the rounds gave, by measure: on the clock, and for each second of the server's processors."""

    per_s: dict[str, list[float]] = field(default_factory=dict)
    per_core_s: dict[str, list[float]] = field(default_factory=dict)
    shares: list[float] = field(default_factory=list)


# -- what is loaded ---------------------------------------------------------------------------------------


@contextlib.contextmanager
def redis() -> Iterator[str]:
    """A Redis or Valkey that keeps nothing; its URL, or nothing where there is none."""
    program = shutil.which("redis-server") or shutil.which("valkey-server")
    if program is None:
        sys.stderr.write("no redis-server and no valkey-server on PATH: Redis is not measured\n")
        yield ""
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "redis.sock"
        words = ["--port", "0", "--unixsocket", str(path), "--save", "", "--appendonly", "no"]
        with subprocess.Popen([program, *words], cwd=folder, stdout=subprocess.DEVNULL) as process:
            while not path.exists():
                time.sleep(0.01)
            yield f"unix://{path}"
            process.terminate()


@contextlib.contextmanager
def server(way: Way) -> Iterator[SimpleNamespace]:
    """A mock; its port, and the processes that serve."""
    with tempfile.TemporaryDirectory() as folder:
        store = way.store.replace("FOLDER", folder)
        words = [sys.executable, "-m", "mockserver", "--port", "0", "--ready-json", "--log", "none"]
        words += ["--workers", str(way.workers), *(["--store", store] if store else [])]
        environment = {**os.environ, "PYTHONPATH": str(HERE.parent)}
        with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=environment) as process:
            assert process.stdout is not None
            about = json.loads(process.stdout.readline())
            try:
                yield SimpleNamespace(port=int(about["url"].rpartition(":")[2]), pids=serving(process.pid))
            finally:
                process.terminate()


def serving(pid: int) -> list[int]:
    """The workers that a process has started, or itself."""
    told = subprocess.run(
        ["pgrep", "-P", str(pid), "-f", "spawn_main"], capture_output=True, text=True, check=False
    )
    return [int(word) for word in told.stdout.split()] or [pid]


def with_token(port: int) -> bytes:
    """A handshake with a fresh token of very many uses."""
    with contextlib.closing(wire.Wire.connect(port)) as one:
        one.send(wire.post("/v1alpha/auth_tokens?key=any", {"uses": USES}))
        name = json.loads(one.answered())["name"]
    return wire.upgrade(f"{_LIVE}{name}")


# -- the load ---------------------------------------------------------------------------------------------


def load(measure: str, port: int, count: int, upgrade: bytes, began: Any) -> None:
    """One process of clients: waits for the others, then does its part."""
    dialect = replace(MOCK, upgrade=upgrade)
    asked = SimpleNamespace(port=port, pid=os.getpid(), dialect=dialect)
    began.wait()
    getattr(measures, measure)(asked, count)


def measured(figures: Figures, measure: str, count: int, at: SimpleNamespace) -> None:
    """Load a server once."""
    spawn = multiprocessing.get_context("spawn")
    began, upgrade = spawn.Barrier(CLIENTS + 1), with_token(at.port)
    clients = [
        spawn.Process(target=load, args=(measure, at.port, count // CLIENTS, upgrade, began))
        for _ in range(CLIENTS)
    ]
    for client in clients:
        client.start()
    before = [cpu_s(pid) for pid in at.pids]
    began.wait()
    clock = time.perf_counter()
    for client in clients:
        client.join()
        assert client.exitcode == 0, "what was asked was not answered"
    wall = time.perf_counter() - clock
    used = [cpu_s(pid) - earlier for pid, earlier in zip(at.pids, before, strict=True)]
    figures.per_s.setdefault(measure, []).append(count / wall)
    figures.per_core_s.setdefault(measure, []).append(count / sum(used))
    figures.shares.append(min(used) / sum(used))


# -- a store by itself ------------------------------------------------------------------------------------


def spending(url: str, name: str, began: Any) -> None:
    """Take use after use."""
    with opened(url, Limits()) as store:
        began.wait()
        assert all(store.spend(name) for _ in range(SPENDS))


def spends(url: str, processes: int) -> float:
    """Uses taken a second, of one token, by so many processes at once."""
    spawn = multiprocessing.get_context("spawn")
    now = time.time()
    token = Token(f"auth_tokens/{os.urandom(32).hex()}", "k", "", now, now, now, USES, Constraint(None, ()))
    with opened(url, Limits()) as store:
        store.add(token)
    began = spawn.Barrier(processes + 1)
    takers = [spawn.Process(target=spending, args=(url, token.name, began)) for _ in range(processes)]
    for taker in takers:
        taker.start()
    began.wait()
    clock = time.perf_counter()
    for taker in takers:
        taker.join()
        assert taker.exitcode == 0, "a use was refused"
    return processes * SPENDS / (time.perf_counter() - clock)


# -- the tables -------------------------------------------------------------------------------------------


def median(values: list[float]) -> str:
    """A median, for people."""
    return f"{statistics.median(values):,.0f}"


def run(ways: list[Way], rounds: int) -> dict[Way, Figures]:
    """All ways, round after round, each with a server of its own."""
    figures = {way: Figures() for way in ways}
    for number in range(rounds):
        for way in ways:
            sys.stderr.write(f"round {number + 1}: {way.name}\n")
            with server(way) as at:
                for measure, count in (("tokens", TOKENS), ("sessions", SESSIONS)):
                    measured(figures[way], measure, count // 8, at)  # warms up
                    for kept in (figures[way].per_s, figures[way].per_core_s):
                        kept[measure].pop()
                    figures[way].shares.pop()
                    measured(figures[way], measure, count, at)
    return figures


def table(figures: dict[Way, Figures]) -> Iterator[str]:
    """What was served."""
    yield "| | tokens/s | sessions/s | tokens/core s | sessions/core s | smaller share |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for way, found in figures.items():
        cells = [median(found.per_s["tokens"]), median(found.per_s["sessions"])]
        cells += [median(found.per_core_s["tokens"]), median(found.per_core_s["sessions"])]
        share = f"{statistics.median(found.shares):.0%}" if way.workers > 1 else ""
        yield f"| {way.name} | {' | '.join(cells)} | {share} |"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    with contextlib.ExitStack() as held:
        url = held.enter_context(redis())
        folder = held.enter_context(tempfile.TemporaryDirectory())
        ways = [Way("one worker, memory", 1), Way("one worker, SQLite", 1, "sqlite:///FOLDER/tokens.db")]
        ways.append(Way("two workers, SQLite", 2))
        stores = {"SQLite": f"sqlite:///{folder}/tokens.db"}
        if url:
            ways += [Way("one worker, Redis", 1, url), Way("two workers, Redis", 2, url)]
            stores["Redis"] = url
        for line in table(run(ways, given.rounds)):
            print(line)
        print(
            "\n| uses taken of one token | by one process, a second | by two processes |\n| --- | --- | --- |"
        )
        for name, where in stores.items():
            alone, both = ([spends(where, count) for _ in range(given.rounds)] for count in (1, 2))
            print(f"| {name} | {median(alone)} | {median(both)} |")
    print(
        f"\nMedians of {given.rounds} rounds, {time.strftime('%Y-%m-%d')}; {os.cpu_count()} processors, "
        f"load {os.getloadavg()[0]:.1f}; {platform.platform()}, Python {platform.python_version()}, "
        f"SQLite {sqlite3.sqlite_version}"
    )


if __name__ == "__main__":
    main()
