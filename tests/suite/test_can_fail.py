"""The proof that every cell can fail: by its judge, and those of placements on a wrong server or client.

Behaviours have a module of their own for the latter.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import pytest

from mockserver import Close, Profile, Reject, Respond, Rule, Script, Silence, service_date
from suite import column
from suite.drivers.reference.worker import PLACEMENT_MUTATIONS
from suite.judge import judge
from suite.known import deviation
from suite.model import SIDES, Behaviour, Configuration, Placement, Status, Verdict
from suite.predict import predict
from suite.sdks import SDKS
from suite.targets import Mock

from .conftest import as_predicted, cells, failing, measure, placed
from .mutations import mutations

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from suite.model import Cell, Expected, Prediction, Step

REFERENCE: Final = placed(cells("reference"))
LIVE: Final = "BidiGenerateContentConstrained"
#: For what takes time: some of these work, some are refused at connect.
FEW: Final = cells("reference", select="create:client=v1alpha/connect:client=", date="launch")


# By its judge: any single deviation, in any cell of any SDK.


@pytest.mark.parametrize("sdk", SDKS)
def test_every_cell_passes_as_predicted_and_fails_on_any_single_deviation(sdk: str) -> None:
    wanted = {
        (cell.case if isinstance(cell.case, Behaviour) else None, without_reasons(predict(cell))): cell
        for cell in cells(sdk)
        if deviation(cell) is None
    }
    assert wanted
    for cell in wanted.values():  # of the placements that are to show the same, and of the versions, one
        prediction = predict(cell)
        assert judge(cell, prediction, as_predicted(prediction), 0.0).status is Status.PASS, cell.id
        for name, observation in mutations(prediction):
            outcome = judge(cell, prediction, observation, 0.0)
            assert outcome.status is Status.FAIL, f"{cell.id}: {name}"
            assert outcome.reason.startswith(name.partition(":")[0]), f"{cell.id}: {name}"


# On a wrong server: exactly the cells that depend on what is wrong.


def where(holds: Callable[[Cell, Prediction], bool], wanted: tuple[Cell, ...] = REFERENCE) -> set[str]:
    """The ids of the cells for whose prediction something holds; there must be some."""
    found = {cell.id for cell in wanted if holds(cell, predict(cell))}
    assert found
    return found


def asks(prediction: Prediction, version: str, method: str) -> bool:
    """Whether a method of a version is asked for in any step."""
    return any((wire.version, wire.method) == (version, method) for _, expected in prediction.steps
               for wire in expected.wire)  # fmt: skip


def serves(cell: Cell, version: str, method: Any) -> bool:
    """Whether the right server has the method at the cell's service date."""
    return Profile(version, service_date(cell.service_date)).serves(method)[0]


@pytest.mark.parametrize("on", [True, False], ids=["served", "not served"])
@pytest.mark.parametrize("method", ["auth_tokens.create", LIVE])
@pytest.mark.parametrize("version", ["v1alpha", "v1beta", "v1"])
def test_a_method_served_or_not_against_the_tables_fails_the_cells_that_use_it(
    version: str, method: str, on: bool, tmp_path: Path
) -> None:
    switch = ((f"{version}:{method}", on),)
    outcomes = measure(REFERENCE, root=tmp_path, serve=lambda date: Mock(date, serve=switch))
    wrong = {
        cell.id
        for cell in REFERENCE
        if serves(cell, version, method) is not on and asks(predict(cell), version, method)
    }
    assert failing(outcomes) == wrong
    assert wrong or (version, on) in {("v1alpha", True), ("v1", False)}, "the switch changes nothing"


def without_reasons(prediction: Prediction) -> tuple[tuple[Step, Expected], ...]:
    """What is seen of a cell, whatever facts are behind it."""
    return tuple((step, replace(expected, because=())) for step, expected in prediction.steps)


def test_the_server_of_the_other_date_fails_the_cells_that_changed_between_the_dates(tmp_path: Path) -> None:
    other = {"launch": "latest", "latest": "launch"}

    def changed(cell: Cell, prediction: Prediction) -> bool:
        then = predict(replace(cell, service_date=other[cell.service_date]))
        return without_reasons(then) != without_reasons(prediction)

    outcomes = measure(REFERENCE, root=tmp_path, serve=lambda date: Mock(other[date]))
    assert failing(outcomes) == where(changed)


