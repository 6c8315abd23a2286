"""Tokens: what may be asked for, what comes back, and what is left of their rights."""

# ruff: noqa: E501  (recorded texts stay on one line)

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from mockserver.core.effects import Send
from mockserver.core.errors import Refusal

from .conftest import (
    AUDIO_MODEL,
    EXPIRED,
    EXPIRED_IN_SESSION,
    KEY,
    SETUP_COMPLETE,
    SPENT,
    TOO_LATE,
    Backend,
    error_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable

IN_20_H = "2026-01-16T08:00:00Z"
AFTER_20_H = "2026-01-16T08:00:01Z"
IN_A_MINUTE = "2026-01-15T12:01:00Z"
IN_A_DAY_BUT_AN_HOUR = "2026-01-16T07:00:00Z"


@pytest.mark.fact("TOK-020")
@pytest.mark.fact("TOK-021")
@pytest.mark.fact("TOK-024")
def test_an_answer_is_the_name_and_nothing_else(backend: Backend) -> None:
    response = backend.post_token({"uses": 2, "expireTime": IN_20_H})
    name = json.loads(response.body)["name"]
    assert re.fullmatch(r"auth_tokens/[0-9a-f]{64}", name)
    assert response.status == 200
    assert response.body == b'{\n  "name": "%s"\n}\n' % name.encode()
    assert dict(response.headers)["Content-Type"] == "application/json; charset=UTF-8"


@pytest.mark.fact("SRV-029")
@pytest.mark.parametrize(
    "body",
    [
        {},
        b"",
        {"uses": 2, "bidiGenerateContentSetup": {"model": AUDIO_MODEL}},
        {"fieldMask": "generationConfig.top_k,output_audio_transcription,model"},
        {"uses": "3", "expire_time": "2026-01-15T13:00:00+00:00", "new_session_expire_time": IN_A_MINUTE},
        {"uses": None, "fieldMask": None},
        {"bidiGenerateContentSetup": {"model": "models/lyria-realtime-exp"}},
    ],
)
def test_a_body_is_accepted(backend: Backend, body: Any) -> None:
    assert backend.post_token(body).status == 200


def test_defaults_are_one_use_half_an_hour_and_a_minute(backend: Backend) -> None:
    backend.mint()
    [token] = backend.service.tokens
    assert token.uses_left == 1
    assert token.expires_at - backend.now == 30 * 60
    assert token.new_session_expires_at - backend.now == 60
    assert (token.constraint.setup, token.constraint.mask) == (None, ())
    assert (token.owner, token.version) == (KEY, "v1alpha")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        pytest.param({"expireTime": AFTER_20_H}, "expire_time is too far in the future. Maximum lifetime is 20h", marks=pytest.mark.fact("TOK-051")),
        pytest.param({"newSessionExpireTime": AFTER_20_H}, "new_session_expire_time is too far in the future. Maximum lifetime is 20h", marks=pytest.mark.fact("TOK-052")),
        pytest.param({"expireTime": "2026-01-15T12:00:00Z"}, "expire_time must be in the future", marks=pytest.mark.fact("TOK-053")),
        pytest.param({"newSessionExpireTime": "2026-01-15T11:59:59Z"}, "new_session_expire_time must be in the future", marks=pytest.mark.fact("TOK-053B")),
        pytest.param({"uses": -1}, "uses must be non-negative", marks=pytest.mark.fact("TOK-053C")),
        pytest.param({"fieldMask": "tools.0"}, "field_mask is invalid for BidiGenerateContentSetup", marks=pytest.mark.fact("TOK-053D")),
        pytest.param({"expireTime": "tomorrow"}, "Invalid value at 'auth_token.expire_time' (type.googleapis.com/google.protobuf.Timestamp), Field 'expireTime', Illegal timestamp format; timestamps must end with 'Z' or have a valid timezone offset.", marks=pytest.mark.fact("TOK-055")),
        pytest.param(b"{nope", "Invalid JSON payload received. Unexpected token.\n{nope\n ^", marks=pytest.mark.fact("TOK-056")),
        pytest.param({"name": 5}, "Invalid value at 'auth_token.name' (TYPE_STRING), 5", marks=pytest.mark.fact("TOK-061")),
        pytest.param({"liveConnectConstraints": {}}, "Invalid JSON payload received. Unknown name \"liveConnectConstraints\" at 'auth_token': Cannot find field.", marks=pytest.mark.fact("TOK-045")),
    ],
)  # fmt: skip
def test_a_body_is_refused_with_its_reason(backend: Backend, body: Any, message: str, fact: str) -> None:
    assert error_of(backend.post_token(body)) == (400, "INVALID_ARGUMENT", message)
    assert backend.refusals[-1].fact == fact
    assert backend.refusals[-1].hint
    assert backend.service.tokens == ()


