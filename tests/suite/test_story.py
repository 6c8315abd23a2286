"""The story of a probe: what the application did, what went over the wire, what it saw, in order."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver import Entry
from suite.drivers import Reply
from suite.story import Teller


def entry(kind: str, what: str = "", **fields: Any) -> Entry:
    """One thing that happened on a socket."""
    return Entry(1, 0.0, "ws-1", kind, what=what, **fields)  # type: ignore[arg-type]


def told(*entries: Entry, reply: Reply | None) -> list[tuple[str, str]]:
    """Who said what after a call."""
    teller = Teller()
    teller.hears(entries, reply)
    return [(line["who"], line["what"]) for line in teller.told]


RETURNED = Reply("returned", {})


def test_a_call_is_told_without_what_every_call_has() -> None:
    teller = Teller()
    teller.asks("connect", {"model": "m", "env": {"A": "b"}, "session": "s1"})
    assert teller.told == ({"who": "app", "verb": "connect", "asked": {"model": "m"}},)


def test_the_options_at_the_session_are_told() -> None:
    teller = Teller()
    teller.asks("connect", {"session": {"headers": {"x": "y"}}})
    assert teller.told[0]["asked"] == {"session": {"headers": {"x": "y"}}}


def test_a_story_is_in_order_calls_wire_events_and_the_answer() -> None:
    teller = Teller()
    teller.asks("connect", {})
    event = {"kind": "warning", "category": "UserWarning", "message": "careful"}
    teller.hears(
        [entry("handshake", "GET /ws"), entry("open", "101")], Reply("returned", {}, events=(event,))
    )
    teller.asks("send", {"text": "hi"})
    teller.hears([entry("in", "{}")], RETURNED)
    assert [line["who"] for line in teller.told] == [
        *("app", "client", "server", "event", "sdk"),
        *("app", "client", "sdk"),
    ]


@pytest.mark.parametrize(
    ("one", "line"),
    [
        (entry("request", "POST /v1/auth_tokens"), ("client", "POST /v1/auth_tokens")),
        (entry("response", "404 {}"), ("server", "HTTP 404 {}")),
        (entry("handshake", "GET /ws"), ("client", "GET /ws")),
        (entry("open", "101"), ("server", "HTTP 101")),
        (entry("rejected", "404"), ("server", "HTTP 404")),
        (entry("in", '{"setup":{}}'), ("client", '{"setup":{}}')),
        (entry("out", '{"setupComplete":{}}'), ("server", '{"setupComplete":{}}')),
        (entry("close", "1011 oh no"), ("server", "close 1011 oh no")),
        (entry("lost", "dropped by script"), ("server", "connection ended dropped by script")),
        (entry("refusal", "not here", fact="WS-015", hint="go there"), ("mock", "not here")),
        (entry("out", "x" * 300), ("server", "x" * 200 + "…")),
    ],
)  # fmt: skip
def test_each_thing_on_the_wire_is_told_of_whom_it_comes(one: Entry, line: tuple[str, str]) -> None:
    assert told(one, reply=RETURNED)[0] == line


def test_a_refusal_is_told_with_its_fact_and_what_to_change() -> None:
    teller = Teller()
    teller.hears([entry("refusal", "not here", fact="WS-015", hint="go there")], RETURNED)
    assert teller.told[0] == {"who": "mock", "what": "not here", "fact": "WS-015", "hint": "go there"}


@pytest.mark.parametrize(
    ("event", "line"),
    [
        ({"kind": "callback", "name": "onopen"}, "onopen"),
        ({"kind": "callback", "name": "onclose", "detail": {"code": 1011}}, 'onclose: {"code": 1011}'),
        ({"kind": "warning", "category": "UserWarning", "message": "careful"}, "UserWarning: careful"),
        ({"kind": "log", "console": "warn", "message": "careful"}, "warn: careful"),
        ({"kind": "unhandled", "class": "Error", "message": "oh no"}, "unhandled: oh no"),
        ({"kind": "devtools", "message": "failed"}, "devtools: failed"),
    ],
)
def test_each_event_is_a_line(event: dict[str, Any], line: str) -> None:
    assert ("event", line) in told(reply=Reply("returned", {}, events=(event,)))


@pytest.mark.parametrize(
    ("reply", "line"),
    [
        (RETURNED, "returned"),
        (None, "the process ended"),
        (Reply("pending"), "never returns"),
        (Reply("absent", missing="client.x"), "there is no client.x"),
        (Reply("raised", error={"class": "ApiError", "message": "404"}), "raised ApiError: 404"),
        (Reply("crashed", error={"class": None, "message": "last words"}), "crashed error: last words"),
        (Reply("silent", {"exit_code": 0}), "silent"),
    ],
)  # fmt: skip
def test_each_answer_is_the_last_line(reply: Reply | None, line: str) -> None:
    assert told(reply=reply) == [("sdk", line)]
