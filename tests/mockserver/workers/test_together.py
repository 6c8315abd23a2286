"""What is told to one worker is told to all, and what one tells is of all."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from ..conftest import Live, live_path
from ..core.conftest import MALFORMED, TOO_LATE
from .conftest import Workers, starting

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

RECORDED = {"ms": 0, "on": "http-1", "by": "client", "kind": "request", "what": "POST /v1alpha/auth_tokens"}
#: So many new connections that both workers get some: the chance that they do not is 2 to the power of -23.
MANY = 24


@pytest.fixture(scope="module")
def running(tls_dir: Path) -> Iterator[Workers]:
    """Two workers, for all tests here."""
    with starting(tls_dir) as start:
        yield start()


@pytest.fixture
def server(running: Workers) -> Workers:
    """The same, in a clean state."""
    running.call("DELETE", "/_mock/script")
    running.call("DELETE", "/_mock/script?apiKey=k")
    running.call("POST", "/_mock/reset")
    return running


@contextmanager
def with_token(server: Workers, token: str) -> Iterator[Live]:
    """A session with a token."""
    path = live_path("BidiGenerateContentConstrained", query=f"access_token={token}")
    with closing(Live(server.port, path)) as live:
        yield live.setup()


def minting(server: Workers, key: str = "k") -> list[int]:
    """Ask for a token many times; the statuses."""
    return [server.call("POST", "/v1alpha/auth_tokens", {}, x_goog_api_key=key)[0] for _ in range(MANY)]


def test_tokens_are_known_to_both_and_no_name_is_given_twice(server: Workers) -> None:
    names = [server.name() for _ in range(MANY)]
    assert len(set(names)) == MANY
    for name in names:
        with with_token(server, name) as live:
            live.expect_ready()
    tokens = server.call("GET", "/_mock/tokens")[1]["tokens"]
    assert [token["usesLeft"] for token in tokens] == [0] * MANY
    minted = {entry["connection"] for entry in server.entries if entry["what"].startswith("POST")}
    assert {int(name.partition("-")[2]) % 2 for name in minted} == {0, 1}, "both have minted"


def test_a_handle_of_one_is_good_at_the_other(server: Workers) -> None:
    handles = set()
    for _ in range(MANY):
        live = Live(server.port, live_path()).setup(sessionResumption={}).expect_ready().say("hi")
        said = live.expect_turn()
        while not (updates := [one for one in said if "sessionResumptionUpdate" in one]):
            said = [live.receive()]
        handle = updates[-1]["sessionResumptionUpdate"]["newHandle"]
        live.close()
        handles.add(handle)
        resumed = Live(server.port, live_path()).setup(sessionResumption={"handle": handle})
        resumed.expect_ready().close()
    assert len(handles) == MANY


def test_the_clock_moves_everywhere_before_the_answer(server: Workers) -> None:
    token = server.name(uses=0)
    assert server.call("POST", "/_mock/clock", {"advance": 61})[1]["movedSeconds"] == 61
    for _ in range(MANY):
        with with_token(server, token) as live:
            live.expect_close(1011, TOO_LATE)
    assert {server.call("GET", "/_mock/clock")[1]["movedSeconds"] for _ in range(MANY)} == {61}


def test_there_is_one_time_whoever_tells_it(server: Workers) -> None:
    for _ in "12":
        told = [server.call("GET", "/_mock/clock")[1]["now"] for _ in range(MANY)]
        assert told == sorted(told)
        server.call("POST", "/_mock/reset")


def test_the_clock_moves_to_what_is_due_first_anywhere(server: Workers) -> None:
    lives = [Live(server.port, live_path()).setup().expect_ready() for _ in range(MANY)]
    moved = server.call("POST", "/_mock/clock", {"advance": "due"})[1]["movedSeconds"]
    assert 530 < moved < 540
    lives[0].receive()  # goAway: it was there first
    assert server.call("GET", "/_mock/health")[1]["openConnections"] == MANY
    for live in lives:
        live.close()


def test_a_script_is_played_by_all_and_its_counts_are_added_up(server: Workers) -> None:
    script = {"name": "busy", "rules": [{"on": "mint", "then": [{"respond": {"status": 503}}]}]}
    assert server.call("PUT", "/_mock/script", script)[0] == 200
    assert minting(server) == [503] * MANY
    [rule] = server.call("GET", "/_mock/rules")[1]["rules"]
    assert (rule["events"], rule["spoke"]) == (MANY, MANY)
    server.call("DELETE", "/_mock/script")
    assert all(server.name() for _ in range(MANY))


def test_an_injected_rule_speaks_in_all(server: Workers) -> None:
    server.call("POST", "/_mock/rules?apiKey=k", {"on": "mint", "then": [{"refuse": "TOK-058"}]})
    assert minting(server) == [429] * MANY
    assert minting(server, "other") == [200] * MANY


def test_a_reset_forgets_everywhere(server: Workers) -> None:
    token = server.name(uses=0)
    server.call("POST", "/_mock/clock", {"advance": 30})
    health = server.call("POST", "/_mock/reset")[1]
    assert (health["entries"], health["openConnections"]) == (0, 0)
    for _ in range(MANY):
        with with_token(server, token) as live:
            live.expect_close(1007, MALFORMED)
    assert server.call("GET", "/_mock/tokens")[1]["tokens"] == []
    assert server.call("GET", "/_mock/clock")[1]["movedSeconds"] == 0


def test_the_journal_is_of_all_in_order_and_read_in_parts(server: Workers) -> None:
    seen: list[dict[str, Any]] = []
    for _ in range(MANY):
        server.name()
        last = seen[-1]["number"] if seen else 0
        seen += server.call("GET", f"/_mock/journal?after={last}")[1]["entries"]
    entries = server.entries
    assert seen == entries, "a number that was told is told again"
    first = entries[0]["number"]
    assert [entry["number"] for entry in entries] == list(range(first, first + 2 * MANY))
    assert [entry["at"] for entry in entries] == sorted(entry["at"] for entry in entries)
    assert {entry["connection"] for entry in entries[::2]} == {entry["connection"] for entry in entries[1::2]}
    assert server.call("GET", "/_mock/health")[1]["entries"] == 2 * MANY


def test_the_verdict_is_on_the_clients_of_all(server: Workers) -> None:
    for _ in range(MANY):
        server.name()
    findings = server.call("GET", "/_mock/verdict")[1]["findings"]
    [unlocked] = [finding for finding in findings if finding["id"] == "unlocked-token"]
    assert len(unlocked["evidence"]) == 2 * MANY, "a request and its answer of each"


def test_many_that_tell_at_once_wait_for_nobody_and_leave_all_the_same(server: Workers) -> None:
    def tell(number: int) -> int:
        respond = {"respond": {"status": 400 + number}}
        script = {"name": f"script-{number}", "rules": [{"on": "mint", "then": [respond]}]}
        return server.call("PUT", "/_mock/script", script)[0]

    with ThreadPoolExecutor(16) as pool:
        assert set(pool.map(tell, range(64))) == {200}
    [played] = set(minting(server))
    assert server.call("GET", "/_mock/script")[1]["script"]["name"] == f"script-{played - 400}"


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "told"),
    [
        ("GET", "/_mock/", None, 409, "the journal cannot be followed with --workers"),
        (
            "GET",
            "/_mock/journal?follow=true",
            None,
            409,
            "read GET journal, which has the entries of all workers",
        ),
        ("POST", "/_mock/clock", {"advance": 1e12}, 400, "cannot move the clock by 1000000000000.0 s"),
        ("PUT", "/_mock/script", {"rules": 5}, 400, "rules"),
        (
            "PUT",
            "/_mock/script",
            {"name": "x", "recorded": [RECORDED]},
            400,
            "a recording came, expected a script",
        ),
    ],
)
def test_what_workers_cannot_do_is_refused_with_what_to_do(
    server: Workers, method: str, path: str, body: Any, status: int, told: str
) -> None:
    got, answer = server.call(method, path, body)
    assert got == status
    assert told in answer["error"]
    assert server.name(), "and both go on"
