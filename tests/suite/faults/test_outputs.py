"""Where nothing can be written any more: a full disk, a pipe that nobody reads, too many open files."""

from __future__ import annotations

import errno
import json
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from suite import reports
from suite.reports.run import Run

from .processes import REFERENCE, go_on, read_until

if TYPE_CHECKING:
    from .processes import Command

FEW: Final = (*REFERENCE, "--select", "/rest:")
#: A device on which every byte is one too many.
FULL: Final = Path("/dev/full")

on_linux = pytest.mark.skipif(not FULL.exists(), reason="only Linux has a disk that is always full")
on_posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit of a process's files")


def limited(name: str, number: int) -> str:
    """Python that limits what a process may have, once all is imported."""
    return (
        f"import resource, sys, suite.commands, uv\nresource.setrlimit(resource.{name}, ({number}, {number}))"
    )


# Reports


@on_linux
def test_a_report_on_a_full_disk_costs_no_other_report_and_is_written_by_resume(
    command: Command, tmp_path: Path
) -> None:
    full, good = tmp_path / "full.json", tmp_path / "good.json"
    full.symlink_to(FULL)
    asked = (*FEW, "--report", f"json={full}", "--report", f"json={good}", "--report", "terminal")
    done = command.run(*asked)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == (
        f"genai-live-compat: {full}: No space left on device; what was measured is kept; go on with: "
        f"genai-live-compat {' '.join(asked)} --resume"
    )
    assert json.loads(good.read_text("utf-8"))["about"]["counts"] == {"PASS": 2}
    assert "2 cells in" in done.stdout
    full.unlink()
    done = command.run(*go_on(done.stderr))
    assert done.returncode == 0
    assert "2 of 2 cells were measured by an earlier run" in done.stderr
    assert json.loads(full.read_text("utf-8"))["about"]["counts"] == {"PASS": 2}


@on_posix
def test_an_older_report_is_not_lost_to_one_that_finds_no_room(command: Command, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    report.write_text("the report of yesterday")
    process = command.start(*FEW, "--report", f"json={report}", changed=limited("RLIMIT_FSIZE", 3_000))
    _, err = process.communicate()
    assert process.returncode == 2
    assert f"{report}: File too large" in err.splitlines()[-1]
    assert report.read_text() == "the report of yesterday"
    assert list(tmp_path.glob(".report*")) == []


@on_posix
def test_without_room_for_its_state_a_run_goes_on_and_says_so(command: Command) -> None:
    process = command.start(*REFERENCE, "--select", "/turn:", changed=limited("RLIMIT_FSIZE", 8_000))
    out, err = process.communicate()
    assert process.returncode == 0
    (said,) = [line for line in err.splitlines() if "is not kept" in line]
    assert re.search(
        r"runs/\w+\.jsonl: File too large: what is measured from now on is not kept; the run goes", said
    )
    assert re.search(r"\d+ cells in \d+ s: \d+ PASS$", out.rstrip())


@pytest.mark.parametrize("path", ["{file}/report.json", "{file}/deeper/report.json", "/dev/null/report.json"])
def test_a_report_that_cannot_be_written_is_found_before_the_run(
    path: str, command: Command, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    done = command.run(*FEW, "--report", "json=" + path.replace("{file}", str(tmp_path / "file")))
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert re.match(r"genai-live-compat: .*: (Not a directory|File exists)", line)


def test_a_report_through_a_link_is_written_where_it_leads(tmp_path: Path) -> None:
    target, link = tmp_path / "there" / "report.json", tmp_path / "link.json"
    target.parent.mkdir()
    target.write_text("old")
    link.symlink_to(target)
    reports.read(f"json={link}").write(Run((), {}, 0))
    assert link.is_symlink()
    assert json.loads(target.read_text())["cells"] == []


# Readers that go away


@on_posix
@pytest.mark.parametrize("gone", ["stdout", "stderr", "both"])
def test_a_reader_that_goes_away_ends_no_run_and_hides_no_finding(
    gone: str, command: Command, tmp_path: Path
) -> None:
    good = tmp_path / "good.json"
    changed = (
        "from suite import engine, environments\n"
        "right = environments._reference\n"
        "from dataclasses import replace\n"
        "def wrong(*given):\n"
        "    made = right(*given)\n"
        "    return replace(made, command=(*made.command, '--wrong', 'sends-token-on-rest'))\n"
        "environments.BUILDERS['reference'] = wrong"
    )
    asked = (*FEW, "--report", "terminal", "--report", f"json={good}")
    process = command.start(*asked, changed=changed)
    assert process.stdout is not None
    assert process.stderr is not None
    if gone != "stderr":
        process.stdout.close()
    if gone != "stdout":
        process.stderr.close()
    for stream in (process.stdout, process.stderr):
        if not stream.closed:
            assert "Traceback" not in stream.read()
    assert process.wait() == 1
    assert "FAIL" in json.loads(good.read_text("utf-8"))["about"]["counts"]


@on_linux
def test_a_progress_that_finds_no_room_ends_no_run(command: Command) -> None:
    changed = f"import os; os.dup2(os.open({str(FULL)!r}, os.O_WRONLY), 2)"
    process = command.start(*FEW, changed=changed)
    out, _ = process.communicate()
    assert "2 PASS" in out
    assert process.returncode == 0


# Too many open files


@on_posix
@pytest.mark.parametrize("files", [14, 16, 18, 20, 22])
def test_with_too_few_files_nothing_is_measured_wrongly(files: int, command: Command, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    process = command.start(*FEW, "--report", f"json={report}", changed=limited("RLIMIT_NOFILE", files))
    _, err = process.communicate()
    if process.returncode == 0:
        assert files > 14
        return
    assert process.returncode == 2
    assert "Traceback" not in err
    if report.exists():
        told = json.loads(report.read_text("utf-8"))
        assert set(told["about"]["counts"]) == {"BROKEN"}
        assert {os.strerror(errno.EMFILE) in cell["reason"] for cell in told["cells"]} == {True}
        assert all("raise the limit (ulimit -n)" in cell["reason"] for cell in told["cells"])
    else:
        assert "Too many open files; raise the limit (ulimit -n)" in err


@on_posix
def test_fewer_versions_are_measured_side_by_side_where_few_files_may_be_open(command: Command) -> None:
    changed = limited("RLIMIT_NOFILE", 100) + (
        "\nfrom suite.model import Subject\n"
        "from suite.commands import matrix\n"
        "matrix.versions.subjects = lambda *_: tuple(Subject('reference', f'1.0.{n}') for n in range(5))\n"
        "from suite import facing\n"
        "right = facing.measure\n"
        "def measure(cells, root, jobs, *more):\n"
        "    print('jobs:', jobs, file=sys.stderr, flush=True)\n"
        "    return right(cells, root, jobs, *more)\n"
        "facing.measure = measure"
    )
    process = command.start(*FEW, changed=changed)
    read_until(process, "3 versions are measured side by side: 100 files may be open; see ulimit -n")
    read_until(process, "jobs: 3")
    process.communicate()
    assert process.returncode == 0
