"""Reports: every kind tells the same run, loses nothing and keeps secrets."""

from __future__ import annotations

import io
import json
import re
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from suite import reports
from suite.cases.placements import CONFIGURATIONS
from suite.judge import broken, judge
from suite.model import Cell, Outcome, Status, Subject, Verdict
from suite.predict import predict
from suite.reports import RENDERERS, terminal
from suite.reports.run import Run
from suite.reports.table import span, tables

from .conftest import as_predicted, behaving, cell, cells, placed, with_step

if TYPE_CHECKING:
    from pathlib import Path

    from suite.reports.table import Row

WORKS: Final = cell("js==1.10.0", "launch", "call=v1alpha", "client=v1alpha")
REFUSED: Final = cell("js==1.10.0", "launch", "call=v1beta", "none")
HANGS: Final = cell("js==1.10.0", "launch", "call=v1alpha", "none")
FAILS: Final = cell("js==3.1.0", "launch", "call=v1alpha", "none")
BREAKS: Final = cell("python==3.4.0", "launch", "none", "none")
DEVIATES: Final = cell("js==3.1.0", "launch", "call=v1beta", "none")
#: Behaviours: one that does as predicted, one that does not.
BEHAVES: Final = behaving(cells("js==3.1.0", select="turn:1011", date="launch"))[0]
MISBEHAVES: Final = behaving(cells("js==3.1.0", select="handshake:404", date="launch"))[0]

TOKEN: Final = "auth_tokens/" + "0123456789abcdef" * 4
KEY: Final = "AIza" + "SyD-1234567890abcdefghijklmnopqrstu"
ABOUT: Final = {"tool": "genai-live-compat", "command": f"genai-live-compat matrix # {KEY}"}


def passing(measured: Cell) -> Outcome:
    """The outcome of a cell that does as predicted."""
    prediction = predict(measured)
    return judge(measured, prediction, as_predicted(prediction), 0.125)


def failing(measured: Cell) -> Outcome:
    """A hang where a refusal is predicted, by an SDK that says too much, in every place where it can."""
    prediction = predict(measured)
    told = f"no <b>&\x00|`{TOKEN}` {KEY}\nand access_token={TOKEN.replace('/', '%2F')}"
    error = {"class": "Error", "message": told, "cause": [{"message": told}]}
    events = ({"kind": "callback", "name": "onclose", "detail": {"code": 1006, "reason": told}},)
    seen = replace(
        as_predicted(prediction).step("connect"),
        verdict=Verdict.HANGS,
        error=error,
        events=events,
        warnings=(told,),
        requests=({"path": f"/ws/x?access_token={TOKEN}", "client": told},),
    )
    return judge(measured, prediction, with_step(as_predicted(prediction), "connect", seen), 2.0)


RUN: Final = Run(
    (
        passing(WORKS),
        passing(REFUSED),
        passing(HANGS),
        replace(passing(DEVIATES), status=Status.KNOWN, reason="recorded: js-genai#1"),
        failing(FAILS),
        passing(BEHAVES),
        failing(MISBEHAVES),
        broken(BREAKS, predict(BREAKS), f"install google-genai 3.4.0: no network ({KEY})"),
    ),
    ABOUT,
    4.5,
)

each_kind = pytest.mark.parametrize("kind", RENDERERS)


@each_kind
def test_no_report_tells_a_key_or_a_token(kind: str) -> None:
    text = re.sub(r"\s", "", RENDERERS[kind](RUN))
    assert "0123456789abcdef" not in text
    assert "1234567890abcdef" not in text


def test_secrets_are_cut_so_that_two_can_still_be_told_apart() -> None:
    shown = RENDERERS["json"](RUN)
    assert "auth_tokens/0123…" in shown
    assert "auth_tokens%2F0123…" in shown
    assert "AIza…" in shown
    assert "auth_tokens.create" in shown


