"""The engine with the reference client: real processes, real servers, and what may go wrong with either."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import pytest

from suite import column, engine
from suite.drivers import Worker
from suite.engine import Engine
from suite.environments import EnvironmentBroken
from suite.model import Status, Subject, Verdict
from suite.targets import Mock

from .conftest import REFERENCE, cells, failing, measure, placed, reference

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from suite.environments import Environment
    from suite.model import Cell, Outcome, Probe, Seen

FEW: Final = cells("reference", select="create:client=v1alpha/connect:client=", date="launch")


@pytest.fixture(autouse=True)
def _nothing_is_left(workers: list[Worker]) -> Iterator[None]:
    """No thread and no process outlives a run, however it ends."""
    before = set(threading.enumerate())
    yield
    for thread in set(threading.enumerate()) - before:
        thread.join(10)  # asyncio's waiters for processes end just after what they wait for
        assert not thread.is_alive(), thread.name
    assert all(worker._process is None or worker._process.returncode is not None for worker in workers)


@pytest.fixture
def workers(monkeypatch: pytest.MonkeyPatch) -> list[Worker]:
    """All workers that are started in a test."""
    started: list[Worker] = []

    class Recorded(Worker):
        def __init__(self) -> None:
            super().__init__()
            started.append(self)

    monkeypatch.setattr(column, "Worker", Recorded)
    return started


def statuses(outcomes: dict[Cell, Outcome]) -> set[Status]:
    return {outcome.status for outcome in outcomes.values()}


def test_all_cells_of_the_reference_client_pass_on_both_dates_in_one_process(
    tmp_path: Path, workers: list[Worker]
) -> None:
    outcomes = measure(REFERENCE, root=tmp_path)
    assert list(outcomes) == list(REFERENCE)
    assert statuses(outcomes) == {Status.PASS}
    assert {cell.service_date for cell in outcomes} == {"launch", "latest"}
    assert len(workers) == 1


def test_an_environment_that_cannot_be_prepared_breaks_its_cells_with_the_cause(
    tmp_path: Path, workers: list[Worker]
) -> None:
    cause = "install google-genai 3.4.0: no network; check the network"

    def prepare(sdk: str, version: str, *, root: Path, source: str = "") -> Environment:
        if sdk == "python":
            raise EnvironmentBroken(cause)
        return reference(sdk, version, root=root)

    broken = cells("python==3.4.0", date="launch")
    outcomes = measure([*broken, *FEW], root=tmp_path, prepare=prepare)
    assert {(outcomes[cell].status, outcomes[cell].reason) for cell in broken} == {(Status.BROKEN, cause)}
    assert {outcomes[cell].status for cell in FEW} == {Status.PASS}
    assert len(workers) == 1


@pytest.mark.parametrize(
    ("command", "cause"),
    [
        (("/no/such/program",), "cannot start worker /no/such/program: No such file or directory"),
        (
            (sys.executable, "-c", "print('oh no'); raise SystemExit(4)"),
            "no greeting: .* exit code 4, .* oh no",
        ),
    ],
)
def test_a_worker_that_does_not_start_breaks_every_cell_with_the_cause(
    command: tuple[str, ...], cause: str, tmp_path: Path
) -> None:
    def prepare(sdk: str, version: str, *, root: Path, source: str = "") -> Environment:
        return replace(reference(sdk, version, root=root), command=command)

    outcomes = measure(FEW[:2], root=tmp_path, prepare=prepare)
    assert statuses(outcomes) == {Status.BROKEN}
    for outcome in outcomes.values():
        assert re.search(cause, outcome.reason)


def test_a_worker_that_dies_in_a_call_crashes_that_cell_and_the_next_cells_are_run(
    tmp_path: Path, workers: list[Worker]
) -> None:
    minted = list(placed(cells("reference", date="launch"))[:20])
    outcomes = measure(minted, root=tmp_path, wrong="crashes")
    crashed = {cell.id for cell, outcome in outcomes.items() if outcome.label == "crashes"}
    assert failing(outcomes) == crashed
    assert 0 < len(crashed) < len(minted)
    assert list(outcomes) == minted
    fatal = {cell.probes[1] for cell in minted if cell.id in crashed}
    assert len(workers) == len(fatal) + 1


def test_a_call_that_waits_for_a_socket_that_is_gone_hangs_after_the_grace(tmp_path: Path) -> None:
    refused = [cell for cell in FEW if cell.id.endswith("connect:client=v1beta")]
    started = time.monotonic()
    outcomes = measure(refused, root=tmp_path, wrong="swallows-errors")
    seconds = time.monotonic() - started
    assert {outcome.label for outcome in outcomes.values()} == {"hangs"}
    (outcome,) = outcomes.values()
    assert column.GRACE_S <= outcome.seconds <= seconds < column.NOTHING_S
    assert outcome.observation is not None
    assert [wire.status for wire in outcome.observation.step("connect").wire] == [404]


def test_a_call_that_sends_nothing_hangs_after_the_longer_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(column, "NOTHING_S", 0.6)
    (outcome,) = measure(FEW[:1], root=tmp_path, wrong="hangs").values()
    assert outcome.label == "hangs"
    assert outcome.seconds >= 0.6
    assert outcome.reason.startswith(
        "connect: predicted works, measured hangs; connect: predicted on the wire"
    )


def test_late_requests_of_others_do_not_disturb(tmp_path: Path) -> None:
    made: list[Mock] = []

    def serve(date: str) -> Mock:
        made.append(Mock(date))
        return made[-1]

    async def run() -> list[Outcome]:
        outcomes = []
        async for outcome in Engine(tmp_path, 1, target=serve, prepare=reference).run(FEW):
            outcomes.append(outcome)
            over = str(made[0]._server.journal[0].owner)
            for key in ("a-key-nobody-knows", over):
                await asyncio.to_thread(stray, made[0].env["GOOGLE_GEMINI_BASE_URL"], key)
        return outcomes

    outcomes = asyncio.run(run())
    assert [outcome.status for outcome in outcomes] == [Status.PASS] * len(FEW)


def stray(base_url: str, key: str) -> None:
    """Mint a token with a key that no running cell has."""
    request = urllib.request.Request(
        f"{base_url}/v1alpha/auth_tokens", b"{}", {"x-goog-api-key": key, "content-type": "application/json"}
    )
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request) as response:
        assert response.status == 200


def test_giving_up_in_the_middle_ends_the_worker_and_the_servers(
    tmp_path: Path, workers: list[Worker]
) -> None:
    async def run() -> int:
        seen = 0
        async with aclosing(Engine(tmp_path, 2, prepare=reference).run(REFERENCE)) as outcomes:
            async for _ in outcomes:
                seen += 1
                if seen == 3:
                    break
        return seen

    assert asyncio.run(run()) == 3
    assert len(workers) == 1


@pytest.mark.parametrize("after_cells", [0, 1, 5])
def test_cancelling_ends_the_worker_and_the_servers(
    after_cells: int, tmp_path: Path, workers: list[Worker]
) -> None:
    """Ctrl-C cancels the main task."""

    async def run() -> None:
        seen = 0
        enough = asyncio.Event()

        async def consume() -> None:
            nonlocal seen
            async with aclosing(Engine(tmp_path, 2, prepare=reference).run(REFERENCE)) as outcomes:
                async for _ in outcomes:
                    seen += 1
                    if seen == after_cells:
                        enough.set()
                        await asyncio.Event().wait()

        consumer = asyncio.ensure_future(consume())
        if after_cells:
            await enough.wait()
        else:
            while not workers:  # noqa: ASYNC110 - a worker is being started, nobody tells
                await asyncio.sleep(0.001)
        consumer.cancel()
        with pytest.raises(asyncio.CancelledError):
            await consumer

    asyncio.run(run())
    assert len(workers) == 1


def test_cancelling_while_a_worker_is_being_stopped_waits_for_its_end(
    tmp_path: Path, workers: list[Worker], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def run() -> None:
        stopping = asyncio.Event()
        stop = Worker.stop

        async def told(worker: Worker) -> None:
            stopping.set()
            await stop(worker)

        monkeypatch.setattr(Worker, "stop", told)

        async def consume() -> None:
            async for _ in Engine(tmp_path, 2, prepare=reference).run(FEW):
                pass

        consumer = asyncio.ensure_future(consume())
        await stopping.wait()
        consumer.cancel()
        with pytest.raises(asyncio.CancelledError):
            await consumer

    asyncio.run(run())
    (worker,) = workers
    assert worker._process is not None
    assert worker._process.returncode == 0


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no process groups to look into")
def test_ctrl_c_on_the_command_line_reports_what_was_measured_and_leaves_no_process() -> None:
    command = [sys.executable, "-m", "suite", "matrix", "--sdk", "reference", "--report", "json"]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    assert process.stderr is not None
    while "measuring" not in process.stderr.readline():
        pass
    os.kill(process.pid, signal.SIGINT)
    _, told = process.communicate()
    assert "Traceback" not in told
    assert process.returncode == 130
    assert told.splitlines()[-1].startswith("genai-live-compat: interrupted after ")
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)


def test_a_failure_of_the_engine_itself_is_raised_and_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(engine, "worker_environment", fail)
    with pytest.raises(ZeroDivisionError):
        measure(FEW, root=tmp_path)


def test_columns_of_several_versions_are_run_and_all_outcomes_come(
    tmp_path: Path, workers: list[Worker]
) -> None:
    """The reference client stands in for three versions; their tables differ only in what they say of it."""
    several = [replace(cell, subject=Subject("reference", f"1.0.{n}")) for n in range(3) for cell in FEW]
    outcomes = measure(several, root=tmp_path)
    assert set(outcomes) == set(several)
    assert statuses(outcomes) == {Status.PASS}
    assert {outcome.prediction.verdict for outcome in outcomes.values()} == {Verdict.WORKS, Verdict.REFUSED}
    assert len(workers) == 3


# Each side of a configuration is a program of its own: it is measured once, and the two are joined.


def test_a_side_is_measured_once_for_each_date_and_joined_with_every_other(tmp_path: Path) -> None:
    journals: dict[str, list[str]] = {}

    class Noted(Mock):
        def stop(self) -> None:
            owners = dict.fromkeys(str(entry.owner) for entry in self._server.journal)
            journals[self.service_date] = list(owners)
            super().stop()

    wanted = placed(REFERENCE)
    outcomes = measure(wanted, root=tmp_path, serve=Noted)
    assert len(outcomes) == len(wanted)
    for date, owners in journals.items():
        cells_of_date = [cell for cell in wanted if cell.service_date == date]
        sides = {probe for cell in cells_of_date for probe in cell.probes}
        reached = {
            probe
            for cell in cells_of_date
            for probe, (_, expected) in zip(cell.probes, outcomes[cell].prediction.steps, strict=True)
            if expected.verdict is not Verdict.NOT_REACHED
        }
        assert len(owners) == len(reached) <= len(sides) < len(cells_of_date)


def test_a_joined_cell_tells_of_both_sides_as_they_were_measured(tmp_path: Path) -> None:
    outcomes = measure(placed(REFERENCE), root=tmp_path)
    by_probe: dict[Probe, Seen] = {}
    for cell, outcome in outcomes.items():
        assert outcome.observation is not None
        for probe, (_, seen) in zip(cell.probes, outcome.observation.steps, strict=True):
            if seen.verdict is not Verdict.NOT_REACHED:
                assert by_probe.setdefault(probe, seen) is seen
                assert seen.story[0]["who"] == "app"
                assert seen.ends_in in ("create_token", "connect", "receive")
