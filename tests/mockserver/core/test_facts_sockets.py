"""What the service was seen to do with sockets: paths, order, time, keys that stand for a condition, codes."""

# ruff: noqa: E501  (recorded texts stay on one line)

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mockserver.core.effects import Close, Send
from mockserver.core.script import Refuse, Rule, Script

from .conftest import (
    AUDIO_MODEL,
    INVALID_ARGUMENT,
    INVALID_KEY,
    KEY,
    MALFORMED,
    SETUP_COMPLETE,
    SPENT,
    Backend,
    error_of,
    speech,
)

if TYPE_CHECKING:
    from collections.abc import Callable

OPEN, CONSTRAINED = "BidiGenerateContent", "BidiGenerateContentConstrained"
QUOTA = "You exceeded your current quota, please check your plan and billing details. For more information on this error, head to: h"
KEYS_NOT_SUPPORTED = "API keys are not supported by this API. Expected OAuth2 access token or other authentication credentials that assert a prin"
BLOCKED = "Your project has been denied access. Please contact support."


class TestPaths:
    """Which methods are there, on which versions, since when."""

    @pytest.mark.parametrize(
        ("date", "method", "version"),
        [
            pytest.param("launch", OPEN, "v1alpha", marks=pytest.mark.fact("WS-012")),
            pytest.param("launch", OPEN, "v1beta", marks=pytest.mark.fact("WS-012")),
            pytest.param("launch", CONSTRAINED, "v1alpha", marks=pytest.mark.fact("WS-013")),
            pytest.param("2026-08-01", CONSTRAINED, "v1beta", marks=pytest.mark.fact("WS-014")),
            pytest.param("2026-11-01", OPEN, "v1", marks=pytest.mark.fact("WS-029")),
        ],
    )
    def test_a_handshake_passes(self, date: str, method: str, version: str) -> None:
        assert Backend(date).connect(method, version).effects == []

    @pytest.mark.parametrize(
        ("date", "method", "version"),
        [
            pytest.param("2025-08-20", CONSTRAINED, "v1beta", marks=pytest.mark.fact("WS-015")),
            pytest.param("2026-07-31", CONSTRAINED, "v1beta", marks=pytest.mark.fact("WS-015")),
            pytest.param("launch", OPEN, "v1", marks=pytest.mark.fact("WS-016")),
            pytest.param("2026-10-31", CONSTRAINED, "v1", marks=pytest.mark.fact("WS-016")),
            pytest.param("2026-11-01", CONSTRAINED, "v1", marks=pytest.mark.fact("WS-029B")),
            pytest.param("latest", "StreamGenerateContent", "v1beta", marks=pytest.mark.fact("WS-018")),
        ],
    )
    def test_a_handshake_is_refused_with_an_empty_404(
        self, date: str, method: str, version: str, fact: str
    ) -> None:
        Backend(date).connect(method, version).expect_rejection(fact)

    @pytest.mark.parametrize(
        ("minted", "connected"),
        [
            pytest.param("v1alpha", "v1beta", marks=pytest.mark.fact("WS-024")),
            pytest.param("v1beta", "v1alpha", marks=pytest.mark.fact("WS-025")),
        ],
    )
    def test_a_token_does_not_care_for_the_version(
        self, latest: Backend, minted: str, connected: str
    ) -> None:
        latest.with_token(latest.mint(minted), connected).expect_ready()