@each_kind
def test_a_report_is_text_that_ends_with_a_line(kind: str) -> None:
    text = RENDERERS[kind](RUN)
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    assert RENDERERS[kind](RUN) == text


@pytest.mark.parametrize("kind", ["terminal", "json", "junit", "markdown"])
def test_every_finding_is_told_with_what_differs(kind: str) -> None:
    text = " ".join(RENDERERS[kind](RUN).split())
    assert "predicted refused, measured hangs" in text
    assert "install google-genai 3.4.0: no network" in text


# The run.


def test_a_run_counts_its_statuses() -> None:
    assert RUN.counts == {Status.PASS: 4, Status.FAIL: 2, Status.KNOWN: 1, Status.BROKEN: 1}
    assert [outcome.status for outcome in RUN.findings] == [Status.FAIL, Status.FAIL, Status.BROKEN]
    assert RUN.closing() == "matrix: 5 passed, 3 failed"


@pytest.mark.parametrize(
    ("statuses", "code"),
    [
        ([], 2),
        ([Status.BROKEN], 2),
        ([Status.PASS], 0),
        ([Status.PASS, Status.KNOWN], 0),
        ([Status.PASS, Status.BROKEN], 1),
        ([Status.FAIL], 1),
        ([Status.PASS, Status.FIXED], 1),
    ],
)
def test_the_exit_code_says_agreement_findings_or_nothing_measured(statuses: list[Status], code: int) -> None:
    assert (
        Run(tuple(replace(passing(WORKS), status=status) for status in statuses), {}, 0.0).exit_code == code
    )


# JSON.


def test_json_has_the_run_and_every_cell_in_order() -> None:
    document = json.loads(RENDERERS["json"](RUN))
    assert document["about"]["counts"] == {"PASS": 4, "FAIL": 2, "KNOWN": 1, "BROKEN": 1}
    assert [row["cell"] for row in document["cells"]] == [outcome.cell.id for outcome in RUN.outcomes]


# JUnit.


def test_junit_counts_what_it_holds() -> None:
    root = ET.fromstring(RENDERERS["junit"](RUN))
    names = ("tests", "failures", "errors", "skipped")
    counts = {suite.get("name"): [int(suite.get(name, "")) for name in names] for suite in root}
    assert counts == {"js==1.10.0": [3, 0, 0, 0], "js==3.1.0": [4, 2, 0, 1], "python==3.4.0": [1, 0, 1, 0]}
    for suite in root:
        found = [len(suite.findall(path)) for path in ("testcase", "*/failure", "*/error", "*/skipped")]
        assert found == counts[suite.get("name")]


def test_junit_says_why_and_what_to_change() -> None:
    root = ET.fromstring(RENDERERS["junit"](RUN))
    case = root.find(f".//testcase[@name='{HANGS.case.slug}'][@classname='js==1.10.0.launch']")
    assert case is not None
    assert "the call never settles\nfix: set the API version" in (case.findtext("system-out") or "")


# Markdown.


def table_rows(text: str) -> list[list[str]]:
    """The rows of all Markdown tables, split at pipes that are not escaped."""
    return [re.split(r"(?<!\\)\|", line)[1:-1] for line in text.splitlines() if line.startswith("|")]


def test_markdown_escapes_pipes_and_tags_and_keeps_a_finding_on_one_line() -> None:
    piped = replace(passing(WORKS), cell=replace(WORKS, subject=Subject("js", "1|0")))
    rows = table_rows(RENDERERS["markdown"](Run((piped,), {}, 0.0)))
    assert {len(row) for row in rows} == {3}
    findings = [line for line in RENDERERS["markdown"](RUN).splitlines() if line.startswith("- ")]
    assert len(findings) == 3
    assert "<b>" not in findings[0]


