"""The two commands as a person calls them, measured by the tables: offline, in a second."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, get_args

import pytest

from suite import commands
from suite.upgrade import bisecting, measuring
from suite.upgrade.model import Aspect
from suite.upgrade.structure import Kind

from ...pages import UPGRADE, quoted, table
from . import predicted

if TYPE_CHECKING:
    from pathlib import Path

OWN: Final = ("--create", "none", "--connect", "none")
#: What the owner of an application has to write.
LINES: Final = (
    "+ const ai = new GoogleGenAI({apiKey: KEY, httpOptions: {apiVersion: 'v1alpha'}})",
    "+ const ai = new GoogleGenAI({apiKey: token.name, httpOptions: {apiVersion: 'v1alpha'}})",
)


@pytest.fixture(autouse=True)
def _by_the_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measuring, "measure", predicted.measure)
    monkeypatch.setattr(bisecting, "measure", predicted.measure)


def test_an_upgrade_that_breaks_an_application_says_what_and_the_two_lines(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert commands.main(["upgrade", "js", "2.32.0", "3.1.0", *OWN]) == 1
    told = capsys.readouterr().out
    assert "Your placement stops working with 3.1.0, at service date latest: 2 lines mend it." in told
    assert "latest     works → refused 404" in told
    assert "because    @google/genai since 3.1.0: default version: v1" in told
    assert [line.strip() for line in told.splitlines() if line.strip().startswith("+ ")] == list(LINES)


def test_an_upgrade_after_which_all_goes_on_ends_with_0(capsys: pytest.CaptureFixture[str]) -> None:
    mended = ("--create", "client=v1alpha", "--connect", "client=v1alpha")
    assert commands.main(["upgrade", "js", "2.32.0", "3.1.0", *mended]) == 0
    assert "Your placement goes on working." in capsys.readouterr().out


def test_what_never_worked_is_told_with_what_mends_it(capsys: pytest.CaptureFixture[str]) -> None:
    given = ["upgrade", "js", "2.30.0", "2.32.0", *OWN, "--topic", "placement", "--service-date", "launch"]
    assert commands.main(given) == 0
    told = capsys.readouterr().out
    assert "Your placement works in neither version: 2 lines mend it." in told
    assert "launch     refused 404, as before" in told
    assert all(line in told for line in LINES)


def test_reports_go_to_files_and_say_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page, data = tmp_path / "upgrade.md", tmp_path / "upgrade.json"
    reports = ("--report", f"markdown={page}", "--report", f"json={data}")
    assert commands.main(["upgrade", "js", "--from", "2.32.0", "--to", "3.1.0", *OWN, *reports]) == 1
    assert capsys.readouterr().out == ""
    text = page.read_text("utf-8")
    assert "```diff\n" in text
    assert all(line in text.splitlines() for line in LINES)
    told = json.loads(data.read_text("utf-8"))
    assert (told["before"], told["after"], told["exit_code"]) == ("js==2.32.0", "js==3.1.0", 1)
    [stops] = [group for group in told["groups"] if group["direction"] == "stops working"]
    assert [edit["after"] for edit in stops["fix"]["edits"]] == [[line[2:]] for line in LINES]
    assert {cell["date"]: (cell["before"], cell["after"]) for cell in stops["cells"]} == {
        "launch": ("refused 404", "refused 404"),
        "latest": ("works", "refused 404"),
    }


def test_the_page_names_every_key_aspect_and_kind(tmp_path: Path) -> None:
    data = tmp_path / "upgrade.json"
    commands.main(["upgrade", "js", "2.32.0", "3.1.0", *OWN, "--report", f"json={data}"])
    told = json.loads(data.read_text("utf-8"))
    said = {name for row in table(UPGRADE, "table of keys") for name in quoted(row[0])}
    assert said == set(told)
    page = set(quoted(UPGRADE.read_text("utf-8")))
    assert {*get_args(Aspect), *get_args(Kind), *told["groups"][0]} - page == set()


def test_a_version_beside_itself_changes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert commands.main(["upgrade", "python", "3.4.0", "3.4.0"]) == 0
    assert "Nothing changes." in capsys.readouterr().out


def test_the_python_sdk_is_told_in_python(capsys: pytest.CaptureFixture[str]) -> None:
    assert commands.main(["upgrade", "python", "2.34.0", "3.4.0", *OWN, "--topic", "placement"]) == 1
    told = capsys.readouterr().out
    assert "+ client = genai.Client(api_key=KEY, http_options={'api_version': 'v1alpha'})" in told
    assert "# the client that mints" in told


def test_nothing_measured_is_not_green(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def measure(cells: Any, *_: Any) -> Any:
        return {cell: predicted.broken(cell) for cell in cells}

    monkeypatch.setattr(measuring, "measure", measure)
    assert commands.main(["upgrade", "js", "2.30.0", "2.32.0", *OWN]) == 2
    told = capsys.readouterr().out
    assert "Your placement was not measured" in told
    assert "no network" in told


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["2.32.0", "3.1.0", "3.2.0"], "expected two versions"),
        (["2.32.0", "9.9.9"], "9.9.9 is not published"),
        (["2.32.0", "3.1.0", "--create", "somewhere"], "cannot read 'somewhere'"),
        (["2.32.0", "3.1.0", "--topic", "token-requests"], "no topic 'token-requests'"),
        (["2.32.0", "3.1.0", "--report", "html"], "report 'html' is not known"),
        (["2.32.0", "3.1.0", "--service-date", "soon"], "soon"),
    ],
)
def test_bad_input_is_said(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert commands.main(["upgrade", "js", *arguments]) == 2
    assert said in capsys.readouterr().err


def test_bisect_prints_each_step_the_neighbours_and_the_row(capsys: pytest.CaptureFixture[str]) -> None:
    assert commands.main(["bisect", "js", "--from", "2.0.0", "--to", "latest", *OWN]) == 0
    out, err = capsys.readouterr()
    assert "It changes in 3.1.0: works → refused 404. The last before it is 2.32.0" in out
    assert "@google/genai since 3.1.0: default version: v1" in out
    assert all(line in out for line in LINES)
    steps = [line for line in err.splitlines() if line.startswith("js==")]
    assert 4 <= len(steps) <= 9
    assert "it works with 2.32.0 and with 3.1.0 (measured;" in " ".join(out.split())
    assert "js==3.1.0: refused 404, as at the end" in steps


def test_bisect_follows_a_behaviour(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    data = tmp_path / "bisect.json"
    given = ["bisect", "js", "--from", "2.0.0", "--to", "2.32.0", "--behaviour", "setup:1011"]
    assert commands.main([*given, "--report", f"json={data}"]) == 0
    told = json.loads(data.read_text("utf-8"))
    assert told["boundary"] == ["js==2.10.0", "js==2.11.0"]
    assert told["followed"] == "verdict"
    assert told["change"]["groups"][0]["because"][0]["row"] == "@google/genai since 2.11.0"


def test_bisect_with_ends_that_agree_ends_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert commands.main(["bisect", "js", "--from", "2.0.0", "--to", "2.5.0", *OWN]) == 2
    assert "Nothing to find: 2.0.0 and 2.5.0 agree" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "expected one thing to follow"),
        ([*OWN, "--behaviour", "handshake:404"], "expected one thing to follow"),
        ([*OWN, "--service-date", "both"], "a bisection follows one"),
        ([*OWN, "--from", "3.1.0", "--to", "3.1.0"], "both ends are js==3.1.0"),
        (["--behaviour", "handshake:405"], "no behaviour 'handshake:405'"),
    ],
)
def test_bad_input_of_bisect_is_said(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert commands.main(["bisect", "js", *arguments]) == 2
    assert said in capsys.readouterr().err
