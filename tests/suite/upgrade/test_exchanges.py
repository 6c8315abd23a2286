"""What crosses the wire compared: chance is none, each planted one is, spellings are told as such."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, Final

import pytest

from mockserver import Entry
from suite.upgrade.exchanges import compared, exchanges

if TYPE_CHECKING:
    from suite.upgrade.model import Difference

NOW: Final = datetime(2026, 11, 30, 16, 13, 20, tzinfo=timezone.utc).timestamp()
MINT: Final = Entry(
    1,
    NOW,
    "http-1",
    "request",
    what="POST /v1beta/auth_tokens",
    placement=("x-goog-api-key",),
    headers=(
        ("host", "127.0.0.1:4711"),
        ("x-goog-api-key", "cell.js.2.32.0.launch.create.none"),
        ("x-goog-api-client", "google-genai-sdk/2.32.0 gl-node/v20"),
        ("content-length", "99"),
    ),
    payload=json.dumps(
        {
            "uses": 3,
            "expireTime": "2026-11-30T17:13:20.250Z",
            "bidiGenerateContentSetup": {"model": "m", "generationConfig": {"topK": 1}},
            "fieldMask": "model",
        }
    ).encode(),
)
MINTED: Final = Entry(2, NOW, "http-1", "response", what="200", status=200)
SOCKET: Final = Entry(
    3,
    NOW,
    "ws-1",
    "handshake",
    what="GET //ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContentConstrained"
    "?access_token=auth_tokens/0123456789abcdef",
    placement=("?access_token=",),
    secure=True,
    headers=(("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="), ("user-agent", "me")),
)
OPEN: Final = Entry(4, NOW, "ws-1", "open", status=101)
SETUP: Final = Entry(5, NOW, "ws-1", "in", payload=b'{"setup": {"model": "m"}}', text=True)
TURN: Final = Entry(6, NOW, "ws-1", "in", payload=b'{"clientContent": {"turns": []}}', text=True)
RUN: Final = (MINT, MINTED, SOCKET, OPEN, SETUP, TURN)


def told(*after: Entry) -> list[Difference]:
    return list(compared(exchanges(RUN), exchanges(after)))


def body(**changed: Any) -> Entry:
    """The mint with other fields; None takes one away."""
    fields = {**json.loads(MINT.payload), **changed}
    return replace(MINT, payload=json.dumps({n: v for n, v in fields.items() if v is not None}).encode())


def header(entry: Entry, name: str, value: str) -> Entry:
    return replace(entry, headers=(*((n, v) for n, v in entry.headers if n != name), (name, value)))


def test_what_is_another_one_in_every_run_is_no_difference() -> None:
    later = [
        replace(
            header(
                header(MINT, "host", "127.0.0.1:99"), "x-goog-api-key", "cell.js.3.1.0.launch.create.none"
            ),
            at=NOW + 5000,
            connection="http-7",
            payload=MINT.payload.replace(b"2026-11-30T17:13:20.250Z", b"2026-11-30T18:36:41.001Z"),
        ),
        replace(MINTED, connection="http-7"),
        replace(
            header(SOCKET, "sec-websocket-key", "other"),
            connection="ws-3",
            what=SOCKET.what.replace("0123456789abcdef", "fedcba9876543210"),
        ),
        *(replace(entry, connection="ws-3") for entry in (OPEN, SETUP, TURN)),
    ]
    assert told(*later) == []
    assert told(header(MINT, "x-goog-api-client", "google-genai-sdk/3.1.0 gl-node/v20"), *RUN[1:]) == []


PLANTED: Final = [
    (replace(MINT, what="POST /v1/auth_tokens"), "API version", "auth_tokens.create", "v1beta", "v1"),
    (replace(MINT, what="POST /proxy/v1beta/auth_tokens"), "request line", "auth_tokens.create", "", ""),
    (replace(MINT, what="POST /v1beta/auth_tokens?alt=json"), "request line", "", "", "json"),
    (replace(MINT, placement=("?key=",)), "credential", "auth_tokens.create", "x-goog-api-key", "?key="),
    (replace(MINT, secure=True), "scheme", "auth_tokens.create", "http", "https"),
    (header(MINT, "x-new", "1"), "header", "x-new", "", "1"),
    (header(MINT, "x-goog-api-client", "me"), "header", "x-goog-api-client", "", "me"),
    (body(uses=4), "body", "uses", "3", "4"),
    (body(uses=None), "body", "uses", "3", ""),
    (body(fieldMask="model,topK"), "body", "fieldMask", '"model"', '"model,topK"'),
    (body(expireTime="2026-11-30T17:43:20.250Z"), "body", "expireTime", "", '"{now+5400s}.000Z"'),
    (body(expireTime="2026-11-30T17:13:20.250"), "body", "expireTime", "", '"{now+3600s}.000"'),
]


@pytest.mark.parametrize(("entry", "aspect", "name", "before", "after"), PLANTED)
def test_a_planted_difference_is_found_alone(
    entry: Entry, aspect: str, name: str, before: str, after: str
) -> None:
    [found] = told(entry, *RUN[1:])
    assert (found.aspect, found.kind != "spelled") == (aspect, True)
    assert not name or found.name == name
    assert before in found.before
    assert after in found.after


@pytest.mark.parametrize(
    "entry",
    [
        body(uses="3"),
        body(expireTime="2026-11-30T17:13:20+00:00"),
        body(fieldMask=None, field_mask="model"),
        body(bidiGenerateContentSetup={"model": "m", "generation_config": {"topK": 1}}),
    ],
)
def test_another_spelling_is_told_as_a_spelling(entry: Entry) -> None:
    assert {one.kind for one in told(entry, *RUN[1:])} == {"spelled"}


def test_messages_are_compared_with_those_of_their_kind() -> None:
    [changed] = told(*RUN[:4], replace(SETUP, payload=b'{"setup": {"model": "n"}}'), TURN)
    assert (changed.aspect, changed.name, changed.after) == ("message", "setup.model", '"n"')
    [gone] = told(*RUN[:5])
    assert (gone.aspect, gone.name, gone.kind) == ("message", "clientContent", "removed")
    [spelled] = told(*RUN[:5], replace(TURN, payload=b'{"client_content": {"turns": []}}'))
    assert (spelled.kind, spelled.before, spelled.after) == ("spelled", "clientContent", "client_content")


def test_a_request_more_or_less_is_told_whole() -> None:
    [more] = told(*RUN, replace(MINT, connection="http-2"))
    assert (more.aspect, more.kind, more.after) == ("requests", "added", "auth_tokens.create on v1beta")
    assert {one.aspect for one in told(*RUN[:2])} == {"requests"}


def test_frames_and_answers_count() -> None:
    frames = told(*RUN[:4], *(replace(entry, text=False) for entry in (SETUP, TURN)))
    assert [(one.aspect, one.after) for one in frames] == [("frames", "binary")]
    answered = told(MINT, replace(MINTED, status=404), *RUN[2:])
    assert [(one.aspect, one.before, one.after) for one in answered] == [("answer", "HTTP 200", "HTTP 404")]
    closed = told(*RUN, Entry(9, NOW, "ws-1", "close", what="1011 no", status=1011))
    assert [one.after for one in closed] == ["HTTP 101, close 1011"]


def test_no_body_and_one_that_says_nothing_are_one() -> None:
    sides = [exchanges([replace(MINT, payload=payload)]) for payload in (b"", b"{}")]
    assert [one.kind for one in compared(*sides)] == ["spelled"]


def test_a_body_that_is_no_json_is_compared_as_it_is() -> None:
    sides = [exchanges([replace(MINT, payload=payload)]) for payload in (b"a=1", b"a=2")]
    assert [(one.before, one.after) for one in compared(*sides)] == [('"a=1"', '"a=2"')]
