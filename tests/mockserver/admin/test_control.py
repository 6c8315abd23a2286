"""The control API under ``/_mock/``: what a test in any language can do."""

# ruff: noqa: E501  (recorded texts stay on one line)

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING, Any

import pytest

from mockserver import fidelity

from ..conftest import KEY, Live, Wire

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockserver import MockServer

Call = "Callable[..., tuple[int, Any]]"


@pytest.fixture
def call(wire: Callable[..., Wire]) -> Callable[..., tuple[int, Any]]:
    """Make a control request; its status and JSON."""
    one = wire()

    def make(method: str, path: str, body: Any = None) -> tuple[int, Any]:
        payload = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        answer = one.request(method, path, payload)
        assert answer.headers["content-type"] == "application/json; charset=UTF-8"
        assert answer.headers["cache-control"] == "no-store"
        return answer.status, answer.json

    return make


def test_health_says_what_runs(call: Any, server: MockServer) -> None:
    assert call("GET", "/_mock/health") == (
        200,
        {"ok": True, "serviceDate": "2025-05-20", "openConnections": 0, "entries": 0, "bytes": 0}
        | {"dropped": 0, "droppedBytes": 0},
    )


def test_what_the_journal_dropped_is_told(serve: Callable[..., MockServer]) -> None:
    server = serve(journal_entries=3)
    with contextlib.closing(Wire(server.port)) as wire:
        for _ in range(2):
            assert wire.request("POST", "/v1alpha/auth_tokens?key=any").status == 200
        health = wire.request("GET", "/_mock/health").json
        assert (health["entries"], health["dropped"]) == (3, 1)
        assert health["bytes"] == pytest.approx(sum(entry.size for entry in server.journal), rel=0.1)
        assert wire.request("GET", "/_mock/journal").json["dropped"] == 1
    assert server.loss == (
        f"the journal dropped 1 older entries of about {health['droppedBytes']} bytes: "
        "reset it between tests, or raise journal_entries and journal_bytes"
    )
    server.reset()
    assert server.loss == ""


def test_control_requests_leave_no_entries(call: Any, server: MockServer) -> None:
    call("GET", "/_mock/health")
    assert server.journal == ()


def test_the_journal_as_json(call: Any, server: MockServer, live: Callable[..., Live]) -> None:
    live(server, query="").setup().expect_close(
        1008,
        "Method doesn't allow unregistered callers (callers without established identity). "
        "Please use API Key or other form of API c",
    )
    _, answer = call("GET", "/_mock/journal")
    kinds = [entry["kind"] for entry in answer["entries"]]
    assert kinds == ["handshake", "open", "in", "refusal", "close"]
    refusal = answer["entries"][3]
    assert refusal["fact"] == "CLS-002"
    assert refusal["hint"].startswith("no credential arrived")
    assert refusal["confidence"] == "observed"


@pytest.mark.parametrize(
    ("query", "numbers", "more"),
    [
        ("", [1, 2, 3, 4], False),
        ("?after=2", [3, 4], False),
        ("?kind=response", [2, 4], False),
        ("?kind=response,request&limit=3", [1, 2, 3], True),
        ("?connection=http-2", [3, 4], False),
        (f"?owner={KEY}&limit=4", [1, 2, 3, 4], False),
        ("?owner=AIza%E2%80%A6ts&after=1&limit=1", [2], True),
        ("?owner=nobody", [], False),
        ("?after=9", [], False),
    ],
)
def test_the_journal_is_read_in_parts(
    call: Any, wire: Callable[..., Wire], query: str, numbers: list[int], more: bool
) -> None:
    for _ in range(2):
        wire().request("POST", f"/v1alpha/auth_tokens?key={KEY}")
    _, answer = call("GET", f"/_mock/journal{query}")
    assert ([entry["number"] for entry in answer["entries"]], answer["more"]) == (numbers, more)


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ("knd=refusal", "/_mock/journal has no parameter 'knd', expected kind, owner, connection, after, limit, follow: see openapi.json"),
        ("after=x", 'after is \'x\', expected a whole number from 0 up: send {"after": 1}'),
        ("limit=1.5", 'limit is \'1.5\', expected a whole number from 0 up: send {"limit": 1}'),
        ("follow=maybe", 'follow is \'maybe\', expected true or false: send {"follow": true}'),
        ("follow=true&limit=1", "limit came with follow, expected only one of them: stop reading after enough"),
    ],
)  # fmt: skip
def test_a_wrong_parameter_is_told(call: Any, query: str, error: str) -> None:
    assert call("GET", f"/_mock/journal?{query}") == (400, {"error": error})


