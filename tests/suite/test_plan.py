"""From options to the cells of a run."""

from __future__ import annotations

import argparse
import json

import pytest

from suite import plan
from suite.cases import BEHAVIOURS
from suite.cases.placements import CONFIGURATIONS
from suite.model import Behaviour, Configuration, Subject
from suite.versions import subjects


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("both", ("launch", "latest")),
        ("launch", ("launch",)),
        ("latest", ("latest",)),
        ("2026-07-03", ("2026-07-03",)),
    ],
)
def test_a_service_date_is_read(text: str, wanted: tuple[str, ...]) -> None:
    assert plan.dates(text) == wanted


@pytest.mark.parametrize("text", ["", "today", "2026-13-01", "Launch", "launch,latest"])
def test_a_bad_service_date_is_refused_with_what_is_expected(text: str) -> None:
    expected = (
        f"service date {text!r} is not known: expected launch, latest or a date like 2026-07-03, or both"
    )
    with pytest.raises(ValueError, match=r"^service date") as caught:
        plan.dates(text)
    assert str(caught.value) == expected


def test_every_configuration_is_run_on_every_version_at_every_date() -> None:
    wanted = subjects(("python>=3", "reference"))
    cells = plan.cells(wanted, plan.BOTH)
    placed = [cell for cell in cells if isinstance(cell.case, Configuration)]
    assert len(placed) == len(set(placed)) == len(wanted) * 2 * len(CONFIGURATIONS)
    assert [cell.service_date for cell in cells] == sorted(
        (cell.service_date for cell in cells), key=plan.BOTH.index
    )


def test_a_behaviour_is_asked_of_the_sdks_it_is_for_at_the_first_date_only() -> None:
    cells = plan.cells(subjects(("python==3.4.0", "reference")), ("latest", "launch"))
    asked = [(cell.subject.sdk, cell.case) for cell in cells if isinstance(cell.case, Behaviour)]
    assert asked
    assert len(set(asked)) == len(asked)
    assert {cell.service_date for cell in cells if isinstance(cell.case, Behaviour)} == {"latest"}
    assert all(sdk in case.sdks for sdk, case in asked)
    assert {case for sdk, case in asked if sdk == "reference"} == {
        case for case in BEHAVIOURS if "reference" in case.sdks
    }


def test_text_in_an_id_selects_cells() -> None:
    cells = plan.cells([Subject("js", "1.10.0")], plan.BOTH, ["launch/create:call=v1alpha/connect:none"])
    assert [cell.id for cell in cells] == ["js==1.10.0/launch/create:call=v1alpha/connect:none"]


def test_several_texts_select_what_has_any_of_them() -> None:
    cells = plan.cells([Subject("js", "1.10.0")], plan.BOTH, ["handshake:404", "turn:1011"])
    assert [cell.id for cell in cells] == ["js==1.10.0/launch/handshake:404", "js==1.10.0/launch/turn:1011"]


def test_a_selection_without_cells_is_refused_with_an_id_as_an_example() -> None:
    with pytest.raises(
        ValueError, match=r"no cell has 'v2' or 'v3' in its id; ids look like js==1\.10\.0/launch/create:"
    ):
        plan.cells([Subject("js", "1.10.0")], plan.BOTH, ["v2", "v3"])


def test_about_says_how_to_run_it_again() -> None:
    wanted = subjects(("js==1.10.0", "js==1.3.0", "reference"))
    about = plan.about(plan.cells(wanted, ("latest", "2026-01-02")), ["genai-live-compat", "matrix"])
    assert about["command"] == "genai-live-compat matrix"
    assert about["sdks"] == {"js": ["1.10.0", "1.3.0"], "reference": ["1.0.0"]}
    assert about["service_dates"] == {"latest": "2026-11-22", "2026-01-02": "2026-01-02"}
    assert about["tool_version"] != "unknown"
    assert json.loads(json.dumps(about)) == about


def test_about_names_an_artefact_by_its_version_and_its_file() -> None:
    subject = Subject("js", "3.1.0", "build/mine.tgz")
    assert plan.about(plan.cells([subject], ("launch",)), [])["sdks"] == {"js": ["3.1.0 (mine.tgz)"]}


@pytest.mark.parametrize("text", ["1", "16"])
def test_a_number_of_jobs_is_read(text: str) -> None:
    assert plan.jobs(text) == int(text)


@pytest.mark.parametrize("text", ["0", "-1", "", "two", "1.5", "²", "+1"])
def test_a_number_of_jobs_without_work_is_refused(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="is not a number from 1 up"):
        plan.jobs(text)
