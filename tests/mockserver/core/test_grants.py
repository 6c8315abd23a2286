"""From the first message to the right to a session: fields, credential, lock, token, model, modality."""

# ruff: noqa: E501  (recorded texts stay on one line)

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from .conftest import (
    AUDIO_MODEL,
    INVALID_ARGUMENT,
    KEY,
    SETUP_FIRST,
    SPENT,
    TEXT_MODEL,
    TOO_LATE,
    UNRESOLVABLE,
    Backend,
)

if TYPE_CHECKING:
    from collections.abc import Callable

TEXT = {"responseModalities": ["TEXT"]}
AUDIO = {"responseModalities": ["AUDIO"]}
LIVE_31 = "models/gemini-3.1-flash-live-preview"
NOT_FOUND = "BidiGenerateContent session not found"


@pytest.mark.fact("CLS-030")
@pytest.mark.parametrize(
    ("model", "version", "reason"),
    [
        ("models/gemini-nope-live", "v1beta", "models/gemini-nope-live is not found for API version v1beta, or is not supported for bidiGenerateContent. Call ModelService"),
        ("models/gemini-nope-live", "v1alpha", "models/gemini-nope-live is not found for API version v1alpha, or is not supported for bidiGenerateContent. Call ModelServic"),
        ("gemini-2.0-flash-exp", "v1alpha", "gemini-2.0-flash-exp is not found for API version v1alpha, or is not supported for bidiGenerateContent. Call ModelService.L"),
        ("models/gemini-2.0-flash-live-001", "v1beta", "models/gemini-2.0-flash-live-001 is not found for API version v1beta, or is not supported for bidiGenerateContent. Call Mod"),
        ("models/gemini-live-2.5-flash-native-audio", "v1beta", "models/gemini-live-2.5-flash-native-audio is not found for API version v1beta, or is not supported for bidiGenerateContent."),
    ],
    ids=["unknown", "unknown-on-alpha", "no-prefix", "retired", "of-vertex"],
)  # fmt: skip
def test_a_model_that_is_not_live_closes(latest: Backend, model: str, version: str, reason: str) -> None:
    assert len(reason) == 123
    latest.with_key(version, model=model).expect_close(1008, reason)


@pytest.mark.fact("MOD-002")
def test_a_retired_model_was_served_before_that_day(make_backend: Callable[..., Backend]) -> None:
    model = "models/gemini-2.0-flash-live-001"
    make_backend("2025-12-08").with_key(model=model).expect_ready()
    assert make_backend("2025-12-09").with_key(model=model).close is not None


@pytest.mark.fact("CLS-032")
@pytest.mark.parametrize("model", ["", "gemini-3.8-live", "models/none", "tunedModels/mine"])
def test_a_token_cannot_use_a_model_that_cannot_be_resolved(latest: Backend, model: str) -> None:
    latest.with_token(latest.mint(), model=model).expect_close(1007, UNRESOLVABLE, "CLS-032")


@pytest.mark.parametrize(
    ("date", "model", "config", "close", "fact"),
    [
        ("latest", AUDIO_MODEL, {}, None, ""),
        ("latest", AUDIO_MODEL, AUDIO, None, ""),
        ("latest", TEXT_MODEL, {}, None, ""),
        ("latest", TEXT_MODEL, TEXT, None, ""),
        ("latest", AUDIO_MODEL, {"responseModalities": []}, None, ""),
        ("latest", AUDIO_MODEL, {"responseModalities": ["MODALITY_UNSPECIFIED"]}, None, "SRV-027"),
        ("latest", AUDIO_MODEL, {"responseModalities": ["AUDIO", "AUDIO"]}, None, ""),
        ("latest", AUDIO_MODEL, {"responseModalities": ["AUDIO", "TEXT"]}, (1007, INVALID_ARGUMENT), "CLS-045"),
        ("latest", LIVE_31, TEXT, (1007, "The requested combination of response modalities (TEXT) is not supported by the model. models/gemini-3.1-flash-live-preview"), "CLS-043"),
        ("latest", TEXT_MODEL, AUDIO, (1007, "The requested combination of response modalities (AUDIO) is not supported by the model. models/gemini-3.5-transcribe-live a"), "CLS-044"),
        ("2026-06-30", AUDIO_MODEL, TEXT, (1007, "Cannot extract voices from a non-audio request."), "CLS-042"),
        ("latest", LIVE_31, {}, (1011, "Internal error encountered."), "CLS-048"),
        ("latest", LIVE_31, AUDIO, None, ""),
    ],
)  # fmt: skip
def test_a_model_answers_in_its_own_modality(
    make_backend: Callable[..., Backend],
    date: str,
    model: str,
    config: dict[str, Any],
    close: tuple[int, str] | None,
    fact: str,
) -> None:
    client = make_backend(date).with_key(model=model, generationConfig=config)
    if close is None:
        client.expect_ready()
    else:
        client.expect_close(*close, fact=fact)


