"""Where nobody has evidence, the other answer can be chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .conftest import MALFORMED, Backend

if TYPE_CHECKING:
    from collections.abc import Callable


def test_one_fact_is_answered_as_another(make_backend: Callable[..., Backend]) -> None:
    backend = make_backend(instead={"CLS-032": "CLS-033"})
    client = backend.with_token(backend.mint(), model="models/nope")
    assert client.close is not None
    assert client.close[0] == 1008
    assert client.close[1].startswith("models/nope is not found")
    assert backend.refusals[-1].fact == "CLS-032", "the evidence stays, only the answer is another"


def test_one_http_refusal_is_answered_as_another(make_backend: Callable[..., Backend]) -> None:
    backend = make_backend(instead={"TOK-040": "TOK-041"})
    assert backend.request("POST", "/v1alpha/auth_tokens").status == 400


def test_a_resumption_may_outlive_the_time_for_new_sessions(make_backend: Callable[..., Backend]) -> None:
    for needs_time, opens in ((True, False), (False, True)):
        backend = make_backend("latest", resumption_needs_time=needs_time)
        token = backend.mint()
        first = backend.with_token(token, sessionResumption={})
        first.say("hello")
        backend.advance(61)
        again = backend.with_token(token, sessionResumption={"handle": first.handle})
        assert (again.close is None) is opens


def test_a_token_in_a_header_may_not_count(make_backend: Callable[..., Backend]) -> None:
    for counts, opens in ((True, True), (False, False)):
        backend = make_backend(header_token=counts)
        client = backend.connect("BidiGenerateContentConstrained", authorization=f"Token {backend.mint()}")
        client.setup()
        assert (client.close is None) is opens
        assert opens or client.close == (1007, MALFORMED)


def test_a_field_may_be_unknown(make_backend: Callable[..., Backend]) -> None:
    field = "v1beta:BidiGenerateContentSetup.avatarConfig"
    client = make_backend(serve=((field, False),)).with_key("v1beta", avatarConfig={})
    assert client.close is not None
    assert "Unknown name \"avatarConfig\" at 'setup'" in client.close[1]
