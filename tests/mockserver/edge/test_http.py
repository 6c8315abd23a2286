"""HTTP/1.1 on the wire, as clients of every make speak it."""

# ruff: noqa: E501  (recorded texts stay on one line)

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from mockserver.core.limits import Limits

from ..conftest import KEY, live_path, refusals

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockserver import MockServer

    from ..conftest import Wire

pytestmark = pytest.mark.usefixtures("transports")

MAX_BODY_BYTES = Limits().body_bytes
MINT = f"POST /v1alpha/auth_tokens?key={KEY} HTTP/1.1\r\nHost: x\r\n"
MINTED = re.compile(rb'\{\n  "name": "auth_tokens/[0-9a-f]{64}"\n\}\n')


def test_the_first_mint_byte_by_byte(wire: Callable[..., Wire]) -> None:
    answer = wire().send(f"{MINT}Connection: close\r\nContent-Length: 2\r\n\r\n{{}}").rest()
    head, _, body = answer.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    assert re.fullmatch(r"Date: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT", lines.pop(5))
    assert lines == [
        "HTTP/1.1 200 OK",
        "Content-Type: application/json; charset=UTF-8",
        "Vary: Origin",
        "Vary: X-Origin",
        "Vary: Referer",
        "Server: scaffolding on HTTPServer2",
        "X-XSS-Protection: 0",
        "X-Frame-Options: SAMEORIGIN",
        "X-Content-Type-Options: nosniff",
        "Server-Timing: gfet4t7; dur=1",
        "Content-Length: 93",
        "Connection: close",
    ]
    assert MINTED.fullmatch(body)


def test_a_connection_is_kept_for_the_next_request(wire: Callable[..., Wire]) -> None:
    one = wire()
    names = {one.request("POST", f"/v1alpha/auth_tokens?key={KEY}").json["name"] for _ in range(3)}
    assert len(names) == 3


def test_http_1_0_is_answered_and_closed(wire: Callable[..., Wire]) -> None:
    answer = wire().send(f"POST /v1alpha/auth_tokens?key={KEY} HTTP/1.0\r\n\r\n").rest()
    assert b"Connection: close" in answer
    assert MINTED.search(answer)


def test_pipelined_requests_are_answered_in_order(wire: Callable[..., Wire]) -> None:
    one = wire()
    one.send(
        f"{MINT}Content-Length: 0\r\n\r\nGET /x HTTP/1.1\r\nHost: x\r\n\r\n{MINT}Content-Length: 2\r\n\r\n{{}}"
    )
    assert [one.answer().status for _ in range(3)] == [200, 404, 200]


def test_nothing_is_answered_after_a_request_that_closes(wire: Callable[..., Wire]) -> None:
    get = "GET /x HTTP/1.1\r\nHost: x\r\n"
    assert wire().send(f"{get}Connection: close\r\n\r\n{get}\r\n").rest().count(b"HTTP/1.1 404") == 1


@pytest.mark.parametrize(
    "chunks", ["2\r\n{}\r\n0\r\n\r\n", "1\r\n{\r\n1;ext=1\r\n}\r\n0\r\nTrailer: x\r\n\r\n"]
)
def test_a_chunked_body_is_put_together(wire: Callable[..., Wire], chunks: str) -> None:
    one = wire().send(f"{MINT}Transfer-Encoding: chunked\r\n\r\n{chunks}")
    assert MINTED.fullmatch(one.answer().body)
    assert one.request("GET", "/x").status == 404


@pytest.mark.parametrize("expect", ["100-continue", "100-Continue"])
def test_a_client_that_asks_first_is_told_to_go_on(wire: Callable[..., Wire], expect: str) -> None:
    one = wire().send(f"{MINT}Expect: {expect}\r\nContent-Length: 2\r\n\r\n")
    assert one.until(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
    assert one.send("{}").answer().status == 200


def test_a_request_may_come_byte_by_byte(wire: Callable[..., Wire]) -> None:
    one = wire()
    for byte in f"{MINT}Content-Length: 2\r\n\r\n{{}}".encode():
        one.send(bytes([byte]))
    assert MINTED.fullmatch(one.answer().body)


def test_head_has_headers_only(wire: Callable[..., Wire]) -> None:
    one = wire()
    head = one.request("HEAD", "/v1beta/models?key=x")
    body = one.request("GET", "/v1beta/models?key=x")
    assert head.status == body.status == 501
    assert int(head.headers["content-length"]) == len(body.body.replace(b"GET", b"HEAD"))
    assert one.request("GET", "/x").status == 404, "and nothing is left on the wire"


def test_a_client_that_half_closes_still_gets_its_answer(wire: Callable[..., Wire]) -> None:
    import socket

    one = wire().send(f"{MINT}Content-Length: 0\r\n\r\n")
    one.socket.shutdown(socket.SHUT_WR)
    assert MINTED.search(one.rest())


def test_two_user_agents_are_no_reason_to_stumble(wire: Callable[..., Wire], server: MockServer) -> None:
    one = wire().send(f"{MINT}User-Agent: first/1\r\nUser-Agent: second/2\r\nContent-Length: 0\r\n\r\n")
    assert one.answer().status == 200
    assert server.journal[0].client == "first/1"


def test_a_header_beyond_ascii_is_taken(wire: Callable[..., Wire]) -> None:
    assert wire().send(f"{MINT}X-Name: \xe9\r\nContent-Length: 0\r\n\r\n").answer().status == 200


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"NONSENSE\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"\x00\x01\x02\x03",
        b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
)
def test_what_is_no_http_gets_400_and_a_line_that_says_so(
    wire: Callable[..., Wire], request_bytes: bytes, server: MockServer
) -> None:
    answer = wire().send(request_bytes).rest()
    assert answer.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert b"Connection: close\r\n" in answer
    assert b"\r\n\r\nmalformed HTTP request: " in answer
    assert "malformed HTTP request" in refusals(server)[-1].what