def test_markdown_tells_findings_of_one_reason_in_one_line() -> None:
    alike = [
        replace(passing(cell), status=Status.DRIFT, reason="drift from X") for cell in cells("reference")[:3]
    ]
    other = replace(passing(cells("reference")[3]), status=Status.DRIFT, reason="drift from Y")
    shown = RENDERERS["markdown"](Run((*alike, other), {}, 0.0)).splitlines()
    assert [line for line in shown if line.startswith("- ")] == [
        f"- `{alike[0].cell.id}` and 2 more **DRIFT**: drift from X",
        f"- `{other.cell.id}` **DRIFT**: drift from Y",
    ]


def test_markdown_rows_have_as_many_columns_as_their_head() -> None:
    everything = Run(tuple(map(passing, cells("js", "python"))), {}, 0.0)
    widths = [len(row) for row in table_rows(RENDERERS["markdown"](everything))]
    wanted = {len(table.heads) + len(table.columns) for table in tables(everything.outcomes)}
    assert set(widths) == wanted
    assert len(wanted) > 2


# SVG.


def test_the_picture_is_well_formed_and_shows_every_label_as_text() -> None:
    root = ET.fromstring(RENDERERS["svg"](RUN))
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    texts = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
    for label in ("works", "refused 404", "hangs", "FAIL: hangs", "BROKEN: not measured"):
        assert label in texts
    assert not list(root.iter("{http://www.w3.org/2000/svg}script"))


# The terminal.


#: Versions that show much: three columns of placements, and many of behaviours.
MANY: Final = cells("js==0.9.0", "js>=1.3,<1.5", "js==1.10.0", "js==2.11.0", "js>=3.1", date="launch")


@pytest.mark.parametrize("width", [72, 80, 100, 165, 240])
def test_on_a_terminal_of_any_width_no_cell_is_cut_off(width: int) -> None:
    run = Run(tuple(map(passing, MANY)), {}, 0.0)
    console = Console(file=io.StringIO(), width=width, no_color=True)
    console.print(terminal._report(run))
    text = console.file.getvalue()  # type: ignore[attr-defined]
    every = [one for table in tables(run.outcomes) for row in table.rows for one in row.cells]
    wanted = Counter(one.label for one in every if one.note)
    # A cell ends with the number of its note.
    words = "refused|hangs|absent|crashes|silent"
    shown = Counter(
        re.findall(rf"((?:{words})(?: \d+|, exit \d+)?) [⁰¹²³⁴⁵⁶⁷⁸⁹]+(?= |$)", text, re.MULTILINE)
    )
    assert shown == wanted
    assert max(map(len, text.splitlines())) <= width


def test_a_table_of_a_few_versions_is_in_one_piece_where_there_is_no_terminal() -> None:
    text = RENDERERS["terminal"](Run(tuple(map(passing, cells("js", versions=">=3.1"))), {}, 0.0))
    assert text.count("API version at create") == 2  # one for each service date
    assert len(re.findall("^ ?behaviour", text, re.MULTILINE)) == 1


def test_the_terminal_ends_with_what_was_counted() -> None:
    assert RENDERERS["terminal"](RUN).splitlines()[-1] == "8 cells in 4 s: 4 PASS, 2 FAIL, 1 KNOWN, 1 BROKEN"


# Merged rows.


def label_of(outcome: Outcome) -> tuple[str, bool]:
    """What a table must show of an outcome."""
    finding = outcome.status in (Status.FAIL, Status.FIXED, Status.DRIFT, Status.BROKEN)
    passed = outcome.status is Status.PASS
    return (outcome.label if passed else f"{outcome.status.value}: {outcome.label}"), finding


def slugs_of(row: Row, tried: dict[str, list[str]]) -> list[str]:
    """The cases that a row stands for; ``tried`` is what was tried beside each placement at create."""
    if len(row.heads) == 1:
        return list(row.heads[0])
    creates, connects = row.heads
    return [
        f"create:{create}/connect:{connect}"
        for create in creates
        for connect in (tried[create] if connects == ("anything",) else connects)
    ]


