"""From the journal to what crossed the wire, in meaning."""

from __future__ import annotations

from typing import Any, Final

import pytest

from mockserver import Entry
from suite.model import Wire
from suite.wire import connections, opening_of, prefix_of, requests, socket_ended, wires

SOCKET: Final = "/ws/google.ai.generativelanguage.{}.GenerativeService.{}"
CONSTRAINED: Final = "BidiGenerateContentConstrained"


def entries(*rows: tuple[str, str, dict[str, Any]]) -> list[Entry]:
    """Entries from connection, kind and the other fields."""
    return [
        Entry(number, 0.0, connection, kind, **fields)  # type: ignore[arg-type]
        for number, (connection, kind, fields) in enumerate(rows, 1)
    ]


def opened(line: str, status: int = 101, **fields: Any) -> list[Entry]:
    """A handshake and its answer."""
    answer = "open" if status == 101 else "rejected"
    return entries(("ws-1", "handshake", {"what": line, **fields}), ("ws-1", answer, {"status": status}))


@pytest.mark.parametrize(
    "path", ["/v1beta/auth_tokens", "//v1beta/auth_tokens", "/v1beta/auth_tokens?key=x&alt=json"]
)
def test_a_mint_is_one_row_however_its_path_is_spelled(path: str) -> None:
    seen = entries(
        ("http-1", "request", {"what": f"POST {path}", "placement": ("x-goog-api-key",)}),
        ("http-1", "response", {"status": 404, "what": "404"}),
    )
    assert wires(seen) == (Wire("auth_tokens.create", "v1beta", ("x-goog-api-key",), 404),)


@pytest.mark.parametrize("slashes", ["", "/"])
@pytest.mark.parametrize("method", ["BidiGenerateContent", CONSTRAINED])
@pytest.mark.parametrize("query", ["", "?access_token=auth_tokens/0123", "?key=k&x=/v1/auth_tokens"])
def test_a_handshake_is_one_row_with_its_method_and_version(slashes: str, method: str, query: str) -> None:
    line = f"GET {slashes}{SOCKET.format('v1alpha', method)}{query}"
    seen = opened(line, placement=("?access_token=",))
    assert wires(seen) == (Wire(method, "v1alpha", ("?access_token=",), 101),)


def test_a_rejected_handshake_has_the_status_and_no_close() -> None:
    (wire,) = wires(opened(f"GET {SOCKET.format('v1', CONSTRAINED)}", 404))
    assert (wire.status, wire.close) == (404, None)


def test_a_close_by_the_server_is_told_and_one_by_the_client_is_not() -> None:
    line = f"GET {SOCKET.format('v1', CONSTRAINED)}"
    by_client = opened(line) + entries(("ws-1", "lost", {"status": 1000, "what": "by the client: 1000"}))
    by_server = opened(line) + entries(("ws-1", "close", {"status": 1007, "what": "1007 no"}))
    assert [wires(seen)[0].close for seen in (by_client, by_server)] == [None, 1007]


def test_any_other_request_keeps_its_line_without_the_query() -> None:
    (wire,) = wires(entries(("http-1", "request", {"what": "GET /v1/files?key=secret"})))
    assert wire == Wire("GET /v1/files", "", ())


@pytest.mark.parametrize(
    ("line", "method"),
    [
        ("GET /v1beta/models?pageSize=50", "models.list"),
        ("GET //v1beta/models", "models.list"),
        ("POST /v1beta/interactions", "interactions.create"),
        ("POST /v1beta/interactions?alt=sse", "interactions.create"),
    ],
)
def test_another_call_of_the_sdk_has_the_name_it_has_there(line: str, method: str) -> None:
    (wire,) = wires(entries(("http-1", "request", {"what": line})))
    assert (wire.method, wire.version) == (method, "v1beta")


LIVE: Final = SOCKET.format("v1alpha", CONSTRAINED)


@pytest.mark.parametrize(
    ("line", "prefix"),
    [
        (f"GET {LIVE}", ""),
        (f"GET /{LIVE}?key=k", "/"),
        (f"GET /proxy/path{LIVE}", "/proxy/path"),
        ("POST /proxy/path/v1alpha/auth_tokens", "/proxy/path"),
        ("POST //v1alpha/auth_tokens?key=k", "/"),
        ("GET /v1beta/models", ""),
        ("GET /elsewhere?key=k", "GET /elsewhere"),
    ],
)
def test_what_stands_before_the_path_of_the_service_is_told(line: str, prefix: str) -> None:
    assert prefix_of(line) == prefix


def test_the_opening_is_the_first_request_or_handshake() -> None:
    seen = entries(
        ("ws-1", "in", {}),
        ("ws-2", "handshake", {"what": "GET /a"}),
        ("http-1", "request", {"what": "GET /b"}),
    )
    opening = opening_of(seen)
    assert opening is not None
    assert opening.what == "GET /a"
    assert opening_of([]) is None


@pytest.mark.parametrize("line", ["POST /v1/auth_tokens/more", "GET /v1/auth_tokens"])
def test_what_only_looks_like_a_mint_is_none(line: str) -> None:
    assert wires(entries(("http-1", "request", {"what": line})))[0].version == ""


def test_requests_that_overlap_are_told_apart_in_the_order_in_which_they_began() -> None:
    seen = entries(
        ("http-1", "request", {"what": "POST /v1/auth_tokens"}),
        ("http-2", "request", {"what": "POST /v1beta/auth_tokens"}),
        ("http-2", "response", {"status": 200}),
        ("http-1", "response", {"status": 404}),
    )
    assert list(connections(seen)) == ["http-1", "http-2"]
    assert [(wire.version, wire.status) for wire in wires(seen)] == [("v1", 404), ("v1beta", 200)]


def test_a_report_gets_the_path_without_the_query_and_the_refusal_with_its_hint() -> None:
    line = f"GET {SOCKET.format('v1', CONSTRAINED)}?access_token=auth_tokens/{'a' * 64}"
    seen = opened(line, client="sdk/1", placement=("?access_token=",)) + entries(
        ("ws-1", "refusal", {"what": "not here", "fact": "WS-016", "hint": "go there"}),
        ("ws-1", "close", {"status": 1008, "what": "1008 not here"}),
    )
    assert requests(seen) == (
        {
            "method": "GET",
            "path": SOCKET.format("v1", CONSTRAINED),
            "rpc": CONSTRAINED,
            "api_version": "v1",
            "credentials": ["?access_token="],
            "status": 101,
            "close": 1008,
            "client": "sdk/1",
            "close_reason": "not here",
            "refusal": "not here",
            "fact": "WS-016",
            "hint": "go there",
        },
    )


@pytest.mark.parametrize(
    ("connection", "kind", "ended"),
    [
        ("ws-1", "rejected", True),
        ("ws-1", "close", True),
        ("ws-1", "lost", True),
        ("ws-1", "open", False),
        ("ws-1", "out", False),
        ("http-1", "response", False),
        ("http-1", "lost", False),
    ],
)
def test_a_socket_has_ended_when_it_is_refused_closed_or_lost(
    connection: str, kind: str, ended: bool
) -> None:
    (entry,) = entries((connection, kind, {}))
    assert socket_ended(entry) is ended


def test_nothing_was_on_the_wire() -> None:
    assert wires([]) == requests([]) == ()
