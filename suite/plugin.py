"""The matrix under pytest: options, one test for each cell, and the engine behind them."""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from concurrent.futures import Future
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from . import facing, plan, reports, versions
from .commands import facing as options
from .environments import cache_root
from .model import Cell, Status
from .reports.run import Run
from .state import State

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .facing import Service
    from .model import Outcome

_BACKGROUND = pytest.StashKey["Background"]()
_SERVICE = pytest.StashKey["Service | None"]()
_STATE = pytest.StashKey[State]()
_CELLS = pytest.StashKey[tuple[Cell, ...]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """The same choices as on the command line."""
    group = parser.getgroup("genai-live-compat", "the compatibility matrix")
    group.addoption(
        "--sdk", action="append", default=[], metavar="SPEC", help="SDK versions, e.g. 'python==3.4.0'"
    )
    group.addoption(
        "--sdk-versions", help="edges, latest, all or a specifier (default: edges; at a real service: latest)"
    )
    group.addoption("--service-date", help="launch, latest, both or a date (default: both)")
    group.addoption(
        "--matrix-report",
        action="append",
        default=[],
        metavar="KIND[=PATH]",
        help="json=PATH, markdown=PATH …",
    )
    group.addoption(
        "--matrix-state",
        type=Path,
        metavar="FILE",
        help="keep what is measured in this file until all of it is, and take what it has of an earlier run",
    )
    group.addoption("--matrix-jobs", type=plan.jobs, help="SDK versions side by side")
    for name, about in options.OPTIONS.items():
        group.addoption(name, **about)


def pytest_configure(config: pytest.Config) -> None:
    """Refuse what cannot be run before anything is."""
    try:
        service = config.stash[_SERVICE] = options.service(config.option)
        which = facing.versions_of(service, config.getoption("--sdk-versions"))
        wanted = versions.subjects(config.getoption("--sdk"), which)
        config.stash[_CELLS] = facing.cells(service, wanted, config.getoption("--service-date"))
        reporting = [reports.read(text) for text in config.getoption("--matrix-report")]
        for report in reporting:
            report.check()
        config.stash[_STATE] = _state(config, service)
    except (ValueError, OSError) as error:
        raise pytest.UsageError(str(error)) from None
    if reporting and config.getoption("numprocesses", None):
        raise pytest.UsageError("--matrix-report needs all outcomes in one process: run without -n")
    if service is not None and config.getoption("numprocesses", None):
        raise pytest.UsageError("--target has one budget for the whole run, in one process: run without -n")


def _state(config: pytest.Config, service: Service | None) -> State:
    path: Path | None = config.getoption("--matrix-state")
    if path is not None and (service is not None or config.getoption("numprocesses", None)):
        raise ValueError("--matrix-state is of one process, and of the mock: run without -n and --target")
    state = State(path, resume=True)
    state.open()
    return state


def pytest_unconfigure(config: pytest.Config) -> None:
    """Let others have the state file, whatever became of the run."""
    if (state := config.stash.get(_STATE, None)) is not None:
        state.close(done=False)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test for each cell; with xdist, the cells of one SDK version stay in one process."""
    if "cell" in metafunc.fixturenames:
        cells = metafunc.config.stash[_CELLS]
        grouped = metafunc.config.pluginmanager.hasplugin("xdist")
        marks = {cell: [pytest.mark.xdist_group(str(cell.subject))] if grouped else [] for cell in cells}
        metafunc.parametrize("cell", [pytest.param(cell, id=cell.id, marks=marks[cell]) for cell in cells])


@pytest.hookimpl(trylast=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    """Begin to measure what was selected; an xdist worker begins when it is given a cell."""
    cells = [item.callspec.params["cell"] for item in session.items if _is_cell(item)]  # type: ignore[attr-defined]
    if not cells or session.config.option.collectonly:
        return
    config = session.config
    background = Background(config.getoption("--matrix-jobs"), config.stash[_SERVICE], config.stash[_STATE])
    session.config.stash[_BACKGROUND] = background
    if not hasattr(session.config, "workerinput"):
        background.begin(cells)
    else:
        background.later(cells)


def _is_cell(item: pytest.Item) -> bool:
    return "cell" in getattr(getattr(item, "callspec", None), "params", {})


@pytest.fixture
def outcome(cell: Cell, pytestconfig: pytest.Config) -> Outcome:
    """What became of a cell, once it is measured."""
    return pytestconfig.stash[_BACKGROUND].outcome(cell)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """End the engine, and write the reports."""
    background = session.config.stash.get(_BACKGROUND, None)
    if background is None:
        return
    run, whole = background.finish()
    reports.write_all([reports.read(text) for text in session.config.getoption("--matrix-report")], run)
    session.config.stash[_STATE].close(done=whole)


class Background:
    """An engine in a thread of its own; outcomes by cell."""

    def __init__(self, jobs: int | None, service: Service | None, state: State) -> None:
        self._jobs = facing.jobs_of(service, jobs)
        self._service = service
        self._state = state
        self._outcomes: dict[Cell, Future[Outcome]] = {}
        self._batches: dict[Cell, list[Cell]] = {}
        self._threads: list[threading.Thread] = []
        self._stopping: list[tuple[asyncio.AbstractEventLoop, asyncio.Task[None]]] = []
        self._started = time.monotonic()

    def begin(self, cells: Iterable[Cell]) -> None:
        """Measure these cells."""
        wanted = [cell for cell in cells if cell not in self._outcomes]
        for cell in wanted:
            self._outcomes[cell] = Future()
        thread = threading.Thread(
            target=asyncio.run, args=(self._measure(wanted),), daemon=True, name="matrix"
        )
        self._threads.append(thread)
        thread.start()

    def later(self, cells: Iterable[Cell]) -> None:
        """Measure each SDK version's cells when the first of them is asked for."""
        for cell in cells:
            self._batches[cell] = [other for other in cells if other.subject == cell.subject]

    def outcome(self, cell: Cell) -> Outcome:
        """Wait for a cell."""
        if cell not in self._outcomes:
            self.begin(self._batches[cell])
        return self._outcomes[cell].result()

    def finish(self) -> tuple[Run, bool]:
        """Stop measuring; what was measured, as a run, and whether that is all."""
        for loop, task in self._stopping:
            if not loop.is_closed():
                loop.call_soon_threadsafe(task.cancel)
        for thread in self._threads:
            thread.join()
        done = [future for future in self._outcomes.values() if future.done() and not future.exception()]
        about = facing.about(self._service, tuple(self._outcomes), ["pytest", *sys.argv[1:]])
        run = Run(tuple(future.result() for future in done), about, time.monotonic() - self._started)
        return run, len(done) == len(self._outcomes) and Status.BROKEN not in run.counts

    async def _measure(self, cells: list[Cell]) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._stopping.append((asyncio.get_running_loop(), task))
        try:
            measuring = facing.measure(
                cells, cache_root(), self._jobs, service=self._service, state=self._state
            )
            async with aclosing(measuring) as measured:
                async for outcome in measured:
                    self._outcomes[outcome.cell].set_result(outcome)
        except asyncio.CancelledError:
            pass
        except BaseException as error:  # told to whoever waits for a cell
            for cell in cells:
                if not self._outcomes[cell].done():
                    self._outcomes[cell].set_exception(error)
