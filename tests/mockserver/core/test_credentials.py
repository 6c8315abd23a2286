"""Every place a credential can stand, on both methods: which one the service sees, and what it says."""

# ruff: noqa: E501  (recorded texts stay on one line)

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mockserver.core.credentials import placed
from mockserver.core.request import Request

from .conftest import INVALID_KEY, KEY, MALFORMED, UNREGISTERED, Backend, error_of

if TYPE_CHECKING:
    from collections.abc import Callable

OPEN, CONSTRAINED = "BidiGenerateContent", "BidiGenerateContentConstrained"
BAD_BEARER = (
    "Request had invalid authentication credentials. "
    "Expected OAuth 2 access token, login cookie or other valid authentication c"
)
READY = None


#: {token} is a good one, {id} its digits; the close is None for a session.
@pytest.mark.parametrize(
    ("method", "query", "headers", "close"),
    [
        pytest.param(OPEN, "key={key}", {}, READY, marks=pytest.mark.fact("WS-020")),
        pytest.param(OPEN, "", {"x_goog_api_key": "{key}"}, READY, marks=pytest.mark.fact("WS-020")),
        pytest.param(OPEN, "key={key}&alt=ws", {"x_goog_api_key": "{token}"}, READY, marks=pytest.mark.fact("WS-020")),
        pytest.param(OPEN, "", {}, (1008, UNREGISTERED), marks=pytest.mark.fact("CLS-002")),
        pytest.param(OPEN, "key=", {}, (1008, UNREGISTERED), marks=pytest.mark.fact("CLS-002")),
        pytest.param(OPEN, "key=wrong", {}, (1007, INVALID_KEY), marks=pytest.mark.fact("CLS-001")),
        pytest.param(OPEN, "", {"x_goog_api_key": "wrong"}, (1007, INVALID_KEY), marks=pytest.mark.fact("CLS-001")),
        pytest.param(OPEN, "access_token={token}", {}, (1008, UNREGISTERED), marks=pytest.mark.fact("CLS-003")),
        pytest.param(OPEN, "access_token={id}", {}, (1008, UNREGISTERED), marks=pytest.mark.fact("CLS-003")),
        pytest.param(OPEN, "", {"authorization": "Token {token}"}, (1008, UNREGISTERED), marks=pytest.mark.fact("CLS-003")),
        pytest.param(OPEN, "key={token}", {}, (1007, INVALID_KEY), marks=pytest.mark.fact("CLS-004")),
        pytest.param(OPEN, "", {"x_goog_api_key": "{token}"}, (1007, INVALID_KEY), marks=pytest.mark.fact("CLS-004")),
        pytest.param(OPEN, "", {"authorization": "Token {token}", "x_goog_api_key": "{token}"}, (1007, INVALID_KEY), marks=pytest.mark.fact("CLS-004")),
        pytest.param(OPEN, "", {"authorization": "Bearer ya29.garbage"}, (1008, BAD_BEARER), marks=pytest.mark.fact("CLS-013")),
        pytest.param(CONSTRAINED, "access_token={token}", {}, READY, marks=pytest.mark.fact("WS-021")),
        pytest.param(CONSTRAINED, "access_token={id}", {}, READY, marks=pytest.mark.fact("WS-028")),
        pytest.param(CONSTRAINED, "access_token=auth_tokens%2F{id}", {}, READY, marks=pytest.mark.fact("WS-023")),
        pytest.param(CONSTRAINED, "", {"authorization": "Token {token}"}, READY, marks=pytest.mark.fact("WS-022")),
        pytest.param(CONSTRAINED, "", {"authorization": "token {token}"}, READY, marks=pytest.mark.fact("WS-022")),
        pytest.param(CONSTRAINED, "", {"authorization": "Token {id}"}, READY, marks=pytest.mark.fact("WS-028")),
        pytest.param(CONSTRAINED, "access_token=%61uth_tokens%2f{id}", {}, READY, marks=pytest.mark.fact("WS-023")),
        pytest.param(CONSTRAINED, "%61ccess_token={token}", {}, READY, marks=pytest.mark.fact("WS-023")),
        pytest.param(CONSTRAINED, "alt=ws&access_token={token}&x=y", {}, READY, marks=pytest.mark.fact("WS-021")),
        pytest.param(CONSTRAINED, "", {"authorization": "Token {token}", "x_goog_api_key": "{token}"}, READY, marks=pytest.mark.fact("WS-027")),
        pytest.param(CONSTRAINED, "access_token={token}", {"x_goog_api_key": "dummy_key"}, READY, marks=pytest.mark.fact("WS-027")),
        pytest.param(CONSTRAINED, "key=wrong&access_token={token}", {}, READY, marks=pytest.mark.fact("WS-027")),
        pytest.param(CONSTRAINED, "key={key}", {}, (1007, MALFORMED), marks=pytest.mark.fact("CLS-005")),
        pytest.param(CONSTRAINED, "", {}, (1007, MALFORMED), marks=pytest.mark.fact("CLS-005")),
        pytest.param(CONSTRAINED, "access_token=", {}, (1007, MALFORMED), marks=pytest.mark.fact("CLS-005")),
        pytest.param(CONSTRAINED, "access_token=nonsense", {}, (1007, MALFORMED), marks=pytest.mark.fact("CLS-005")),
        pytest.param(CONSTRAINED, "access_token=authTokens/{id}", {}, (1007, MALFORMED), marks=pytest.mark.fact("CLS-005")),
        pytest.param(CONSTRAINED, "access_token=tokens/{id}", {}, (1007, MALFORMED), marks=pytest.mark.fact("CLS-005")),
        pytest.param(CONSTRAINED, "access_token=auth_tokens/", {}, (1007, MALFORMED), marks=pytest.mark.fact("CLS-005")),
        pytest.param(CONSTRAINED, "access_token=auth_tokens%252F{id}", {}, (1007, MALFORMED), marks=pytest.mark.fact("CLS-005")),
        pytest.param(CONSTRAINED, "access_token={id}0", {}, (1007, MALFORMED), marks=pytest.mark.fact("CLS-005")),
        pytest.param(CONSTRAINED, "Access_Token={token}", {}, (1007, MALFORMED), marks=pytest.mark.fact("CLS-005")),
        pytest.param(CONSTRAINED, "", {"authorization": "Token"}, (1007, MALFORMED), marks=pytest.mark.fact("CLS-005")),
        pytest.param(CONSTRAINED, "", {"authorization": "{token}"}, (1007, MALFORMED), marks=pytest.mark.fact("CLS-005")),
        pytest.param(CONSTRAINED, "access_token={token}&access_token={token}", {}, (1007, MALFORMED), marks=pytest.mark.fact("CLS-005")),
        pytest.param(CONSTRAINED, "access_token={token}?access_token={token}", {}, (1007, MALFORMED), marks=pytest.mark.fact("CLS-005")),
        pytest.param(CONSTRAINED, "", {"x_goog_api_key": "{key}"}, (1007, MALFORMED), marks=pytest.mark.fact("CLS-005B")),
        pytest.param(CONSTRAINED, "", {"x_goog_api_key": "{token}"}, (1007, MALFORMED), marks=pytest.mark.fact("CLS-005B")),
        pytest.param(CONSTRAINED, "key={token}", {}, (1007, MALFORMED), marks=pytest.mark.fact("CLS-005B")),
        pytest.param(CONSTRAINED, "", {"authorization": "Bearer {token}"}, (1007, MALFORMED), marks=pytest.mark.fact("CLS-005C")),
        pytest.param(CONSTRAINED, "access_token=auth_tokens/" + 64 * "0", {}, (1007, MALFORMED), marks=pytest.mark.fact("CLS-006")),
    ],
)  # fmt: skip
def test_a_placement_opens_a_session_or_closes_after_setup(
    method: str, query: str, headers: dict[str, str], close: tuple[int, str] | None, fact: str
) -> None:
    backend = Backend(api_keys=(KEY,))
    token = backend.mint()
    words = {"key": KEY, "token": token, "id": token.removeprefix("auth_tokens/")}
    client = backend.connect(
        method,
        query=query.format_map(words),
        **{name: value.format_map(words) for name, value in headers.items()},
    )
    assert client.effects == [], "credentials are looked at after setup, never at the handshake"
    client.setup()
    if close is None:
        client.expect_ready()
        assert backend.refusals == []
    else:
        client.expect_close(*close, fact=fact)


