"""What the service was seen to do when tokens are minted: fields, answers, keys that stand for a condition."""

# ruff: noqa: E501  (recorded texts stay on one line)

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from .conftest import (
    AUDIO_MODEL,
    EXPIRED,
    KEY,
    MALFORMED,
    SPENT,
    TEXT_MODEL,
    TOO_LATE,
    UNRESOLVABLE,
    Backend,
    error_of,
    expect_no_such_method,
)

if TYPE_CHECKING:
    from collections.abc import Callable

NEVER_REGISTERED = (
    "Method doesn't allow unregistered callers (callers without established identity). "
    "Please use API Key or other form of API consumer identity to call this API."
)
QUOTA = (
    "You exceeded your current quota, please check your plan and billing details. For more information on "
    "this error, head to: https://ai.google.dev/gemini-api/docs/rate-limits."
)
BLOCKED = "Your project has been denied access. Please contact support."
TEXT = {"responseModalities": ["TEXT"]}


def at(seconds: float) -> str:
    """RFC 3339 of a moment after the start of these tests, 2026-01-15T12:00:00Z."""
    minutes, rest = divmod(round(seconds * 1000), 60_000)
    hours, minutes = divmod(12 * 60 + minutes, 60)
    return f"2026-01-{15 + hours // 24}T{hours % 24:02}:{minutes:02}:{rest / 1000:06.3f}Z"


@pytest.mark.parametrize(
    "version",
    [
        pytest.param("v1alpha", marks=pytest.mark.fact("TOK-001")),
        pytest.param("v1beta", marks=pytest.mark.fact("TOK-003")),
    ],
)
@pytest.mark.fact("TOK-020")
@pytest.mark.fact("TOK-021")
def test_a_token_is_a_name_of_64_hex_digits(latest: Backend, version: str) -> None:
    response = latest.post_token({"uses": 5, "expireTime": at(60)}, version)
    assert response.status == 200
    assert re.fullmatch(rb'\{\n  "name": "auth_tokens/[0-9a-f]{64}"\n\}\n', response.body)


@pytest.mark.fact("TOK-002")
@pytest.mark.parametrize("date", ["2025-05-20", "2025-09-01", "2026-07-02"])
def test_v1beta_does_not_know_tokens_yet(make_backend: Callable[..., Backend], date: str) -> None:
    backend = make_backend(date)
    expect_no_such_method(backend.post_token(version="v1beta"))
    assert backend.refusals[-1].fact == "TOK-002"
    assert backend.refusals[-1].hint.startswith("tokens are not served on v1beta at this service date: set")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        pytest.param("POST", "/v1alpha/authTokens", marks=pytest.mark.fact("TOK-005")),
        pytest.param("POST", "/v1beta/authTokens", marks=pytest.mark.fact("TOK-005")),
        pytest.param("GET", "/v1alpha/auth_tokens", marks=pytest.mark.fact("TOK-006")),
        pytest.param("GET", "/v1beta/auth_tokens/abc", marks=pytest.mark.fact("TOK-006")),
        pytest.param("POST", "/v1beta/auth_tokens:create", marks=pytest.mark.fact("TOK-007")),
        pytest.param("POST", "/v1alpha/auth_tokens:mint", marks=pytest.mark.fact("TOK-007")),
    ],
)
def test_there_is_one_path_and_one_method(latest: Backend, method: str, path: str, fact: str) -> None:
    expect_no_such_method(latest.request(method, path, b"{}", x_goog_api_key=KEY))
    assert latest.refusals[-1].fact == fact