class TestOrder:
    """Fields, then credential, and nothing before the setup."""

    @pytest.mark.fact("WS-002")
    @pytest.mark.parametrize("query", ["", "key=wrong", "key=mock-leaked", "access_token=nonsense"])
    @pytest.mark.parametrize("method", [OPEN, CONSTRAINED])
    def test_credentials_are_looked_at_after_setup_only(self, method: str, query: str) -> None:
        backend = Backend(api_keys=(KEY,))
        client = backend.connect(method, query=query)
        backend.advance(12)
        assert client.effects == []
        client.setup()
        assert client.close is not None

    @pytest.mark.fact("WS-003")
    @pytest.mark.parametrize("query", ["key=wrong", "", "access_token=x"])
    def test_fields_come_before_the_credential(self, query: str) -> None:
        client = Backend(api_keys=(KEY,)).connect(version="v1beta", query=query)
        client.send({"setup": {"bogusField": 1}})
        said = "Invalid JSON payload received. Unknown name \"bogusField\" at 'setup': Cannot find field."
        client.expect_close(1007, said, "CLS-034")

    @pytest.mark.fact("WS-008")
    def test_snake_case_is_understood_at_every_depth(self, latest: Backend) -> None:
        client = latest.connect(query=f"key={KEY}")
        config = {"response_modalities": ["AUDIO"], "speech_config": {"language_code": "de"}}
        client.send(
            {"setup": {"model": AUDIO_MODEL, "generation_config": config, "output_audio_transcription": {}}}
        )
        turn = {"role": "user", "parts": [{"text": "in snake case"}]}
        client.send({"client_content": {"turns": [turn], "turn_complete": True}})
        assert client.transcript == "in snake case"

    @pytest.mark.fact("WS-009")
    @pytest.mark.parametrize(
        "message", [{"nonsense": {}}, {}, b"{", {"realtimeInput": {"activityStart": {}}}]
    )
    def test_an_error_is_a_close_and_never_a_message(self, latest: Backend, message: Any) -> None:
        client = latest.with_key()
        [only] = client.send(message)
        assert isinstance(only, Close)


class TestTime:
    """How long things take on the mock's clock."""

    @pytest.mark.fact("WS-010")
    @pytest.mark.parametrize("delay_s", [0.132, 0.216])
    def test_setup_complete_takes_as_long_as_it_was_told(
        self, make_backend: Callable[..., Backend], delay_s: float
    ) -> None:
        backend = make_backend("latest", setup_delay_s=delay_s)
        client = backend.with_key("v1beta")
        backend.advance(delay_s - 0.01)
        assert client.effects == []
        backend.advance(0.01)
        assert client.effects == [Send(SETUP_COMPLETE)]

    @pytest.mark.fact("WS-011")
    @pytest.mark.parametrize("loudness", [None, 0])
    def test_a_minute_of_silence_closes_nothing(self, latest: Backend, loudness: int | None) -> None:
        client = latest.with_key("v1beta")
        for _ in range(60):
            if loudness is not None:
                client.send({"realtimeInput": {"audio": speech(1, loudness=loudness)}})
            latest.advance(1)
        assert client.effects == [Send(SETUP_COMPLETE)]


