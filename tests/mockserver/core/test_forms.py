"""Scripts as data: what is written is read, what is wrong is told at its place, and the schema agrees."""

# ruff: noqa: E501  (a mistake and what is said of it stay on one line)

from __future__ import annotations

import json
import re
from contextlib import suppress
from typing import Any, Final

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mockserver import FACTS, READY, Script, load
from mockserver.core import steps
from mockserver.core.effects import Abort, Close, Delay, Pause, Raw, Reject, Respond, Send
from mockserver.core.facts import Answers, Closes
from mockserver.core.forms import NAMES, STEPS, json_schema, name_of, read_script
from mockserver.core.matching import ASKABLE, Match
from mockserver.core.request import Request
from mockserver.core.script import Rule
from mockserver.core.steps import ALLOWED, EVENTS, LAST
from mockserver.core.takes import Line
from mockserver.core.wav import Audio

from .conftest import KEY, Backend
from .test_properties import json_values

# -- all scripts --------------------------------------------------------------------------------------------

texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=8)
seconds = st.floats(0, 100, allow_nan=False) | st.integers(0, 9)
payloads = st.binary(max_size=8) | texts.map(str.encode) | st.just(b'{\n  "a": 1\n}\n')
header_values = st.text(
    st.characters(codec="latin-1", min_codepoint=0x20, exclude_categories=("Cc",)), max_size=5
)
headers = st.lists(st.tuples(st.from_regex(r"[A-Za-z-]{1,5}", fullmatch=True), header_values), max_size=3)
responses = st.builds(Respond, st.integers(200, 599), headers.map(tuple), payloads)
closing = st.sampled_from([id for id, row in FACTS.items() if isinstance(row.seen, Closes)])
answering = st.sampled_from([id for id, row in FACTS.items() if isinstance(row.seen, Answers)])
ANY_STEP: Final[dict[type, st.SearchStrategy[Any]]] = {
    steps.Say: st.builds(steps.Say, texts),
    steps.Think: st.builds(steps.Think, texts),
    Audio: st.builds(
        Audio, st.binary(min_size=1, max_size=9).map(lambda b: b + b), st.integers(8_000, 48_000), texts
    ),
    steps.Call: st.builds(
        steps.Call, texts, st.dictionaries(texts, json_values, max_size=2), json_values | st.none()
    ),
    steps.Echo: st.builds(steps.Echo),
    steps.Proceed: st.builds(steps.Proceed),
    steps.Interrupt: st.builds(steps.Interrupt),
    steps.GoAway: st.builds(steps.GoAway, seconds),
    steps.Resumption: st.builds(steps.Resumption, st.booleans()),
    Pause: st.builds(Pause, seconds),
    Delay: st.builds(Delay, seconds),
    steps.Refuse: st.builds(steps.Refuse, closing),
    steps.Silence: st.builds(steps.Silence),
    Respond: responses,
    Reject: st.builds(Reject, responses),
    Send: st.builds(Send, payloads, st.booleans()),
    Close: st.just(Close()) | st.builds(Close, st.sampled_from([1000, 1011, 4000]), texts),
    Abort: st.builds(Abort, st.booleans()),
    Raw: st.builds(Raw, payloads),
    steps.Garble: st.builds(steps.Garble, st.sampled_from(steps.GARBLES)),
    steps.Drip: st.builds(steps.Drip, st.integers(1, 9), seconds),
}


@st.composite
def step_lists(draw: st.DrawFn, event: str) -> tuple[Any, ...]:
    """Steps that could be played on an event."""
    found: list[Any] = []
    for kind in draw(st.lists(st.sampled_from(ALLOWED[event]), max_size=5)):
        strategy = ANY_STEP[kind]
        if event == "mint" and kind is steps.Refuse:
            strategy = st.builds(steps.Refuse, answering)
        if event in ("mint", "handshake") and kind is steps.Garble:
            strategy = st.just(steps.Garble("half"))
        step = draw(strategy)
        if not list(steps.mistakes(event, (*found, step))):
            found.append(step)
        if found and isinstance(found[-1], LAST):
            break
    return tuple(found)