class TestFields:
    """What a token may be told."""

    @pytest.mark.fact("TOK-010")
    @pytest.mark.parametrize(("body", "sessions"), [({}, 1), ({"uses": 1}, 1), ({"uses": 3}, 3)])
    def test_uses_count_sessions_and_are_one_by_default(
        self, latest: Backend, body: dict[str, Any], sessions: int
    ) -> None:
        token = latest.mint(**body)
        for _ in range(sessions):
            latest.with_token(token).expect_ready()
        latest.with_token(token).expect_close(1011, SPENT, "CLS-007")

    @pytest.mark.fact("TOK-010")
    def test_zero_uses_are_no_limit_and_resuming_is_no_use(self, latest: Backend) -> None:
        unlimited, single = latest.mint(uses=0), latest.mint(uses=1)
        for _ in range(10):
            latest.with_token(unlimited).expect_ready()
        client = latest.with_token(single, sessionResumption={})
        client.say("remember me")
        latest.with_token(single, sessionResumption={"handle": client.handle}).expect_ready()

    @pytest.mark.fact("TOK-011")
    @pytest.mark.parametrize(("body", "lives"), [({}, 1800), ({"expireTime": at(7200)}, 7200)])
    def test_a_token_lives_half_an_hour_by_default(
        self, latest: Backend, body: dict[str, Any], lives: float
    ) -> None:
        token = latest.mint(uses=0, newSessionExpireTime=at(20 * 3600), **body)
        latest.advance(lives - 1)
        latest.with_token(token).expect_ready()
        latest.advance(1)
        latest.with_token(token).expect_close(1011, EXPIRED, "CLS-010")

    @pytest.mark.fact("TOK-011")
    def test_messages_of_an_open_session_are_refused_once_the_token_expired(self, latest: Backend) -> None:
        client = latest.with_token(latest.mint(expireTime=at(60)))
        latest.advance(60)
        client.expect_close(1011, "auth token has expired", "CLS-009")

    @pytest.mark.fact("TOK-012")
    @pytest.mark.parametrize(("body", "opens"), [({}, 60), ({"newSessionExpireTime": at(600)}, 600)])
    def test_a_token_starts_sessions_for_a_minute_by_default(
        self, latest: Backend, body: dict[str, Any], opens: float
    ) -> None:
        token = latest.mint(uses=0, **body)
        latest.advance(opens - 1)
        latest.with_token(token).expect_ready()
        latest.advance(1)
        latest.with_token(token).expect_close(1011, TOO_LATE, "CLS-008")

    @pytest.mark.fact("TOK-013")
    def test_a_setup_is_locked_flat_as_it_is(self, latest: Backend) -> None:
        token = latest.mint(bidiGenerateContentSetup={"model": TEXT_MODEL, "generationConfig": TEXT})
        client = latest.with_token(token, model=AUDIO_MODEL)
        client.say("in text")
        assert client.text == "in text"

    @pytest.mark.fact("TOK-013")
    def test_without_a_setup_a_token_locks_nothing(self, latest: Backend) -> None:
        client = latest.with_token(latest.mint(), model=TEXT_MODEL, generationConfig=TEXT)
        client.say("in text")
        assert client.text == "in text"

    @pytest.mark.fact("TOK-014")
    @pytest.mark.parametrize(
        "mask",
        [
            "outputAudioTranscription",
            "output_audio_transcription",
            "output_audio_transcription,generationConfig.top_k",
            "generation_config.topK, outputAudioTranscription",
        ],
    )
    def test_a_mask_names_what_is_locked_in_either_spelling(self, latest: Backend, mask: str) -> None:
        token = latest.mint(
            bidiGenerateContentSetup={"model": "models/none", "outputAudioTranscription": {}}, fieldMask=mask
        )
        client = latest.with_token(token, model=AUDIO_MODEL)
        client.say("told in words")
        assert client.transcript == "told in words"

    @pytest.mark.fact("TOK-015")
    def test_a_name_cannot_be_chosen(self, latest: Backend) -> None:
        wished = "auth_tokens/" + 64 * "a"
        token = latest.mint(name=wished)
        assert token != wished
        latest.with_token(wished).expect_close(1007, MALFORMED, "CLS-006")
        latest.with_token(token).expect_ready()

    @pytest.mark.fact("TOK-016")
    @pytest.mark.parametrize("body", [b"{}", b""])
    def test_an_empty_body_is_a_token_with_all_defaults(self, latest: Backend, body: bytes) -> None:
        response = latest.post_token(body)
        assert response.status == 200
        [token] = latest.service.tokens
        assert (token.uses_left, token.expires_at - latest.now) == (1, 1800)
        assert token.new_session_expires_at - latest.now == 60
        latest.with_token(token.name, model=TEXT_MODEL, generationConfig=TEXT).expect_ready()

    @pytest.mark.fact("TOK-017")
    def test_a_token_may_live_for_a_millisecond(self, latest: Backend) -> None:
        token = latest.mint(expireTime=at(0.001), newSessionExpireTime=at(0.001))
        latest.with_token(token).expect_ready()

    @pytest.mark.fact("TOK-022")
    @pytest.mark.parametrize(
        "model", ["models/gemini-2.0-flash-live-001", "models/gemini-nope", "nonsense", ""]
    )
    def test_the_model_is_looked_at_by_the_socket_only(self, latest: Backend, model: str) -> None:
        token = latest.mint(bidiGenerateContentSetup={"model": model})
        latest.with_token(token).expect_close(1007, UNRESOLVABLE, "CLS-032")

    @pytest.mark.fact("MUS-002")
    def test_a_token_for_music_is_minted_and_does_not_connect(self, latest: Backend) -> None:
        token = latest.mint(bidiGenerateContentSetup={"model": "models/lyria-realtime-exp"})
        latest.with_token(token).expect_close(1007, UNRESOLVABLE, "CLS-032")

    @pytest.mark.fact("TOK-049")
    def test_proactivity_is_minted_on_v1alpha(self, latest: Backend) -> None:
        lock = {"model": AUDIO_MODEL, "proactivity": {"proactiveAudio": True}}
        latest.with_token(latest.mint(bidiGenerateContentSetup=lock)).expect_ready()


