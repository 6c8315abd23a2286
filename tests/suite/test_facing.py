"""Facing a real service: what it may cost, what says nothing of a configuration, and what nobody may read."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any, Final

import pytest

from mockserver import Close, Match, MockServer, Proceed, Reject, Respond, Rule, Script
from suite import commands
from suite.cases import BEHAVIOURS
from suite.cases.connecting import MODEL, NOT_VALID
from suite.cases.real import REAL
from suite.model import Status
from suite.reports import RENDERERS
from suite.reports.run import Run
from suite.targets import Mock, NotMeasured
from suite.targets.real import ALONE, Budget

from .facing_runs import asked, faced

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from mockserver import Entry
    from suite.model import Outcome

#: In the form of Google's keys.
CANARY: Final = "AIzaSyCANARYCANARYCANARYCANARYCANARY123"
BUSY: Final = Respond(503, (), b'{"error": {"code": 503, "message": "Overloaded.", "status": "UNAVAILABLE"}}')
SPARE: Final = Respond(429, (("retry-after", "1"),), b'{"error": {"message": "Slow down."}}')


def statuses(outcomes: Iterable[Outcome]) -> set[Status]:
    return {outcome.status for outcome in outcomes}


# What is asked.


def test_what_is_asked_of_a_real_service_is_known_and_needs_no_fault() -> None:
    known = {case.slug: case for case in BEHAVIOURS}
    assert set(known) >= REAL
    for slug in REAL:
        assert known[slug].script is None
        assert not known[slug].silent
        assert "{stranger}" not in str(known[slug].calls)


# What it may cost.


def opened(there: MockServer) -> list[Entry]:
    """The sockets that a server let in, and what became of them."""
    return [entry for entry in there.journal if entry.connection.startswith("ws-")]


def test_no_more_sessions_are_opened_than_the_budget_allows(tmp_path: Path) -> None:
    with MockServer(service_date="latest", pace=0) as there:
        outcomes = faced(asked("credential:") + asked("session:"), there.url, tmp_path, budget=Budget(3))
        assert sum(entry.kind == "handshake" for entry in opened(there)) == 3
    assert [outcome.status for outcome in outcomes.values()].count(Status.PASS) == 3
    left = [outcome.reason for outcome in outcomes.values() if outcome.status is Status.BROKEN]
    assert set(left) == {"not asked: 3 of the budget of 3 sessions are spent; raise --max-sessions"}


def test_mints_cost_no_session(tmp_path: Path) -> None:
    with MockServer(service_date="latest", pace=0) as there:
        outcomes = faced(asked("token:"), there.url, tmp_path, budget=Budget(0))
    assert statuses(outcomes.values()) == {Status.PASS}


def test_a_budget_of_time_ends() -> None:
    now = [0.0]
    budget = Budget(10, 5.0, lambda: now[0])
    budget.spend(1)
    now[0] = 5.0
    budget.spend(1)
    now[0] = 5.1
    with pytest.raises(NotMeasured, match="budget of 5 s is spent; raise --max-seconds"):
        budget.spend(1)


def test_one_session_is_open_at_a_time(tmp_path: Path) -> None:
    with MockServer(service_date="latest", pace=0) as there:
        faced(asked("session:") + asked("credential:"), there.url, tmp_path)
        kinds = [entry.kind for entry in opened(there) if entry.kind in ("open", "close", "lost")]
    assert len(kinds) > 8
    assert kinds[::2] == ["open"] * (len(kinds) // 2)
    assert "open" not in kinds[1::2]


# What says nothing of a configuration.


@pytest.mark.parametrize("answer", [BUSY, SPARE], ids=["503", "429"])
def test_a_busy_service_is_asked_again_and_then_counts(answer: Respond, tmp_path: Path) -> None:
    script = Script("busy at first", (Rule("mint", (answer,), nth="1-2"),))
    with MockServer(service_date="latest", pace=0, script=script) as there:
        outcomes = faced(asked("token:uses"), there.url, tmp_path)
        assert sum(entry.kind == "request" for entry in there.journal) == 3
    assert statuses(outcomes.values()) == {Status.PASS}


UNWELL: Final[dict[str, tuple[Rule, str, str]]] = {
    "a mint": (Rule("mint", (BUSY,)), "token:uses", "the target answered 503"),
    "a handshake": (Rule("handshake", (Reject(BUSY),)), "credential:key", "the target answered 503"),
    "a quota": (
        Rule("setup", (Close(1011, "You exceeded your current quota, please check your plan."),)),
        "credential:key",
        "the target answered 1011 You exceeded your current quota",
    ),
    "a token for a session": (
        Rule("mint", (SPARE,), nth="2-"),  # the first is the backend's own
        "create:client=v1alpha/connect:client=v1beta,session=v1alpha",
        "the target answered 429 when a token was asked for: Slow down.",
    ),
}


@pytest.mark.parametrize("name", UNWELL)
def test_a_service_that_stays_busy_is_not_measured_and_no_drift(name: str, tmp_path: Path) -> None:
    rule, select, said = UNWELL[name]
    with MockServer(service_date="latest", pace=0, script=Script("busy", (rule,))) as there:
        (found,) = faced(asked(select), there.url, tmp_path).values()
    assert found.status is Status.BROKEN
    assert found.reason.startswith(said)
    assert found.reason.endswith("(3 times)")
    assert found.drifts == ()


def test_a_service_that_is_not_there_is_asked_for_a_few_times_only(tmp_path: Path) -> None:
    with MockServer() as gone:
        url = gone.url
    outcomes = list(faced(asked("token:"), url, tmp_path).values())
    assert statuses(outcomes) == {Status.BROKEN}
    assert "connection refused" in outcomes[0].reason
    assert f"did not answer {ALONE} times" in outcomes[-1].reason
    assert Run(tuple(outcomes), {}, 0.0).exit_code == 2


def test_a_service_that_dies_in_mid_run_costs_what_was_not_measured_yet(tmp_path: Path) -> None:
    wanted = asked("token:")
    there = MockServer(service_date="latest", pace=0).start()
    minted = 0

    def die(entry: Entry) -> None:
        nonlocal minted
        minted += entry.kind == "request"
        if minted == 5 and entry.kind == "request":
            threading.Thread(target=there.stop).start()

    there.watch(die)
    found = [outcome.status for outcome in faced(wanted, there.url, tmp_path).values()]
    assert len(found) == len(wanted)
    assert found[:4] == [Status.PASS] * 4
    assert found[6:] == [Status.BROKEN] * len(found[6:])
    assert set(found) == {Status.PASS, Status.BROKEN}


# What nobody may read.


def test_the_key_reaches_the_service_and_nothing_else(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    seen: list[Entry] = []
    with MockServer(service_date="latest", pace=0, api_keys=(CANARY,)) as there:
        there.watch(seen.append)
        wanted = (
            asked("credential:") + asked("token:uses") + asked("create:client=v1alpha/connect:client=v1alpha")
        )
        outcomes = faced(wanted, there.url, tmp_path, key=CANARY)
    assert statuses(outcomes.values()) == {Status.PASS}
    others = {entry.owner for entry in seen} - {CANARY}
    assert all(str(owner).endswith(NOT_VALID) for owner in others), "worth nothing, and meant to be"
    run = Run(tuple(outcomes.values()), {"target": "there"}, 1.0)
    for name, render in RENDERERS.items():
        assert "CANARY" not in str(render(run)), name
    told = capfd.readouterr()
    assert "CANARY" not in told.out + told.err


def test_without_the_right_key_the_service_refuses_and_that_is_a_drift(tmp_path: Path) -> None:
    with MockServer(service_date="latest", pace=0, api_keys=(CANARY,)) as there:
        (found,) = faced(asked("credential:key"), there.url, tmp_path).values()
    assert found.status is Status.DRIFT
    assert "API key not valid" in found.reason
    assert found.fix.startswith("the service refuses for a reason that is known, CLS-001: ")


def test_a_key_that_is_not_valid_is_measured_although_there_is_a_real_one(tmp_path: Path) -> None:
    seen: list[Entry] = []
    with MockServer(service_date="latest", pace=0, api_keys=(CANARY,)) as there:
        there.watch(seen.append)
        (found,) = faced(asked("credential:invalid-key"), there.url, tmp_path, key=CANARY).values()
    assert found.status is Status.PASS
    assert found.observation is not None
    assert found.observation.label == "refused 1007"
    [owner] = {entry.owner for entry in seen}
    assert str(owner).endswith(NOT_VALID)


def test_another_answer_to_a_key_that_is_not_valid_is_a_drift(tmp_path: Path) -> None:
    swapped = {"CLS-001": "CLS-001B"}
    with MockServer(service_date="latest", pace=0, api_keys=(CANARY,), instead=swapped) as there:
        (found,) = faced(asked("credential:invalid-key"), there.url, tmp_path, key=CANARY).values()
    assert [drift.fact for drift in found.drifts] == ["CLS-001"]


def test_a_relay_that_puts_the_key_in_every_place_is_found_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mockserver.relay.requests.stands_in", lambda value, key: True)
    with MockServer(service_date="latest", pace=0, api_keys=(CANARY,)) as there:
        (found,) = faced(asked("credential:invalid-key"), there.url, tmp_path, key=CANARY).values()
    assert found.status is Status.DRIFT
    assert found.observation is not None
    assert found.observation.label == "works"


# A project with a model of its own.

MINE: Final = "models/gemini-2.5-flash-native-audio-latest"
#: A service that has no other.
ONLY_MINE: Final = Script(
    "only mine",
    (
        Rule("setup", (Proceed(),), match=Match(model=MINE.partition("/")[2])),
        Rule("setup", (Close(1008, "models/x is not found for API version v1beta"),)),
    ),
)
WITH_A_MODEL: Final = ("credential:key", "create:client=v1alpha/connect:client=v1alpha", "token:thinking")


def with_model(tmp_path: Path, model: str) -> list[Outcome]:
    """Cells that name a model, at that service."""
    wanted = [cell for select in WITH_A_MODEL for cell in asked(select)]
    with MockServer(service_date="latest", pace=0, script=ONLY_MINE) as there:
        return list(faced(wanted, there.url, tmp_path, model=model).values())


def test_a_project_without_the_model_of_the_tables_is_asked_for_its_own(tmp_path: Path) -> None:
    for outcome in with_model(tmp_path, MODEL):
        minted = outcome.cell.case.topic == "token"
        assert outcome.status is (Status.PASS if minted else Status.DRIFT), outcome.cell
    outcomes = with_model(tmp_path, MINE)
    assert statuses(outcomes) == {Status.PASS}
    assert all(MINE in str(outcome.observation) for outcome in outcomes), "it is what was asked for"


def test_a_model_that_the_mock_does_not_know_is_asked_of_the_service_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("suite.targets.mock.MODELS", {})
    assert Mock("latest", MINE).model == MODEL
    assert statuses(with_model(tmp_path, MINE)) == {Status.PASS}


def test_the_command_takes_a_model(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["matrix", "--sdk", "reference", "--select", "credential:key", "--report", "json"]
    with MockServer(service_date="latest", pace=0, script=ONLY_MINE) as there:
        assert commands.main([*arguments, "--target", there.url]) == 1
        capsys.readouterr()
        assert commands.main([*arguments, "--target", there.url, "--model", MINE.partition("/")[2]]) == 0
    assert json.loads(capsys.readouterr().out)["about"]["model"] == MINE
    assert commands.main([*arguments, "--model", MINE]) == 2
    assert "add --target" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        commands.main([*arguments, "--model", "a b"])
    assert "'a b' is not a model" in capsys.readouterr().err


def test_the_command_takes_its_key_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GEMINI_API_KEY", CANARY)
    arguments: list[Any] = ["matrix", "--sdk", "reference", "--select", "credential:key"]
    with MockServer(service_date="latest", pace=0, api_keys=(CANARY,)) as there:
        assert commands.main([*arguments, "--target", there.url]) == 0
    told = capfd.readouterr()
    assert "CANARY" not in told.out + told.err
