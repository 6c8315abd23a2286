"""Several reports as one."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from suite import commands
from suite.model import Status
from suite.reports import jsonfile
from suite.reports.merging import merged
from suite.reports.run import Run

from .page_run import page_run

if TYPE_CHECKING:
    from pathlib import Path

RUN = page_run()
JS = tuple(o for o in RUN.outcomes if o.cell.subject.sdk == "js")
PYTHON = tuple(o for o in RUN.outcomes if o.cell.subject.sdk == "python")


def about(command: str, **sdks: list[str]) -> dict[str, object]:
    return {"tool": "t", "command": command, "sdks": sdks, "service_dates": {"launch": "2025-05-20"}}


ONE = Run(JS, about("one", js=["3.3.0"]), 2.0)
OTHER = Run(
    (*PYTHON, replace(JS[0], status=Status.FAIL)), about("other", python=["3.4.0"], js=["1.3.0"]), 3.0
)


def test_a_cell_of_several_runs_is_as_the_last_one_has_it() -> None:
    found = merged([ONE, OTHER], "merge").outcomes
    assert [o.cell for o in found] == [o.cell for o in (*JS, *PYTHON)]
    assert found[0].status is Status.FAIL
    assert merged([OTHER, ONE], "merge").outcomes[len(PYTHON)].status is Status.PASS


def test_what_the_runs_were_is_kept() -> None:
    run = merged([ONE, OTHER], "merge a b")
    assert run.about["command"] == "merge a b"
    assert run.about["sdks"] == {"js": ["3.3.0", "1.3.0"], "python": ["3.4.0"]}
    assert [part["command"] for part in run.about["merged"]] == ["one", "other"]
    assert [part["seconds"] for part in run.about["merged"]] == [2.0, 3.0]
    assert run.seconds == 5.0
    again = merged([run, ONE], "merge c d")
    assert [part["command"] for part in again.about["merged"]] == ["one", "other", "one"]


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    paths = [tmp_path / "one.json", tmp_path / "other.json"]
    for path, run in zip(paths, (ONE, OTHER), strict=True):
        path.write_text(jsonfile.render(run), "utf-8")
    return list(map(str, paths))


def test_the_command_writes_any_reports_of_all_together(files: list[str], tmp_path: Path) -> None:
    both, page = tmp_path / "both.json", tmp_path / "page.html"
    assert commands.main(["merge", *files, "--report", f"json={both}", "--report", f"html={page}"]) == 1
    document = json.loads(both.read_text("utf-8"))
    assert len(document["cells"]) == len(JS) + len(PYTHON)
    assert "</html>" in page.read_text("utf-8")


def test_the_exit_code_is_that_of_a_run(files: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert commands.main(["merge", files[0], "--report", "github"]) == 0
    assert capsys.readouterr().err == f"matrix: {len(JS)} passed, 0 failed\n"


def test_a_file_that_is_no_report_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "no.json"
    path.write_text("{}", "utf-8")
    assert commands.main(["merge", str(path)]) == 2
    assert f"{path}: expected a report of --report json" in capsys.readouterr().err
    assert commands.main(["merge", str(tmp_path / "none.json")]) == 2
