"""Which rule speaks, and how often; and which could not be played."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.core.effects import Close, Delay, Pause, Reject, Respond, Send
from mockserver.core.script import Match, Performance, Rule, Script
from mockserver.core.steps import (
    Drip,
    Garble,
    GoAway,
    Proceed,
    Refuse,
    Say,
    Silence,
)

from .conftest import KEY
from .scripted import playing, writing

#: What has happened in a session with one turn.
COUNTED = {"handshake": 1, "setup": 1, "client_content": 1, "turn": 1}


class TestWhen:
    """Which rule speaks, and how often."""

    def test_a_turn_without_a_rule_is_answered_as_by_the_contract(self) -> None:
        client = writing(playing(Rule("mint", (Silence(),))))
        client.say("hello")
        assert client.text == "hello"

    @pytest.mark.parametrize(
        ("nth", "times"),
        [(2, [2]), ("2", [2]), ("2-3", [2, 3]), ("3-", [3, 4, 5]), (None, [1, 2, 3, 4, 5]), (1, [1])],
    )
    def test_times(self, nth: int | str | None, times: list[int]) -> None:
        performance = Performance(Script("x", (Rule("turn", (Silence(),), nth),)))
        assert [n for n in range(1, 6) if performance.steps("turn") is not None] == times

    @pytest.mark.parametrize("nth", [0, -1, True, "x", "1-x", "", "0-2", "3-2", "1-1000000000"])
    def test_times_that_are_none(self, nth: Any) -> None:
        with pytest.raises(ValueError, match="nth is"):
            Rule("turn", (Silence(),), nth)

    def test_times_are_those_that_match(self) -> None:
        rule = Rule("turn", (Say("second weather"),), nth=2, match=Match(text="Weather"))
        client = writing(playing(rule))
        for text in ("weather?", "hello", "the WEATHER"):
            client.say(text)
        assert client.text == "weather?hellosecond weather"

    def test_answers_one_after_the_other(self) -> None:
        rules = (Rule("turn", each=((Say("one"),), (Say("two"),))), Rule("turn", (Say("more"),)))
        client = writing(playing(*rules))
        for _ in range(4):
            client.say("go on")
        assert client.text == "onetwomoremore"

    def test_answers_again_and_again(self) -> None:
        client = writing(playing(Rule("turn", each=((Say("a"),), (Say("b"),)), repeat=True)))
        for _ in range(5):
            client.say("go on")
        assert client.text == "ababa"

    def test_an_answer_is_not_used_up_while_another_rule_speaks(self) -> None:
        first = Rule("turn", (Say("!"),), nth=2)
        client = writing(playing(first, Rule("turn", each=((Say("a"),), (Say("b"),)))))
        for _ in range(3):
            client.say("go on")
        assert client.text == "a!b"

    def test_times_in_each_session(self) -> None:
        backend = playing(Rule("turn", (Say("first"),), nth=1, per="session"))
        for _ in range(2):
            client = writing(backend)
            client.say("x")
            client.say("y")
            assert client.text == "firsty"

    def test_a_rule_put_in_front_keeps_the_counts_and_open_sessions_see_it(self) -> None:
        backend = playing(Rule("turn", (Say("a"),), nth=1), Rule("turn", (Say("b"),), match=Match(text="x")))
        client = writing(backend)
        client.say("x")
        performance = backend.service.performances[None]
        assert (performance.counts, performance.spoken) == (COUNTED, [1, 0])
        script = performance.script
        performance.script = Script("more", (Rule("turn", (Say("!"),), nth=2), *script.rules))
        client.say("x")
        client.say("x")
        assert client.text == "a!b"
        assert performance.spoken == [1, 1, 1]

    def test_what_is_no_longer_played(self) -> None:
        backend = playing(Rule("turn", (Say("all"),)))
        backend.service.play(Script("mine", (Rule("turn", (Say("mine"),)),)), KEY)
        assert set(backend.service.performances) == {None, KEY}
        for owner, expected in ((KEY, "all"), (None, "hello")):
            backend.service.play(None, owner)
            client = writing(backend)
            client.say("hello")
            assert client.text == expected

    @pytest.mark.parametrize(
        ("event", "rule", "why"),
        [
            ("turn", {"each": ((Silence(),),), "nth": 1}, "each goes by itself"),
            ("turn", {"each": ((Silence(),),), "then": (Silence(),)}, "each goes by itself"),
            ("turn", {"repeat": True}, "repeat is for each"),
            ("mint", {"per": "session"}, "no session is open yet"),
            ("turn", {"per": "hour"}, "expected server or session"),
            ("mint", {"match": Match(text="x")}, "match cannot ask for text here, expected api_key"),
            ("turn", {"then": (Close(1000), Say("x"))}, "nothing can come after Close"),
            ("setup", {"then": (Proceed(), Proceed())}, "take one Proceed away"),
            ("setup", {"then": (GoAway(),)}, "put Proceed before it"),
            ("handshake", {"then": (Send(b""),)}, "put Proceed before it"),
            ("handshake", {"then": (Proceed(), Reject(Respond(500, (), b"")))}, "the answer is out"),
            ("handshake", {"then": (Garble("masked"),)}, "expected 'half' on handshake"),
            ("turn", {"then": (Garble("badly"),)}, "expected one of half, fragments"),
            ("turn", {"then": (Drip(0, 1),)}, "is no drip"),
            ("turn", {"then": (Pause(-1),)}, "no time to wait"),
            ("turn", {"then": (Delay(float("nan")),)}, "no time to wait"),
            ("turn", {"then": (Refuse("TOK-002"),)}, "no fact that closes"),
            ("turn", {"then": (Close(1006),)}, "close code 1006 cannot be sent"),
            ("turn", {"then": (Close(1005, "why"),)}, "a close without a code has no reason"),
            ("mint", {"then": (Respond(101, (), b""),)}, "status 101 ends no request"),
            ("mint", {"then": (Respond(200, (("a b", ""),), b""),)}, "header name 'a b' cannot be sent"),
            ("mint", {"then": (Respond(200, (("a", "x\r\ny: z"),), b""),)}, "a value that cannot be sent"),
            ("mint", {"then": (Respond(200, (("a", "日"),), b""),)}, "a value that cannot be sent"),
            ("mint", {"then": (Respond(200, (("Content-Length", "9"),), b""),)}, "is the server's to write"),
            ("turn", {"then": (Send(bytes(17 * 2**20)),)}, "too many for one step"),
        ],
    )
    def test_a_rule_that_could_not_be_played_says_why(self, event: Any, rule: Any, why: str) -> None:
        with pytest.raises(ValueError, match=f"rule on {event}: .*{why}"):
            Rule(event, **rule)

    def test_a_pattern_that_is_none(self) -> None:
        with pytest.raises(ValueError, match=r"regex '\(' cannot be read"):
            Match(regex="(")

    def test_a_script_is_for_a_key_or_a_model(self) -> None:
        with pytest.raises(ValueError, match="cannot be for a text"):
            Script("x", whom=Match(text="x"))
