"""Ctrl-C, once and twice, in every phase of a run; and the end of its process that nothing announces."""

from __future__ import annotations

import os
import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from .processes import REFERENCE, go_on, read_until, wait_until

if TYPE_CHECKING:
    import subprocess

    from .processes import Command

FAULTY: Final = Path(__file__).with_name("faulty.py")
JS: Final = ("matrix", "--sdk", "js==2.32.0", "--service-date", "launch", "--select", "/rest:")

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="a console's Ctrl-C reaches all of its processes"
)

_TELL: Final = "import sys, time; tell = lambda: (print('now', file=sys.stderr, flush=True), time.sleep(600))"


@dataclass(frozen=True, slots=True)
class Phase:
    """A phase of a run: what is run, changed so that it stays there, and the line that says so."""

    name: str
    arguments: tuple[str, ...]
    changed: str
    line: str
    #: Whether there is something to go on with.
    kept: bool = True


RESOLVE: Final = Phase(
    "resolve",
    REFERENCE,
    f"{_TELL}; from suite.commands import matrix; matrix.versions.subjects = lambda *_: tell()",
    "now",
    kept=False,
)
INSTALL: Final = Phase("install", JS, "", "preparing")
MEASURE: Final = Phase("measure", REFERENCE, "", "measuring")
STOP: Final = Phase(
    "measure, and its end takes long",
    REFERENCE,
    "import asyncio; from suite import column; column._stopped = lambda worker: asyncio.sleep(600)",
    "measuring",
)
REPORT: Final = Phase(
    "report",
    (*REFERENCE, "--select", "/rest:"),
    f"{_TELL}; from suite import reports; reports.terminal.show = lambda run: tell()",
    "now",
)


@pytest.fixture
def slow_npm(command: Command, tmp_path: Path) -> Path:
    """A Node, and an npm that installs half and then waits for a dead network; the folder of both."""
    programs = tmp_path / "programs"
    programs.mkdir()
    _program(programs / "node", "echo v22.0.0")
    _program(programs / "npm", "mkdir -p node_modules/half\nsleep 600 &\nwait")
    command.env["PATH"] = f"{programs}{os.pathsep}{os.environ['PATH']}"
    return programs


