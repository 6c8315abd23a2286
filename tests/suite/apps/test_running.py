"""A command runs with a variant's environment against a mock of its own; all that it started ends with it."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from mockserver import READY
from suite.apps import running
from suite.apps.model import Run, Variant
from suite.upgrade.exchanges import compared, exchanges

from .conftest import CLIENT

if TYPE_CHECKING:
    from collections.abc import Callable


def python(folder: Path, code: str, **given: Any) -> Run:
    return running.run(
        Variant("1", "1", folder), [sys.executable, "-c", code], **{"service_date": "latest", **given}
    )


@pytest.mark.parametrize(
    ("code", "label", "works"),
    [
        ("pass", "exit 0", True),
        ("import sys; sys.exit(3)", "exit 3", False),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "SIGKILL", False),
    ],
)
def test_its_end_is_told(tmp_path: Path, code: str, label: str, works: bool) -> None:
    run = python(tmp_path, code)
    assert (run.label, run.works) == (label, works)


def test_what_it_prints_is_kept_in_order_and_cut_at_its_beginning(tmp_path: Path) -> None:
    run = python(tmp_path, "import sys; print('a', flush=True); print('b', file=sys.stderr)")
    assert run.output.split() == ["a", "b"]
    long = python(tmp_path, "print('x' * 200_000); print('the end')")
    assert len(long.output) == running.KEPT_BYTES
    assert long.output.endswith("the end\n")


def test_one_that_hangs_is_stopped_with_all_that_it_started(tmp_path: Path) -> None:
    code = (
        "import os, subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    run = python(tmp_path, code, limit_s=2)
    assert (run.label, run.works) == ("hangs", False)
    assert is_gone(int(run.output))


def test_what_a_command_leaves_behind_is_ended(tmp_path: Path) -> None:
    code = (
        "import subprocess, sys\n"
        "ignores = 'import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        ' print("set", flush=True); time.sleep(60)\'\n'
        "child = subprocess.Popen([sys.executable, '-c', ignores], stdout=subprocess.PIPE)\n"
        "child.stdout.readline()\n"
        "print(child.pid)\n"
    )
    run = python(tmp_path, code)
    assert run.works
    assert is_gone(int(run.output))


def is_gone(process: int) -> bool:
    """Whether a process ends soon; one that nobody waits for any more may be a zombie."""
    until = time.monotonic() + 5
    while time.monotonic() < until:
        try:
            os.kill(process, 0)
            state = Path(f"/proc/{process}/stat")
            if state.exists() and state.read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except ProcessLookupError:
            return True
        time.sleep(0.02)
    os.kill(process, signal.SIGKILL)
    return False


def test_there_is_no_such_command(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="no-such-program"):
        running.run(Variant("1", "1", tmp_path), ["no-such-program"], service_date="latest")


def test_it_runs_where_the_program_is_and_reads_nothing(tmp_path: Path) -> None:
    run = python(tmp_path, "import os, sys; print(os.getcwd(), repr(sys.stdin.read()))")
    assert run.output.split() == [str(tmp_path.resolve()), "''"]


@pytest.mark.parametrize("date", ["launch", "latest"])
def test_the_mock_is_of_the_service_date(variant: Callable[..., Variant], date: str) -> None:
    run = running.run(variant("1", "v1beta"), CLIENT, service_date=date)
    assert run.works is (date == "latest")
    assert [e.status for e in run.entries if e.kind == "response"] == [200 if run.works else 404]


def test_the_mock_plays_a_script(variant: Callable[..., Variant]) -> None:
    run = running.run(
        variant("1", "v1beta"), CLIENT, service_date="latest", script=READY["close-1008-cls-003"]
    )
    assert not run.works
    assert [entry.status for entry in run.entries if entry.kind == "close"] == [1008]


def test_the_service_is_led_here_too(tmp_path: Path) -> None:
    code = (
        "from urllib.request import Request, urlopen\n"
        "url = 'https://generativelanguage.googleapis.com/v1alpha/auth_tokens'\n"
        "urlopen(Request(url, b'{}', {'x-goog-api-key': 'any'})).close()\n"
    )
    run = python(tmp_path, code)
    assert run.works, run.output
    assert [entry.kind for entry in run.entries] == ["request", "response"]


def test_a_variants_variables_are_joined_to_what_is_there() -> None:
    before = {"PATH": "/bin", "NODE_OPTIONS": "--inspect", "OTHER": "x"}
    given = {"PATH": "/new", "PYTHONPATH": "/own", "NODE_OPTIONS": "--require=hook", "OTHER": "y"}
    assert running.environment(before, Variant("1", "1", Path(), given)) == {
        "PATH": f"/new{os.pathsep}/bin",
        "PYTHONPATH": "/own",
        "NODE_OPTIONS": "--inspect --require=hook",
        "OTHER": "y",
    }


def test_two_runs_of_one_program_send_the_same(variant: Callable[..., Variant]) -> None:
    runs = [running.run(variant("1", "v1beta"), CLIENT, service_date="latest") for _ in range(2)]
    assert runs[0].works, runs[0].output
    assert compared(*(exchanges(run.entries) for run in runs)) == ()
