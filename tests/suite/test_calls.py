"""From a probe to what the worker is told: verbs with a key, a token and places of the probe's own."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, Final

import pytest

from suite.calls import Filling, calls_of
from suite.cases import BEHAVIOURS
from suite.cases.connecting import MODEL, VERSION_VARIABLE
from suite.model import Behaviour, Placement, Probe

from .conftest import REFERENCE

if TYPE_CHECKING:
    from mockserver import Script

PLAIN: Final = Behaviour("topic:plain", "something happens")
BY_SLUG: Final = {behaviour.slug: behaviour for behaviour in BEHAVIOURS}


class FakeTarget:
    """Says where it is, mints and plays without a server."""

    env: Final = {"GOOGLE_GEMINI_BASE_URL": "http://mock"}
    model = MODEL

    def __init__(self) -> None:
        self.played: list[tuple[str, str]] = []

    def places(self) -> dict[str, str]:
        return {"{url}": "http://mock", "{https}": "https://mock", "{ws}": "ws://mock"}

    def stranger(self) -> str:
        return "https://stranger"

    def now(self) -> datetime:
        return datetime(2026, 11, 30, 17, 5, 9, 123456, timezone.utc)

    def mint(self, owner: str) -> str:
        return f"auth_tokens/of-{owner}"

    def play(self, script: Script, owner: str) -> None:
        self.played.append((script.name, owner))


def filling(behaviour: Behaviour = PLAIN, target: FakeTarget | None = None) -> Filling:
    """What stands in the places of one probe."""
    probe = Probe("launch", behaviour.step, behaviour)
    return Filling(probe, f"js==1.0.0/{probe.slug}", target or FakeTarget())  # type: ignore[arg-type]


def filled(parameters: dict[str, Any], before: dict[str, Any] | None = None) -> dict[str, Any]:
    """The parameters of one call that builds a client, without what every such call has."""
    told = filling().fill("connect", {"api_key": "{key}", **parameters}, before or {})
    return {name: value for name, value in told.items() if name not in ("api_key", "env")}


# The verbs of a placement.


def test_a_backend_mints_with_a_key_and_what_it_places() -> None:
    probe = Probe("launch", "create", Placement("v1", "v1beta"))
    assert calls_of(probe) == (
        (
            "create_token",
            {
                "api_key": "{key}",
                "config": {},
                "client": {"api_version": "v1"},
                "call": {"api_version": "v1beta"},
            },
        ),
    )


def test_a_frontend_connects_with_a_token_and_has_a_turn() -> None:
    connect, *turn = calls_of(Probe("launch", "connect", Placement(near="v1")))
    assert [verb for verb, _ in turn] == ["send", "receive"]
    assert connect[1]["api_key"] == "{token}"
    assert connect[1]["session"] == {"api_version": "v1"}
    assert "client" not in connect[1]


def test_where_nothing_is_placed_no_options_are_passed() -> None:
    for step in ("create", "connect"):
        ((_, parameters), *_) = calls_of(Probe("launch", step, Placement()))  # type: ignore[arg-type]
        assert not {"client", "call", "session"} & set(parameters)


def test_a_behaviour_has_its_own_verbs_which_filling_does_not_change() -> None:
    behaviour = BY_SLUG["api:tool-round"]
    probe = Probe("launch", "connect", behaviour)
    before = repr(behaviour.calls)
    one = filling(behaviour)
    for verb, parameters in calls_of(probe):
        one.fill(verb, parameters, {"session": "s1", "tool_calls": [{"id": "c1"}]})
    assert repr(behaviour.calls) == before


# What stands in the places.


def test_each_probe_has_a_key_of_its_own_which_fits_into_a_header() -> None:
    probes = {probe for cell in REFERENCE for probe in cell.probes}
    keys = {Filling(probe, f"js==1.0.0/{probe.slug}", FakeTarget()).key for probe in probes}  # type: ignore[arg-type]
    assert len(keys) == len(probes)
    assert all(re.fullmatch(r"cell\.[\w.-]+", key) for key in keys)


@pytest.mark.parametrize(
    ("text", "becomes"),
    [
        ("{url}", "http://mock"),
        ("{url}/proxy", "http://mock/proxy"),
        ("{https}", "https://mock"),
        ("{ws}", "ws://mock"),
        ("{stranger}", "https://stranger"),
        ("{key}", "cell.js.1.0.0.launch.connect.topic.plain"),
        ("{token}", "auth_tokens/of-cell.js.1.0.0.launch.connect.topic.plain"),
        ("{unknown}", "{unknown}"),
    ],
)
def test_a_place_is_filled_however_deep_it_stands(text: str, becomes: str) -> None:
    assert filled({"client": {"base_url": text}})["client"] == {"base_url": becomes}
    assert filled({"config": {"list": [{"inner": text}]}})["config"] == {"list": [{"inner": becomes}]}


def test_a_time_in_an_hour_is_whole_seconds_in_utc() -> None:
    told = filled({"config": {"expire_time": {"time": "{in an hour}", "as": "aware"}}})
    assert told["config"]["expire_time"]["time"] == "2026-11-30T18:05:09Z"


def test_what_is_empty_is_not_given() -> None:
    told = filling().fill("connect", {"api_key": "", "client": {"api_version": "v1", "base_url": ""}}, {})
    assert set(told) == {"client", "env"}
    assert told["client"] == {"api_version": "v1"}


def test_a_client_has_no_variables_but_those_it_is_told() -> None:
    told = filling().fill("connect", {"api_key": "k", "env": {"GEMINI_API_KEY": "{key}"}}, {})
    assert told["env"] == {
        "GEMINI_API_KEY": "cell.js.1.0.0.launch.connect.topic.plain",
        "GOOGLE_API_KEY": None,
        "GOOGLE_GEMINI_BASE_URL": "http://mock",
        VERSION_VARIABLE: None,
    }
    other = filling().fill("connect", {"api_key": "k", "env": {"GOOGLE_GEMINI_BASE_URL": None}}, {})
    assert other["env"]["GOOGLE_GEMINI_BASE_URL"] is None


# What one call gives to the next.


def test_a_session_is_the_last_one_that_was_opened_and_a_closed_one_is_gone() -> None:
    one = filling()
    assert one.fill("send", {"text": "a"}, {"session": "s1"}) == {"text": "a", "session": "s1"}
    assert one.fill("receive", {}, {"through": "send"}) == {"session": "s1"}
    assert one.fill("close", {}, {}) == {"session": "s1"}
    assert one.sessions == []
    one.fill("send", {"text": "a"}, {"session": "s2"})
    assert one.sessions == ["s2"]


def test_a_tool_is_answered_with_the_id_of_its_call() -> None:
    one = filling()
    one.fill("send", {"text": "weather?"}, {"session": "s1"})
    answer = {"tool_response": {"name": "f", "response": {}}}
    told = one.fill("send", answer, {"tool_calls": [{"id": "c1", "name": "f"}, {"id": "c2", "name": "f"}]})
    assert told["tool_response"] == {"id": "c1", "name": "f", "response": {}}
    assert one.fill("receive", {}, {"tool_calls": [{"id": "c1"}]}) == {"session": "s1"}


def test_a_session_is_resumed_with_the_handle_that_was_told_last() -> None:
    one = filling()
    one.fill("receive", {}, {"session": "s1"})
    one.fill("close", {}, {"handles": ["h1", "h2"]})
    told = one.fill("connect", {"api_key": "k", "config": {"session_resumption": {"handle": "{handle}"}}}, {})
    assert told["config"] == {"session_resumption": {"handle": "h2"}}


# What the mock plays to it.


def test_a_script_is_played_to_the_key_of_its_probe_alone() -> None:
    target = FakeTarget()
    one = filling(BY_SLUG["turn:1011"], target)
    assert target.played == [("close 1011 in a turn", one.key)]
    filling(BY_SLUG["credential:key"], target)
    assert len(target.played) == 1


def test_where_the_mock_is_silent_by_design_a_call_is_given_up() -> None:
    assert filling(BY_SLUG["turn:silent"]).silent
    assert not filling(BY_SLUG["turn:1011"]).silent
    probe = Probe("launch", "connect", Placement())
    assert not Filling(probe, probe.slug, FakeTarget()).silent  # type: ignore[arg-type]