def test_twenty_hours_to_the_second_are_accepted(backend: Backend) -> None:
    assert backend.post_token({"expireTime": IN_20_H, "newSessionExpireTime": IN_20_H}).status == 200


@pytest.mark.parametrize(
    ("body", "version", "hint"),
    [
        pytest.param({"authToken": {}}, "v1alpha", "send the token's fields flat, without the authToken wrapper", marks=pytest.mark.fact("TOK-046")),
        pytest.param({"bidiGenerateContentSetup": {"config": {}}}, "v1alpha", "directly into bidiGenerateContentSetup, without config", marks=pytest.mark.fact("TOK-047")),
        pytest.param({"bidiGenerateContentSetup": {"setup": {}}}, "v1alpha", "directly into bidiGenerateContentSetup, without setup", marks=pytest.mark.fact("TOK-047")),
        pytest.param({"bidiGenerateContentSetup": {"proactivity": {}}}, "v1beta", "known on v1alpha only: mint there", marks=pytest.mark.fact("TOK-048")),
        pytest.param({"uses": "x"}, "v1alpha", 'uses is a whole number, not "x"', marks=pytest.mark.fact("TOK-054")),
    ],
)  # fmt: skip
def test_a_usual_mistake_gets_the_hint_made_for_it(
    latest: Backend, body: Any, version: str, fact: str, hint: str
) -> None:
    assert latest.post_token(body, version).status == 400
    assert latest.refusals[-1].fact == fact
    assert hint in latest.refusals[-1].hint


@pytest.mark.fact("TOK-050")
@pytest.mark.parametrize("key", [None, "wrong", KEY])
def test_the_body_is_checked_before_the_key(key: str | None, make_backend: Callable[..., Backend]) -> None:
    backend = make_backend(api_keys=(KEY,))
    _, _, message = error_of(backend.post_token({"liveConnectConstraints": {}}, key=key))
    assert message.startswith("Invalid JSON payload received. Unknown name")


def test_the_key_is_checked_before_the_values(make_backend: Callable[..., Backend]) -> None:
    backend = make_backend(api_keys=(KEY,))
    assert "API key not valid" in error_of(backend.post_token({"uses": -1}, key="wrong"))[2]


@pytest.mark.fact("TOK-059")
def test_a_refusal_about_json_lists_the_fields(backend: Backend) -> None:
    error = json.loads(backend.post_token({"nope": 1}).body)["error"]
    description = "Invalid JSON payload received. Unknown name \"nope\" at 'auth_token': Cannot find field."
    assert error["details"] == [
        {
            "@type": "type.googleapis.com/google.rpc.BadRequest",
            "fieldViolations": [{"field": "auth_token", "description": description}],
        }
    ]


@pytest.mark.fact("TOK-022")
def test_minting_does_not_look_at_the_model(backend: Backend) -> None:
    token = backend.mint(bidiGenerateContentSetup={"model": "models/retired"})
    backend.with_token(token).expect_close(
        1007, "token-based requests cannot use project-scoped features such as tuned models", "CLS-032"
    )


@pytest.mark.fact("CLS-007")
@pytest.mark.parametrize("uses", [1, 3])
def test_a_token_starts_as_many_sessions_as_it_has_uses(backend: Backend, uses: int) -> None:
    token = backend.mint(uses=uses)
    for _ in range(uses):
        backend.with_token(token).expect_ready()
    backend.with_token(token).expect_close(1011, SPENT, "CLS-007")


@pytest.mark.fact("TOK-010")
def test_zero_uses_are_no_limit(backend: Backend) -> None:
    token = backend.mint(uses=0)
    for _ in range(5):
        backend.with_token(token).expect_ready()


