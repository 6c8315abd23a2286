"""Who may use the control API: no page of another site, and where others can reach it only with the token."""

from __future__ import annotations

import contextlib
import socket
from typing import TYPE_CHECKING, Any

import pytest

from mockserver.admin import Gate
from mockserver.core.request import Request

from ..conftest import Wire

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockserver import MockServer

TOKEN = "correct-horse"


def status(gate: Gate, target: str = "/_mock/health", method: str = "GET", **headers: str) -> int:
    """What a request gets at the gate; header names are written with underscores."""
    told = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    denied = gate.denies(Request(method, target, told))
    return 200 if denied is None else denied.status


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST:8089", "localhost.", "127.0.0.1:8089", "127.9.9.9", "[::1]:8089", "10.1.2.3:80",
    "mock:80",     socket.gethostname()],
)  # fmt: skip
def test_addresses_and_own_names_are_hosts(host: str) -> None:
    assert status(Gate.of("127.0.0.1", "", ("mock",)), host=host) == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example:8089", "", "x"]
)
def test_a_name_that_is_not_ours_may_be_rebound_and_is_refused(host: str) -> None:
    assert status(Gate.of("127.0.0.1", ""), host=host) == 403
    assert status(Gate.of("127.0.0.1", TOKEN), f"/_mock/health?token={TOKEN}", host=host) == 403


def test_a_program_that_names_no_host_passes() -> None:
    assert status(Gate.of("127.0.0.1", "")) == 200


@pytest.mark.parametrize(
    ("origin", "expected"),
    [
        ("http://localhost:8089", 200),
        ("https://localhost:8089", 200),
        ("http://localhost:3000", 403),
        ("https://evil.example", 403),
        ("null", 403),
        ("", 403),
    ],
)
def test_only_our_own_page_is_an_origin(origin: str, expected: int) -> None:
    gate = Gate.of("127.0.0.1", "")
    assert status(gate, method="POST", host="localhost:8089", origin=origin) == expected
    assert status(gate, host="localhost:8089", origin=origin) == expected


def test_a_token_opens_nothing_to_a_foreign_page() -> None:
    gate = Gate.of("0.0.0.0", TOKEN)
    told = {"host": "localhost", "origin": "https://evil.example", "authorization": f"Bearer {TOKEN}"}
    assert status(gate, **told) == 403


@pytest.mark.parametrize(
    ("site", "mode", "method", "expected"),
    [
        ("cross-site", "no-cors", "GET", 403),
        ("same-site", "no-cors", "GET", 403),
        ("cross-site", "navigate", "GET", 200),  # a link to the live page
        ("cross-site", "navigate", "POST", 403),
        ("same-origin", "cors", "GET", 200),
        ("none", "navigate", "GET", 200),
    ],
)
def test_a_browser_that_tells_where_a_request_comes_from_is_believed(
    site: str, mode: str, method: str, expected: int
) -> None:
    gate = Gate.of("127.0.0.1", "")
    told = {"host": "localhost", "sec_fetch_site": site, "sec_fetch_mode": mode}
    assert status(gate, method=method, **told) == expected


@pytest.mark.parametrize(
    ("target", "headers", "expected"),
    [
        ("/_mock/health", {}, 401),
        ("/_mock/health", {"authorization": f"Bearer {TOKEN}"}, 200),
        ("/_mock/health", {"authorization": f"bearer  {TOKEN} "}, 200),
        (f"/_mock/health?token={TOKEN}", {}, 200),
        ("/_mock/health?token=wrong", {}, 401),
        ("/_mock/health", {"authorization": "Bearer "}, 401),
        ("/_mock/health", {"authorization": f"Basic {TOKEN}"}, 401),
        ("/_mock/health?token=", {}, 401),
        ("/_mock/health?token=%C3%A9", {}, 401),
    ],
)
def test_the_token_is_asked_for(target: str, headers: dict[str, str], expected: int) -> None:
    assert status(Gate.of("127.0.0.1", TOKEN), target, **headers) == expected


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "127.0.0.7"])
def test_on_loopback_no_token_is_needed(host: str) -> None:
    assert Gate.of(host, "").token == ""


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "", "192.168.1.5", "build-7"])
def test_where_others_can_reach_it_a_token_is_made_up(host: str) -> None:
    one, other = Gate.of(host, ""), Gate.of(host, "")
    assert len(one.token) >= 20
    assert one.token != other.token
    assert Gate.of(host, TOKEN).token == TOKEN


def test_a_server_for_others_answers_to_its_token_alone(serve: Callable[..., MockServer]) -> None:
    server = serve(host="0.0.0.0")
    assert server.env["MOCKSERVER_CONTROL_TOKEN"] == server.control_token
    assert server.live_page == f"{server.url}/_mock/?token={server.control_token}"
    with contextlib.closing(Wire(server.port)) as wire:
        for path in ("/_mock/", "/_mock/openapi.json", "/_mock/nonsense"):
            refused = wire.request("GET", path)
            assert (refused.status, refused.headers["www-authenticate"]) == (401, "Bearer")
        error = refused.json["error"]
        assert error.startswith(
            "no control token, expected the one that the server printed at its start: send"
        )
        assert wire.request("POST", "/_mock/reset").status == 401
        told = {"Authorization": f"Bearer {server.control_token}"}
        assert wire.request("POST", "/_mock/reset", **told).status == 200
        assert wire.request("GET", f"/_mock/?token={server.control_token}").status == 200
        assert wire.request("POST", "/v1alpha/auth_tokens?key=any").status == 200, "clients need none"


def test_what_a_foreign_page_sends_changes_nothing(server: MockServer, wire: Callable[..., Wire]) -> None:
    server.mint()
    refused = wire().request("POST", "/_mock/reset", Origin="https://evil.example")
    assert refused.status == 403
    assert refused.json["error"] == (
        "the request comes from a page of https://evil.example, expected a program or this server's own "
        "page: "
        "control the mock from the test's own process, not from the page under test"
    )
    assert len(server.tokens) == 1


def test_a_server_knows_the_names_it_is_given(serve: Callable[..., MockServer], wire: Any) -> None:
    server = serve(names=("mock.test",))
    with contextlib.closing(Wire(server.port)) as one:
        one.send("GET /_mock/health HTTP/1.1\r\nHost: mock.test:8089\r\n\r\n")
        assert one.answer().status == 200
        one.send("GET /_mock/health HTTP/1.1\r\nHost: other.test\r\n\r\n")
        refused = one.answer()
    assert refused.status == 403
    assert refused.json["error"].endswith("or start the server with --name for the name you use")