def _program(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def in_phase(phase: Phase, command: Command) -> subprocess.Popen[str]:
    """A run that is in it."""
    process = command.start(*phase.arguments, changed=phase.changed)
    read_until(process, phase.line)
    if phase is INSTALL:
        wait_until((command.cache / "js" / "2.32.0" / "node_modules" / "half").is_dir, "npm is at work")
    if phase in (MEASURE, STOP):
        wait_until(lambda: len(command.states[0].read_bytes().splitlines()) > 5, "it measured")
    return process


@pytest.mark.usefixtures("slow_npm")
@pytest.mark.parametrize("phase", [RESOLVE, INSTALL, MEASURE, REPORT], ids=lambda phase: phase.name)
def test_ctrl_c_ends_it_in_order_and_says_how_to_go_on(phase: Phase, command: Command) -> None:
    process = in_phase(phase, command)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal sends it, to all that belong to it
    _, err = process.communicate()
    assert process.returncode == 130
    assert "Traceback" not in err
    assert "interrupted" in err.splitlines()[-1]
    assert command.left() == {}
    if phase.kept:
        assert go_on(err) == [*phase.arguments, "--resume"]
        assert len(command.states) == 1


@pytest.mark.usefixtures("slow_npm")
@pytest.mark.parametrize("phase", [RESOLVE, STOP, REPORT], ids=lambda phase: phase.name)
def test_ctrl_c_again_ends_it_at_once_and_nothing_is_lost(phase: Phase, command: Command) -> None:
    process = in_phase(phase, command)
    process.send_signal(signal.SIGINT)
    if phase is STOP:
        read_until(process, "Ctrl-C again leaves at once")
        process.send_signal(signal.SIGINT)
    _, err = process.communicate()
    assert process.returncode == 130
    assert "Traceback" not in err
    wait_until(lambda: not command.left(), "its processes have ended")
    if phase is STOP:
        assert "left at once after" in err
        assert go_on(err) == [*phase.arguments, "--resume"]
        done = command.run(*phase.arguments, "--resume")
        assert done.returncode == 0
        assert "genai-live-compat: 0 of" not in done.stderr


@pytest.mark.usefixtures("slow_npm")
@pytest.mark.parametrize("phase", [INSTALL, MEASURE], ids=lambda phase: phase.name)
def test_what_a_terminal_sends_reaches_the_run_alone(phase: Phase, command: Command) -> None:
    process = in_phase(phase, command)
    groups = {pid: os.getpgid(pid) for pid in command.left()}
    assert len(groups) > 1
    assert [pid for pid, group in groups.items() if group == process.pid] == [process.pid]
    process.send_signal(signal.SIGINT)
    process.communicate()


def test_ctrl_c_of_a_terminal_is_not_taken_for_a_crash_of_the_sdk(command: Command) -> None:
    process = in_phase(MEASURE, command)
    os.killpg(process.pid, signal.SIGINT)
    process.communicate()
    assert b'"crashes"' not in command.states[0].read_bytes()
    assert command.run(*MEASURE.arguments, "--resume").returncode == 0


def test_a_run_that_was_told_to_ignore_ctrl_c_ignores_it(command: Command) -> None:
    """As ``nohup`` and scripts do with what they put behind them."""
    changed = "import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN)"
    process = command.start(*REFERENCE, changed=changed)
    read_until(process, "measuring")
    process.send_signal(signal.SIGHUP)
    process.communicate()
    assert process.returncode == 0


# The run's own process is gone, by SIGKILL or a fault of Python's


@pytest.mark.usefixtures("slow_npm")
@pytest.mark.parametrize("phase", [INSTALL, MEASURE], ids=lambda phase: phase.name)
def test_nothing_is_left_of_a_run_that_was_killed(phase: Phase, command: Command) -> None:
    process = in_phase(phase, command)
    assert len(command.left()) > 1
    process.kill()
    process.communicate()
    wait_until(lambda: not command.left(), f"all have ended: {command.left()}")


def test_a_worker_that_is_busy_ends_too(command: Command, tmp_path: Path) -> None:
    marker, worker = tmp_path / "marker", tmp_path / "worker.py"
    worker.write_text(
        f"import runpy, sys\nsys.argv[1:] = ['busy', {str(marker)!r}]\n"
        f"runpy.run_path({str(FAULTY)!r}, run_name='__main__')\n"
    )
    changed = f"from suite import environments; environments.REFERENCE_WORKER = {str(worker)!r}"
    process = command.start(*REFERENCE, changed=changed)
    wait_until(marker.exists, "the worker is busy")
    process.kill()
    process.communicate()
    wait_until(lambda: not command.left(), "the worker has ended")


def test_half_an_installation_is_built_anew(command: Command, slow_npm: Path) -> None:
    process = in_phase(INSTALL, command)
    process.kill()
    process.communicate()
    wait_until(lambda: not command.left(), "npm has ended")
    folder = command.cache / "js" / "2.32.0"
    assert (folder / "node_modules" / "half").is_dir()
    found = slow_npm / "found"
    _program(
        slow_npm / "npm",
        f"ls -A > {found}; echo npm error nospc ENOSPC: no space left on device, write >&2; exit 1",
    )
    done = command.run(*JS)
    assert found.read_text().split() == ["package.json"]
    assert done.returncode == 2
    assert "free some space" in done.stdout
    assert go_on(done.stderr) == [*JS, "--resume"]


def test_who_waits_for_another_run_to_install_can_be_interrupted(command: Command, slow_npm: Path) -> None:
    first = in_phase(INSTALL, command)
    second = command.start("matrix", "--sdk", "js==2.32.0")
    read_until(second, "preparing")
    second.send_signal(signal.SIGINT)
    _, err = second.communicate()
    assert second.returncode == 130
    assert "interrupted after 0 of" in err
    first.send_signal(signal.SIGINT)
    first.communicate()
