"""A real service that does otherwise than the mock: planted in a second server, found, and named."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import pytest

from mockserver import FACTS, Close, Fact, MockServer, Reject, Respond, Rule, Script, fact
from mockserver.core.facts import Answers, Closes
from suite import commands, drift
from suite.judge import judge
from suite.model import Drift, Status, Verdict
from suite.predict import predict
from suite.reports import jsonfile, rows
from suite.reports.run import Run

from .conftest import as_predicted, with_step
from .facing_runs import DAY, asked, faced

if TYPE_CHECKING:
    from pathlib import Path

    from suite.model import Cell, Outcome

ASKED: Final = drift.Asked("service.test", DAY)
#: Any fact that answers over HTTP.
HTTP: Final = next(row.id for row in FACTS.values() if isinstance(row.seen, Answers))
LIVE: Final = "BidiGenerateContentConstrained"


def planted(tmp_path: Path, wanted: list[Cell], **options: Any) -> dict[Cell, Outcome]:
    """Measure cells at a server with these options."""
    with MockServer(**{"service_date": "latest", "pace": 0, **options}) as there:
        return faced(wanted, there.url, tmp_path)


def test_a_service_like_the_mock_agrees_in_all_that_is_asked(tmp_path: Path) -> None:
    outcomes = planted(tmp_path, asked())
    assert len(outcomes) > 60
    assert {outcome.status for outcome in outcomes.values()} == {Status.PASS}


SERVED: Final = {
    "tokens on v1": (
        "create:call=v1/",
        {"v1:auth_tokens.create": True},
        "TOK-004B",
        "auth_tokens.create is served",
    ),
    "no tokens on v1beta": (
        "create:call=v1beta/",
        {"v1beta:auth_tokens.create": False},
        "TOK-003",
        'until="2026-11-25"',
    ),
    "no sessions on v1beta": (
        "create:call=v1beta/connect:client=v1beta/",
        {f"v1beta:{LIVE}": False},
        "WS-014",
        'until="2026-11-25"',
    ),
    "sessions on v1": (
        "create:none/connect:client=v1/",
        {f"v1:{LIVE}": True},
        "WS-029B",
        f"{LIVE} is served",
    ),
}


@pytest.mark.parametrize("name", SERVED)
def test_what_is_served_anew_or_no_more_names_its_fact_and_the_row(name: str, tmp_path: Path) -> None:
    select, serve, named, row = SERVED[name]
    wanted = [cell for cell in asked("create:") if select in f"{cell.case.slug}/"]
    outcomes = planted(tmp_path, wanted, serve=tuple(serve.items()))
    assert outcomes
    for outcome in outcomes.values():
        assert outcome.status is Status.DRIFT
        assert [found.fact for found in outcome.drifts] == [named]
        assert outcome.reason.startswith(f"drift from {named}: ")
        assert row in outcome.drifts[0].row
    assert row in rows.render(Run(tuple(outcomes.values()), {}, 0.0))


def test_a_service_that_has_moved_on_is_told_by_the_date_from_which_it_is_known(tmp_path: Path) -> None:
    (cell,) = asked("create:call=v1beta/connect:none", "launch")
    outcome = planted(tmp_path, [cell])[cell]
    assert outcome.status is Status.DRIFT
    assert outcome.drifts[0].fact == "TOK-003"
    assert (
        outcome.fix == f"the service has moved on: run with --service-date {fact('TOK-003').since} or later"
    )


def test_other_cells_do_not_drift(tmp_path: Path) -> None:
    outcomes = planted(tmp_path, asked("token:"), serve=(("v1beta:auth_tokens.create", False),))
    assert {outcome.status for outcome in outcomes.values()} == {Status.PASS}


REFUSES: Final = {
    "a handshake": (
        Rule("handshake", (Reject(Respond(403, (), b"Go.")),)),
        "credential:key",
        "403, answer Go.",
    ),
    "a mint": (Rule("mint", (Respond(400, (), b"No uses."),)), "token:uses", "400, answer No uses."),
}


@pytest.mark.parametrize("name", REFUSES)
def test_a_refusal_where_the_mock_lets_in_is_told_with_its_words(name: str, tmp_path: Path) -> None:
    rule, select, said = REFUSES[name]
    (cell,) = asked(select)
    found = planted(tmp_path, [cell], script=Script("refuses", (rule,)))[cell]
    assert found.status is Status.DRIFT
    assert found.drifts[0].measured == f"status {said}"
    assert said in found.drifts[0].row


KNOWN: Final = {
    "word for word": (1011, "Token has been used too many times", "the words of CLS-007"),
    "with a letter too few": (1011, "Token has been used to many times", "nearly the words of CLS-007"),
    "with another code": (1008, "Token has been used too many times", "the words of CLS-007"),
}


@pytest.mark.parametrize("name", KNOWN)
def test_a_refusal_in_words_that_are_known_is_named_and_no_row_of_its_own(name: str, tmp_path: Path) -> None:
    code, reason, told = KNOWN[name]
    refuses = Script("refuses", (Rule("setup", (Close(code, reason),)),))
    (cell,) = asked("credential:key")
    found = planted(tmp_path, [cell], script=refuses)[cell]
    assert found.status is Status.DRIFT
    (one,) = found.drifts
    assert (one.words_of, one.row) == ("CLS-007", "")
    assert (
        one.measured
        == f"status 101, close {code}, close reason {reason}, {told}: {fact('CLS-007').condition}"
    )
    assert found.fix.startswith("the service refuses for a reason that is known, CLS-007: ")


# The thinking alone, on made-up outcomes.


def outcome(cell: Cell, *requests: dict[str, Any], verdict: Verdict | None = None) -> Outcome:
    """The outcome of a cell in which all is as predicted but what the server says, or how it ends."""
    prediction = predict(cell)
    (step, expected) = prediction.steps[-1]
    told = replace(
        as_predicted(prediction).step(step), requests=requests, verdict=verdict or expected.verdict
    )
    return judge(cell, prediction, with_step(as_predicted(prediction), step, told), 0.1)


def refusal(**changed: Any) -> dict[str, Any]:
    """A request that the service refuses."""
    usual = {"rpc": LIVE, "api_version": "v1alpha", "status": 101, "close": 1007, "fact": "CLS-001"}
    return {**usual, "close_reason": "API key not valid.", **changed}


def test_another_text_names_the_fact_and_proposes_it_corrected() -> None:
    (cell,) = asked("credential:key")
    found = drift.judged(
        outcome(cell, refusal()), outcome(cell, refusal(close=1008, close_reason="Go.")), ASKED
    )
    assert found.status is Status.DRIFT
    assert found.reason == (
        "drift from CLS-001: connect: expected status 101, close 1007, close reason API key not valid., "
        "measured status 101, close 1008, close reason Go."
    )
    row = read_row(found.drifts[0].row)
    assert row.seen == Closes(1008, "Go.")
    assert (row.since, row.confidence) == ("2026-11-25", "observed")
    assert row.sources == ("measured with genai-live-compat at service.test on 2026-11-25",)
    assert replace(row, seen=0, since=0, confidence=0, sources=0) == replace(
        fact("CLS-001"), seen=0, since=0, confidence=0, sources=0
    )


def test_an_http_answer_is_proposed_as_one() -> None:
    (cell,) = asked("credential:key")
    expected = {"rpc": "models.list", "status": 400, "fact": HTTP, "answer": "Old."}
    found = drift.judged(
        outcome(cell, expected), outcome(cell, {**expected, "status": 401, "answer": "New."}), ASKED
    )
    answer = read_row(found.drifts[0].row).seen
    assert isinstance(answer, Answers)
    assert (answer.http, answer.message) == (401, "New.")


def test_the_same_words_by_another_way_are_no_drift() -> None:
    (cell,) = asked("credential:key")
    here, there = refusal(path="/a", client="x"), refusal(path="/b", client="y")
    assert drift.judged(outcome(cell, here), outcome(cell, there), ASKED).status is Status.PASS


def test_where_the_wire_is_the_same_the_clients_view_is_told() -> None:
    (cell,) = asked("credential:key")
    found = drift.judged(outcome(cell, refusal()), outcome(cell, refusal(), verdict=Verdict.HANGS), ASKED)
    assert found.status is Status.DRIFT
    assert [(one.fact, one.measured) for one in found.drifts] == [("", "predicted works, measured hangs")]
    assert "no fact" in found.fix


def test_what_the_mock_itself_contradicts_is_no_drift() -> None:
    (cell,) = asked("credential:key")
    wrong = outcome(cell, refusal(), verdict=Verdict.HANGS)
    for there in (outcome(cell, refusal()), wrong):
        found = drift.judged(wrong, there, ASKED)
        assert found.status is Status.FAIL
        assert found.reason.startswith("with the mock already: ")


def test_a_drift_is_a_finding_that_a_json_report_keeps() -> None:
    (cell,) = asked("credential:key")
    found = drift.judged(outcome(cell, refusal()), outcome(cell, refusal(close=1008)), ASKED)
    run = Run((found,), {"target": "service.test"}, 1.0)
    assert run.exit_code == 1
    again = jsonfile.read(jsonfile.render(run))
    assert again.outcomes[0].drifts == found.drifts
    assert isinstance(again.outcomes[0].drifts[0], Drift)


def test_every_fact_can_be_proposed() -> None:
    for row in FACTS.values():
        assert read_row(drift.source(row)) == row


def read_row(text: str) -> Fact:
    """A proposed row, as Python reads it."""
    (row,) = eval(f"({text})", {"Fact": Fact, "Answers": Answers, "Closes": Closes})
    assert isinstance(row, Fact)
    return row


# As a command.


def test_the_command_tells_the_drift_and_exits_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = tmp_path / "matrix.json"
    with MockServer(service_date="latest", serve=(("v1:auth_tokens.create", True),)) as there:
        status = commands.main(
            ["matrix", "--target", there.url, "--sdk", "reference", "--select", "create:call=v1/connect:none",
             "--report", "terminal", "--report", f"json={report}"]
        )  # fmt: skip
    assert status == 1
    assert "drift from TOK-004B" in " ".join(capsys.readouterr().out.split())
    assert jsonfile.read(report.read_text()).about["target"] == there.url.removeprefix("http://")


BAD: Final = {
    "no key": (["--target", "real"], "--target real needs an API key: set GEMINI_API_KEY or GOOGLE_API_KEY"),
    "no URL": (
        ["--target", "example.com"],
        "--target example.com: expected real, or a base URL such as https://HOST",
    ),
    "two dates": (
        ["--target", "http://127.0.0.1:9", "--service-date", "both"],
        "--service-date both: a real service is as it is, expected launch, latest or a date",
    ),
    "not for a real service": (
        ["--target", "http://127.0.0.1:9", "--select", "turn:1011"],
        "no cell has 'turn:1011' in its id",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_run_says_why(
    name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GEMINI_API_KEY", raising=False)
    monkeypatch.delenv("GOOGLE_API_KEY", raising=False)
    arguments, said = BAD[name]
    assert commands.main(["matrix", "--sdk", "reference", *arguments]) == 2
    assert capsys.readouterr().err.startswith(f"genai-live-compat: {said}")
