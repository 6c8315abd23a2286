"""A run of the matrix, from its first cell to its reports, whatever comes between."""

from __future__ import annotations

import signal
import time
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from suite import facing, interruption, platforms, state
from suite.environments import cache_root
from suite.judge import unmeasured
from suite.model import Status
from suite.predict import predict
from suite.progress import progress, say, tell
from suite.reports import write_all
from suite.reports.run import Run
from suite.state import State

from .parser import command_line

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from suite.facing import Service
    from suite.model import Cell, Outcome
    from suite.progress import Progress
    from suite.reports import Report

#: As shells report a command that Ctrl-C ended.
INTERRUPTED: Final = 128 + signal.SIGINT
RESUME: Final = "--resume"
#: Files that a run opens, and those that each version adds to them while it is measured: its worker's pipes
#: and its connections. Measured with both SDKs: 28 in all for one version, 3 more for each other.
_FILES: Final = 64
_FILES_EACH: Final = 12


@dataclass(frozen=True, slots=True)
class Asked:
    """What a run is asked: ``state_file`` is where it keeps what is measured, None: in the cache."""

    cells: Sequence[Cell]
    jobs: int
    service: Service | None
    reports: Sequence[Report]
    state_file: Path | None
    resume: bool


def run(asked: Asked) -> int:
    """Measure and report; the exit status.

    Raises:
        ValueError, OSError: what was given cannot be used; nothing was measured yet.
    """
    for report in asked.reports:
        report.check()
    kept, done = _opened(asked), False
    try:
        status, done = _measured_and_reported(asked, kept)
    except KeyboardInterrupt:
        say(f"interrupted while reports were written{_go_on(kept)}")
        return INTERRUPTED
    finally:
        kept.close(done=done)
    return status


def _opened(asked: Asked) -> State:
    """The run's state file. One that was not asked for is no reason not to run."""
    if asked.service is not None:
        if asked.resume or asked.state_file is not None:
            raise ValueError(
                "--resume and --state: a real service may be another tomorrow, and is asked anew"
            )
        return State()
    given = asked.resume or asked.state_file is not None
    path = asked.state_file or state.default_path(cache_root(), asked.cells)
    kept = State(path, resume=asked.resume, note=say)
    try:
        kept.open()
    except (OSError, state.Busy) as error:
        if given:
            raise
        say(f"this run cannot be resumed: {error}")
        return State()
    return kept


def _measured_and_reported(asked: Asked, kept: State) -> tuple[int, bool]:
    """The exit status, and whether there is nothing left to do."""
    started, jobs = time.monotonic(), _jobs(asked)
    outcomes: dict[Cell, Outcome] = {}
    with progress(len(asked.cells)) as shown:
        interrupted = interruption.run(
            _measure(asked, jobs, kept, shown, outcomes),
            note=lambda: shown.note("ending; Ctrl-C again leaves at once"),
            last_words=lambda: shown.leave(f"left at once after {len(outcomes)} cells{_go_on(kept)}"),
        )
    measured = len(outcomes)
    every = tuple(outcomes.get(cell) or unmeasured(cell, predict(cell)) for cell in asked.cells)
    about = facing.about(asked.service, asked.cells, command_line())
    result = Run(every, about, time.monotonic() - started)
    try:
        write_all(asked.reports, result)
    except OSError as error:
        say(f"{error.filename}: {error.strerror}; what was measured is kept{_go_on(kept)}")
        return 2, False
    if asked.resume:
        earlier = sum(map(kept.is_earlier, outcomes.values()))
        say(f"{earlier} of {len(every)} cells were measured by an earlier run")
    if interrupted:
        say(f"interrupted after {measured} of {len(every)} cells{_go_on(kept)}")
        return interrupted, False
    broken = sum(outcome.status is Status.BROKEN for outcome in every)
    if broken:
        say(f"{broken} cells were not measured; see why, mend it{_go_on(kept)}")
    tell(f"{result.closing()}\n")
    return result.exit_code, not broken


def _go_on(kept: State) -> str:
    """How to go on, where that is possible."""
    if kept.path is None:
        return ""
    words = command_line()
    return f"; go on with: {' '.join(words if RESUME in words else [*words, RESUME])}"


def _jobs(asked: Asked) -> int:
    """How many versions are measured side by side, with the files that this process may open."""
    wanted = min(asked.jobs, len({cell.subject for cell in asked.cells}))
    allowed = platforms.allow_files(_FILES + wanted * _FILES_EACH)
    possible = max(1, (allowed - _FILES) // _FILES_EACH)
    if possible < wanted:
        say(f"{possible} versions are measured side by side: {allowed} files may be open; see ulimit -n")
    return min(wanted, possible)


async def _measure(
    asked: Asked, jobs: int, kept: State, shown: Progress, outcomes: dict[Cell, Outcome]
) -> None:
    measuring = facing.measure(asked.cells, cache_root(), jobs, shown.note, asked.service, kept)
    async with aclosing(measuring) as measured:
        async for outcome in measured:
            outcomes[outcome.cell] = outcome
            shown.advance(outcome)