@pytest.mark.fact("CLS-050")
def test_a_voice_that_does_not_exist_is_accepted(backend: Backend) -> None:
    voice = {"voiceConfig": {"prebuiltVoiceConfig": {"voiceName": "Nobody"}}}
    backend.with_key(generationConfig={"speechConfig": voice}).expect_ready()


@pytest.mark.parametrize(
    ("message", "reason", "hint"),
    [
        pytest.param({"setup": {"bogusField": 1}}, "Invalid JSON payload received. Unknown name \"bogusField\" at 'setup': Cannot find field.", "check the spelling", marks=pytest.mark.fact("CLS-034")),
        pytest.param({"setup": {"sessionResumption": {"transparent": True}}}, "Invalid JSON payload received. Unknown name \"transparent\" at 'setup.session_resumption': Cannot find field.", "Vertex AI only", marks=pytest.mark.fact("CLS-035")),
        pytest.param({"setup": {"proactivity": {}}}, "Invalid JSON payload received. Unknown name \"proactivity\" at 'setup': Cannot find field.", "known on v1alpha only", marks=pytest.mark.fact("CLS-037")),
        pytest.param({"setup": {"responseModalities": ["TEXT"]}}, "Invalid JSON payload received. Unknown name \"responseModalities\" at 'setup': Cannot find field.", "move responseModalities into generationConfig", marks=pytest.mark.fact("CLS-038")),
        pytest.param({"setup": {"response_modalities": ["TEXT"]}}, "Invalid JSON payload received. Unknown name \"response_modalities\" at 'setup': Cannot find field.", "into generationConfig", marks=pytest.mark.fact("CLS-038")),
        pytest.param({"clientContent": {"contents": []}}, "Invalid JSON payload received. Unknown name \"contents\" at 'client_content': Cannot find field.", "clientContent holds turns", marks=pytest.mark.fact("CLS-061")),
        pytest.param({"nonsense": {}}, 'Invalid JSON payload received. Unknown name "nonsense": Cannot find field.', "not nonsense", marks=pytest.mark.fact("CLS-034B")),
        pytest.param({"setup": 1}, "Invalid value at 'setup' (type.googleapis.com/google.ai.generativelanguage.v1beta.BidiGenerateContentSetup), 1", "", marks=pytest.mark.fact("CLS-036")),
        pytest.param({}, INVALID_ARGUMENT, "", marks=pytest.mark.fact("CLS-073")),
        pytest.param({"setup": {}, "clientContent": {}}, INVALID_ARGUMENT, "", marks=pytest.mark.fact("CLS-073")),
        pytest.param(b"nope", "Invalid JSON payload received. Unexpected token.\nnope\n^", "", marks=pytest.mark.fact("CLS-074")),
        pytest.param(b"[" * 100_000, "Invalid JSON payload received. Unexpected token.", "", marks=pytest.mark.fact("CLS-074")),
        pytest.param(b'{"a":' * 100_000, "Invalid JSON payload received. Unexpected token.", "", marks=pytest.mark.fact("CLS-074")),
    ],
    ids=["bogus", "nested", "proactivity", "misplaced", "misplaced-in-snake-case", "contents", "kind", "scalar",
         "none", "two", "no-json", "deep-list", "deep-object"],
)  # fmt: skip
def test_a_first_message_that_is_not_of_the_schema_closes(
    backend: Backend, message: Any, reason: str, fact: str, hint: str
) -> None:
    client = backend.connect(version="v1beta", query=f"key={KEY}")
    client.send(message)
    client.expect_close(1007, reason[:123], fact)
    assert hint in backend.refusals[-1].hint


