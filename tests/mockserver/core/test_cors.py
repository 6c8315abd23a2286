"""Browsers mint from pages of any origin."""

from __future__ import annotations

import pytest

from .conftest import KEY, Backend

PAGE = "http://localhost:5173"


@pytest.mark.fact("WS-026")
@pytest.mark.parametrize("path", ["/v1alpha/auth_tokens", "/v1beta/auth_tokens", "/v1beta/models"])
def test_a_preflight_passes_for_any_origin_and_header(backend: Backend, path: str) -> None:
    response = backend.request(
        "OPTIONS", path, origin=PAGE,
        access_control_request_method="POST", access_control_request_headers="content-type,x-goog-api-key",
    )  # fmt: skip
    headers = dict(response.headers)
    assert (response.status, response.body) == (200, b"")
    assert headers["Access-Control-Allow-Origin"] == PAGE
    assert "POST" in headers["Access-Control-Allow-Methods"].split(",")
    assert headers["Access-Control-Allow-Headers"] == "content-type,x-goog-api-key"
    assert headers["Access-Control-Max-Age"] == "3600"


def test_a_preflight_without_wishes_has_no_empty_header(backend: Backend) -> None:
    response = backend.request("OPTIONS", "/v1alpha/auth_tokens", origin=PAGE)
    assert "Access-Control-Allow-Headers" not in dict(response.headers)


@pytest.mark.parametrize(("body", "status"), [(b"{}", 200), (b"{", 400)])
def test_a_page_may_read_answers_and_errors(backend: Backend, body: bytes, status: int) -> None:
    response = backend.request("POST", "/v1alpha/auth_tokens", body, origin=PAGE, x_goog_api_key=KEY)
    assert response.status == status
    assert dict(response.headers)["Access-Control-Allow-Origin"] == PAGE
    assert "content-length" in dict(response.headers)["Access-Control-Expose-Headers"]


@pytest.mark.parametrize("method", ["OPTIONS", "POST"])
def test_what_is_no_browser_gets_no_such_headers(backend: Backend, method: str) -> None:
    response = backend.request(method, "/v1alpha/auth_tokens", x_goog_api_key=KEY)
    assert response.status == 200
    assert not [name for name, _ in response.headers if name.startswith("Access-Control")]


@pytest.mark.fact("WS-035")
@pytest.mark.parametrize("origin", [PAGE, "null", "file://", "chrome-extension://x", "https://evil.example"])
def test_a_socket_opens_from_any_origin(backend: Backend, origin: str) -> None:
    client = backend.connect(query=f"key={KEY}", origin=origin)
    client.setup()
    client.expect_ready()