class TestJson:
    """What Google's transcoder says of a body, before anybody looks at the key."""

    @pytest.mark.parametrize(
        ("version", "body", "message"),
        [
            pytest.param("v1alpha", {"liveConnectConstraints": {}}, "Invalid JSON payload received. Unknown name \"liveConnectConstraints\" at 'auth_token': Cannot find field.", marks=pytest.mark.fact("TOK-045")),
            pytest.param("v1beta", {"lockAdditionalFields": []}, "Invalid JSON payload received. Unknown name \"lockAdditionalFields\" at 'auth_token': Cannot find field.", marks=pytest.mark.fact("TOK-045")),
            pytest.param("v1alpha", {"bidi_generate_content_setup": {"generation_config": {"speech_config": {"voice": 1}}}}, "Invalid JSON payload received. Unknown name \"voice\" at 'auth_token.bidi_generate_content_setup.generation_config.speech_config': Cannot find field.", marks=pytest.mark.fact("TOK-045")),
            pytest.param("v1beta", {"authToken": {"uses": 1}}, "Invalid JSON payload received. Unknown name \"authToken\" at 'auth_token': Cannot find field.", marks=pytest.mark.fact("TOK-046")),
            pytest.param("v1beta", {"bidiGenerateContentSetup": {"config": {}}}, "Invalid JSON payload received. Unknown name \"config\" at 'auth_token.bidi_generate_content_setup': Cannot find field.", marks=pytest.mark.fact("TOK-047")),
            pytest.param("v1alpha", {"bidiGenerateContentSetup": {"setup": {}}}, "Invalid JSON payload received. Unknown name \"setup\" at 'auth_token.bidi_generate_content_setup': Cannot find field.", marks=pytest.mark.fact("TOK-047")),
            pytest.param("v1beta", {"bidiGenerateContentSetup": {"proactivity": {}}}, "Invalid JSON payload received. Unknown name \"proactivity\" at 'auth_token.bidi_generate_content_setup': Cannot find field.", marks=pytest.mark.fact("TOK-048")),
            pytest.param("v1beta", {"config": {}, "uses": 1, "httpOptions": {}}, "Invalid JSON payload received. Unknown name \"config\" at 'auth_token': Cannot find field.\nInvalid JSON payload received. Unknown name \"httpOptions\" at 'auth_token': Cannot find field.", marks=pytest.mark.fact("TOK-059B")),
            pytest.param("v1alpha", {"uses": "x"}, "Invalid value at 'auth_token.uses' (TYPE_INT32), \"x\"", marks=pytest.mark.fact("TOK-054")),
            pytest.param("v1alpha", {"uses": 0.5}, "Invalid value at 'auth_token.uses' (TYPE_INT32), 0.5", marks=pytest.mark.fact("TOK-054")),
            pytest.param("v1alpha", {"expireTime": "2026-01-15T13:00:00"}, "Invalid value at 'auth_token.expire_time' (type.googleapis.com/google.protobuf.Timestamp), Field 'expireTime', Illegal timestamp format; timestamps must end with 'Z' or have a valid timezone offset.", marks=pytest.mark.fact("TOK-055")),
            pytest.param("v1beta", {"new_session_expire_time": 1768478460}, "Invalid value at 'auth_token.new_session_expire_time' (type.googleapis.com/google.protobuf.Timestamp), Field 'newSessionExpireTime', Illegal timestamp format; timestamps must end with 'Z' or have a valid timezone offset.", marks=pytest.mark.fact("TOK-055")),
            pytest.param("v1alpha", b"uses=2", "Invalid JSON payload received. Unexpected token.\nuses=2\n^", marks=pytest.mark.fact("TOK-056")),
            pytest.param("v1beta", {"bidiGenerateContentSetup": {"generationConfig": {"responseModalities": ["SMELL"]}}}, "Invalid value at 'auth_token.bidi_generate_content_setup.generation_config.response_modalities[0]' (type.googleapis.com/google.ai.generativelanguage.v1beta.Modality), \"SMELL\"", marks=pytest.mark.fact("TOK-061")),
            pytest.param("v1alpha", {"bidiGenerateContentSetup": 5}, "Invalid value at 'auth_token.bidi_generate_content_setup' (type.googleapis.com/google.ai.generativelanguage.v1alpha.BidiGenerateContentSetup), 5", marks=pytest.mark.fact("TOK-061")),
            pytest.param("v1alpha", {"fieldMask": ["model"]}, "Invalid JSON payload received. Unknown name \"field_mask\" at 'auth_token': Proto field is not repeating, cannot start list.", marks=pytest.mark.fact("TOK-061")),
        ],
    )  # fmt: skip
    @pytest.mark.parametrize("key", [KEY, "wrong", None])
    @pytest.mark.fact("TOK-050")
    def test_a_body_is_refused_whatever_the_key(
        self, version: str, body: Any, message: str, key: str | None, request: pytest.FixtureRequest
    ) -> None:
        backend = Backend("latest", api_keys=(KEY,))
        response = backend.post_token(body, version, key)
        assert error_of(response) == (400, "INVALID_ARGUMENT", message)
        facts = {mark.args[0] for mark in request.node.iter_markers("fact")} - {"TOK-050"}
        assert backend.refusals[-1].fact in facts | {"TOK-045"}
        assert facts == {"TOK-059B"} or backend.refusals[-1].fact in facts
        assert backend.refusals[-1].hint
        assert backend.service.tokens == ()

    @pytest.mark.fact("TOK-059")
    def test_each_violation_is_listed_with_its_field(self, latest: Backend) -> None:
        body = {"nope": 1, "uses": "x"}
        error = json.loads(latest.post_token(body).body)["error"]
        assert error["details"] == [
            {
                "@type": "type.googleapis.com/google.rpc.BadRequest",
                "fieldViolations": [
                    {"field": "auth_token", "description": "Invalid JSON payload received. Unknown name \"nope\" at 'auth_token': Cannot find field."},
                    {"field": "auth_token.uses", "description": "Invalid value at 'auth_token.uses' (TYPE_INT32), \"x\""},
                ],
            }
        ]  # fmt: skip


