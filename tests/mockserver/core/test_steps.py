"""Each step that a rule can do, in a service without an event loop."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.core.effects import Abort, Close, Delay, Pause, Reject, Respond, Send
from mockserver.core.script import Match, Rule
from mockserver.core.steps import (
    Call,
    Drip,
    Echo,
    Garble,
    GoAway,
    Interrupt,
    Proceed,
    Resumption,
    Say,
    Silence,
    describe,
)
from mockserver.core.wav import Audio

from .conftest import Backend
from .scripted import answered, noted, playing, writing
from .talking import call_id, told

ABORTED = (
    "Connection aborted because the client failed to close the connection after receiving a GoAway signal "
    "once the session durat"
)


texts = st.sampled_from(["", "a", "two words", "three words and more", "{text}", "{response}?", "x" * 9_000])


@given(
    st.lists(st.lists(texts, min_size=1, max_size=9), min_size=1, max_size=3),
    st.sampled_from([(), (Garble("half"),), (Garble("text"), Drip(9_000, 0.0))]),
    st.booleans(),
)
def test_what_is_said_in_a_row_is_said_one_by_one(
    rows: list[list[str]], spoilt: tuple[Any, ...], aloud: bool
) -> None:
    said: list[Any] = []
    longest = 40 if aloud else None
    for between in ((), (Pause(0.0),)):
        rules = [
            Rule(
                "turn",
                (*spoilt, *(step for text in row for step in (Say(text[:longest]), *between))),
                nth=number,
            )
            for number, row in enumerate(rows, 1)
        ]
        backend = playing(*rules, pace=0.0)
        client = backend.with_key() if aloud else writing(backend)
        for _ in range(2):
            client.say("hello {response}")
        # The pauses that hold them apart are noted too.
        heard = [one for one in backend.service.journal if not one.what.startswith("wait")]
        said.append((client.effects, [replace(entry, number=0) for entry in heard]))
    assert said[0] == said[1]


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