@pytest.mark.fact("CLS-037A")
def test_proactivity_opens_a_session_on_v1alpha(backend: Backend) -> None:
    backend.with_key("v1alpha", proactivity={"proactiveAudio": True}).expect_ready()


@pytest.mark.fact("CLS-039")
@pytest.mark.parametrize("date", ["launch", "latest"])
def test_something_before_setup_closes(make_backend: Callable[..., Backend], date: str) -> None:
    client = make_backend(date).connect(version="v1beta", query=f"key={KEY}")
    client.say("hello")
    client.expect_close(1007, INVALID_ARGUMENT, "CLS-039")


@pytest.mark.fact("CLS-040")
def test_a_second_setup_closes(backend: Backend) -> None:
    client = backend.with_key()
    client.setup()
    client.expect_close(1007, SETUP_FIRST, "CLS-040")


def resumable(backend: Backend, token: str) -> str:
    """Have a session on the token, and give its handle."""
    client = backend.with_token(token, sessionResumption={})
    client.say("remember me")
    return client.handle


@pytest.mark.fact("CON-007")
def test_a_resumption_costs_no_use_now(latest: Backend) -> None:
    token = latest.mint()
    handle = resumable(latest, token)
    for _ in range(3):
        latest.with_token(token, sessionResumption={"handle": handle}).expect_ready()
    latest.with_token(token).expect_close(1011, SPENT, "CLS-007")


@pytest.mark.fact("CON-007B")
def test_a_resumption_cost_a_use_at_launch(backend: Backend) -> None:
    token = backend.mint()
    handle = resumable(backend, token)
    client = backend.with_token(token, sessionResumption={"handle": handle})
    client.expect_close(1011, SPENT, "CON-007B")


@pytest.mark.parametrize(("spends", "ready"), [(True, False), (False, True)])
def test_whether_a_resumption_costs_a_use_can_be_chosen(
    make_backend: Callable[..., Backend], spends: bool, ready: bool
) -> None:
    backend = make_backend(resumption_spends_use=spends)
    token = backend.mint()
    client = backend.with_token(token, sessionResumption={"handle": resumable(backend, token)})
    assert (client.close is None) is ready


@pytest.mark.fact("CON-008")
def test_a_handle_made_under_one_token_resumes_under_another(latest: Backend) -> None:
    handle = resumable(latest, latest.mint())
    latest.with_token(latest.mint(), sessionResumption={"handle": handle}).expect_ready()


@pytest.mark.fact("CON-009")
def test_the_time_for_new_sessions_gates_resumption(latest: Backend) -> None:
    token = latest.mint()
    handle = resumable(latest, token)
    latest.advance(60)
    latest.with_token(token, sessionResumption={"handle": handle}).expect_close(1011, TOO_LATE, "CON-009")


@pytest.mark.fact("CON-013")
def test_expiry_gates_resumption_too(latest: Backend) -> None:
    token = latest.mint()
    handle = resumable(latest, token)
    latest.advance(30 * 60)
    latest.with_token(token, sessionResumption={"handle": handle}).expect_close(
        1011, "Token has expired", "CLS-010"
    )


@pytest.mark.parametrize(
    ("model", "handle", "close", "fact"),
    [
        (AUDIO_MODEL, "never-given", (1008, NOT_FOUND), "CLS-049"),
        ("models/gemini-3.8-live", "never-given", (1008, "Requested entity was not found."), "CLS-049B"),
        (AUDIO_MODEL, "not a handle!", (1007, "Invalid session handle"), "CLS-049C"),
    ],
)
def test_a_handle_that_was_never_given_closes(
    latest: Backend, model: str, handle: str, close: tuple[int, str], fact: str
) -> None:
    client = latest.with_key(model=model, sessionResumption={"handle": handle})
    client.expect_close(*close, fact=fact)


@pytest.mark.fact("PRO-018")
def test_a_handle_is_good_for_two_hours(latest: Backend) -> None:
    client = latest.with_key(sessionResumption={})
    client.say("remember me")
    latest.advance(2 * 60 * 60 - 1)
    latest.with_key(sessionResumption={"handle": client.handle}).expect_ready()
    latest.advance(1)
    latest.with_key(sessionResumption={"handle": client.handle}).expect_close(1008, NOT_FOUND, "CLS-049")


def test_an_empty_handle_starts_a_new_session(backend: Backend) -> None:
    backend.with_key(sessionResumption={"handle": ""}).expect_ready()
