"""The matrix under pytest: the same cells, the same outcomes, the same reports."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from mockserver import MockServer

from .conftest import cells

if TYPE_CHECKING:
    from collections.abc import Mapping

AT_ONE_DATE: Final = cells("reference", date="latest")
ROOT: Final = Path(__file__).parents[2]

#: A plugin that makes the reference client wrong in one way; loaded before ``suite.plugin`` takes the engine.
WRONG: Final = """
from dataclasses import replace
from functools import partial
from suite import engine, environments

def prepare(*given, **named):
    right = environments.prepare(*given, **named)
    return replace(right, command=(*right.command, "--wrong", "default-v1beta"))

engine.Engine = partial(engine.Engine, prepare=prepare)
"""
#: A plugin with which no environment can be prepared.
BROKEN: Final = """
from functools import partial
from suite import engine, environments

def prepare(*given, **named):
    raise environments.EnvironmentBroken("no network here")

engine.Engine = partial(engine.Engine, prepare=prepare)
"""


#: A plugin with which the run ends after some tests.
ENOUGH: Final = """
done = []

def pytest_runtest_logfinish(nodeid):
    done.append(nodeid)

def pytest_runtest_teardown(item):
    if len(done) == 30:
        item.session.shouldstop = "enough"
"""
#: A plugin with which nothing more can be measured.
NO_WORKER: Final = """
from suite.drivers import process

async def start(*_):
    raise process.WorkerBroken("no worker here")

process.Worker.start = start
"""


def run(*arguments: str, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run ``pytest suite`` on the reference client and wait for it."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        "suite",
        "-q",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:hypothesispytest",
    ]
    if not any(text.startswith("--sdk") for text in arguments):
        command += ["--sdk", "reference"]
    return subprocess.run(
        [*command, *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=ROOT,
        env={**os.environ, "PYTHONIOENCODING": "utf-8", **(env or {})},
    )


def counts(done: subprocess.CompletedProcess[str]) -> dict[str, int]:
    """``{"passed": 112}`` from the last line."""
    last = done.stdout.splitlines()[-1]
    return {
        word: int(number) for number, word in re.findall(r"(\d+) (passed|failed|errors?|deselected)", last)
    }


def with_plugin(tmp_path: Path, content: str) -> dict[str, object]:
    """Arguments and environment that load a plugin."""
    (tmp_path / "other_environments.py").write_text(content)
    return {"env": {"PYTHONPATH": str(tmp_path)}}


def test_every_cell_is_a_test() -> None:
    done = run()
    assert (done.returncode, counts(done)) == (0, {"passed": len(cells("reference"))}), done.stdout


def test_cells_are_chosen_by_date_and_by_id() -> None:
    done = run("--service-date", "latest", "-k", "connect:none and v1beta")
    assert done.returncode == 0, done.stdout
    found = counts(done)
    assert found["passed"] + found["deselected"] == len(AT_ONE_DATE)
    assert 0 < found["passed"] < 10


def test_cells_are_listed_without_running_any() -> None:
    done = run("--collect-only", "--service-date", "launch")
    assert done.returncode == 0
    assert "suite/test_matrix.py::test_cell[reference==1.0.0/launch/create:none/connect:none]" in done.stdout


def test_cells_run_in_several_processes() -> None:
    done = run("-n", "2", "--service-date", "launch")
    assert (done.returncode, counts(done)) == (0, {"passed": len(AT_ONE_DATE)}), done.stdout


def test_a_finding_fails_with_its_reason_and_its_fix(tmp_path: Path) -> None:
    options = with_plugin(tmp_path, WRONG)
    done = run("-p", "other_environments", "-x", **options)  # type: ignore[arg-type]
    assert done.returncode == 1
    assert counts(done)["failed"] == 1
    assert "FAIL: create: predicted works, measured refused" in done.stdout
    assert "fix: measurement wins: correct the row" in done.stdout
    assert "Traceback" not in done.stdout


def test_a_cell_that_was_not_measured_fails_with_the_cause(tmp_path: Path) -> None:
    options = with_plugin(tmp_path, BROKEN)
    done = run("-p", "other_environments", "-k", "launch and create:none", **options)  # type: ignore[arg-type]
    assert done.returncode == 1
    assert set(counts(done)) == {"failed", "deselected"}
    assert "not measured: no network here" in done.stdout


def test_a_report_is_written_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    done = run("--service-date", "launch", "-k", "create:none", "--matrix-report", f"json={path}")
    assert done.returncode == 0, done.stdout
    document = json.loads(path.read_text("utf-8"))
    assert document["about"]["counts"] == {"PASS": counts(done)["passed"]}
    assert document["about"]["command"].startswith("pytest ")


def test_a_run_that_was_broken_off_is_taken_up_again(tmp_path: Path) -> None:
    state = tmp_path / "state.jsonl"
    plugged = ("-p", "other_environments", "--matrix-state", str(state))
    first = run(*plugged, **with_plugin(tmp_path, ENOUGH))  # type: ignore[arg-type]
    passed = counts(first)["passed"]
    assert 30 <= passed < 40
    assert len(state.read_bytes().splitlines()) > 1
    # What was measured passes, though nothing can be measured any more.
    second = run(*plugged, **with_plugin(tmp_path, NO_WORKER))  # type: ignore[arg-type]
    assert second.returncode == 1
    assert passed <= counts(second)["passed"] < len(cells("reference"))
    assert "not measured: no worker here" in second.stdout
    third = run("--matrix-state", str(state))
    assert (third.returncode, counts(third)) == (0, {"passed": len(cells("reference"))})
    assert not state.exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--sdk", "ruby"), "no SDK 'ruby'"),
        (("--sdk", "js", "--sdk-versions", "newest"), "cannot read 'newest': expected edges, latest, all"),
        (("--service-date", "soon"), "service date 'soon' is not known"),
        (("--matrix-report", "json=README.md/x.json"), "Not a directory: 'README.md/x.json'"),
        (("--matrix-report", "json", "-n", "2"), "--matrix-report needs all outcomes in one process"),
        (("--matrix-jobs", "0"), "'0' is not a number from 1 up"),
        (("--matrix-state", "x", "-n", "2"), "--matrix-state is of one process"),
        (("--matrix-state", "README.md/x"), "File exists: 'README.md'"),
    ],
)
def test_a_bad_option_is_a_usage_error(arguments: tuple[str, ...], said: str) -> None:
    done = run(*arguments)
    assert done.returncode == 4
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_real_service_is_faced_like_on_the_command_line() -> None:
    with MockServer(service_date="latest", pace=0, serve=(("v1:auth_tokens.create", True),)) as there:
        wanted = "(call and v1 and not v1alpha and not v1beta and connect:none) or credential:key"
        done = run("--target", there.url, "-k", wanted)
        sessions = sum(entry.kind == "handshake" for entry in there.journal)
    assert done.returncode == 1
    assert re.search(r"2 failed, 1 passed", done.stdout), done.stdout
    assert "DRIFT: drift from TOK-004B" in done.stdout
    assert sessions == 2  # both configurations connect in the same way: that is asked once


def test_a_budget_is_not_shared_by_processes() -> None:
    done = run("--target", "http://127.0.0.1:9", "-n", "2")
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "--target has one budget for the whole run, in one process: run without -n" in done.stderr
