"""A cell is explained by the rows its prediction rests on, for every case there is."""

from __future__ import annotations

import re

import pytest

from mockserver import FACTS
from suite import plan
from suite.cases import CASES
from suite.cases.placements import CONFIGURATIONS
from suite.explain.cells import cells, configuration, read_case, read_cells, tell
from suite.explain.telling import of_cells
from suite.model import Behaviour, Cell, Subject
from suite.predict import predict
from suite.prose import RENDERERS

SUBJECTS = [
    Subject("python", "1.10.0"), Subject("python", "1.30.0"), Subject("python", "3.4.0"),
    Subject("js", "1.4.0"), Subject("js", "2.32.0"), Subject("js", "3.1.0"), Subject("web", "2.32.0"),
]  # fmt: skip


@pytest.mark.parametrize("subject", SUBJECTS, ids=str)
def test_every_case_is_explained_by_rows(subject: Subject) -> None:
    every = [
        Cell(subject, date, case)
        for case in CASES
        if not isinstance(case, Behaviour) or plan.asked_of(subject, case)
        for date in plan.BOTH
    ]
    for cell in every:
        told = tell(cell)
        assert told.prediction == predict(cell)
        for step in told.steps:
            assert len(step.chain) == len(dict.fromkeys(step.expected.because))
            assert all(row.sources or FACTS[row.row].confidence == "guess" for row in step.chain)
    telling = of_cells([tell(cell) for cell in every])
    for render in RENDERERS.values():
        assert render(telling)


def test_a_cell_is_found_by_its_id() -> None:
    for case in CONFIGURATIONS:
        [cell] = read_cells(f"js==2.32.0/launch/{case.slug}")
        assert cell == Cell(Subject("js", "2.32.0"), "launch", case)
    [cell] = read_cells("python==3.4.0/launch/handshake:404")
    assert cell.case.slug == "handshake:404"
    assert len(read_cells("js==2.32.0/both/create:none/connect:none")) == 2


def test_a_placement_that_is_not_in_the_matrix_is_explained_too() -> None:
    case = configuration("client=v1,call=v1beta", "client=v1beta,session=v1")
    assert case not in CONFIGURATIONS
    assert tell(Cell(Subject("python", "3.4.0"), "latest", case)).steps


@pytest.mark.parametrize(
    ("slug", "error"),
    [
        ("handshake:405", "no case 'handshake:405': near are handshake:40"),
        ("nonsense", "a placement is written create:none/connect:client="),
        ("create:none/connect:call=v1", "cannot read 'call=v1' of connect"),
    ],
)
def test_a_case_that_nobody_knows(slug: str, error: str) -> None:
    with pytest.raises(ValueError, match=re.escape(error)):
        read_case(slug)


def test_a_behaviour_is_not_explained_of_a_version_that_lacks_what_it_is_about() -> None:
    [cell] = cells(["python==1.10.0"], "launch", read_case("credential:spent-token"))
    with pytest.raises(ValueError, match=r"is not asked of python==1\.10\.0"):
        tell(cell)


def test_the_fix_is_code_and_what_is_known_to_deviate_is_said() -> None:
    [cell] = read_cells("js==2.32.0/launch/create:none/connect:none")
    shown = RENDERERS["terminal"](of_cells([tell(cell)]))
    assert "new GoogleGenAI({apiKey: KEY, httpOptions: {apiVersion:" in shown
    assert "TOK-002" in shown
    [cell] = read_cells("js==0.5.0/launch/handshake:404")
    assert "published without its dist folder" in RENDERERS["markdown"](of_cells([tell(cell)])).replace(
        "\\", ""
    )
