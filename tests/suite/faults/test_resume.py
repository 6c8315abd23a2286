"""A run that is broken off anywhere and taken up again reports what one run would have reported."""

from __future__ import annotations

import asyncio
import json
import random
import signal
import sys
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, Final

import pytest

from suite.engine import Engine
from suite.reports import jsonfile
from suite.reports.run import Run
from suite.same import Same
from suite.seen import as_json
from suite.state import State

from ..conftest import REFERENCE, measure, reference
from .processes import REFERENCE as MATRIX
from .processes import go_on, interrupt, read_until, wait_until

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from suite.model import Cell, Outcome

    from .processes import Command

#: Each is another run; more of them show nothing new.
SEEDS: Final = range(2)
_BY_CHANCE: Final = ("seconds", "command", "story")


def told(report: str) -> Any:
    """A JSON report without what differs from run to run: times, ports, tokens.

    Stories too: whether a call returns before or after the mock has read what it sent is told as it was.
    """
    document = json.loads(report)
    same = Same()

    def plain(value: Any) -> Any:
        if isinstance(value, str):
            return same(value)
        if isinstance(value, list):
            return [plain(part) for part in value]
        if isinstance(value, dict):
            return {name: plain(part) for name, part in value.items() if name not in _BY_CHANCE}
        return value

    document = plain(document)
    shared = {name: document.pop(name) for name in jsonfile.SHARED}
    for cell in document["cells"]:
        steps = cell["steps"] or {}
        cell["steps"] = {step: shared["observations"][place] for step, place in steps.items()}
        predicted = cell["predicted"]["steps"]
        cell["predicted"]["steps"] = {step: shared["predictions"][n] for step, n in predicted.items()}
        cell["predicted"]["advice"] = shared["advice"][cell["predicted"]["advice"]]
    return document


def report(outcomes: dict[Cell, Outcome]) -> Any:
    return told(jsonfile.render(Run(tuple(outcomes[cell] for cell in REFERENCE), {}, 0)))


def entries(outcome: Outcome) -> list[dict[str, Any]]:
    """All that was seen, its story too, as reports have it."""
    assert outcome.observation is not None
    return [as_json(seen) for _, seen in outcome.observation.steps]


