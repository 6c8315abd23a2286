"""What befalls a worker: a cell is measured, or it is said why not; it is never green by accident."""

from __future__ import annotations

import os
import re
import sys
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from suite import column
from suite.drivers import Worker, process
from suite.model import Status

from ..conftest import cells, measure, placed, reference

if TYPE_CHECKING:
    from suite.environments import Environment

FAULTY: Final = Path(__file__).with_name("faulty.py")
#: Cells of which each opens a session of its own, and one that opens none.
CELLS: Final = placed(cells("reference", date="launch", select="create:client=v1alpha/connect:client="))[:3]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the faults are signals")


@dataclass(frozen=True, slots=True)
class Fault:
    """What befalls the worker, and what becomes of the cells.

    Attributes:
        name: as ``faulty.py`` knows it.
        statuses: of the cells, in order.
        reason: what is said of those that do not pass.
        workers: how many were started for them.
        limits: of the engine, shortened so that a test does not wait a minute.
    """

    name: str
    statuses: str
    reason: str
    workers: int
    limits: dict[str, float] = field(default_factory=dict)


FAULTS: Final = (
    # Nothing was lost: the probe was asked again.
    Fault("killed-once", "PASS PASS PASS", "", 2),
    Fault("killed", "BROKEN BROKEN BROKEN", r"ended from outside by SIGKILL, .*--jobs.* \(2 times\)$", 6),
    # What native code does to itself is a measurement, and a finding.
    Fault("crashed-once", "FAIL PASS PASS", "predicted works, measured crashes", 2),
    Fault(
        "mute", "BROKEN BROKEN BROKEN", "no greeting within 0.4 s, .*start it by hand", 1, {"GREETING_S": 0.4}
    ),
    Fault(
        "stopped-once",
        "BROKEN PASS PASS",
        "worker has answered nothing for 0.6 s: it is stopped, or stuck",
        2,
        {"NOTHING_S": 0.5, "STUCK_S": 0.6},
    ),
    Fault("garbage", "PASS PASS PASS", "", 1),
    Fault("endless-once", "PASS PASS PASS", "", 1),
)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_what_befalls_a_worker_is_no_measurement(
    fault: Fault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[Worker] = []

    class Counted(Worker):
        def __init__(self) -> None:
            super().__init__()
            started.append(self)

    monkeypatch.setattr(column, "Worker", Counted)
    monkeypatch.setattr(process, "RECORD_BYTES", 1_000_000)
    for name, seconds in fault.limits.items():
        monkeypatch.setattr(column, name, seconds)

    def prepare(sdk: str, version: str, *, root: Path, source: str = "") -> Environment:
        command = (sys.executable, str(FAULTY), fault.name, str(tmp_path / "marker"))
        return replace(reference(sdk, version, root=root), command=command)

    outcomes = measure(CELLS, root=tmp_path, prepare=prepare)
    assert " ".join(outcomes[cell].status.value for cell in CELLS) == fault.statuses
    for outcome in outcomes.values():
        if outcome.status is not Status.PASS:
            assert re.search(fault.reason, outcome.reason), outcome.reason
            assert "\n" not in outcome.reason
    assert len(started) == fault.workers
    assert all(worker._process is None or worker._process.returncode is not None for worker in started)


def test_what_a_worker_has_started_ends_with_it(tmp_path: Path) -> None:
    """A browser, or a program: whatever it left behind."""
    marker = tmp_path / "pid"
    script = tmp_path / "worker.py"
    script.write_text(
        "import subprocess, sys, os\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        f"open({str(marker)!r}, 'w').write(str(child.pid))\n"
        "os._exit(3)\n"
    )

    def prepare(sdk: str, version: str, *, root: Path, source: str = "") -> Environment:
        return replace(reference(sdk, version, root=root), command=(sys.executable, str(script)))

    (outcome,) = measure(CELLS[:1], root=tmp_path, prepare=prepare).values()
    assert "no greeting: worker ended with exit code 3" in outcome.reason
    assert gone(int(marker.read_text()))


def gone(pid: int) -> bool:
    """Whether a process has ended; one that nobody has waited for yet has."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        try:
            os.kill(pid, 0)
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except (ProcessLookupError, FileNotFoundError):
            return True
        time.sleep(0.01)
    return False
