"""The control API under ``/_mock/``: what a test in any language can do."""

# ruff: noqa: E501  (recorded texts stay on one line)

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from .conftest import KEY, Live, Wire

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
        {"ok": True, "serviceDate": "2025-05-20", "openConnections": 0, "entries": 0, "dropped": 0},
    )


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
    ("query", "numbers"),
    [("", [1, 2, 3, 4]), ("?after=2", [3, 4]), ("?kind=response", [2, 4]), ("?after=9", [])],
)
def test_the_journal_is_read_in_parts(
    call: Any, wire: Callable[..., Wire], query: str, numbers: list[int]
) -> None:
    for _ in range(2):
        wire().request("POST", f"/v1alpha/auth_tokens?key={KEY}")
    _, answer = call("GET", f"/_mock/journal{query}")
    assert [entry["number"] for entry in answer["entries"]] == numbers


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
        ({"apiVersion": ["v1"]}, {"error": "['v1'] is no API version: expected one of v1alpha, v1beta, v1"}),
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
    assert call("POST", "/_mock/clock") == (400, {"error": 'the clock is moved by {"advance": seconds}'})


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


@pytest.mark.parametrize("path", ["/_mock", "/_mock/", "/_mock/nonsense", "/_mock/health/x"])
def test_an_unknown_route_lists_the_known_ones(call: Any, path: str) -> None:
    status, answer = call("GET", path)
    assert status == 404
    assert answer["error"].startswith(f"no control route {path}: expected one of /_mock/clock, /_mock/health")


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