def measured(root: Path, path: Path, *, until: int | None = None) -> tuple[dict[Cell, Outcome], State]:
    """Measure with a state file, up to so many outcomes or to the end."""
    state = State(path, resume=True)
    state.open()
    outcomes: dict[Cell, Outcome] = {}

    async def run() -> None:
        engine = Engine(root, 2, prepare=reference, state=state)
        async with aclosing(engine.run(REFERENCE)) as ready:
            async for outcome in ready:
                outcomes[outcome.cell] = outcome
                if len(outcomes) == until:
                    break

    asyncio.run(run())
    state.close(done=until is None)
    return outcomes, state


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The report of a run that nothing befell."""
    return report(measure(REFERENCE, root=tmp_path_factory.mktemp("whole")))


@pytest.mark.parametrize("seed", SEEDS)
def test_broken_off_anywhere_and_taken_up_again_it_reports_the_same(
    seed: int, tmp_path: Path, whole: Any
) -> None:
    points: Sequence[int] = sorted(random.Random(seed).sample(range(1, len(REFERENCE)), 3))
    path = tmp_path / "state.jsonl"
    for point in points:
        before, _ = measured(tmp_path, path, until=point)
        with path.open("ab") as file:  # and the last line was just being written
            file.write(path.read_bytes().splitlines()[-1][:40])
    lines = len(path.read_bytes().splitlines())
    outcomes, state = measured(tmp_path, path)
    assert report(outcomes) == whole
    for cell, outcome in before.items():
        assert entries(outcomes[cell]) == entries(outcome), cell.id
    # What was measured was not measured again: all but the torn line.
    assert sum(map(state.is_earlier, outcomes.values())) >= points[-1]
    assert len(state._earlier) == lines - 2
    assert not path.exists()


def test_a_run_that_takes_everything_starts_no_worker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "state.jsonl"
    first, _ = measured(tmp_path, path, until=len(REFERENCE))

    async def never(*_: Any) -> None:
        raise AssertionError("a worker was started")

    monkeypatch.setattr("suite.drivers.process.Worker.start", never)
    again, state = measured(tmp_path, path)
    assert report(again) == report(first)
    assert all(map(state.is_earlier, again.values()))


def test_keys_of_the_caller_are_not_in_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, canary = tmp_path / "state.jsonl", "AIza-a-canary-of-the-caller"
    for name in ("GEMINI_API_KEY", "GOOGLE_API_KEY"):
        monkeypatch.setenv(name, canary)
    measured(tmp_path, path, until=len(REFERENCE))
    assert canary.encode() not in path.read_bytes()


# As a command


@pytest.mark.skipif(sys.platform == "win32", reason="a console's Ctrl-C reaches all of its processes")
@pytest.mark.parametrize(
    ("number", "status"),
    [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGKILL, -9)],
    ids=["ctrl-c", "terminated", "killed"],
)
def test_a_command_that_was_ended_goes_on_where_it_was(
    number: signal.Signals, status: int, command: Command, tmp_path: Path, whole: Any
) -> None:
    file = tmp_path / "report.json"
    asked = (*MATRIX, "--report", f"json={file}")
    process = command.start(*asked)
    read_until(process, "measuring")
    wait_until(
        lambda: command.states and len(command.states[0].read_bytes().splitlines()) > 20, "it measured"
    )
    _, err = interrupt(process, number)
    assert process.returncode == status
    wait_until(lambda: not command.left(), "its processes have ended")
    assert "Traceback" not in err
    if number != signal.SIGKILL:
        assert go_on(err) == [*asked, "--resume"]
        part = json.loads(file.read_text("utf-8"))
        unmeasured = [cell for cell in part["cells"] if cell["status"] == "BROKEN"]
        assert {cell["reason"] for cell in unmeasured} == {"not asked: the run was interrupted"}
        assert 0 < len(unmeasured) < len(part["cells"]) == len(REFERENCE)
    done = command.run(*asked, "--resume")
    assert done.returncode == 0, done.stderr
    (line,) = [line for line in done.stderr.splitlines() if "by an earlier run" in line]
    assert int(line.split()[1]) > 10
    assert {**told(file.read_text("utf-8")), "about": {}} == {**whole, "about": {}}
    assert command.states == []


def test_a_run_that_was_not_broken_off_leaves_no_state(command: Command) -> None:
    done = command.run(*MATRIX, "--select", "/handshake:")
    assert done.returncode == 0
    assert command.states == []
    assert command.run(*MATRIX, "--select", "/handshake:", "--resume").returncode == 0


def test_a_state_file_may_be_named(command: Command, tmp_path: Path) -> None:
    named = tmp_path / "here" / "my state.jsonl"
    process = command.start(*MATRIX, "--state", str(named))
    read_until(process, "measuring")
    wait_until(lambda: named.is_file() and len(named.read_bytes().splitlines()) > 5, "it measured")
    _, err = interrupt(process)
    assert f"--state '{named}' --resume" in err
    assert command.states == []
    # The cells of a run may be others than those of the run before: what fits is taken.
    done = command.run(*MATRIX, "--service-date", "launch", "--state", str(named), "--resume")
    assert done.returncode == 0
    assert "genai-live-compat: 0 of " not in done.stderr
    assert not named.exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--state", "{tmp}"), "Is a directory"),
        (("--state", "/dev/null/x/y"), "Not a directory"),
        (("--target", "http://127.0.0.1:9", "--resume"), "a real service may be another tomorrow"),
    ],
)
def test_a_state_that_cannot_be_kept_is_said_before_the_run(
    arguments: tuple[str, ...], said: str, command: Command, tmp_path: Path
) -> None:
    done = command.run(*MATRIX, *(text.replace("{tmp}", str(tmp_path)) for text in arguments))
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert said in line


def test_a_cache_that_cannot_be_written_is_no_reason_not_to_run(command: Command, tmp_path: Path) -> None:
    command.cache.mkdir()
    (command.cache / "runs").touch()  # where a folder belongs
    done = command.run(*MATRIX, "--select", "/rest:")
    assert done.returncode == 0
    assert done.stderr.startswith("genai-live-compat: this run cannot be resumed: ")


def test_two_runs_of_the_same_cells_do_not_disturb_each_other(command: Command, tmp_path: Path) -> None:
    first = command.start(*MATRIX)
    read_until(first, "measuring")
    second = command.run(*MATRIX)
    assert second.returncode == 0
    assert "cannot be resumed" in second.stderr
    assert "another run keeps its state there" in second.stderr
    _, err = first.communicate()
    assert first.returncode == 0, err
