"""Each event that a rule can be on, in a service without an event loop."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.core.effects import Abort, Accept, Close, Pause, Respond, Send
from mockserver.core.request import Request
from mockserver.core.script import Match, Rule
from mockserver.core.steps import (
    Call,
    Interrupt,
    Proceed,
    Refuse,
    Say,
    Silence,
)

from .conftest import KEY, TEXT_MODEL, path_of, speech
from .scripted import answered, noted, playing, writing
from .talking import MANUAL, call_id, told


class TestEvents:
    """What a rule can be on."""

    def test_a_mint_by_its_body(self) -> None:
        backend = playing(Rule("mint", (Respond(500, (), b""),), match=Match(message={"uses": 3})))
        assert backend.post_token({"uses": 3}).status == 500
        assert backend.post_token({"uses": 2}).status == 200
        assert backend.post_token(b"[").status == 400

    def test_a_mint_by_its_key_and_version(self) -> None:
        backend = playing(
            Rule("mint", (Respond(500, (), b""),), match=Match(api_key="team-*", version="v1alpha"))
        )
        assert backend.post_token(key="team-a").status == 500
        assert backend.post_token(key="other").status == 200

    def test_a_mint_that_goes_on(self) -> None:
        assert playing(Rule("mint", (Proceed(),))).post_token().status == 200
        assert playing(Rule("mint", (Proceed(),))).post_token({"uses": -1}).status == 400

    def test_a_late_mint(self) -> None:
        backend = playing(Rule("mint", (Pause(5), Proceed())))
        request = Request("POST", "/v1alpha/auth_tokens", (("x-goog-api-key", KEY),), b"{}")
        name, effects = backend.service.exchange(request, backend.now)
        assert effects == []
        assert backend.service.wake(backend.now + 4) == []
        [(again, [answer])] = backend.service.wake(backend.now + 5)
        assert again == name
        assert isinstance(answer, Respond)
        assert answer.status == 200
        assert noted(backend, "fault")[0].what == "wait 5 s"

    def test_a_handshake_on_one_version(self) -> None:
        backend = playing(
            Rule("handshake", (Abort(),), match=Match(version="v1beta")), Rule("handshake", (Proceed(),))
        )
        assert backend.connect(version="v1beta").effects == [Abort()]
        backend.with_key().expect_ready()

    def test_a_handshake_is_opened_by_proceed(self) -> None:
        backend = playing(Rule("handshake", (Pause(1), Proceed())))
        _, effects = backend.service.handshake(
            Request("GET", path_of("BidiGenerateContent", "v1alpha")), backend.now
        )
        assert effects == []
        assert backend.service.open_connections == 0
        [(_, [effect])] = backend.service.wake(backend.now + 1)
        assert isinstance(effect, Accept)
        assert effect.head.startswith(b"HTTP/1.1 101 ")
        assert backend.service.open_connections == 1

    def test_a_setup_by_what_it_holds(self) -> None:
        match = Match(setup={"generationConfig": {"responseModalities": ["TEXT"]}})
        backend = playing(Rule("setup", (Close(1011, "no text"),), match=match))
        assert writing(backend).close == (1011, "no text")
        backend.with_key().expect_ready()

    def test_a_setup_by_its_model(self) -> None:
        backend = playing(Rule("setup", (Abort(),), match=Match(model="gemini-3.5-*")))
        assert backend.with_key(model=TEXT_MODEL).effects == [Abort()]
        backend.with_key().expect_ready()

    def test_a_late_setup(self) -> None:
        backend = playing(Rule("setup", (Pause(3), Proceed())))
        client = writing(backend)
        client.say("already here")
        assert client.effects == []
        backend.advance(3)
        client.expect_ready()
        assert client.text == "already here"

    def test_the_model_speaks_first(self) -> None:
        client = writing(playing(Rule("setup", (Proceed(), Say("Hello")))))
        assert told(client) == [
            "setupComplete",
            "modelTurn",
            "generationComplete",
            "turnComplete+usageMetadata",
        ]
        client.say("hi")
        assert client.text == "Hellohi"

    def test_a_greeting_is_interrupted(self) -> None:
        client = writing(playing(Rule("setup", (Proceed(), Say("Hello"), Pause(9), Say("still there?")))))
        client.say("hi")
        assert client.text == "Hellohi"
        assert "interrupted" in told(client)

    @pytest.mark.parametrize("rule", [{"text": "hell"}, {"regex": "^h.*o$"}])
    def test_a_turn_by_its_words(self, rule: Any) -> None:
        client = writing(playing(Rule("turn", (Say("yes"),), match=Match(**rule))))
        client.say("hello")
        client.say("bye")
        assert client.text == "yesbye"

    def test_a_tool_response_is_answered_by_its_own_rule(self) -> None:
        rules = (
            Rule("turn", (Call("get_weather"), Say("never said"))),
            Rule("tool_response", (Say("so it is {response}"),), match=Match(tool="get_weather")),
        )
        client = writing(playing(*rules))
        client.say("weather?")
        answered(client, call_id(client), sky="blue")
        assert client.text == 'so it is {"sky": "blue"}'

    def test_a_tool_response_goes_on_with_the_turn(self) -> None:
        rules = (
            Rule("turn", (Call("get_weather"), Say("done"))),
            Rule("tool_response", (Say("thanks. "), Proceed())),
        )
        client = writing(playing(*rules))
        client.say("weather?")
        answered(client, call_id(client))
        assert client.text == "thanks. done"

    def test_a_tool_response_closes(self) -> None:
        rules = (
            Rule("turn", (Call("get_weather"),)),
            Rule(
                "tool_response", (Close(1011),), match=Match(message={"functionResponses": [{"name": "x"}]})
            ),
            Rule("tool_response", (Close(1007),)),
        )
        client = writing(playing(*rules))
        client.say("weather?")
        answered(client, call_id(client))
        assert client.close == (1007, "")

    def test_content_that_is_not_heard(self) -> None:
        backend = playing(Rule("client_content", (Silence(),), nth=1))
        client = writing(backend)
        assert client.say("lost") == []
        client.say("heard")
        assert client.text == "heard"
        assert [entry.what for entry in noted(backend, "fault")] == ["no answer"]

    def test_input_by_what_it_holds_ends_the_session_while_the_model_speaks(self) -> None:
        rule = Rule("realtime_input", (Close(1011, "now"),), match=Match(message={"text": "stop"}))
        client = playing(rule, pace=1).with_key()
        client.say("a long answer that takes its time to play")
        client.send({"realtimeInput": {"text": "stop"}})
        assert client.close == (1011, "now")

    def test_input_goes_on_after_a_pause(self) -> None:
        backend = playing(Rule("realtime_input", (Pause(2), Proceed())))
        client = writing(backend)
        client.send({"realtimeInput": {"text": "hello"}})
        assert client.text == ""
        backend.advance(2)
        assert client.text == "hello"

    def test_the_n_th_input_interrupts_the_answer(self) -> None:
        client = playing(Rule("realtime_input", (Interrupt(),), nth=1), pace=1).with_key()
        client.say("a long answer that takes its time to play")
        client.send({"realtimeInput": {"audio": speech(0.01)}})
        assert told(client)[-2:] == ["interrupted", "turnComplete"]

    @pytest.mark.parametrize("setup", [{}, MANUAL], ids=["heard", "told"])
    def test_speech_begins_and_ends(self, setup: Any) -> None:
        backend = playing(
            Rule("activity_start", (Send(b'{"began": 1}'), Proceed())),
            Rule("activity_end", (Send(b'{"ended": 1}'), Proceed())),
        )
        client = backend.with_key(**setup)
        if setup:
            client.send({"realtimeInput": {"activityStart": {}}})
        client.send({"realtimeInput": {"audio": speech(0.5)}})
        client.send({"realtimeInput": {"activityEnd": {}} if setup else {"audioStreamEnd": True}})
        assert told(client)[1:3] == ["began", "ended"]
        assert told(client)[-1] == "turnComplete+usageMetadata"

    def test_a_close_on_the_end_of_speech(self) -> None:
        backend = playing(Rule("activity_end", (Refuse("CLS-069"),)))
        client = backend.with_key()
        client.send({"realtimeInput": {"audio": speech(0.5)}})
        client.send({"realtimeInput": {"audioStreamEnd": True}})
        assert client.close is not None
        assert noted(backend, "refusal")[0].script == "test"
