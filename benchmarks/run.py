"""This mock beside its peer and beside the floor: rates, times and memory, as tables and a plot.

    python benchmarks/run.py              all of it, a minute or two; writes docs/performance.md and .svg
    python benchmarks/run.py --quick      a few operations of each; prints and writes nothing
    python benchmarks/run.py --json FILE  writes the figures there too
    python benchmarks/run.py --python PROGRAM  compares another Python too, of an environment that has this
                                          project installed; may be given again

Needs Linux (it reads /proc), a C compiler for the floor, npm for the peer and nginx for TLS; what is not
there is left out, and said. The servers have one core, the clients another.
"""

from __future__ import annotations

import argparse
import json
import shutil
import ssl
import statistics
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

ROOT: Final = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks import lifecycle, machine, measures, memory, plot, realtime, servers, table  # noqa: E402
from benchmarks.figures import Aim, Compared, Figures, Single  # noqa: E402
from benchmarks.processes import CLIENT_CORE, pin  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from benchmarks.measures import Rate
    from benchmarks.servers import Server


@dataclass(frozen=True)
class Size:
    """How much is done of each."""

    rounds: int
    #: Operations of a round, as a share of what each measure does.
    share: float
    idle: tuple[int, ...]
    idle_tls: int
    speakers: int
    speaking_s: float
    starts: int


FULL: Final = Size(5, 1.0, (1_000, 5_000, 10_000), 1_000, 500, 10.0, 15)
QUICK: Final = Size(3, 0.2, (300,), 100, 100, 2.0, 5)


@dataclass(frozen=True)
class Race:
    """A rate that servers are compared in."""

    what: str
    measure: Callable[[Server, int], Rate]
    operations: int
    aim: Aim
    note: str
    burst: int = servers.BURST
    #: Whether the extra ``fast`` makes a difference.
    has_fast: bool = False


RACES: Final = (
    Race(
        "tokens minted",
        measures.tokens,
        3_200,
        Aim(2),
        "the peer has no tokens: it answers its text turn over HTTP, `generateContent`, with a text as long "
        "as a token's name. All clients send the same request, as those of one application may; this mock "
        "keeps what it has read of it",
    ),
    Race(
        "tokens minted, no two asked for alike",
        measures.tokens_of_their_own,
        3_200,
        Aim(1),
        "each request has times of its own, and the peer's a seed. No aim but not to be slower",
    ),
    Race(
        "sessions: connect, setup, close",
        measures.sessions,
        960,
        Aim(1.3),
        "the peer looks neither at the key nor at the setup. All clients send the same setup, as those of "
        "one application do; this mock keeps what it has read of it",
    ),
    Race(
        "audio messages in, 4 KiB",
        measures.messages_in,
        5_120,
        Aim(2.5),
        "the peer has no realtime input: it reads the JSON, answers each message with an error, and looks at "
        "no audio. This mock checks the message, decodes its audio and listens for speech in it",
        has_fast=True,
    ),
    Race(
        "frames out, 4 KiB, in turns of 64",
        measures.frames_out,
        6_144,
        Aim(12),
        "text that a script says, the same in each turn: this mock keeps what went out. The peer's text turn "
        "is in chunks of the same size, each in its own write",
    ),
    Race(
        "turns of one frame of 4 KiB",
        measures.frames_out,
        480,
        Aim(1),
        "what a turn costs; each fourth opens a session. No aim but not to be slower",
        burst=1,
    ),
)
#: A session over TLS, in the cost of nginx's TLS connection with one request.
TLS_AIM: Final = Aim(3, "at most")
IDLE_AIM: Final = Aim(10, "at most")


def compare(race: Race, size: Size, peer: Path | None, pythons: Mapping[str, str] | None = None) -> Compared:
    """Measure the servers in turn, each warmed up before; the mock with these Pythons too, by their names."""
    count = max(16, round(race.operations * size.share))
    with ExitStack() as stack:
        field = [stack.enter_context(servers.mock("mock", "--set", "pace=0", burst=race.burst))]
        if race.has_fast and find_spec("pybase64") is not None:
            faster = servers.mock(table.FAST, "--set", "pace=0", fast=True, burst=race.burst)
            field.append(stack.enter_context(faster))
        for name, python in (pythons or {}).items():
            other = servers.mock(name, "--set", "pace=0", fast=True, burst=race.burst, python=python)
            field.append(stack.enter_context(other))
        if peer is not None:
            field.append(stack.enter_context(servers.peer(peer, race.burst)))
        if shutil.which("cc"):
            field.append(stack.enter_context(servers.floor(race.burst)))
        rates: dict[str, list[Rate]] = {server.name: [] for server in field}
        for server in field:
            # Twice, and in a quick run too: what is compiled while it runs, as the peer is, is so then.
            race.measure(server, race.operations)
            race.measure(server, race.operations)
        for _ in range(size.rounds):
            for server in field:
                rates[server.name].append(race.measure(server, count))
    _say(race.what)
    return Compared.of(race.what, rates, race.aim, race.note)


def setups(size: Size, peer: Path | None) -> dict[str, tuple[float, float]]:
    """p50 and p99 of a setup, by server."""
    found = {}
    for server in _each(peer):
        with server as one:
            measures.setup_times(one, 100)
            taken = measures.setup_times(one, round(1_500 * size.share))
            found[one.name] = (measures.percentile(taken, 0.5), measures.percentile(taken, 0.99))
    _say("setups")
    return found


