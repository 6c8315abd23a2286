"""The whole service: routes, the case this project starts from, and what a reset forgets."""

from __future__ import annotations

import json

import pytest

from mockserver.core.effects import Send
from mockserver.core.facts import fact

from .conftest import AUDIO_MODEL, KEY, Backend, error_of, expect_no_such_method

CONSTRAINED = "BidiGenerateContentConstrained"


class TestTheCaseTheProjectStartsFrom:
    """Tokens on v1alpha, a client that says v1beta."""

    @pytest.mark.fact("TOK-002")
    def test_at_launch_v1beta_mints_nothing(self, backend: Backend) -> None:
        response = backend.post_token(version="v1beta")
        expect_no_such_method(response)
        assert backend.refusals[-1].fact == "TOK-002"

    @pytest.mark.fact("WS-015")
    def test_at_launch_the_constrained_method_of_v1beta_is_not_there(self, backend: Backend) -> None:
        token = backend.mint("v1alpha")
        client = backend.connect(CONSTRAINED, "v1beta", f"access_token={token}")
        client.expect_rejection("WS-015")
        assert "'api_version': 'v1alpha'" in backend.refusals[-1].hint

    @pytest.mark.fact("TOK-001")
    @pytest.mark.fact("WS-013")
    def test_at_launch_v1alpha_at_both_works(self, backend: Backend) -> None:
        backend.with_token(backend.mint("v1alpha"), "v1alpha").expect_ready()

    @pytest.mark.fact("TOK-003")
    @pytest.mark.fact("WS-014")
    def test_by_now_v1beta_at_both_works(self, latest: Backend) -> None:
        latest.with_token(latest.mint("v1beta"), "v1beta").expect_ready()

    @pytest.mark.parametrize(
        "date",
        [
            pytest.param("launch", marks=pytest.mark.fact("TOK-004")),
            pytest.param("2026-10-31", marks=pytest.mark.fact("TOK-004")),
            pytest.param("2026-11-01", marks=pytest.mark.fact("TOK-004B")),
            pytest.param("latest", marks=pytest.mark.fact("TOK-004B")),
        ],
    )
    def test_v1_mints_no_tokens_on_either_date(self, date: str, fact: str) -> None:
        backend = Backend(date)
        expect_no_such_method(backend.post_token(version="v1"))
        assert backend.refusals[-1].fact == fact
        assert "on the client that mints" in backend.refusals[-1].hint

    @pytest.mark.parametrize(
        "date",
        [
            pytest.param("launch", marks=pytest.mark.fact("WS-016")),
            pytest.param("2026-10-31", marks=pytest.mark.fact("WS-016")),
            pytest.param("2026-11-01", marks=pytest.mark.fact("WS-029B")),
            pytest.param("latest", marks=pytest.mark.fact("WS-029B")),
        ],
    )
    def test_v1_takes_no_tokens_on_either_date(self, date: str, fact: str) -> None:
        Backend(date).connect(CONSTRAINED, "v1").expect_rejection(fact)

    @pytest.mark.fact("WS-029")
    def test_v1_serves_keys_by_now_only(self, backend: Backend, latest: Backend) -> None:
        backend.connect(version="v1").expect_rejection("WS-016")
        latest.with_key("v1").expect_ready()


@pytest.mark.parametrize(
    ("method", "path"),
    [
        pytest.param("POST", "/v1alpha/authTokens", marks=pytest.mark.fact("TOK-005")),
        pytest.param("GET", "/v1alpha/auth_tokens", marks=pytest.mark.fact("TOK-006")),
        pytest.param("GET", "/v1beta/auth_tokens", marks=pytest.mark.fact("TOK-006")),
        pytest.param("DELETE", "/v1alpha/auth_tokens", marks=pytest.mark.fact("TOK-006")),
        pytest.param("GET", "/v1alpha/auth_tokens/abc", marks=pytest.mark.fact("TOK-006")),
        pytest.param("POST", "/v1alpha/auth_tokens:create", marks=pytest.mark.fact("TOK-007")),
        pytest.param("POST", "/v2/auth_tokens", marks=pytest.mark.fact("TOK-009")),
        pytest.param("POST", "/auth_tokens", marks=pytest.mark.fact("TOK-009")),
        pytest.param("GET", "/", marks=pytest.mark.fact("TOK-009")),
        pytest.param("GET", "/v2/models", marks=pytest.mark.fact("TOK-009")),
        pytest.param("GET", "/favicon.ico", marks=pytest.mark.fact("TOK-009")),
    ],
)
def test_an_unknown_path_is_an_empty_404_that_says_why_in_the_journal(
    backend: Backend, method: str, path: str, fact: str
) -> None:
    expect_no_such_method(backend.request(method, path, x_goog_api_key=KEY))
    assert backend.refusals[-1].fact == fact


