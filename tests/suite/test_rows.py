"""Rows that a measurement proposes: what contradicts the tables comes back as the rows that would say it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import pytest

from suite import history
from suite.answers import WARNS, read
from suite.cases import BEHAVIOURS
from suite.history import rows_of
from suite.judge import broken, judge
from suite.model import Behaviour, Cell, Observation, Seen, Status, Subject, Verdict
from suite.predict import predict
from suite.reports.rows import measured, proposed, render
from suite.reports.run import Run

from .conftest import as_predicted, behaving, cell, cells

if TYPE_CHECKING:
    from collections.abc import Iterator

    from suite.model import Change, Outcome, Prediction

QUESTIONS: Final = tuple(dict.fromkeys(b.asks for b in BEHAVIOURS if b.asks))


def shown(prediction: Prediction) -> Observation:
    """What a client shows that does as predicted, its warnings word for word, no text nobody knows."""
    steps = []
    for step, seen in as_predicted(prediction).steps:
        expected = prediction.step(step)
        error = {**seen.error, "message": expected.message} if seen.error is not None else None
        steps.append((step, replace(seen, warnings=expected.warnings, error=error)))
    return Observation(tuple(steps))


def outcomes(sdk: str) -> list[Outcome]:
    """Every behaviour of the edges of an SDK, measured as the tables say."""
    return [judge(one, told := predict(one), shown(told), 0.0) for one in behaving(cells(sdk))]


def plain(row: Change) -> bool:
    """Whether an answer stands for itself: ``refused`` is another row's, an empty reason leaves no trace."""
    return read(row.answer).word != "refused" and row.question != "closed with 1000 in a turn"


@pytest.mark.parametrize("sdk", ["python", "js", "reference"])
def test_what_was_measured_as_the_tables_say_gives_back_the_rows_of_the_tables(sdk: str) -> None:
    every = outcomes(sdk)
    compared = 0
    for question in QUESTIONS:
        rows = rows_of(sdk, question)
        if rows and all(map(plain, rows)):
            found = [(since, [*map(read, answers)]) for since, answers in proposed(every, sdk, question)]
            assert found == [(row.since, [read(row.answer)]) for row in rows], question
            compared += 1
    assert compared > 40


@pytest.fixture
def _forgotten(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A history without what happened to closes in 1.62.0."""
    kept = tuple(
        row for row in history.CHANGES if (row.since, row.question) != ("1.62.0", "closed in a turn")
    )
    monkeypatch.setattr(history, "CHANGES", kept)
    for cached in (history.rows_of, history.answer):
        cached.cache_clear()
    yield
    for cached in (history.rows_of, history.answer):
        cached.cache_clear()


def test_a_forgotten_row_comes_back_with_its_version_and_its_answer(request: pytest.FixtureRequest) -> None:
    wanted = behaving(
        cells("python==1.26.0", "python==1.61.0", "python==1.62.0", "python==3.4.0", select="/turn:")
    )
    seen = {one: shown(predict(one)) for one in wanted}
    request.getfixturevalue("_forgotten")
    run = Run(tuple(judge(one, predict(one), seen[one], 0.0) for one in wanted), {}, 0.0)
    assert {outcome.cell.subject.version for outcome in run.findings} == {"1.62.0", "3.4.0"}
    _, *lines = render(run).splitlines()
    received = "raises ConnectionClosedError | reads: received {code} ({name}) {reason}; then sent "
    assert [line.split("\t") for line in lines] == [
        # Of what is older than the first version of a run nothing is known, not even that it is no change.
        ["python", "1.26.0", "closed in a turn", received + "{code} ({name}) {reason}", ""],
        ["python", "1.62.0", "closed in a turn", "raises APIError | reads: {code} None. {reason}", ""],
    ]


def test_where_all_agree_nothing_is_proposed() -> None:
    assert render(Run(tuple(outcomes("reference")), {}, 0.0)) == ""


def test_a_placement_and_what_was_not_measured_propose_nothing() -> None:
    placed = cell("js==1.10.0", "launch", "none", "none")
    told = predict(placed)
    seen = Observation((("create", Seen(Verdict.CRASHES)), ("connect", Seen(Verdict.NOT_REACHED))))
    failed = judge(placed, told, seen, 0.0)
    unmeasured = broken(
        behaving(cells("js==1.10.0"))[0], predict(behaving(cells("js==1.10.0"))[0]), "no network"
    )
    assert {failed.status, unmeasured.status} == {Status.FAIL, Status.BROKEN}
    assert render(Run((failed, unmeasured), {}, 0.0)) == ""


def answered(slug: str, **seen: Any) -> str:
    """What a measured behaviour of the reference client would be as an answer."""
    (one,) = (one for one in behaving(cells("reference")) if one.case.slug == slug)
    told = predict(one)
    ((step, part),) = as_predicted(told).steps
    return str(measured(judge(one, told, Observation(((step, replace(part, **seen)),)), 0.0)))


@pytest.mark.parametrize(
    ("slug", "seen", "answer"),
    [
        ("turn:1011", {"verdict": Verdict.WORKS}, "returns"),
        ("turn:1011", {"error": {"class": "Closed", "message": None}}, "tells onclose"),
        ("turn:1011", {"error": {"class": "E", "message": "1011: Token has been used too many times!"}},
         "raises E | reads: {code}: {reason}!"),
        ("turn:1011", {"error": {"class": "E", "message": "x"}, "wire": (), "ends_in": "connect"},
         "raises E unsent in connect | reads: x"),
        ("handshake:403", {"error": {"class": "E", "message": "HTTP 403"}},
         "raises E | reads: HTTP {status}"),
        ("setup:silent", {}, "hangs"),
        ("setup:silent", {"ends_in": "receive"}, "hangs in receive"),
        ("setup:silent", {"verdict": Verdict.CRASHES, "ends_in": "send"}, "crashes"),
        ("turn:silent", {"verdict": Verdict.SILENT}, "silent"),
        ("api:send", {}, "absent"),
        ("frame:go-away", {"shows": (("goAway", "nothing"),)}, "returns | goAway: nothing"),
        ("frame:empty", {"warnings": ("oh no\nsecond line",)}, "returns | warns: oh no"),
        ("exit:a turn", {"verdict": Verdict.CRASHES, "shows": (("exit code", "3"),)},
         "crashes | exit code: 3"),
    ],
)  # fmt: skip
def test_each_kind_of_outcome_is_an_answer(slug: str, seen: dict[str, Any], answer: str) -> None:
    assert answered(slug, **seen).replace(" | onerror: nothing | devtools: nothing", "") == answer


def test_what_is_always_warned_of_is_no_part_of_an_answer() -> None:
    (one,) = behaving(cells("python==1.5.0", select="credential:header"))
    told = predict(one)
    assert told.deciding.warnings == ("live API is experimental",)
    assert WARNS not in measured(judge(one, told, as_predicted(told), 0.0)).parts


def test_a_version_that_warns_of_nothing_else_does_not_hide_its_warnings() -> None:
    """Since 1.10.0 the live API is no longer warned of: an empty text is in every text."""
    behaviour = next(b for b in BEHAVIOURS if b.slug == "frame:empty")
    one = Cell(Subject("python", "3.4.0"), "launch", behaviour)
    ((step, part),) = as_predicted(predict(one)).steps
    assert isinstance(one.case, Behaviour)
    warned = Observation(((step, replace(part, warnings=("something new",))),))
    assert str(measured(judge(one, predict(one), warned, 0.0))) == "returns | warns: something new"
