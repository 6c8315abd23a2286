"""What is looked at in a behaviour: each name reads what it says, and nothing where there is nothing."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest

from mockserver import Entry
from suite.cases import BEHAVIOURS
from suite.readings import READINGS, Evidence, camel, read

LIVE: Final = "/ws/google.ai.generativelanguage.v1.GenerativeService.BidiGenerateContent"
SETUP: Final = "bidiGenerateContentSetup"
NOTHING: Final = Evidence((), (), (), ())


def evidence(
    *values: dict[str, Any],
    asked: dict[str, Any] | None = None,
    events: tuple[dict[str, Any], ...] = (),
    body: Any = None,
    sent: tuple[Any, ...] = (),
    opening: dict[str, Any] | None = None,
) -> Evidence:
    """Values of calls, events, the body of a request, messages over a socket, how a connection began."""
    entries = []
    if body is not None:
        payload = body if isinstance(body, bytes) else json.dumps(body).encode()
        entries.append(Entry(1, 0.0, "http-1", "request", what="POST /v1/auth_tokens", payload=payload))
    if opening is not None:
        entries.append(Entry(1, 0.0, "ws-1", **{"kind": "handshake", "what": f"GET {LIVE}", **opening}))
    entries += [
        Entry(n, 0.0, "ws-1", "in", payload=json.dumps(one).encode()) for n, one in enumerate(sent, 2)
    ]
    return Evidence((asked or {},), values, events, entries)


def minting(**setup: Any) -> Evidence:
    """A token that is asked for with a setup."""
    return evidence(body={SETUP: setup})


IN_AN_HOUR: Final = {"config": {"expire_time": {"time": "2030-01-01T10:00:00Z", "as": "aware"}}}


def timed(sent: str, asked: dict[str, Any] = IN_AN_HOUR) -> Evidence:
    """A token that is asked for with a time."""
    return evidence(body={"expireTime": sent}, asked=asked)


@pytest.mark.parametrize(
    ("name", "seen", "says"),
    [
        ("said", evidence({"text": "hel"}, {"text": "lo"}), "hello"),
        ("said", evidence({"text": "x" * 41}), "41 characters"),
        ("said", NOTHING, "nothing"),
        ("said", evidence({"text": "", "audio_bytes": 480}), "sound"),
        ("tool response", evidence(sent=({"toolResponse": {"functionResponses": [{"response": {"b": 1}}]}},)),
         '{"b":1}'),
        ("tool response", evidence(sent=({"tool_response": {"function_responses": []}},)), "nothing"),
        ("goAway", evidence({"go_away": []}, {"go_away": ["50s", "1s"]}), "50s"),
        ("goAway", evidence({"go_away": []}), "nothing"),
        ("handle", evidence({"handles": ["h1"]}), "shown"),
        ("handle", evidence({"handles": []}), "nothing"),
        ("resumed with", evidence(sent=({"setup": {"session_resumption": {"handle": "h"}}},)), "a handle"),
        ("resumed with", evidence(sent=({"setup": {"sessionResumption": {}}},)), "nothing"),
        ("resumed with", NOTHING, "nothing"),
        ("setupComplete", evidence({"setup_complete": {}}), "shown"),
        ("setupComplete", evidence({"session": "s1", "setup_complete": None}), "nothing"),
        ("realtime input", evidence(sent=({"setup": {}}, {"realtimeInput": {"audio": {}}})), "audio"),
        ("realtime input", evidence(sent=({"realtime_input": {"media_chunks": []}},)), "mediaChunks"),
        ("realtime input", evidence(sent=({"clientContent": {}},)), "nothing"),
        ("scheme", evidence(opening={"secure": True}), "wss"),
        ("scheme", evidence(opening={}), "ws"),
        ("scheme", evidence(opening={"kind": "request", "secure": True}), "https"),
        ("scheme", NOTHING, "nothing"),
        ("prefix", evidence(opening={}), "none"),
        ("prefix", evidence(opening={"what": f"GET /{LIVE}"}), "/"),
        ("prefix", evidence(opening={"what": f"GET /proxy/path{LIVE}"}), "/proxy/path"),
        ("prefix", NOTHING, "nothing"),
        ("header x-compat", evidence(opening={"headers": (("x-compat", "mine"),)}), "mine"),
        ("header x-compat", evidence(opening={}), "not sent"),
        ("header x-compat", NOTHING, "nothing"),
        ("body", evidence(body={"b": 1, "a": [2]}), '{"a":[2],"b":1}'),
        ("body", evidence(body=b""), "{}"),
        ("body", evidence(body=b"not json"), "{}"),
        ("uses", evidence(body={"uses": 3}), "3"),
        ("uses", evidence(body={}), "nothing"),
        ("setup", minting(model="m", generation_config={"top_k": 1}),
         '{"generationConfig":{"topK":1},"model":"m"}'),
        ("setup", evidence(body={}), "nothing"),
        ("settings", minting(model="m", generationConfig={"topK": 1, "seed": 2}),
         "generationConfig.seed, generationConfig.topK, model"),
        ("settings", evidence(body={}), "nothing"),
        ("locks", evidence(body={SETUP: {"model": "m"}}), "the whole setup"),
        ("locks", evidence(body={SETUP: {}, "fieldMask": "model,generation_config.top_k"}),
         "generationConfig.topK,model"),
        ("locks", evidence(body={}), "nothing"),
        ("spelled", minting(generationConfig={"topK": 1}), "camelCase"),
        ("spelled", minting(generationConfig={"top_k": 1}), "snake_case"),
        ("spelled", minting(generationConfig={"top_k": 1, "topP": 1}), "both"),
        ("spelled", minting(generationConfig={"seed": 1}), "nothing"),
        ("spelled", minting(tools=[{"functionDeclarations": []}]), "camelCase"),
        ("expireTime", timed("2030-01-01T10:00:00Z"), "Z"),
        ("expireTime", timed("2030-01-01T10:00:00.123456+00:00"), "offset"),
        ("expireTime", timed("2030-01-01T10:00:00"), "no zone"),
        ("expireTime", timed("2030-01-01T12:00:00Z"), "Z, another time"),
        ("expireTime", timed("2030-01-01T10:00:00Z", {}), "nothing"),
        ("expireTime", evidence(body={}, asked=IN_AN_HOUR), "nothing"),
        ("exit code", evidence({"exit_code": 0}), "0"),
        ("exit code", NOTHING, "none"),
        ("onerror", evidence(events=({"kind": "callback", "name": "onerror", "detail": {"message": "no"}},)),
         "no"),
        ("onerror", evidence(events=({"kind": "callback", "name": "onerror", "detail": {"message": None}},)),
         "undefined"),
        ("onerror", evidence(events=({"kind": "callback", "name": "onclose", "detail": {}},)), "nothing"),
        ("devtools", evidence(events=({"kind": "devtools", "message": "connection to 'x' failed: 404"},)),
         "404"),
        ("devtools", NOTHING, "nothing"),
    ],
)  # fmt: skip
def test_each_name_reads_what_it_says(name: str, seen: Evidence, says: str) -> None:
    assert read(name, seen) == says


def test_everything_that_can_be_read_is_tested_here_and_looked_at_by_some_behaviour() -> None:
    looked = {name for behaviour in BEHAVIOURS for name in (*behaviour.looks, *behaviour.shows)}
    assert {name for name in looked if not name.startswith("header ")} == set(READINGS)
    (marks,) = test_each_name_reads_what_it_says.pytestmark  # type: ignore[attr-defined]
    assert {name for name, *_ in marks.args[1]} - {"header x-compat"} == set(READINGS)


@pytest.mark.parametrize(
    ("name", "wanted"), [("top_k", "topK"), ("topK", "topK"), ("a_b_c", "aBC"), ("model", "model")]
)
def test_a_name_has_one_spelling(name: str, wanted: str) -> None:
    assert camel(name) == wanted