def test_what_the_mock_does_not_play_says_so(backend: Backend) -> None:
    response = backend.request("POST", "/v1beta/models/gemini-3.8-live:generateContent", x_goog_api_key=KEY)
    code, status, message = error_of(response)
    assert (code, status) == (501, "UNIMPLEMENTED")
    assert "does not play" in message


@pytest.mark.parametrize(
    "path",
    [
        "/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent",
        "//ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent",
        "/ws/google.ai.generativelanguage.v1beta.GenerativeService%2EBidiGenerateContent",
    ],
)
@pytest.mark.fact("WS-017")
def test_a_socket_opens_with_one_slash_or_two(backend: Backend, path: str) -> None:
    from mockserver.core.effects import Accept
    from mockserver.core.request import Request

    _, effects = backend.service.handshake(Request("GET", path), backend.now)
    assert [type(effect) for effect in effects] == [Accept]


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(
            "///ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent",
            marks=pytest.mark.fact("WS-018"),
        ),
        pytest.param(
            "/ws/google.ai.generativelanguage.v9.GenerativeService.BidiGenerateContent",
            marks=pytest.mark.fact("WS-018"),
        ),
        pytest.param(
            "/ws/google.ai.generativelanguage.v1beta.GenerativeService.Nonsense",
            marks=pytest.mark.fact("WS-018"),
        ),
        pytest.param(
            "/ws/google.ai.generativelanguage.v1beta.GenerativeService/BidiGenerateContent",
            marks=pytest.mark.fact("WS-019"),
        ),
        pytest.param("/v1beta/models/x:BidiGenerateContent?alt=ws", marks=pytest.mark.fact("WS-018")),
        pytest.param("/", marks=pytest.mark.fact("WS-018")),
    ],
)
def test_a_socket_on_another_path_is_refused_at_the_handshake(backend: Backend, path: str, fact: str) -> None:
    from mockserver.core.effects import Reject
    from mockserver.core.request import Request

    _, [reject] = backend.service.handshake(Request("GET", path), backend.now)
    assert isinstance(reject, Reject)
    expect_no_such_method(reject.response)
    assert backend.refusals[-1].fact == fact


def test_no_hint_has_a_hole(backend: Backend) -> None:
    for method, path in (("POST", "/v1beta/authTokens"), ("POST", "/x"), ("GET", "/v1beta/auth_tokens")):
        backend.request(method, path)
        assert "//" not in backend.refusals[-1].hint.replace("https://", "")
        assert ".." not in backend.refusals[-1].hint