@pytest.mark.fact("TOK-030")
@pytest.mark.parametrize(("query", "headers"), [("?key={}", {}), ("", {"x_goog_api_key": "{}"})])
def test_a_key_mints_from_the_query_and_from_the_header(query: str, headers: dict[str, str]) -> None:
    named = {name: value.format(KEY) for name, value in headers.items()}
    target = "/v1alpha/auth_tokens" + query.format(KEY)
    assert Backend(api_keys=(KEY,)).request("POST", target, **named).status == 200


@pytest.mark.parametrize(
    ("headers", "error"),
    [
        pytest.param({}, (403, "PERMISSION_DENIED", UNREGISTERED[:80]), marks=pytest.mark.fact("TOK-040")),
        pytest.param({"authorization": "Token auth_tokens/" + 64 * "a"}, (403, "PERMISSION_DENIED", UNREGISTERED[:80]), marks=pytest.mark.fact("TOK-040")),
        pytest.param({"x_goog_api_key": "wrong"}, (400, "INVALID_ARGUMENT", INVALID_KEY), marks=pytest.mark.fact("TOK-041")),
        pytest.param({"x_goog_api_key": "auth_tokens/" + 64 * "a"}, (400, "INVALID_ARGUMENT", INVALID_KEY), marks=pytest.mark.fact("TOK-060")),
        pytest.param({"authorization": "Bearer x"}, (401, "UNAUTHENTICATED", "Request had invalid authentication credentials"), marks=pytest.mark.fact("TOK-044")),
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "path", ["/v1alpha/auth_tokens", "/v1beta/models/gemini-3.8-live:generateContent", "/v1/models"]
)
def test_rest_says_what_it_thinks_of_a_credential(
    path: str, headers: dict[str, str], error: tuple[int, str, str], fact: str
) -> None:
    backend = Backend(api_keys=(KEY,))
    code, status, message = error_of(backend.request("POST", path, **headers))
    assert (code, status) == error[:2]
    assert message.startswith(error[2])
    assert backend.refusals[-1].fact == fact


@pytest.mark.fact("WS-002")
def test_a_socket_without_setup_is_left_alone(make_backend: Callable[..., Backend]) -> None:
    backend = make_backend()
    client = backend.connect()
    backend.advance(12)
    assert client.effects == []


@pytest.mark.fact("WS-003")
def test_fields_are_checked_before_the_credential() -> None:
    client = Backend(api_keys=(KEY,)).connect(query="key=wrong")
    client.send({"setup": {"bogusField": 1}})
    client.expect_close(
        1007, "Invalid JSON payload received. Unknown name \"bogusField\" at 'setup': Cannot find field."
    )


@pytest.mark.parametrize(
    ("choice", "close"),
    [
        ({}, (1007, MALFORMED)),
        ({"CLS-006": "CLS-049B"}, (1008, "Requested entity was not found.")),
        ({"CLS-006": "CLS-010"}, (1011, "Token has expired")),
    ],
)
def test_what_an_unknown_token_gives_is_a_choice_and_marked_as_a_guess(
    choice: dict[str, str], close: tuple[int, str]
) -> None:
    backend = Backend(instead=choice)
    client = backend.with_token("auth_tokens/" + 64 * "f")
    client.expect_close(*close, fact="CLS-006")
    assert backend.refusals[-1].confidence == "guess"
    assert "mint it here" in backend.refusals[-1].hint


def test_every_place_is_named_in_order() -> None:
    headers = (("x-goog-api-key", "b"), ("authorization", "Token c"))
    credentials = placed(Request("GET", "/?key=a&access_token=d&access_token=e", headers))
    assert credentials.where == ("?key=", "x-goog-api-key", "?access_token=", "Authorization: Token")
    assert credentials.keys == ("a", "b")
    assert credentials.tokens == ("d", "e", "c")