@st.composite
def rules(draw: st.DrawFn, event: str | None = None) -> Rule:
    """A rule on any event, or on this one."""
    on: Any = event or draw(st.sampled_from(EVENTS))
    fields: dict[str, Any] = {}
    if draw(st.booleans()):
        asked = draw(st.sampled_from(ASKABLE[on]))
        json_asked = asked in ("setup", "message")
        value = draw(json_values if json_asked else st.sampled_from(["", ".*", "x", "mock-.*"]))
        fields["match"] = Match(**{asked: value})
    if draw(st.booleans()):
        fields |= {"each": tuple(draw(st.lists(step_lists(on), min_size=1, max_size=3)))}
        fields |= {"repeat": draw(st.booleans())}
    else:
        fields |= {"then": draw(step_lists(on)), "nth": draw(st.sampled_from([None, 1, "2-3", "2-"]))}
    if on not in ("mint", "handshake"):
        fields["per"] = draw(st.sampled_from(["server", "session"]))
    return Rule(on, **fields)


whom = st.none() | st.builds(Match, api_key=st.just("team-*"), model=st.sampled_from(["", "gemini-*"]))
lines = st.builds(
    Line,
    st.integers(0, 9),
    texts,
    st.just("client"),
    st.sampled_from(["request", "handshake", "text"]),
    what=texts,
    payload=st.none() | texts | json_values.map(lambda value: {"json": value}),
)
recorded = st.lists(lines, max_size=2).map(tuple)
scripts = st.builds(Script, texts, st.lists(rules(), max_size=4).map(tuple), texts, whom, recorded)


@given(scripts)
@example(Script("json without a type", (Rule("mint", (Respond(200, (), b'{\n  "a": 1\n}\n'),)),)))
def test_a_script_reads_back_from_its_data(script: Script) -> None:
    data = script.data()
    written = json.loads(json.dumps(data))
    again = load(written)
    assert repr(again) == repr(script), "repr, for nan is not itself"
    assert json.dumps(again.data()) == json.dumps(data)


@given(json_values | st.fixed_dictionaries({"name": texts, "rules": st.lists(json_values, max_size=2)}))
def test_anything_is_read_or_refused_in_words(data: Any) -> None:
    script, problems = read_script(data, lambda name: Audio.wav(b""))
    assert (script is None) == bool(problems)
    assert all(problem.message and problem.message[0] != "<" for problem in problems)


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused_in_words(text: str) -> None:
    with suppress(ValueError):
        load(text + "\n")


@pytest.mark.parametrize("event", EVENTS)
@given(data=st.data())
def test_no_script_fails_the_server(event: str, data: st.DataObject) -> None:
    backend = Backend(
        "latest", Script("any", (data.draw(rules(event)), *data.draw(st.lists(rules(), max_size=2))))
    )
    service = backend.service
    for _ in range(2):
        service.exchange(Request("POST", f"/v1alpha/auth_tokens?key={KEY}", (), b"{}"), backend.now)
        client = backend.with_key(tools=[{"functionDeclarations": [{"name": "f"}]}])
        client.say("f")
        client.send({"toolResponse": {"functionResponses": [{"id": "1", "name": "f", "response": {}}]}})
        client.send({"realtimeInput": {"text": "x"}})
        client.send({"realtimeInput": {"audio": {"data": "/38AgP9/AIA=" * 3000, "mimeType": "audio/pcm"}}})
        client.send({"realtimeInput": {"audioStreamEnd": True}})
        for step in (1, 20, 200, 600):
            backend.now += step
            service.wake(backend.now)
        service.lost(client.name, 1000, "", backend.now)
    assert service.open_connections == 0
    assert not [entry for entry in service.journal if entry.fact == "MOCK"]


@given(scripts)
def test_the_schema_takes_what_is_written(script: Script) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    jsonschema.Draft202012Validator(json_schema()).validate(script.data())


# -- the schema ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def validator() -> Any:
    """A validator of the schema, which is one."""
    jsonschema = pytest.importorskip("jsonschema")
    jsonschema.Draft202012Validator.check_schema(json_schema())
    return jsonschema.Draft202012Validator(json_schema())