def test_facts_are_those_of_the_command(call: Any) -> None:
    _, answer = call("GET", "/_mock/facts")
    assert answer["facts"] == json.loads(fidelity.as_json([]))
    assert call("GET", "/_mock/facts/CLS-007")[1] == json.loads(fidelity.as_json(["CLS-007"]))[0]
    status, answer = call("GET", "/_mock/facts/CLS-7")
    assert status == 400
    assert answer["error"].startswith("no fact 'CLS-7'; nearest: CLS-0")


def test_tokens_are_as_python_shows_them(call: Any, server: MockServer) -> None:
    server.mint(KEY, uses=0)
    assert call("GET", "/_mock/tokens")[1] == {"tokens": [token.shown() for token in server.tokens]}


def test_the_authority_is_handed_out(wire: Callable[..., Wire], server: MockServer) -> None:
    answer = wire().request("GET", "/_mock/ca.pem")
    assert (answer.status, answer.body) == (200, server.ca_file.read_bytes())


def test_the_verdict_is_that_of_python(call: Any, server: MockServer, wire: Callable[..., Wire]) -> None:
    wire().request("POST", f"/v1alpha/auth_tokens?key={KEY}")
    wire().request("POST", "/v1alpha/auth_tokens?key=other", b'{"uses": 0}')
    assert call("GET", "/_mock/verdict")[1] == server.verdict().shown()
    _, mine = call("GET", f"/_mock/verdict?apiKey={KEY}")
    assert mine == server.verdict(KEY).shown()
    assert [one["id"] for one in mine["findings"]] == ["key-in-url", "unlocked-token"]


def test_secrets_never_appear_whole(call: Any, server: MockServer, live: Callable[..., Live]) -> None:
    token = server.mint(KEY)
    live(server, "BidiGenerateContentConstrained", query=f"access_token={token}").setup().expect_ready()
    live(server).setup().expect_ready()
    for path in ("/_mock/journal", "/_mock/tokens"):
        shown = json.dumps(call("GET", path)[1])
        assert KEY not in shown
        assert token.removeprefix("auth_tokens/") not in shown


def test_a_token_is_minted_and_listed(call: Any, server: MockServer, live: Callable[..., Live]) -> None:
    body = {
        "apiKey": KEY,
        "uses": 2,
        "bidiGenerateContentSetup": {"model": "models/gemini-3.8-live"},
        "fieldMask": "model,generation_config.temperature",
    }
    status, answer = call("POST", "/_mock/tokens", body)
    assert status == 200
    live(
        server, "BidiGenerateContentConstrained", query=f"access_token={answer['name']}"
    ).setup().expect_ready()
    [token] = call("GET", "/_mock/tokens")[1]["tokens"]
    assert token["usesLeft"] == 1
    assert token["version"] == "v1alpha"
    assert token["constraint"] == {
        "setup": {"model": "models/gemini-3.8-live"},
        "mask": ["model", "generationConfig.temperature"],
    }


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        ({"uses": -1}, {"error": "uses must be non-negative", "fact": "TOK-053C"}),
        ({"nope": 1}, {"error": "Invalid JSON payload received. Unknown name \"nope\" at 'auth_token': Cannot find field.", "fact": "TOK-045"}),
        ({"apiVersion": "v1beta"}, {"error": "the service has no such method on v1beta", "fact": "TOK-002"}),
        ({"apiVersion": "v9"}, {"error": "'v9' is no API version: expected one of v1alpha, v1beta, v1"}),
        ({"apiVersion": ["v1"]}, {"error": "apiVersion is ['v1'], expected text: send {\"apiVersion\": \"…\"}"}),
    ],
)  # fmt: skip
def test_a_token_is_refused_as_the_service_refuses(call: Any, body: Any, answer: dict[str, str]) -> None:
    status, given = call("POST", "/_mock/tokens", body)
    assert status == 400
    assert given["error"], "an empty answer helps nobody"
    assert given.get("fact") == answer.get("fact")
    if answer.get("fact") != "TOK-002":
        assert given["error"] == answer["error"]
    if "fact" in given:
        assert given["hint"]