def test_a_body_without_end_gets_413(wire: Callable[..., Wire], server: MockServer) -> None:
    one = wire().send(f"{MINT}Content-Length: {MAX_BODY_BYTES + 1}\r\n\r\n")
    assert one.answer().status == 413
    assert one.rest() == b""
    assert f"over {MAX_BODY_BYTES} bytes" in refusals(server)[-1].what


def test_a_chunked_body_without_end_gets_413(wire: Callable[..., Wire]) -> None:
    one = wire().send(f"{MINT}Transfer-Encoding: chunked\r\n\r\n")
    chunk = b"100000\r\n" + b" " * 0x100000 + b"\r\n"
    for _ in range(MAX_BODY_BYTES // 0x100000):
        one.send(chunk)
    one.send(b"1\r\n \r\n")
    assert one.answer().status == 413


def test_a_large_body_is_taken(wire: Callable[..., Wire]) -> None:
    body = b"{" + b" " * 1_000_000 + b"}"
    assert wire().request("POST", f"/v1alpha/auth_tokens?key={KEY}", body).status == 200


@pytest.mark.parametrize("body", [b"", b"{}"])
def test_an_offer_of_http_2_is_not_taken_up(wire: Callable[..., Wire], body: bytes) -> None:
    one = wire()
    offer = {"Connection": "Upgrade, HTTP2-Settings", "Upgrade": "h2c", "HTTP2_Settings": "AAMAAABkAAQAAP__"}
    assert MINTED.fullmatch(one.request("POST", f"/v1alpha/auth_tokens?key={KEY}", body, **offer).body)
    assert one.request("GET", "/x").status == 404, "the connection goes on as HTTP/1.1"


def test_a_client_that_takes_the_server_for_a_proxy_is_told(
    wire: Callable[..., Wire], server: MockServer
) -> None:
    answer = wire().send("CONNECT example.com:443 HTTP/1.1\r\nHost: example.com\r\n\r\n").rest()
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert "HTTPS_PROXY" in refusals(server)[-1].hint


def test_a_mistake_of_the_mock_is_not_blamed_on_the_client(
    wire: Callable[..., Wire], server: MockServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise LookupError("oh")

    monkeypatch.setattr("mockserver.core.service.Service.exchange", fail)
    answer = wire().request("POST", f"/v1alpha/auth_tokens?key={KEY}")
    assert answer.status == 500
    assert answer.body == b"the mock itself failed: LookupError('oh')\n"
    assert "report it" in refusals(server)[-1].hint


def test_a_live_path_without_upgrade_is_an_unknown_path(wire: Callable[..., Wire]) -> None:
    answer = wire().request("GET", live_path())
    assert (answer.status, answer.body) == (404, b"")


def test_a_request_target_may_be_absolute(wire: Callable[..., Wire], server: MockServer) -> None:
    target = f"http://127.0.0.1:{server.port}/v1alpha/auth_tokens?key={KEY}"
    assert wire().request("POST", target).status == 200


@pytest.mark.parametrize(
    "path", ["/v1alpha/auth_tokens?key=%", "/%ff%00", "/v1alpha/auth_tokens?key=a%20b", "/?" + "a&" * 500]
)
def test_odd_targets_get_an_answer(wire: Callable[..., Wire], path: str) -> None:
    assert wire().request("POST", path).status in {200, 404}


def test_a_key_in_a_header_line_cannot_smuggle_another(wire: Callable[..., Wire]) -> None:
    answer = wire().request("POST", "/v1alpha/auth_tokens", origin="http://x\ty", x_goog_api_key=KEY)
    assert answer.status == 200
    assert answer.headers["access-control-allow-origin"] == "http://x\ty"