@pytest.mark.parametrize("name", READY)
def test_ready_made_scripts_are_of_the_schema(name: str, validator: Any) -> None:
    validator.validate(READY[name].data())


WRONG: Final = [
    ({}, "name is missing", True),
    ([], "a script is a mapping with name and rules, got a list", True),
    (
        {"nme": "x"},
        "nme: 'nme' is unknown here, expected name, about, for, recorded, rules; did you mean name?",
        True,
    ),
    ({"name": True}, "name: expected a text, got true (in quotes it is a text)", True),
    ({"name": "x", "rules": {}}, "rules: expected a list (lines that begin with '- '), got a mapping", True),
    ({"name": "x", "for": {"tool": "y"}}, "for.tool: 'tool' is unknown here, expected api_key, model", True),
]
WRONG_RULES: Final = [
    ({"then": []}, "rules[0]: on is missing", True),
    ({"on": "turn"}, "rules[0]: then is missing: what is to be done? silence does nothing", True),
    (
        {"on": "trun", "then": []},
        "rules[0].on: 'trun' is none of mint, handshake, setup, turn, tool_response, client_content, realtime_input, activity_start, activity_end; did you mean turn?",
        True,
    ),
    (
        {"on": "turn", "nth": 0, "then": []},
        "rules[0].nth: nth is 0, expected a number from 1 up, '2-4', or '3-' for 3 and on",
        True,
    ),
    (
        {"on": "turn", "nth": True, "then": []},
        "rules[0].nth: expected a number, '2-4', or '3-' for 3 and on, got true (in quotes it is a text)",
        True,
    ),
    (
        {"on": "mint", "match": {"text": "x"}, "then": []},
        "rules[0].match.text: match cannot ask for text here, expected api_key, version, message",
        True,
    ),
    (
        {"on": "turn", "match": {"regex": "("}, "then": []},
        "rules[0].match: regex '(' cannot be read: missing ), unterminated subpattern at position 0",
        False,
    ),
]
WRONG_STEPS: Final = [
    ("say", "rules[0].then[0]: say takes something: write 'say: …'", True),
    ({"sya": "x"}, "did you mean say?", True),
    ({"say": "x", "pause": 1}, "rules[0].then[0]: one step holds say and pause: begin each with '- '", True),
    (5, "rules[0].then[0]: expected a step, got 5", True),
    ({"say": {"txt": "x"}}, "'txt' is unknown here, expected text; did you mean text?", True),
    ({"say": None}, "rules[0].then[0].say: expected a text, got nothing", True),
    ({"close": 1.5}, "expected a whole number from 1000 to 4999, got 1.5", True),
    ({"close": 1006}, "rules[0].then[0]: close code 1006 cannot be sent", False),
    ({"pause": -1}, "expected a number from 0 to 3.1536e+07, got -1", True),
    ({"pause": float("inf")}, "expected a number from 0 to 3.1536e+07, got Infinity", True),
    ({"refuse": "CLS-07"}, "'CLS-07' is none of TOK-002, TOK-004, TOK-004B, TOK-005, TOK-006, TOK-009, TOK-007, TOK-040, TOK-041, TOK-042, TOK-043, TOK-044 …; did you mean CLS-0", True),
    ({"garble": "maskd"}, "'maskd' is none of half, fragments, bad_utf8, masked, reserved_bits, oversized, text; did you mean masked?", True),
    ({"send": {"hex": "xy"}}, "rules[0].then[0].send.hex: expected pairs of hex digits, in quotes, got \"xy\"", True),
    ({"send": 5}, "expected a text, {json: …} or {hex: …}, got 5", True),
    ({"abort": "rst"}, "expected true or false, got \"rst\"", True),
    ({"respond": 500}, "rules[0].then[0]: Respond does not fit, expected Pause,", True),
    ({"audio": "none.wav"}, "rules[0].then[0].audio: cannot read none.wav: No such file or directory", False),
    ({"audio": {"file": "x", "rate": 1}}, "expected the name of a WAV file, or {file: …, text: …}, got a mapping", True),
    ({"audio": {"pcm": "AAA"}}, "rules[0].then[0].audio.pcm: expected base64, got \"AAA\"", False),
    ({"audio": {"pcm": "AA=="}}, "rules[0].then[0].audio: 1 bytes are no PCM16, expected an even number of bytes", False),
    ({"drip": {"bytes": 5}}, "rules[0].then[0].drip: every is missing", True),
    ({"call": {"args": {}}}, "rules[0].then[0].call: name is missing", True),
    ({"call": {"name": "x", "args": []}}, "rules[0].then[0].call.args: expected a mapping, got a list", True),
]  # fmt: skip
CASES: Final = [
    *WRONG,
    *(({"name": "x", "rules": [rule]}, why, seen) for rule, why, seen in WRONG_RULES),
    *(
        ({"name": "x", "rules": [{"on": "turn", "then": [step]}]}, why, seen)
        for step, why, seen in WRONG_STEPS
    ),
    (
        {
            "name": "x",
            "rules": [{"on": "mint", "then": [{"respond": {"status": 500, "headers": {"a": []}}}]}],
        },
        "rules[0].then[0].respond.headers.a: expected a text or a number, got a list",
        True,
    ),
    (
        {"name": "x", "rules": [{"on": "mint", "then": [{"respond": {"status": 500, "headers": "a"}}]}]},
        'headers: expected a mapping of header names to values, got "a"',
        True,
    ),
]