@pytest.mark.fact("CON-014")
def test_a_use_is_taken_at_setup_not_at_the_handshake(backend: Backend) -> None:
    token = backend.mint()
    method, query = "BidiGenerateContentConstrained", f"access_token={token}"
    first, second = backend.connect(method, query=query), backend.connect(method, query=query)
    second.setup()
    second.expect_ready()
    first.setup()
    first.expect_close(1011, SPENT, "CLS-007")


@pytest.mark.fact("CLS-008")
def test_a_minute_after_minting_no_session_starts(backend: Backend) -> None:
    token = backend.mint(uses=0)
    backend.advance(59.9)
    backend.with_token(token).expect_ready()
    backend.advance(0.1)
    backend.with_token(token).expect_close(1011, TOO_LATE, "CLS-008")


@pytest.mark.fact("CLS-010")
def test_an_expired_token_is_expired_before_all_else(backend: Backend) -> None:
    token = backend.mint(newSessionExpireTime=IN_20_H)
    backend.with_token(token).expect_ready()
    backend.advance(30 * 60)
    backend.with_token(token).expect_close(1011, EXPIRED, "CLS-010")


@pytest.mark.fact("CLS-009")
def test_a_session_ends_when_its_token_expires(backend: Backend) -> None:
    token = backend.mint(expireTime=IN_A_MINUTE)
    client = backend.with_token(token)
    backend.advance(59.9)
    client.expect_ready()
    backend.advance(0.1)
    client.expect_close(1011, EXPIRED_IN_SESSION, "CLS-009")
    assert client.say("too late") == []


def test_a_session_outlives_the_time_for_new_ones(backend: Backend) -> None:
    client = backend.with_token(backend.mint())
    backend.advance(120)
    client.say("still here")
    client.expect_ready()
    assert len(client.messages) > 1


@pytest.mark.fact("CON-015")
@pytest.mark.parametrize(("spends", "close"), [(False, None), (True, (1011, SPENT))])
def test_whether_a_refused_setup_costs_a_use_is_a_choice(
    make_backend: Callable[..., Backend], spends: bool, close: tuple[int, str] | None
) -> None:
    backend = make_backend(rejected_setup_spends_use=spends)
    token = backend.mint()
    assert backend.with_token(token, model="models/none").close is not None
    assert backend.with_token(token).close == close


@pytest.mark.fact("WS-024")
@pytest.mark.parametrize(
    ("minted", "connected"), [("v1alpha", "v1beta"), ("v1beta", "v1alpha"), ("v1beta", "v1beta")]
)
def test_a_token_works_on_either_version_now(latest: Backend, minted: str, connected: str) -> None:
    latest.with_token(latest.mint(minted), connected).expect_ready()


def test_a_token_belongs_to_one_server(backend: Backend, make_backend: Callable[..., Backend]) -> None:
    make_backend(seed=1).with_token(backend.mint()).expect_close(
        1007, "Missing or malformed auth token", "CLS-006"
    )


def test_same_seed_same_tokens(make_backend: Callable[..., Backend]) -> None:
    names = [make_backend(seed=seed).mint() for seed in (0, 0, 1)]
    assert names[0] == names[1] != names[2]
    backend = make_backend()
    assert backend.mint() != backend.mint()


class TestMintingInPython:
    """``Service.mint``, which tests call without HTTP."""

    def test_it_gives_what_http_gives(self, backend: Backend) -> None:
        token = backend.service.mint({"uses": 0}, "k", None, backend.now)
        client = backend.with_token(token.name)
        assert Send(SETUP_COMPLETE) in client.effects
        assert (token.owner, token.version, token.uses_left) == ("k", "v1alpha", None)

    def test_it_refuses_what_http_refuses(self, backend: Backend) -> None:
        with pytest.raises(Refusal) as caught:
            backend.service.mint({"liveConnectConstraints": {}}, "k", None, backend.now)
        assert caught.value.fact == "TOK-045"

    def test_it_refuses_a_version_without_tokens(self, backend: Backend) -> None:
        with pytest.raises(Refusal) as caught:
            backend.service.mint({}, "k", "v1beta", backend.now)
        assert caught.value.fact == "TOK-002"
        assert "'api_version': 'v1alpha'" in caught.value.hint

    def test_a_version_nobody_knows_is_no_version(self, backend: Backend) -> None:
        with pytest.raises(ValueError, match=r"'v9' is no API version: expected one of v1alpha, v1beta, v1"):
            backend.service.mint({}, "k", "v9", backend.now)