def idle(size: Size, peer: Path | None) -> dict[str, dict[int, float]]:
    """Bytes for each idle session, by server; over TLS too."""
    found = {}
    for server in _each(peer):
        with server as one:
            found[one.name] = memory.idle_sessions(one, size.idle)
    with servers.mock() as one:
        found["mock, wss"] = memory.idle_sessions(one, (size.idle_tls,), _trust(one))
    _say("memory")
    return found


def _each(peer: Path | None) -> list[Any]:
    floor = [servers.floor()] if shutil.which("cc") else []
    return [servers.mock(), *([servers.peer(peer)] if peer is not None else []), *floor]


def _trust(server: Server) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=server.about["ca_file"])


def over_tls(size: Size) -> Single | None:
    """What a whole session over TLS costs, in nginx's TLS connections with one request."""
    if shutil.which("nginx") is None:
        return None
    ours, theirs = [], []
    count = max(16, round(320 * size.share))
    with servers.mock() as mock, servers.nginx() as nginx:
        trust = _trust(mock)
        for _ in range(size.rounds + 1):
            ours.append(measures.sessions(mock, count, trust).per_core_s)
            theirs.append(measures.requests_over_tls(nginx, count, trust).per_core_s)
    cost = statistics.median(theirs[1:]) / statistics.median(ours[1:])
    _say("TLS")
    note = (
        f"on one core {statistics.median(ours[1:]):,.0f} wss sessions (connect, setup, close) a second, and "
        f"nginx {statistics.median(theirs[1:]):,.0f} connections with one request, with the same certificate"
    )
    return Single("wss session : nginx's TLS connection", cost, "times", TLS_AIM, note)


def speaking(size: Size) -> list[Single]:
    """Sessions that speak in real time."""
    with servers.mock() as mock:
        seen = realtime.speak(mock, size.speakers, size.speaking_s)
    _say("real time")
    note = (
        f"{size.speaking_s:g} s, {size.speakers / realtime.FRAME_S:,.0f} messages a second; the wait is "
        f"that of pings behind the audio; the clients were at most {seen.late_s * 1e3:.1f} ms late themselves"
    )
    name = f"{size.speakers} sessions of real-time audio"
    return [
        Single(f"{name}: share of a core", seen.busy * 100, "%", Aim(70, "at most"), note),
        Single(f"{name}: p99 of the wait", seen.p99_s * 1e3, "ms", Aim(10, "at most")),
    ]


def starting(size: Size, peer: Path | None) -> list[Single]:
    """From nothing to an answer, and inside a program."""
    said = servers.MOCK
    port = servers.free_port()
    command = [sys.executable, "-m", "mockserver", "--port", str(port), "--log", "none"]
    mock = [lifecycle.first_answer_s(command, port, said.mint, said.minted, ROOT) for _ in range(size.starts)]
    starts, stops = lifecycle.in_process_s(size.starts)
    note = ""
    if peer is not None:
        command = ["node", str(peer), "--port", str(port), "--log-level", "silent"]
        command += ["--fixtures", str(peer.parent.parent / "fixtures")]
        theirs = [
            lifecycle.first_answer_s(command, port, servers.HEALTH, b"", ROOT) for _ in range(size.starts)
        ]
        note = f"the peer takes {statistics.median(theirs) * 1e3:.0f} ms, to the answer that it is healthy"
    _say("starts")
    return [
        Single("command to first token", statistics.median(mock) * 1e3, "ms", Aim(170, "at most"), note),
        Single("MockServer starts in", statistics.median(starts) * 1e3, "ms", Aim(8, "at most")),
        Single("MockServer stops in", statistics.median(stops) * 1e3, "ms", Aim(5, "at most")),
    ]


def measure(size: Size, others: Sequence[str] = ()) -> Figures:
    """All of it; rates with these other Pythons too."""
    pythons = {machine.python_of(program): program for program in others}
    seen = machine.about()
    peer = servers.peer_program()
    missing = [] if peer is not None else ["the peer, for there is no npm"]
    missing += [] if shutil.which("cc") else ["the floor, for there is no C compiler"]
    missing += [] if shutil.which("nginx") else ["TLS beside nginx, for there is none"]
    compared = [compare(race, size, peer, pythons) for race in RACES]
    tls = over_tls(size)
    found = idle(size, peer)
    most = max(size.idle)
    singles = [
        Single(f"memory of an idle session, {most:,} open", found["mock"][most] / 1024, "KiB", IDLE_AIM),
        *([tls] if tls is not None else []),
        *speaking(size),
        *starting(size, peer),
    ]
    return Figures(seen, compared, setups(size, peer), found, singles, missing)


def _say(what: str) -> None:
    print(f"measured: {what}", file=sys.stderr, flush=True)


def main() -> None:
    """Measure, print, and write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="a few operations of each; writes no page")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as JSON")
    parser.add_argument("--python", action="append", default=[], metavar="PROGRAM", help="and with this one")
    given = parser.parse_args()
    memory.allow_files()
    pin(CLIENT_CORE)
    try:
        figures = measure(QUICK if given.quick else FULL, given.python)
    except ValueError as error:
        parser.error(str(error))
    print(table.markdown(figures))
    if given.json:
        given.json.write_text(json.dumps(figures.data(), indent=2) + "\n", "utf-8")
    if not given.quick:
        table.write(ROOT / "docs/performance.md", figures)
        (ROOT / "docs/performance.svg").write_text(plot.render(figures), "utf-8")


if __name__ == "__main__":
    main()