def test_a_served_method_can_be_switched(latest: Backend) -> None:
    switched = Backend(serve=(("v1:auth_tokens.create", True), ("v1alpha:auth_tokens.create", False)))
    assert switched.post_token(version="v1").status == 200
    expect_no_such_method(switched.post_token(version="v1alpha"))


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (
            {"serve": (("v1:Nonsense", True),)},
            r"serve names 'v1:Nonsense': expected one of v1alpha, v1beta, v1, a colon",
        ),
        ({"instead": {"CLS-032": "TOK-041"}}, r"expected two facts that both answer or both close"),
        ({"instead": {"CLS-032": "NOPE"}}, r"expected two facts that both answer or both close"),
        ({"header_token": "no"}, r"header_token is 'no': expected true or false"),
        ({"pace": -1}, r"pace is -1: expected a number of 0 or more"),
        ({"pace": float("nan")}, r"pace is nan: expected a number of 0 or more"),
        ({"pace": float("inf")}, r"pace is inf: expected a number of 0 or more"),
        ({"pace": "abc"}, r"pace is 'abc': expected a number of 0 or more"),
        ({"setup_delay_s": -0.1}, r"setup_delay_s is -0.1: expected a number of 0 or more"),
        ({"setup_delay_s": True}, r"setup_delay_s is True: expected a number of 0 or more"),
        ({"seed": "abc"}, r"seed is 'abc': expected a whole number"),
        (
            {"rejected_setup_spends_use": "maybe"},
            r"rejected_setup_spends_use is 'maybe': expected true or false",
        ),
        ({"resumption_spends_use": 1}, r"resumption_spends_use is 1: expected true, false or none"),
    ],
)
def test_an_option_no_server_can_have_is_refused(options: dict[str, object], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Backend(**options)


class TestReset:
    """What the next test must not see."""

    def test_tokens_handles_and_the_journal_are_gone(self, latest: Backend) -> None:
        token = latest.mint(uses=0)
        client = latest.with_token(token, sessionResumption={})
        client.say("hi")
        latest.service.reset()
        assert latest.service.tokens == ()
        assert list(latest.service.journal) == []
        latest.with_key(sessionResumption={"handle": client.handle}).expect_close(
            1008, "BidiGenerateContent session not found", "CLS-049"
        )

    def test_names_go_on_so_that_a_late_client_holds_no_new_token(self, backend: Backend) -> None:
        before = backend.mint()
        backend.service.reset()
        assert backend.mint() != before

    def test_handles_of_sockets_that_stay_open_are_forgotten_with_them(self, backend: Backend) -> None:
        client = backend.with_key(sessionResumption={})
        backend.service.reset()
        client.say("hello")
        resumed = backend.with_key(sessionResumption={"handle": client.handle})
        resumed.expect_close(1008, "BidiGenerateContent session not found", "CLS-049")

    def test_open_sockets_stay(self, backend: Backend) -> None:
        client = backend.with_key()
        backend.service.reset()
        assert client.say("still there?")
        assert backend.service.open_connections == 1


def test_due_is_the_next_appointment(backend: Backend) -> None:
    assert backend.service.due is None
    token = backend.mint(expireTime="2026-01-15T12:01:00Z")
    backend.with_token(token)
    assert backend.service.due == backend.now + 60
    backend.advance(60)
    assert backend.service.open_connections == 0


def test_a_chatty_session_makes_no_heap_of_appointments(backend: Backend) -> None:
    client = backend.with_key()
    for _ in range(50):
        client.send({"realtimeInput": {"audio": {"mimeType": "audio/pcm", "data": "AAAA"}}})
    assert backend.service._appointments.room < 5


def test_sessions_that_ended_leave_no_heap_of_appointments(backend: Backend) -> None:
    for _ in range(1_000):
        client = backend.with_key()
        backend.service.lost(client.name, 1000, "", backend.now)
    assert len(backend.service._appointments) == 0
    assert backend.service._appointments.room < 100
    assert backend.service.due is None, "nobody waits for the ten minutes of a session that is over"


def test_a_lost_socket_is_lost_once(backend: Backend) -> None:
    client = backend.with_key()
    for _ in range(2):
        backend.service.lost(client.name, 1006, "", backend.now)
    assert [entry.kind for entry in backend.service.journal].count("lost") == 1
    assert client.say("anyone?") == []


def test_sessions_side_by_side_do_not_mix(backend: Backend) -> None:
    clients = [backend.with_key(model=AUDIO_MODEL, outputAudioTranscription={}) for _ in range(3)]
    for n, client in enumerate(clients):
        client.say(f"client {n}")
    for n, client in enumerate(clients):
        assert client.transcript == f"client {n}"


def test_frames_of_the_service_are_binary_json_with_a_newline(backend: Backend) -> None:
    client = backend.with_key()
    client.say("hi")
    for effect in client.effects:
        assert isinstance(effect, Send)
        assert effect.payload == (json.dumps(json.loads(effect.payload), indent=2) + "\n").encode()


def test_hints_name_facts_that_exist(backend: Backend) -> None:
    backend.connect().setup()
    assert fact(backend.refusals[-1].fact).hint == backend.refusals[-1].hint