class TestValues:
    """What is out of range, looked at after the key."""

    @pytest.mark.parametrize(
        ("body", "message"),
        [
            pytest.param({"expireTime": at(20 * 3600 + 1)}, "expire_time is too far in the future. Maximum lifetime is 20h", marks=pytest.mark.fact("TOK-051")),
            pytest.param({"newSessionExpireTime": at(21 * 3600)}, "new_session_expire_time is too far in the future. Maximum lifetime is 20h", marks=pytest.mark.fact("TOK-052")),
            pytest.param({"expireTime": at(0)}, "expire_time must be in the future", marks=pytest.mark.fact("TOK-053")),
            pytest.param({"newSessionExpireTime": "2020-01-01T00:00:00Z"}, "new_session_expire_time must be in the future", marks=pytest.mark.fact("TOK-053B")),
            pytest.param({"uses": -1}, "uses must be non-negative", marks=pytest.mark.fact("TOK-053C")),
            pytest.param({"fieldMask": "tools.functionDeclarations"}, "field_mask is invalid for BidiGenerateContentSetup", marks=pytest.mark.fact("TOK-053D")),
            pytest.param({"fieldMask": "model,nope"}, "field_mask is invalid for BidiGenerateContentSetup", marks=pytest.mark.fact("TOK-053D")),
        ],
    )  # fmt: skip
    def test_a_value_is_refused_after_the_key(self, body: Any, message: str, fact: str) -> None:
        backend = Backend("latest", api_keys=(KEY,))
        assert error_of(backend.post_token(body)) == (400, "INVALID_ARGUMENT", message)
        assert backend.refusals[-1].fact == fact
        assert "details" not in json.loads(backend.post_token(body).body)["error"]
        assert "API key not valid" in error_of(backend.post_token(body, key="wrong"))[2]

    @pytest.mark.fact("TOK-011")
    @pytest.mark.fact("TOK-012")
    def test_a_time_less_than_twenty_hours_ahead_is_taken(self, latest: Backend) -> None:
        almost = at(20 * 3600 - 1)
        assert latest.post_token({"expireTime": almost, "newSessionExpireTime": almost}).status == 200


