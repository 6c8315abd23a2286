"""``genai-live-compat explain``: what it reads, what it ends with."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import pytest

from suite.commands import main

if TYPE_CHECKING:
    from pathlib import Path

SPENT = "1011 Token has been used too many times"
CELL = "js==2.32.0/launch/create:call=v1alpha/connect:none"


def explain(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """Run the command; its exit status, standard output and standard error."""
    try:
        status = main(["explain", *words])
    except SystemExit as ended:
        status = int(ended.code or 0)
    told = capsys.readouterr()
    return status, told.out, told.err


def test_a_text_as_an_argument_from_a_file_and_from_standard_input(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "log.txt"
    log.write_bytes(b"\xff\xfe nonsense\n" + SPENT.encode())
    monkeypatch.setattr("sys.stdin", io.StringIO(SPENT))
    told = [explain(capsys, *words) for words in ([SPENT], SPENT.split(), ["--file", str(log)], ["-"])]
    assert {status for status, _, _ in told} == {0}
    assert len({out for _, out, _ in told}) == 1
    assert "CLS-007" in told[0][1]


def test_what_nobody_knows_is_said_and_ends_with_1(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = explain(capsys, "KeyError: 'x'")
    assert (status, out) == (1, "nothing known is like this: “KeyError: 'x'”\n")


def test_a_placement_at_both_dates_and_a_behaviour_at_one(capsys: pytest.CaptureFixture[str]) -> None:
    placed = ["--sdk", "js==1.30.0", "--create", "call=v1alpha", "--connect", "none"]
    status, out, _ = explain(capsys, *placed)
    assert status == 0
    assert "js==1.30.0/launch/create:call=v1alpha/connect:none: hangs" in out
    assert "js==1.30.0/latest/create:call=v1alpha/connect:none: works" in out
    status, out, _ = explain(capsys, "--sdk", "python==3.4.0", "--case", "handshake:404")
    assert status == 0
    assert out.startswith("python==3.4.0/launch/handshake:404: refused 404")
    assert "latest" not in out


def test_one_side_alone_is_explained_with_nothing_set_on_the_other(
    capsys: pytest.CaptureFixture[str],
) -> None:
    _, out, _ = explain(capsys, "--sdk", "js==1.30.0", "--create", "none", "--service-date", "launch")
    assert "create:none/connect:none" in out


def test_the_id_of_a_cell(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = explain(capsys, CELL)
    assert status == 0
    assert out.startswith(f"{CELL}: hangs")


def test_reports_of_all_kinds(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    kinds = ["--report", f"json={tmp_path}/deep/a.json", "--report", "markdown", "--report", "json"]
    status, out, _ = explain(capsys, CELL, *kinds)
    assert status == 0
    markdown, _, data = out.partition('{\n "cells"')
    assert "```js" in markdown
    [cell] = json.loads('{\n "cells"' + data)["cells"]
    assert json.loads((tmp_path / "deep/a.json").read_text("utf-8"))["cells"] == [cell]
    assert (cell["cell"], cell["verdict"], cell["steps"][1]["wire"][0]["status"]) == (CELL, "hangs", 404)
    _, out, _ = explain(capsys, SPENT, "--sdk", "python==1.30.0", "--report", "json")
    told = json.loads(out)
    assert told["subject"] == "python==1.30.0"
    assert told["causes"][0]["facts"][0]["row"] == "CLS-007"


@pytest.mark.parametrize(
    ("words", "error"),
    [
        ([], "expected one thing to explain"),
        ([SPENT, "--case", "handshake:404"], "expected one thing to explain"),
        (["--create", "none"], "need --sdk"),
        (["--case", "handshake:404"], "need --sdk"),
        (["--sdk", "js==99.0.0", "--create", "none"], "99.0.0 is not published"),
        (["--sdk", "js==2.32.0", "--create", "v9"], "cannot read 'v9' of create"),
        (["--sdk", "js==2.32.0", "--create", "none", "--service-date", "soon"], "'soon' is not known"),
        (["--sdk", "js>=2", SPENT], "a text is of one version"),
        (["--file", "not-there.txt"], "not-there.txt: No such file"),
        ([" "], "there is no text to explain"),
        ([SPENT, "--report", "pdf"], "report 'pdf' is not known: expected terminal, markdown, json"),
        ([SPENT, "--report", "json="], "report 'json=' is not known"),
    ],
)
def test_bad_input_is_one_line_and_ends_with_2(
    words: list[str], error: str, capsys: pytest.CaptureFixture[str]
) -> None:
    status, out, err = explain(capsys, *words)
    assert (status, out) == (2, "")
    assert err.count("\n") == 1
    assert error in err
