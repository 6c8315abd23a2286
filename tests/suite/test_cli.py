"""The command line, as a process: what goes where, and which exit code."""

from __future__ import annotations

import builtins
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from filelock import FileLock

from suite import commands as command
from suite import engine, facing
from suite.__main__ import main
from suite.environments import EnvironmentBroken

from .conftest import cells, reference

if TYPE_CHECKING:
    from suite.environments import Environment

ROOT: Final = Path(__file__).parents[2]
#: How many cells the reference client has at both dates.
EVERY: Final = len(cells("reference"))
FEW: Final = ("--sdk", "reference", "--service-date", "launch", "--select", "create:client=v1alpha/")


def run(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run ``python -m suite`` and wait for it."""
    return subprocess.run(
        [sys.executable, "-m", "suite", *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=ROOT,
        env={**os.environ, "PYTHONIOENCODING": "utf-8", **env},
    )


def test_a_run_in_which_all_agree_exits_0_and_says_so_last(tmp_path: Path) -> None:
    done = run("matrix", "--sdk", "reference", GENAI_LIVE_COMPAT_CACHE=str(tmp_path))
    assert done.returncode == 0
    assert done.stderr.splitlines()[-1] == f"matrix: {EVERY} passed, 0 failed"
    assert done.stderr.splitlines()[:2] == ["preparing reference==1.0.0", "measuring reference==1.0.0"]
    assert f"{EVERY} PASS" in done.stdout.splitlines()[-1]


def test_json_on_standard_output_is_all_that_is_there() -> None:
    done = run("matrix", *FEW, "--report", "json")
    document = json.loads(done.stdout)
    assert done.returncode == 0
    assert [row["status"] for row in document["cells"]] == ["PASS"] * len(document["cells"])
    assert document["about"]["command"].startswith("genai-live-compat matrix --sdk reference")


def test_several_reports_are_written_beside_each_other(tmp_path: Path) -> None:
    kinds = {"json": "a.json", "junit": "b.xml", "markdown": "c.md", "svg": "d.svg", "terminal": "e.txt"}
    wanted = [text for kind, name in kinds.items() for text in ("--report", f"{kind}={tmp_path / name}")]
    done = run("matrix", *FEW, *wanted)
    assert (done.returncode, done.stdout) == (0, "")
    assert {path.name for path in tmp_path.iterdir() if path.stat().st_size} == set(kinds.values())


def test_a_pipe_without_arrows_still_gets_the_table() -> None:
    done = run("matrix", *FEW, PYTHONIOENCODING="ascii")
    assert done.returncode == 0
    assert "\\u2192 set the API version" in done.stdout


def test_a_reader_that_goes_away_is_no_traceback() -> None:
    line = f"{sys.executable} -m suite releases | head -n 1"
    done = subprocess.run(line, shell=True, capture_output=True, text=True, cwd=ROOT)
    assert "Traceback" not in done.stderr


BAD: Final = {
    "an unknown option": (
        ("matrix", "--sdks", "python"),
        "unrecognized arguments: --sdks python; see --help",
    ),
    "no command": ((), "the following arguments are required: COMMAND; see --help"),
    "an unknown command": (("matrices",), "invalid choice: 'matrices'"),
    "an unknown SDK": (
        ("matrix", "--sdk", "ruby"),
        "no SDK 'ruby' in 'ruby': expected one of python, js, web, reference",
    ),
    "versions that cannot be read": (
        ("matrix", "--versions", "newest"),
        "cannot read 'newest': expected edges, latest, all, a version specifier",
    ),
    "an unpublished version": (
        ("matrix", "--sdk", "python==3.4.99"),
        "google-genai 3.4.99 is not published: near are 3.4.0",
    ),
    "a bad specifier": (
        ("matrix", "--sdk", "python=3"),
        "cannot read 'python=3': expected edges, latest, all, a version specifier",
    ),
    "a bad service date": (
        ("matrix", "--service-date", "soon"),
        "service date 'soon' is not known: expected",
    ),
    "a bad kind of report": (
        ("matrix", "--report", "pdf"),
        "report 'pdf' is not known: expected terminal, json",
    ),
    "a report without a path": (("matrix", "--report", "json="), "report 'json=' is not known"),
    "a report that is a folder": (
        ("matrix", "--report", "json=."),
        "report 'json=.': . is a folder, expected a file",
    ),
    "a report in no folder": (
        ("matrix", *FEW, "--report", "json=README.md/x.json"),
        "README.md/x.json: Not a directory",
    ),
    "no jobs": (("matrix", "-j", "0"), "argument -j/--jobs: '0' is not a number from 1 up; see --help"),
    "no number of jobs": (("matrix", "-j", "many"), "'many' is not a number from 1 up"),
    "a selection of nothing": (
        ("matrix", "--sdk", "reference", "--select", "v9"),
        "no cell has 'v9' in its id; ids look like reference",
    ),
    "an unknown tox environment": (
        ("matrix", "--tox-env", "lint"),
        "tox environment 'lint' names no SDK: expected",
    ),
    "a tox environment without a version": (
        ("matrix", "--tox-env", "py311-genai"),
        "tox environment 'py311-genai' names no SDK version: expected",
    ),
}


@pytest.mark.parametrize("bad", BAD)
def test_bad_input_gets_one_clear_line_and_exit_2(bad: str) -> None:
    arguments, said = BAD[bad]
    done = run(*arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert re.match(r"(genai-live-compat|genai-live-compat matrix): ", line)
    assert said in line


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_report_into_a_folder_that_may_not_be_written_is_found_before_the_run(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    done = run("matrix", *FEW, "--report", f"json={tmp_path / 'x.json'}")
    assert done.returncode == 2
    assert done.stderr.splitlines() == [f"genai-live-compat: {tmp_path / 'x.json'}: Permission denied"]


# What depends on the outcomes, in this process.


def measured_with(monkeypatch: pytest.MonkeyPatch, prepare: object, *arguments: str) -> int:
    """Run the command with other environments."""
    real = engine.Engine
    monkeypatch.setattr(facing, "Engine", lambda *given, **named: real(*given, prepare=prepare, **named))
    return command.main(["matrix", *FEW, *arguments])


def test_a_run_with_a_finding_exits_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def prepare(sdk: str, version: str, *, root: Path, source: str = "") -> Environment:
        return reference(sdk, version, root=root, wrong="default-v1beta")

    assert measured_with(monkeypatch, prepare) == 1
    told = capsys.readouterr()
    passed, failed = map(int, re.findall(r"\d+", told.err.splitlines()[-1]))
    assert passed
    assert failed
    assert "FAIL: refused 404" in told.out
    assert "measurement wins: correct the row" in told.out


def test_a_run_in_which_nothing_was_measured_exits_2_and_says_why(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def prepare(sdk: str, version: str, *, root: Path, source: str = "") -> Environment:
        raise EnvironmentBroken("no network here; check the network")

    assert measured_with(monkeypatch, prepare) == 2
    told = capsys.readouterr()
    assert told.err.splitlines()[-1].startswith("matrix: 0 passed, ")
    assert "BROKEN: not measured" in told.out
    assert "no network here; check the network" in told.out


def test_the_cache_is_told_by_kind_and_given_back(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("GENAI_LIVE_COMPAT_CACHE", str(tmp_path))
    for kind in ("js", "web"):
        (tmp_path / kind / "1.0.0").mkdir(parents=True)
        (tmp_path / kind / "1.0.0" / "file").write_bytes(os.urandom(2_000_000))
    assert command.main(["cache"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("\t")[:2] for line in lines[:-1]] == [
        ["js", "1 environments"],
        ["web", "1 environments"],
    ]
    assert lines[-1] == f"{tmp_path}\t4 MB"
    assert command.main(["cache", "--clear", "js"]) == 0
    assert [path.name for path in tmp_path.iterdir()] == ["web"]
    assert command.main(["cache", "--clear"]) == 0
    assert list(tmp_path.iterdir()) == []


def test_an_environment_that_is_being_built_is_left_alone_and_said_to_be(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("GENAI_LIVE_COMPAT_CACHE", str(tmp_path))
    (tmp_path / "js" / "1.0.0").mkdir(parents=True)
    with FileLock(tmp_path / "js" / "1.0.0.lock"):
        assert command.main(["cache", "--clear"]) == 1
    assert capsys.readouterr().out == "left alone, it is in use: js/1.0.0\n"
    assert (tmp_path / "js" / "1.0.0").is_dir()


def test_a_kind_that_is_not_in_the_cache_is_refused_with_those_that_are(tmp_path: Path) -> None:
    (tmp_path / "js" / "1.0.0").mkdir(parents=True)
    done = run("cache", "--clear", "ruby", GENAI_LIVE_COMPAT_CACHE=str(tmp_path))
    assert done.returncode == 2
    assert done.stderr == f"genai-live-compat: nothing named 'ruby' in {tmp_path}: it has js\n"


def test_the_known_releases_are_listed() -> None:
    done = run("releases")
    assert done.returncode == 0
    assert re.search(r"^python==3\.4\.0\t\d{4}-\d\d-\d\d$", done.stdout, re.MULTILINE)
    assert re.search(r"^js==\S+\t\d{4}-\d\d-\d\d$", done.stdout, re.MULTILINE)


def test_where_only_the_mock_is_installed_one_line_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def missing(name: str, *rest: object) -> object:
        if rest and rest[2] == ("commands",):
            raise ModuleNotFoundError("No module named 'rich'", name="rich")
        return imported(name, *rest)

    imported = builtins.__import__
    monkeypatch.setattr(builtins, "__import__", missing)
    assert main([]) == 2
    assert capsys.readouterr().err == (
        "genai-live-compat: the matrix needs rich, which the mock alone does not: "
        "install genai-live-compat[suite]\n"
    )