class TestKeys:
    """What the service says of a key, whichever REST method is called with it."""

    @pytest.mark.fact("TOK-030")
    @pytest.mark.parametrize(("query", "headers"), [("?key=" + KEY, {}), ("", {"x_goog_api_key": KEY})])
    def test_a_key_may_stand_in_the_query_or_in_the_header(
        self, make_backend: Callable[..., Backend], query: str, headers: dict[str, str]
    ) -> None:
        backend = make_backend("latest", api_keys=(KEY,))
        assert backend.request("POST", f"/v1beta/auth_tokens{query}", **headers).status == 200
        assert backend.service.tokens[0].owner == KEY

    @pytest.mark.parametrize(
        ("headers", "error"),
        [
            pytest.param({}, (403, "PERMISSION_DENIED", NEVER_REGISTERED), marks=pytest.mark.fact("TOK-040")),
            pytest.param({"x_goog_api_key": "wrong"}, (400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key."), marks=pytest.mark.fact("TOK-041")),
            pytest.param({"x_goog_api_key": "my-mock-invalid-key"}, (400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key."), marks=pytest.mark.fact("TOK-041")),
            pytest.param({"x_goog_api_key": "mock-expired"}, (400, "INVALID_ARGUMENT", "API key expired. Please renew the API key."), marks=pytest.mark.fact("TOK-042")),
            pytest.param({"x_goog_api_key": "AIza-mock-region-1"}, (400, "FAILED_PRECONDITION", "User location is not supported for the API use."), marks=pytest.mark.fact("TOK-043")),
            pytest.param({"authorization": "Bearer ya29.garbage"}, (401, "UNAUTHENTICATED", "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project."), marks=pytest.mark.fact("TOK-044")),
            pytest.param({"x_goog_api_key": "mock-leaked"}, (403, "PERMISSION_DENIED", "Your API key was reported as leaked. Please use another API key."), marks=pytest.mark.fact("TOK-057")),
            pytest.param({"x_goog_api_key": "mock-quota"}, (429, "RESOURCE_EXHAUSTED", QUOTA), marks=pytest.mark.fact("TOK-058")),
            pytest.param({"x_goog_api_key": "auth_tokens/" + 64 * "a"}, (400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key."), marks=pytest.mark.fact("TOK-060")),
            pytest.param({"x_goog_api_key": "mock-blocked"}, (403, "PERMISSION_DENIED", BLOCKED), marks=pytest.mark.fact("TOK-062")),
        ],
    )  # fmt: skip
    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("POST", "/v1alpha/auth_tokens"),
            ("POST", "/v1beta/models/x:generateContent"),
            ("GET", "/v1/models"),
        ],
    )
    def test_a_credential_is_judged_alike_on_every_method(
        self, method: str, path: str, headers: dict[str, str], error: tuple[int, str, str], fact: str
    ) -> None:
        backend = Backend("latest", api_keys=(KEY,))
        assert error_of(backend.request(method, path, **headers)) == error
        assert backend.refusals[-1].fact == fact

    @pytest.mark.parametrize(
        ("key", "types"),
        [
            pytest.param(
                "mock-invalid", ["ErrorInfo", "LocalizedMessage"], marks=pytest.mark.fact("TOK-041")
            ),
            pytest.param(None, [], marks=pytest.mark.fact("TOK-040")),
        ],
    )
    def test_details_come_with_an_invalid_key_and_not_without_one(
        self, latest: Backend, key: str | None, types: list[str]
    ) -> None:
        error = json.loads(latest.post_token(key=key).body)["error"]
        assert [detail["@type"].rpartition(".")[2] for detail in error.get("details", [])] == types

    def test_a_key_stands_for_a_condition_even_where_keys_are_listed(self) -> None:
        key = "team-mock-quota"
        assert Backend(api_keys=(key,)).post_token(key=key).status == 429