class TestKeys:
    """What the socket says of a key, after the setup."""

    @pytest.mark.parametrize(
        ("key", "close"),
        [
            pytest.param("wrong", (1007, INVALID_KEY), marks=pytest.mark.fact("CLS-001")),
            pytest.param("my-mock-invalid-key", (1007, INVALID_KEY), marks=pytest.mark.fact("CLS-001")),
            pytest.param("mock-expired", (1007, "API key expired. Please renew the API key."), marks=pytest.mark.fact("CLS-001B")),
            pytest.param("AIza-mock-leaked", (1008, "Your API key was reported as leaked. Please use another API key."), marks=pytest.mark.fact("CLS-011")),
            pytest.param("mock-region", (1007, "User location is not supported for the API use."), marks=pytest.mark.fact("CLS-014")),
            pytest.param("mock-quota-2", (1011, QUOTA), marks=pytest.mark.fact("CLS-015")),
            pytest.param("mock-blocked", (1008, BLOCKED), marks=pytest.mark.fact("CLS-018")),
        ],
    )  # fmt: skip
    @pytest.mark.parametrize("place", ["query", "header"])
    def test_a_key_is_refused_after_the_setup(
        self, key: str, close: tuple[int, str], place: str, fact: str
    ) -> None:
        backend = Backend("latest", api_keys=(KEY,))
        query, headers = (f"key={key}", {}) if place == "query" else ("", {"x_goog_api_key": key})
        client = backend.connect(query=query, **headers)
        assert client.effects == []
        client.setup()
        client.expect_close(*close, fact=fact)

    def test_a_key_on_the_constrained_method_is_not_even_looked_at(self, latest: Backend) -> None:
        client = latest.connect(CONSTRAINED, query="key=mock-leaked")
        client.setup()
        client.expect_close(1007, MALFORMED, "CLS-005")

    @pytest.mark.fact("CLS-015")
    @pytest.mark.parametrize("limit", [1, 3])
    def test_one_session_too_many_is_over_the_quota(
        self, make_backend: Callable[..., Backend], limit: int
    ) -> None:
        backend = make_backend("latest", max_sessions=limit)
        clients = [backend.with_key() for _ in range(limit)]
        backend.with_token(backend.mint()).expect_close(1011, QUOTA, "CLS-015")
        for client in clients:
            client.expect_ready()
        backend.service.lost(clients[0].name, 1000, "", backend.now)
        backend.with_key().expect_ready()

    @pytest.mark.parametrize("spends", [False, True])
    def test_what_the_quota_refuses_costs_a_use_only_where_refused_setups_do(
        self, make_backend: Callable[..., Backend], spends: bool
    ) -> None:
        backend = make_backend("latest", max_sessions=1, rejected_setup_spends_use=spends)
        token, first = backend.mint(), backend.with_key()
        backend.with_token(token).expect_close(1011, QUOTA, "CLS-015")
        backend.service.lost(first.name, 1000, "", backend.now)
        assert backend.with_token(token).close == ((1011, SPENT) if spends else None)

    @pytest.mark.parametrize(
        ("script", "close"),
        [
            pytest.param("CLS-012", (1008, KEYS_NOT_SUPPORTED), marks=pytest.mark.fact("CLS-012")),
            pytest.param("CLS-016", (1008, "Resource has been exhausted (e.g. check quota)."), marks=pytest.mark.fact("CLS-016")),
        ],
    )  # fmt: skip
    def test_what_depends_on_the_account_can_be_played(self, script: str, close: tuple[int, str]) -> None:
        backend = Backend("latest", Script("account", (Rule("setup", (Refuse(script),)),)))
        backend.with_key().expect_close(*close, fact=script)


@pytest.mark.fact("MAP-001")
@pytest.mark.parametrize(
    ("key", "status", "code"),
    [
        ("mock-invalid", "INVALID_ARGUMENT", 1007),
        ("mock-expired", "INVALID_ARGUMENT", 1007),
        ("mock-region", "FAILED_PRECONDITION", 1007),
        ("mock-leaked", "PERMISSION_DENIED", 1008),
        ("mock-blocked", "PERMISSION_DENIED", 1008),
        ("mock-quota", "RESOURCE_EXHAUSTED", 1011),
    ],
)
def test_a_status_over_http_is_a_code_on_a_socket(latest: Backend, key: str, status: str, code: int) -> None:
    assert error_of(latest.post_token(key=key))[1] == status
    client = latest.connect(query=f"key={key}")
    client.setup()
    assert client.close is not None
    assert client.close[0] == code


@pytest.mark.fact("MAP-001")
@pytest.mark.parametrize(
    ("status", "fields", "close"),
    [
        ("INVALID_ARGUMENT", {"contextWindowCompression": {}}, (1007, INVALID_ARGUMENT)),
        ("NOT_FOUND", {"model": "models/gemini-3.8-live", "sessionResumption": {"handle": "x"}}, (1008, "Requested entity was not found.")),
        ("INTERNAL", {"model": "models/gemini-3.1-flash-live-preview"}, (1011, "Internal error encountered.")),
    ],
)  # fmt: skip
def test_a_status_without_http_has_its_code_too(
    latest: Backend, status: str, fields: dict[str, Any], close: tuple[int, str]
) -> None:
    assert latest.with_key("v1beta", **fields).close == close, status


@pytest.mark.fact("MAP-001")
def test_unauthenticated_is_1008_and_a_spent_token_is_1011(latest: Backend) -> None:
    bearer = latest.connect(authorization="Bearer x")
    bearer.setup()
    assert bearer.close is not None
    assert bearer.close[0] == 1008
    token = latest.mint()
    latest.with_token(token)
    assert latest.with_token(token).close == (1011, SPENT)
