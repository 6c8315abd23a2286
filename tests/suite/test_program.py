"""A short program in a process of its own: how it ends is what counts."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from typing import TYPE_CHECKING, Any

import pytest

from suite import program
from suite.drivers import Reply, Worker
from suite.drivers.process import WorkerKilled
from suite.environments import Environment
from suite.program import run_program

if TYPE_CHECKING:
    from pathlib import Path


def ended(code: str, root: Path, asked: dict[str, Any] | None = None, **env: str) -> Reply:
    """Run some Python as a program that is given a task; how it ended."""
    environment = Environment("python", "1.0.0", root, (), (), "", (sys.executable, "-c", code))

    async def run() -> Reply:
        return await run_program(Worker(), environment, env, asked or {})

    return asyncio.run(run())


@pytest.mark.parametrize(
    ("code", "outcome", "exit_code"),
    [
        ("print('open'); print('did it')", "returned", 0),
        ("print('open')", "silent", 0),
        ("import sys; sys.exit(13)", "silent", 13),  # Node, where the top level waits for what never comes
        ("import sys; sys.exit(1)", "crashed", 1),
        ("print('did it'); import sys; sys.exit(3)", "crashed", 3),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "crashed", -11),
    ],
)
def test_how_a_program_ends_is_what_became_of_it(
    code: str, outcome: str, exit_code: int, tmp_path: Path
) -> None:
    reply = ended(code, tmp_path)
    assert (reply.outcome, reply.value) == (outcome, {"exit_code": exit_code})


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_program_that_somebody_else_ended_says_nothing(number: signal.Signals, tmp_path: Path) -> None:
    with pytest.raises(WorkerKilled, match=number.name):
        ended(f"import os; os.kill(os.getpid(), {int(number)})", tmp_path)


def test_a_program_that_crashes_tells_its_last_lines(tmp_path: Path) -> None:
    reply = ended("import sys; print('a\\n b\\nc\\n\\nd', file=sys.stderr); sys.exit(1)", tmp_path)
    assert reply.error is not None
    assert reply.error == {"class": None, "message": "c |  | d", "code": 1}


def test_a_program_is_given_its_task_without_the_environment_and_the_variables_in_it(tmp_path: Path) -> None:
    code = (
        "import json, os, sys; task = json.loads(sys.argv[1]);"
        "sys.exit(0 if (task, os.environ['A'], os.environ['B'], 'C' in os.environ)"
        " == ({'do': 'turn'}, 'told', 'kept', False) else 1); "
    )
    reply = ended(code, tmp_path, {"do": "turn", "env": {"A": "told", "C": None}}, A="other", B="kept")
    assert reply.outcome == "silent", reply.error  # it ends well and does not say that it did it


def test_a_program_that_does_not_end_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program, "LIMIT_S", 0.5)
    marker = tmp_path / "pid"
    code = f"import os, time; open({str(marker)!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    assert ended(code, tmp_path).outcome == "pending"
    pid = int(marker.read_text())
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_an_sdk_without_a_program_is_absent(tmp_path: Path) -> None:
    async def run() -> Reply:
        return await run_program(Worker(), Environment("web", "1.0.0", tmp_path, (), (), ""), {}, {})

    reply = asyncio.run(run())
    assert (reply.outcome, reply.missing) == ("absent", "a program for web")