def versions_of(column: str, versions: tuple[str, ...]) -> tuple[str, ...]:
    """The versions that a column stands for."""
    first, _, last = column.partition(" … ")
    return versions[versions.index(first) : versions.index(last or first) + 1]


def assert_lossless(outcomes: list[Outcome]) -> None:
    """Taking merged rows and columns apart gives back every cell exactly once."""
    wanted = {
        (o.cell.subject, o.cell.case.slug, o.cell.service_date if placed([o.cell]) else None): label_of(o)
        for o in outcomes
    }
    found: dict[tuple[Subject, str, str | None], tuple[str, bool]] = {}
    for table in tables(outcomes):
        tried: dict[str, list[str]] = {}
        for subject, slug, date in wanted:
            create, _, connect = slug.partition("/connect:")
            if (subject.sdk, date) == (table.sdk, table.service_date) and date:
                beside = tried.setdefault(create.removeprefix("create:"), [])
                beside += [connect] if connect not in beside else []
        for row in table.rows:
            for slug in slugs_of(row, tried):
                for column, shown_cell in zip(table.columns, row.cells, strict=True):
                    for version in versions_of(column, table.versions):
                        key = (Subject(table.sdk, version), slug, table.service_date)
                        assert key not in found
                        assert shown_cell.note <= len(table.notes)
                        if shown_cell.label:
                            found[key] = (shown_cell.label, shown_cell.finding)
    assert found == wanted


def test_the_rows_of_the_whole_matrix_can_be_taken_apart() -> None:
    assert_lossless([passing(one) for one in cells()])


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["1.3.0", "1.10.0", "3.1.0"]),
            st.sampled_from(["launch", "latest"]),
            st.sampled_from(CONFIGURATIONS),
            st.sampled_from(Status),
            st.sampled_from(["because", "for another reason"]),
        ),
        unique_by=lambda row: row[:3],
        max_size=60,
    )
)
def test_any_rows_can_be_taken_apart(rows: list[Any]) -> None:
    outcomes = []
    for version, date, configuration, status, reason in rows:
        one = Cell(Subject("js", version), date, configuration)
        outcome = broken(one, predict(one), reason) if status is Status.BROKEN else passing(one)
        outcomes.append(replace(outcome, status=status, reason=reason))
    assert_lossless(outcomes)


@pytest.mark.parametrize(
    ("versions", "said"),
    [("abcd", "all versions"), ("ab", "a … b"), ("a", "a"), ("acd", "a, c … d"), ("ac", "a, c")],
)
def test_versions_are_said_as_ranges(versions: str, said: str) -> None:
    assert span(versions, "abcd") == said


# Where they go.


@pytest.mark.parametrize("text", ["", "pdf", "json=", "JSON", "=x", "pdf=x.pdf"])
def test_an_unknown_report_is_refused_with_the_known_ones(text: str) -> None:
    with pytest.raises(ValueError, match=f"expected {', '.join(RENDERERS)}, with"):
        reports.read(text)


def test_a_report_is_written_with_its_folders_and_checking_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "new" / "report.json"
    report = reports.read(f"json={path}")
    report.check()
    assert not path.exists()
    report.write(RUN)
    assert json.loads(path.read_text("utf-8"))["cells"]
    report.check()
    assert path.stat().st_size


@each_kind
def test_half_a_surrogate_pair_does_not_cost_the_report(kind: str, tmp_path: Path) -> None:
    run = Run((broken(BREAKS, predict(BREAKS), "half a pair: \ud83d"),), {}, 0.0)
    report = reports.read(f"{kind}={tmp_path / 'report'}")
    report.write(run)
    text = (tmp_path / "report").read_text("utf-8")
    if kind == "json":
        assert json.loads(text)["cells"][0]["reason"].startswith("half a pair: ")
    if kind in ("junit", "svg"):
        ET.fromstring(text)