def test_the_clock_is_read_and_moved(call: Any) -> None:
    _, before = call("GET", "/_mock/clock")
    status, after = call("POST", "/_mock/clock", {"advance": 60})
    assert status == 200
    assert (before["movedSeconds"], after["movedSeconds"]) == (0, 60)
    assert 60 <= after["now"] - before["now"] < 65
    assert call("POST", "/_mock/clock?advance=1.5")[1]["movedSeconds"] == 61.5


@pytest.mark.parametrize("advance", [-1, "abc", "nan", "inf", 1e300, None, [1], {}])
def test_the_clock_refuses_what_is_no_step_forward(call: Any, advance: Any) -> None:
    status, answer = call("POST", "/_mock/clock", {"advance": advance})
    assert status == 400
    assert "expected a number" in answer["error"]
    assert call("GET", "/_mock/clock")[1]["movedSeconds"] == 0


def test_the_clock_says_what_moves_it(call: Any) -> None:
    status, answer = call("POST", "/_mock/clock")
    assert status == 400
    assert answer == {
        "error": 'no advance came, expected a number of seconds from 0 up, or due: send {"advance": 60}'
    }


def test_the_clock_moves_to_what_is_due_next(
    call: Any, server: MockServer, live: Callable[..., Live]
) -> None:
    assert call("POST", "/_mock/clock", {"advance": "due"})[1]["movedSeconds"] == 0
    one = live(server).setup().expect_ready()
    _, before = call("GET", "/_mock/clock")
    assert 530 < before["due"] - before["now"] <= 540
    assert call("POST", "/_mock/clock?advance=due")[0] == 200
    assert one.receive() == {"goAway": {"timeLeft": "50s"}}


def test_moving_the_clock_closes_what_expires(
    call: Any, server: MockServer, live: Callable[..., Live]
) -> None:
    one = live(server).setup().expect_ready()
    call("POST", "/_mock/clock", {"advance": 600})
    one.expect_close(
        1008,
        "Connection aborted because the client failed to close the connection "
        "after receiving a GoAway signal once the session durat",
    )


def test_a_reset_forgets(call: Any, server: MockServer) -> None:
    server.mint()
    assert call("POST", "/_mock/reset")[1]["entries"] == 0
    assert server.tokens == ()


@pytest.mark.parametrize("path", ["/_mock/nonsense", "/_mock/health/x", "/_mock/facts/x/y"])
def test_an_unknown_route_lists_the_known_ones(call: Any, path: str) -> None:
    status, answer = call("GET", path)
    assert status == 404
    assert answer["error"].startswith(f"no control route {path}, expected one of /_mock/, /_mock/ca.pem")


def test_a_wrong_method_names_the_right_ones(call: Any) -> None:
    assert call("DELETE", "/_mock/tokens") == (405, {"error": "/_mock/tokens takes GET, POST, not DELETE"})


@pytest.mark.parametrize(
    ("body", "says"),
    [(b"{", "the body is not JSON"), (b"[]", "the body is a JSON list, expected an object"), (b"\xff", "the body is not JSON"),
     (b"[" * 100_000, "the body is not JSON")],
    ids=["cut", "list", "no-utf-8", "deep"],
)  # fmt: skip
def test_a_body_that_is_no_object_is_told(call: Any, body: bytes, says: str) -> None:
    status, answer = call("POST", "/_mock/tokens", body)
    assert status == 400
    assert answer["error"].startswith(says)


def test_a_service_path_that_begins_alike_is_not_control(wire: Callable[..., Wire]) -> None:
    assert wire().request("GET", "/_mockery").body == b""
