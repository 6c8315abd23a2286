"""The JSON report, read again: nothing is lost, and what cells share is written once."""

from __future__ import annotations

import json

import pytest

from suite.cases import CASES
from suite.judge import broken
from suite.model import Behaviour, Cell, Configuration, Placement, Subject
from suite.predict import predict
from suite.reports import RENDERERS, jsonfile
from suite.reports.run import Run

from .page_run import outcomes, page_run

RUN = page_run()
TEXT = jsonfile.render(RUN)


def test_reading_and_writing_gives_the_same_report() -> None:
    assert jsonfile.render(jsonfile.read(TEXT)) == TEXT


@pytest.mark.parametrize("kind", RENDERERS)
def test_every_report_of_what_was_read_is_the_same(kind: str) -> None:
    assert RENDERERS[kind](jsonfile.read(TEXT)) == RENDERERS[kind](RUN)


def test_a_run_that_is_read_has_the_same_exit_code_and_closing() -> None:
    again = jsonfile.read(TEXT)
    assert (again.exit_code, again.closing(), again.counts) == (RUN.exit_code, RUN.closing(), RUN.counts)


def test_cells_name_what_they_share_by_its_place() -> None:
    document = json.loads(TEXT)
    assert list(document) == ["about", "cells", "observations", "predictions", "advice"]
    for name in ("observations", "predictions", "advice"):
        entries = [json.dumps(entry) for entry in document[name]]
        assert len(set(entries)) == len(entries)
    [row] = [
        row
        for row in document["cells"]
        if row["cell"].startswith("js==2.32.0/launch/create:call=v1alpha/connect:none")
    ]
    seen = document["observations"][row["steps"]["connect"]]
    predicted = document["predictions"][row["predicted"]["steps"]["connect"]]
    assert (seen["verdict"], predicted["verdict"]) == ("hangs", "hangs")
    assert seen["requests"][0]["api_version"] == predicted["requests"][0]["api_version"] == "v1beta"
    advice = document["advice"][row["predicted"]["advice"]]
    assert row["reason"] == f"{advice['cause']}: {advice['effect']}"


def test_a_cell_is_a_line() -> None:
    rows = [line for line in TEXT.splitlines() if line.startswith('{"cell":')]
    assert len(rows) == len(RUN.outcomes)


def test_a_full_version_takes_a_few_hundred_bytes_a_cell() -> None:
    assert len(TEXT) / len(RUN.outcomes) < 2200


@pytest.mark.parametrize("case", [CASES[0], CASES[-1]])
def test_known_cases_are_those_of_this_version(case: Configuration | Behaviour) -> None:
    cell = Cell(Subject("js", "2.32.0"), "launch", case)
    again = jsonfile.read(jsonfile.render(Run(outcomes([cell]), {}, 0.0)))
    assert again.outcomes[0].cell.case is case


@pytest.mark.parametrize(
    "case",
    [
        Configuration(Placement("v9", "v8"), Placement(near="v7")),
        Behaviour("dance:tango", "the server dances", step="rest", calls=(("rest", {"method": "x"}),)),
    ],
)
def test_unknown_cases_are_what_the_report_says(case: Configuration | Behaviour) -> None:
    cell = Cell(Subject("js", "2.32.0"), "launch", case)
    like = CASES[0] if isinstance(case, Configuration) else CASES[-1]
    prediction = predict(Cell(cell.subject, "launch", like))
    run = Run((broken(cell, prediction, "no network"),), {}, 0.0)
    again = jsonfile.read(jsonfile.render(run))
    assert again.outcomes[0].cell.id == cell.id
    assert RENDERERS["html"](again)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "got Expecting value"),
        ("[]", "without list indices"),
        ('{"about": {}, "cells": []}', "without 'observations'"),
        (TEXT.replace('"status":"PASS"', '"status":"GREEN"', 1), "'GREEN' is not a valid Status"),
    ],
)
def test_another_file_is_refused_with_what_to_do(text: str, said: str) -> None:
    with pytest.raises(ValueError, match="run the matrix again") as caught:
        jsonfile.read(text)
    assert said in str(caught.value)
