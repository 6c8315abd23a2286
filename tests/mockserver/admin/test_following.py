"""Following the journal as server-sent events: at once, resumed, bounded."""

from __future__ import annotations

import contextlib
import json
import time
from typing import TYPE_CHECKING, Any

import pytest

from mockserver.admin import following
from mockserver.admin.following import Followers
from mockserver.core.journal import Journal

from ..conftest import KEY, Wire

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mockserver import MockServer


class Reader:
    """A client of server-sent events, in bytes."""

    def __init__(self, port: int, query: str = "", **headers: str) -> None:
        self.wire = Wire(port)
        lines = [f"GET /_mock/journal?follow=true{query} HTTP/1.1", "Host: localhost"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        self.wire.send("\r\n".join([*lines, "", ""]))
        self.head = self.wire.until(b"\r\n\r\n").decode().lower()
        self.id = ""

    def event(self) -> tuple[str, Any]:
        """The next event: its name, and its data."""
        fields = dict(line.split(": ", 1) for line in self.wire.until(b"\n\n").decode().strip().split("\n"))
        self.id = fields.get("id", self.id)
        return fields.get("event", "message"), json.loads(fields["data"])

    def numbers(self, count: int) -> list[int]:
        """The numbers of the next so many entries; nothing else may come between."""
        events = [self.event() for _ in range(count)]
        assert {name for name, _ in events} == {"message"}
        return [data["number"] for _, data in events]


@pytest.fixture
def follow(server: MockServer) -> Iterator[Callable[..., Reader]]:
    """Follow the server's journal; all connections are closed after the test."""
    opened: list[Reader] = []

    def open_one(query: str = "", **headers: str) -> Reader:
        opened.append(Reader(server.port, query, **headers))
        return opened[-1]

    yield open_one
    for one in opened:
        one.wire.close()


def mint(server: MockServer, key: str = KEY) -> None:
    """Two entries."""
    with contextlib.closing(Wire(server.port)) as wire:
        wire.request("POST", f"/v1alpha/auth_tokens?key={key}")


def test_what_there_is_comes_first_then_what_happens(server: MockServer, follow: Any) -> None:
    mint(server)
    reader = follow()
    assert "content-type: text/event-stream; charset=utf-8" in reader.head
    assert "content-length" not in reader.head
    name, hello = reader.event()
    assert (name, hello["first"], hello["movedSeconds"], hello["serviceDate"]) == (
        "hello",
        1,
        0,
        "2025-05-20",
    )
    assert reader.numbers(2) == [1, 2]
    mint(server)
    assert reader.event()[1] == server.journal[2].shown(), "one serialisation"


def test_filters_hold_for_what_happens_too(server: MockServer, follow: Any) -> None:
    reader = follow(f"&kind=response&owner={KEY}")
    reader.event()
    mint(server)
    mint(server, "another")
    mint(server)
    assert reader.numbers(2) == [2, 6]


def test_a_client_that_comes_back_gets_what_it_missed(server: MockServer, follow: Any) -> None:
    first = follow()
    first.event()
    mint(server)
    first.numbers(2)
    first.wire.close()
    mint(server)
    again = follow(Last_Event_ID=first.id)
    assert again.event()[0] == "hello"
    assert again.numbers(2) == [3, 4]


@pytest.mark.parametrize(
    ("last", "numbers"), [("3", [4]), ("0-3", [1, 2, 3, 4]), ("nonsense", [1, 2, 3, 4]), ("", [1, 2, 3, 4])]
)
def test_ids_of_another_server_count_for_nothing(
    server: MockServer, follow: Any, last: str, numbers: list[int]
) -> None:
    mint(server)
    mint(server)
    reader = follow(Last_Event_ID=last)
    reader.event()
    assert reader.numbers(len(numbers)) == numbers


def test_what_leaves_no_entry_is_told(server: MockServer, follow: Any) -> None:
    reader = follow()
    reader.event()
    server.mint()
    server.advance(60)
    server.play("echo")
    server.reset()
    told = [reader.event() for _ in range(4)]
    assert [(name, data["changed"]) for name, data in told] == [
        ("changed", ["tokens"]), ("changed", ["clock"]), ("changed", ["script"]), ("changed", ["reset"]),
    ]  # fmt: skip
    assert told[1][1]["movedSeconds"] == 60
    mint(server)
    assert reader.numbers(2) == [1, 2]


def test_numbers_go_on_after_a_reset_and_nothing_counts_as_dropped(server: MockServer, follow: Any) -> None:
    reader = follow()
    reader.event()
    mint(server)
    reader.numbers(2)
    server.reset()
    assert reader.event()[0] == "changed"
    mint(server)
    assert reader.numbers(2) == [3, 4]
    late = follow()
    assert late.event()[1]["first"] == 3
    assert late.numbers(2) == [3, 4]


def test_a_second_request_on_the_same_connection_is_not_mixed_in(server: MockServer, follow: Any) -> None:
    reader = follow()
    reader.wire.send("GET /_mock/health HTTP/1.1\r\nHost: localhost\r\n\r\n")
    reader.event()
    mint(server)
    assert reader.numbers(2) == [1, 2]


def test_a_client_that_leaves_is_forgotten(server: MockServer, follow: Any) -> None:
    watching = len(server._service.journal.watchers)
    reader = follow()
    reader.event()
    assert len(server._service.journal.watchers) == watching + 1
    reader.wire.close()
    deadline = time.monotonic() + 5
    while len(server._service.journal.watchers) > watching:
        assert time.monotonic() < deadline, "still followed"
        time.sleep(0.01)


def test_there_may_not_be_too_many(
    server: MockServer, follow: Any, wire: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mockserver.admin.MAX_FOLLOWERS", 1)
    follow().event()
    refused = wire().request("GET", "/_mock/journal?follow=true")
    assert (refused.status, refused.json) == (
        429,
        {"error": "1 clients follow the journal already, expected fewer: close some"},
    )


# -- slow clients, without a network ----------------------------------------------------------------------


class Slow:
    """A pipe whose client takes what it is told to take."""

    def __init__(self) -> None:
        self.data: list[bytes] = []
        self.waiting = 0

    def write(self, data: bytes) -> None:
        self.data.append(data)
        self.waiting += len(data)

    def take(self) -> list[str]:
        """Take all that waits, and have the follower told; what came, in short."""
        self.waiting = 0
        events = [data.decode() for data in self.data]
        self.data.clear()
        self.drained()
        return [_short(event) for event in events]

    def drained(self) -> None:
        """Set by the follower."""

    def lost(self) -> None:
        """Set by the follower."""


def _short(event: str) -> str:
    data = json.loads(event.partition("data: ")[2])
    if "event: " in event:
        name = event.partition("event: ")[2].partition("\n")[0]
        return f"{name} {data.get('count', data.get('changed', ''))}".rstrip()
    return str(data["number"])


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> tuple[Journal, Followers, Slow]:
    """A follower that takes nothing yet, of a journal that holds eight entries."""
    monkeypatch.setattr(following, "MAX_WAITING_BYTES", 400)
    journal, pipe = Journal(max_entries=8), Slow()
    followers = Followers(journal, lambda: {"now": 1.0})
    followers.begin(pipe, lambda entry: True, 0)  # type: ignore[arg-type]
    return journal, followers, pipe


def add(journal: Journal, count: int) -> None:
    """Entries of 100 bytes and some."""
    for _ in range(count):
        journal.add(at=0.0, connection="ws-1", kind="in", what="x" * 60)


def test_a_slow_client_costs_a_bounded_amount_and_misses_nothing_the_journal_holds(slow: Any) -> None:
    journal, _, pipe = slow
    add(journal, 8)
    assert pipe.waiting < 400 + 200
    came: list[str] = []
    while len(came) < 9:
        came += pipe.take()
    assert came == ["hello", *map(str, range(1, 9))]
    add(journal, 1)
    assert pipe.take() == ["9"], "it is up to date again"


def test_a_slow_client_is_told_how_much_the_journal_has_let_go(slow: Any) -> None:
    journal, _, pipe = slow
    add(journal, 20)
    came: list[str] = []
    while not came or came[-1] != "20":
        came += pipe.take()
    first = came[: came.index(next(one for one in came if one.startswith("dropped")))]
    missed = 20 - 8 - (len(first) - 1)
    assert came == [*first, f"dropped {missed}", *map(str, range(13, 21))]


def test_a_slow_client_hears_of_changes_once(slow: Any) -> None:
    journal, followers, pipe = slow
    add(journal, 8)
    for _ in range(50):
        followers.changed("clock")
    followers.changed("tokens")
    assert pipe.waiting < 400 + 200
    came: list[str] = []
    while not came or not came[-1].startswith("changed"):
        came += pipe.take()
    assert came[-1] == "changed ['clock', 'tokens']"


def test_what_a_reset_forgets_was_not_dropped(slow: Any) -> None:
    journal, followers, pipe = slow
    add(journal, 8)
    followers.forget()
    journal.clear()
    followers.changed("reset")
    add(journal, 1)
    came: list[str] = []
    while not came or came[-1] != "changed ['reset']":
        came += pipe.take()
    assert "dropped" not in " ".join(came)
    assert "9" in came
