"""Each event and each step, in a service without an event loop."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest

from mockserver.core.effects import Abort, Accept, Close, Delay, Pause, Reject, Respond, Send
from mockserver.core.request import Request
from mockserver.core.script import Match, Performance, Rule, Script
from mockserver.core.steps import (
    Call,
    Drip,
    Echo,
    Garble,
    GoAway,
    Interrupt,
    Proceed,
    Refuse,
    Resumption,
    Say,
    Silence,
    describe,
)
from mockserver.core.wav import Audio

from .conftest import KEY, TEXT_MODEL, Backend, Client, path_of, speech
from .talking import HALF_CASCADE, MANUAL, TEXT, call_id, told

if TYPE_CHECKING:
    from mockserver.core.journal import Entry

#: What has happened in a session with one turn.
COUNTED = {"handshake": 1, "setup": 1, "client_content": 1, "turn": 1}
ABORTED = (
    "Connection aborted because the client failed to close the connection after receiving a GoAway signal "
    "once the session durat"
)


def playing(*rules: Rule, **options: Any) -> Backend:
    """A backend with a script of these rules."""
    return Backend(script=Script("test", rules), **options)


def noted(backend: Backend, kind: str) -> list[Entry]:
    """Entries of one kind."""
    return [entry for entry in backend.service.journal if entry.kind == kind]


def answered(client: Client, id: str, **response: Any) -> list[Any]:
    """Answer a call of get_weather."""
    one = {"id": id, "name": "get_weather", "response": response}
    return client.send({"toolResponse": {"functionResponses": [one]}})


def writing(backend: Backend) -> Client:
    """A session that is answered in text."""
    return backend.with_key(model=HALF_CASCADE, **TEXT)


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


class TestSteps:
    """What a rule can do."""

    def test_proceed_in_a_turn_is_the_echo_after_what_comes_first(self) -> None:
        client = writing(playing(Rule("turn", (Send(b'{"x": 1}'), Proceed()))))
        client.say("hello")
        assert told(client)[1] == "x"
        assert client.text == "hello"

    def test_an_answer_is_broken_off_and_the_rule_goes_on(self) -> None:
        client = writing(playing(Rule("turn", (Say("one"), Interrupt(), Say("two")))))
        client.say("x")
        assert told(client)[1:] == [
            "modelTurn", "interrupted", "turnComplete",
            "modelTurn", "generationComplete", "turnComplete+usageMetadata",
        ]  # fmt: skip
        client.say("y")
        assert client.text == "onetwoonetwo"

    def test_a_call_is_cancelled(self) -> None:
        client = playing(
            Rule("turn", (Call("get_weather"), Pause(1), Interrupt(), Say("no matter")))
        ).with_key()
        client.say("x")
        id = call_id(client)
        client._backend.advance(1)
        cancelled = [m["toolCallCancellation"] for m in client.messages if "toolCallCancellation" in m]
        assert cancelled == [{"ids": [id]}]
        assert told(client)[-1] == "turnComplete+usageMetadata"
        assert answered(client, id) == []

    def test_a_session_ends_early_and_is_announced(self) -> None:
        backend = playing(Rule("turn", (GoAway(12.5), Say("bye"))))
        client = writing(backend)
        client.say("x")
        assert {"goAway": {"timeLeft": "12.5s"}} in client.messages
        assert client.text == "bye"
        backend.advance(12.5)
        assert client.close == (1008, ABORTED)

    def test_a_handle_that_works(self) -> None:
        backend = playing(Rule("turn", (Resumption(),)))
        client = backend.with_key()
        client.say("x")
        backend.with_key(sessionResumption={"handle": client.handle}).expect_ready()

    def test_no_handle_for_now(self) -> None:
        client = playing(Rule("turn", (Resumption(False),))).with_key()
        client.say("x")
        assert client.messages[-1] == {"sessionResumptionUpdate": {}}

    def test_recorded_audio(self) -> None:
        pcm = bytes(range(256)) * 100
        client = playing(Rule("turn", (Audio(pcm, 16_000, "so {text}"),))).with_key(
            outputAudioTranscription={}
        )
        client.say("hi")
        parts = [
            part["inlineData"]
            for message in client.messages
            for part in message.get("serverContent", {}).get("modelTurn", {}).get("parts", [])
        ]
        assert b"".join(base64.b64decode(part["data"]) for part in parts) == pcm
        assert {part["mimeType"] for part in parts} == {"audio/pcm;rate=16000"}
        assert len(base64.b64decode(parts[0]["data"])) == 6_400, "200 ms"
        assert client.transcript == "so hi"
        assert told(client)[-1] == "turnComplete+usageMetadata"

    def test_recorded_audio_where_the_session_is_in_text(self) -> None:
        client = writing(playing(Rule("turn", (Audio(b"\0\0", text="words"), Audio(b"\0\0")))))
        client.say("hi")
        assert client.text == "words…"

    @pytest.mark.parametrize(
        ("expected", "got", "difference"),
        [
            ({"c": 3}, {"c": 3, "more": 1}, None),
            ({"c": 3}, {"c": 4}, "c is 4, expected 3"),
            ({"temperature": 3}, {"temprature": 3}, "temperature is missing; did you mean temprature?"),
            ({"a": {"b": [1, 2]}}, {"a": {"b": [1, 3]}}, "a.b[1] is 3, expected 2"),
            ({"a": True}, {"a": 1}, "a is 1, expected True"),
            ({"a": 1}, {"a": 1.0}, None),
        ],
    )
    def test_a_response_is_checked(self, expected: Any, got: Any, difference: str | None) -> None:
        backend = playing(Rule("turn", (Call("get_weather", expect=expected), Say("ok"))))
        client = writing(backend)
        client.say("x")
        answered(client, call_id(client), **got)
        assert client.text == "ok", "the session goes on"
        problems = [entry.what for entry in noted(backend, "problem")]
        told = f"tool get_weather answered otherwise than expected: {difference}"
        assert problems == ([told] if difference else [])

    def test_faults_are_counted_by_rule_and_answers_are_none(self) -> None:
        backend = playing(Rule("turn", (Say("a"), Pause(0), Silence())), Rule("mint", (Abort(),)))
        client = writing(backend)
        client.say("x")
        client.say("x")
        found = [(entry.rule, entry.what, entry.script) for entry in noted(backend, "fault")]
        assert found == [(1, "wait 0 s", "test"), (1, "no answer", "test")] * 2
        shown = noted(backend, "fault")[0].shown()
        assert (shown["kind"], shown["script"], shown["rule"]) == ("fault", "test", 1)
        assert noted(backend, "fault")[0].line().endswith("wait 0 s (rule 1 of script test)")

    def test_what_the_contract_does_has_no_script(self) -> None:
        backend = Backend()
        backend.post_token({"uses": -1})
        assert not noted(backend, "fault")
        assert all("script" not in entry.shown() for entry in backend.service.journal)

    @pytest.mark.parametrize(
        ("step", "words"),
        [
            (Close(), "close without a code"),
            (Close(1011, "why"), "close 1011 why"),
            (Reject(Respond(503, (), b"")), "answer 503"),
            (Delay(0.5), "wait 0.5 s of real time"),
            (Send(b"123"), "send 3 bytes"),
            (Drip(3, 0.1), "drip what follows, 3 bytes every 0.1 s"),
        ],
    )
    def test_a_fault_in_words(self, step: Any, words: str) -> None:
        assert describe(step) == words

    def test_a_drip_keeps_to_the_clock(self) -> None:
        backend = playing(Rule("turn", (Drip(10, 1), Send(b"x" * 25))))
        client = backend.with_key()
        before = len(client.effects)
        client.say("x")
        sizes = [len(client.effects[before].data)]  # type: ignore[union-attr]
        for _ in range(2):
            backend.advance(1)
            sizes.append(len(client.effects[-1].data))  # type: ignore[union-attr]
        assert sizes == [10, 10, 7]

    def test_an_endless_drip_is_no_endless_list(self) -> None:
        backend = playing(Rule("turn", (Drip(1, 0), Send(bytes(2**20)))))
        client = backend.with_key()
        client.say("x")
        assert len(client.effects) < 10_100

    def test_an_echo_calls_a_tool_within_a_rule(self) -> None:
        tools = [{"functionDeclarations": [{"name": "get_weather"}]}]
        client = playing(Rule("turn", (Echo(), Silence()))).with_key(tools=tools)
        client.say("get_weather")
        answered(client, call_id(client))
        assert told(client)[-1] == "turnComplete+usageMetadata"


def test_json_of_a_message_is_matched_in_the_service_s_spelling() -> None:
    rule = Rule("realtime_input", (Close(1000),), match=Match(message={"audioStreamEnd": True}))
    client = playing(rule).with_key()
    client.send(json.dumps({"realtime_input": {"audio_stream_end": True}}).encode())
    assert client.close == (1000, "")
