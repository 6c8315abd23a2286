"""Answers and faults: on an event, the n-th time, these steps instead of the legal thing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mockserver.core.effects import Abort, Close, Pause, Reject, Send
from mockserver.core.errors import empty
from mockserver.core.script import ALLOWED, EVENTS, Performance, Proceed, Rule, Say, Script, Silence

from .conftest import KEY, NOW, SETUP_COMPLETE, TEXT_MODEL, Backend

if TYPE_CHECKING:
    from collections.abc import Callable

BUSY = empty(503, NOW)
STEPS = (Say("hi"), Silence(), BUSY, Reject(BUSY), Send(b"x"), Close(1011, ""), Abort(), Pause(1))


def script(*rules: Rule) -> Script:
    """A script for one test."""
    return Script("test", rules)


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("step", STEPS, ids=lambda step: type(step).__name__)
def test_a_step_fits_its_event_or_is_refused_by_name(event: str, step: object) -> None:
    if isinstance(step, ALLOWED[event]):
        opens = event in ("setup", "handshake") and isinstance(step, (Say, Send, Close))
        Rule(event, (Proceed(), step) if opens else (step,))
        return
    with pytest.raises(
        ValueError, match=rf"rule on {event}: {type(step).__name__} does not fit, expected \w+"
    ):
        Rule(event, (step,))


def test_an_unknown_event_is_refused_with_the_known_ones() -> None:
    with pytest.raises(
        ValueError, match=r"rule on 'lunch': expected one of mint, handshake, setup, turn, tool_response"
    ):
        Rule("lunch", ())


def test_the_first_rule_that_speaks_wins_and_the_n_th_time_is_counted() -> None:
    performance = Performance(script(Rule("turn", (Say("second"),), nth=2), Rule("turn", (Say("any"),))))
    said = [performance.steps("turn") for _ in range(3)]
    assert said == [(Say("any"),), (Say("second"),), (Say("any"),)]
    assert performance.steps("mint") is None


def test_mint_answers_with_a_fault_once(make_backend: Callable[..., Backend]) -> None:
    backend = make_backend(script=script(Rule("mint", (BUSY,), nth=1)))
    assert backend.post_token().status == 503
    assert backend.post_token().status == 200


def test_a_handshake_is_refused_by_script(make_backend: Callable[..., Backend]) -> None:
    backend = make_backend(script=script(Rule("handshake", (Reject(BUSY),), nth=1)))
    client = backend.connect()
    assert client.rejection == BUSY
    assert backend.service.open_connections == 0
    assert backend.connect().rejection is None


def test_a_handshake_is_dropped_by_script(make_backend: Callable[..., Backend]) -> None:
    backend = make_backend(script=script(Rule("handshake", (Abort(),))))
    assert backend.connect().effects == [Abort()]
    assert [entry.what for entry in backend.service.journal if entry.kind == "lost"] == ["dropped by script"]


@pytest.mark.parametrize("fault", [Close(1011, "Internal error encountered."), Abort()])
def test_setup_ends_in_a_fault(make_backend: Callable[..., Backend], fault: Close | Abort) -> None:
    backend = make_backend(script=script(Rule("setup", (fault,), nth=1)))
    assert backend.with_key().effects == [fault]
    assert backend.service.open_connections == 0
    backend.with_key().expect_ready()


def test_setup_is_never_answered(make_backend: Callable[..., Backend]) -> None:
    backend = make_backend(script=script(Rule("setup", (Silence(),))))
    client = backend.with_key()
    backend.advance(30)
    assert client.effects == []


def test_a_turn_is_cut_off_in_its_middle(make_backend: Callable[..., Backend]) -> None:
    steps = (Send(b'{"serverContent": {}}\n'), Pause(2), Close(1011, "The service is currently unavailable."))
    backend = make_backend(script=script(Rule("turn", steps)))
    client = backend.with_key()
    assert client.say("hello") == [steps[0]]
    backend.advance(1.9)
    assert client.close is None
    backend.advance(0.1)
    assert client.close == (1011, "The service is currently unavailable.")


def test_what_was_sent_before_the_fault_arrives(make_backend: Callable[..., Backend]) -> None:
    backend = make_backend(script=script(Rule("turn", (Say("half a"), Abort()))))
    client = backend.with_key(model=TEXT_MODEL)
    client.say("hello")
    assert client.text == "half a"
    assert client.effects[-1] == Abort()


def test_silence_answers_a_turn_with_nothing(make_backend: Callable[..., Backend]) -> None:
    backend = make_backend(script=script(Rule("turn", (Silence(),))))
    client = backend.with_key(sessionResumption={})
    assert client.say("hello") == []


def test_an_answer_quotes_the_user(make_backend: Callable[..., Backend]) -> None:
    backend = make_backend(script=script(Rule("turn", (Say("you said {text}, {name}"),))))
    client = backend.with_key(model=TEXT_MODEL)
    client.say("hi")
    assert client.text == "you said hi, {name}"


def test_a_new_script_counts_anew(backend: Backend) -> None:
    silent_once = script(Rule("turn", (Silence(),), nth=1), Rule("turn", (Say("back"),)))
    client = backend.with_key(model=TEXT_MODEL)
    client.say("first")
    backend.service.play(silent_once)
    other = backend.with_key(model=TEXT_MODEL)
    assert other.effects == [Send(SETUP_COMPLETE)]
    assert other.say("hello") == []
    other.say("hello")
    assert other.text == "back"


def test_a_scripted_reason_is_cut_like_any_other(make_backend: Callable[..., Backend]) -> None:
    backend = make_backend(script=script(Rule("turn", (Close(1011, "é" * 100),))))
    client = backend.with_key()
    client.say("hello")
    assert client.close == (1011, "é" * 61)


# For one API key alone.

OTHER = "AIzaSyAnotherKeyOfTheseTests"


def test_a_script_for_one_key_is_played_to_it_alone_at_each_event(backend: Backend) -> None:
    fault = Close(1011, "not for you")
    rules = (Rule("mint", (BUSY,)), Rule("handshake", (Reject(BUSY),), nth=1), Rule("setup", (fault,), nth=1))
    backend.service.play(script(*rules), KEY)
    assert (backend.post_token().status, backend.post_token(key=OTHER).status) == (503, 200)
    assert backend.connect(query=f"key={OTHER}").rejection is None
    assert backend.connect(query=f"key={KEY}").rejection == BUSY
    other, own = backend.connect(query=f"key={OTHER}"), backend.connect(query=f"key={KEY}")
    other.setup()
    own.setup()
    other.expect_ready()
    assert own.close == (1011, "not for you")


def test_a_turn_is_answered_by_the_script_of_the_key(backend: Backend) -> None:
    backend.service.play(script(Rule("turn", (Say("everybody"),))))
    backend.service.play(script(Rule("turn", (Say("you alone"),))), KEY)
    said = []
    for key in (OTHER, KEY):
        client = backend.connect(query=f"key={key}")
        client.setup(model=TEXT_MODEL)
        client.say("hi")
        said.append(client.text)
    assert said == ["everybody", "you alone"]


def test_a_token_counts_for_the_key_that_minted_it(backend: Backend) -> None:
    backend.service.play(script(Rule("setup", (Close(1011, "once"),), nth=2)), KEY)
    first, second = (backend.with_token(backend.mint()) for _ in range(2))
    first.expect_ready()
    assert second.close == (1011, "once")
    for _ in range(2):
        backend.with_token(backend.service.mint({}, OTHER, None, backend.now).name).expect_ready()


def test_events_are_counted_for_each_key_by_itself(backend: Backend) -> None:
    refuses_second = script(Rule("mint", (BUSY,), nth=2))
    backend.service.play(refuses_second, KEY)
    backend.service.play(refuses_second, OTHER)
    assert [backend.post_token(key=key).status for key in (KEY, OTHER, KEY, OTHER)] == [200, 200, 503, 503]


def test_a_reset_keeps_the_script_of_a_key_and_counts_it_anew(backend: Backend) -> None:
    backend.service.play(script(Rule("mint", (BUSY,), nth=1)), KEY)
    assert [backend.post_token().status for _ in range(2)] == [503, 200]
    backend.service.reset()
    assert [backend.post_token().status for _ in range(2)] == [503, 200]


def test_a_new_script_for_a_key_takes_the_place_of_its_old_one(backend: Backend) -> None:
    backend.service.play(script(Rule("mint", (BUSY,))), KEY)
    backend.service.play(script(), KEY)
    assert backend.post_token().status == 200


def test_a_new_script_for_everybody_leaves_that_of_a_key(backend: Backend) -> None:
    backend.service.play(script(Rule("mint", (BUSY,))), KEY)
    backend.service.play(script())
    assert (backend.post_token().status, backend.post_token(key=OTHER).status) == (503, 200)


def test_a_client_without_a_key_sees_the_script_for_everybody(backend: Backend) -> None:
    backend.service.play(script(Rule("handshake", (Abort(),))), KEY)
    assert backend.connect().rejection is None