EMPTY_503: Final = Respond(503, (), b"")
FAULTS: Final[dict[str, tuple[Rule, Step, int]]] = {
    "a mint that is refused": (Rule("mint", (EMPTY_503,)), "create", 200),
    "a handshake that is refused": (Rule("handshake", (Reject(EMPTY_503),)), "connect", 101),
    "a close at the setup": (Rule("setup", (Close(1011, "out of order"),)), "connect", 101),
    "a close at the turn": (Rule("turn", (Close(1011, "out of order"),)), "connect", 101),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_server_at_fault_fails_the_cells_that_get_so_far(fault: str, tmp_path: Path) -> None:
    rule, step, status = FAULTS[fault]

    def gets_there(_: Cell, prediction: Prediction) -> bool:
        return any(wire.status == status for wire in prediction.step(step).wire)

    script = Script(fault, (rule,))
    outcomes = measure(REFERENCE, root=tmp_path, serve=lambda date: Mock(date, script=script))
    assert failing(outcomes) == where(gets_there)


def test_a_server_that_never_answers_a_turn_hangs_the_cells_that_should_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(column, "NOTHING_S", 0.5)
    script = Script("silence", (Rule("turn", (Silence(),)),))
    outcomes = measure(FEW, root=tmp_path, serve=lambda date: Mock(date, script=script))
    assert failing(outcomes) == where(lambda _, prediction: prediction.verdict is Verdict.WORKS, FEW)
    assert {outcome.label for cell, outcome in outcomes.items() if cell.id in failing(outcomes)} == {"hangs"}


# With a wrong client: exactly the cells in which it matters.


def as_if(cell: Cell, side: Step, **placement: Any) -> Cell:
    """The cell with something else placed on one side."""
    case = cell.case
    assert isinstance(case, Configuration)
    return replace(cell, case=replace(case, **{side: replace(case.placement(side), **placement)}))


def default_beta(cell: Cell) -> Cell:
    """The cell with v1beta wherever nothing is placed."""
    for side in SIDES:
        assert isinstance(cell.case, Configuration)
        if cell.case.placement(side) == Placement():
            cell = as_if(cell, side, client="v1beta")
    return cell


ACTS_AS_IF: Final = {
    "ignores-call-version": lambda cell: as_if(cell, "create", near=None),
    "ignores-session-version": lambda cell: as_if(cell, "connect", near=None),
    "default-v1beta": default_beta,
}


@pytest.mark.parametrize("wrong", ACTS_AS_IF)
def test_a_client_that_mistakes_its_version_fails_where_that_shows(wrong: str, tmp_path: Path) -> None:
    def shows(cell: Cell, prediction: Prediction) -> bool:
        return without_reasons(predict(ACTS_AS_IF[wrong](cell))) != without_reasons(prediction)

    assert failing(measure(REFERENCE, root=tmp_path, wrong=wrong)) == where(shows)


ANY: Final = {Verdict.WORKS, Verdict.REFUSED}
#: What is predicted where a wrong connect matters, and what the cells then show.
IN_CONNECT: Final = {
    "token-as-key": (ANY, {"refused 1007", "refused 404"}),
    "swallows-errors": ({Verdict.REFUSED}, {"hangs"}),
    "hangs": (ANY, {"hangs"}),
    "crashes": (ANY, {"crashes"}),
}


@pytest.mark.parametrize("wrong", IN_CONNECT)
def test_a_client_that_is_wrong_in_connect_fails_where_it_gets_there(
    wrong: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(column, "NOTHING_S", 0.5)
    matters, labels = IN_CONNECT[wrong]
    outcomes = measure(FEW, root=tmp_path, wrong=wrong)
    should = where(lambda _, prediction: prediction.step("connect").verdict in matters, FEW)
    assert failing(outcomes) == should
    assert {outcome.label for cell, outcome in outcomes.items() if cell.id in should} == labels


def test_every_wrong_client_is_found() -> None:
    assert {*ACTS_AS_IF, *IN_CONNECT} == set(PLACEMENT_MUTATIONS)