@pytest.mark.parametrize(("data", "why", "in_schema"), CASES, ids=[why[:60] for _, why, _ in CASES])
def test_a_mistake_is_told_at_its_place(data: Any, why: str, in_schema: bool, validator: Any) -> None:
    with pytest.raises(ValueError, match=re.escape(why)):
        load(data) if isinstance(data, dict) else load(json.dumps(data) + "\n")
    if in_schema:
        assert not validator.is_valid(json.loads(json.dumps(data).replace("Infinity", "1e400")))


def test_every_mistake_is_told_at_once() -> None:
    rule = {"on": "setup", "then": ["sya", {"pause": -1}], "nht": 1}
    _, problems = read_script(
        {"name": "x", "rules": [rule, {"on": "x", "then": []}]}, lambda name: Audio(b"")
    )
    assert len(problems) == 4


# -- the forms ----------------------------------------------------------------------------------------------


def test_every_step_of_every_event_has_a_form() -> None:
    assert {step for allowed in ALLOWED.values() for step in allowed} == set(STEPS) == set(ANY_STEP)
    assert NAMES["go_away"] is steps.GoAway
    assert [name_of(step) for step in (steps.Say, Abort)] == ["say", "abort"]


@pytest.mark.parametrize(
    ("short", "whole"),
    [
        ({"say": "x"}, {"say": {"text": "x"}}),
        ({"close": 1011}, {"close": {"code": 1011, "reason": ""}}),
        ("close", {"close": None}),
        ("abort", {"abort": {}}),
        ({"abort": True}, {"abort": {"reset": True}}),
        ({"send": {"json": {"a": 1}}}, {"send": {"payload": '{\n  "a": 1\n}\n', "text": False}}),
        ({"call": "f"}, {"call": {"name": "f", "args": {}}}),
        ({"go_away": 50}, "go_away"),
    ],
)
def test_a_step_has_a_short_and_a_whole_form(short: Any, whole: Any) -> None:
    first, second = (
        load({"name": "x", "rules": [{"on": "turn", "then": [step]}]}) for step in (short, whole)
    )
    assert first == second


def test_a_json_body_brings_its_content_type_once() -> None:
    answer = {"status": 429, "headers": {"Retry-After": 3}, "body": {"json": {"error": {}}}}
    script = load({"name": "x", "rules": [{"on": "mint", "then": [{"respond": answer}]}]})
    [step] = script.rules[0].then
    assert isinstance(step, Respond)
    assert step.headers == (("Content-Type", "application/json; charset=UTF-8"), ("Retry-After", "3"))
    assert load(script.data()) == script
