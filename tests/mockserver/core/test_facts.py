"""The tables of facts are well formed, and their texts are those of the service, byte by byte."""

# ruff: noqa: E501  (recorded texts stay on one line)

from __future__ import annotations

import ast
import re
from datetime import date
from pathlib import Path
from string import Formatter
from typing import get_args

import pytest

from mockserver.core import facts
from mockserver.core.facts import FACTS, Answers, Closes, Confidence, Fact, fact

IN_REFUSALS = {"model", "version", "name", "path", "modalities", "language", "value", "type"}
IN_HINTS = IN_REFUSALS | {"offered"}
REFUSALS = [row for row in FACTS.values() if not isinstance(row.seen, str)]
AREAS = {"CLS": "ws.", "MAP": "ws.", "WS": "ws.", "TOK": "tokens.", "SRV": "protocol.", "PRO": "protocol."}


def template(row: Fact) -> str:
    """The refusal of a row as the server stores it."""
    assert not isinstance(row.seen, str)
    return row.seen.reason if isinstance(row.seen, Closes) else row.seen.message


def placeholders(text: str) -> set[str]:
    """The names a template asks for."""
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def on_the_wire(id: str, **sent: str) -> tuple[int, str]:
    """Code and reason of a close as a client receives them, cut at 123 bytes."""
    seen = fact(id).seen
    assert isinstance(seen, Closes)
    return seen.code, seen.reason.format(**sent).encode()[:123].decode()


def test_ids_are_well_formed_and_unique() -> None:
    tables = [row.id for table in facts.TABLES for row in table.FACTS]
    assert tables == list(FACTS)
    assert all(re.fullmatch(r"(TOK|WS|CLS|MAP|CON|PRO|SRV|MOD|MUS|SDK)-\d{3}[A-Z]?", id) for id in tables)


def test_a_repeated_id_is_refused() -> None:
    row = fact("TOK-001")
    with pytest.raises(ValueError, match="two facts have the id 'TOK-001'"):
        facts._by_id([row, row])


def test_an_unknown_id_is_answered_with_near_ones() -> None:
    with pytest.raises(KeyError, match=r"no fact 'TOK-99'; nearest: TOK-0"):
        fact("TOK-99")


def test_areas_agree_with_ids() -> None:
    for row in FACTS.values():
        assert row.area.startswith(AREAS.get(row.id.split("-")[0], "")), row.id


def test_versions_are_some_and_known() -> None:
    for row in FACTS.values():
        assert row.versions, row.id
        assert set(row.versions) <= {"v1alpha", "v1beta", "v1"}, row.id


def test_confidence_is_one_of_four_words() -> None:
    assert {row.confidence for row in FACTS.values()} <= set(get_args(Confidence))


def test_conditions_are_clauses() -> None:
    for row in FACTS.values():
        assert row.condition[:1].islower(), row.id
        assert not row.condition.endswith("."), row.id


def test_every_row_says_what_is_seen() -> None:
    assert all(row.seen for row in FACTS.values())


def test_every_row_but_a_guess_has_a_source() -> None:
    for row in FACTS.values():
        assert row.sources or row.confidence == "guess", row.id
        assert "-" not in row.sources, row.id


def test_a_guess_names_the_candidates() -> None:
    for row in FACTS.values():
        if row.confidence == "guess":
            assert "choice" in row.note, row.id
            assert re.search("candidate|observed", row.note), row.id


def test_dates_are_iso_and_in_order() -> None:
    for row in FACTS.values():
        since = date.fromisoformat(row.since) if row.since else date.min
        until = date.fromisoformat(row.until) if row.until else date.max
        assert since < until, row.id


def test_refusals_have_a_hint_and_others_none() -> None:
    for row in FACTS.values():
        assert bool(row.hint) is not isinstance(row.seen, str), row.id


@pytest.mark.parametrize("row", REFUSALS, ids=lambda row: row.id)
def test_templates_ask_only_for_what_the_server_knows(row: Fact) -> None:
    assert placeholders(template(row)) <= IN_REFUSALS
    assert placeholders(row.hint) <= IN_HINTS
    known = dict.fromkeys(IN_HINTS, "x")
    assert "{" not in template(row).format(**known)
    assert row.hint.format(**known)


@pytest.mark.parametrize("row", REFUSALS, ids=lambda row: row.id)
def test_hints_are_one_lower_case_sentence(row: Fact) -> None:
    assert row.hint[0].islower() or row.hint[0] in "'{"
    assert not row.hint.endswith(".")
    assert ". " not in row.hint


def test_http_refusals_are_complete_or_empty() -> None:
    for row in REFUSALS:
        if isinstance(row.seen, Answers):
            assert 400 <= row.seen.http < 500, row.id
            assert bool(row.seen.status) is bool(row.seen.message), row.id
            assert row.seen.status or row.seen.http == 404, row.id


def test_close_codes_are_those_of_the_mapping() -> None:
    assert {row.seen.code for row in REFUSALS if isinstance(row.seen, Closes)} == {1007, 1008, 1011}


def test_the_tables_are_pure() -> None:
    allowed = {"__future__", "typing", "dataclasses", "difflib"}
    for path in Path(facts.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module or ""]
            assert set(names) <= allowed, path.name


@pytest.mark.parametrize(
    ("id", "code", "reason", "sent"),
    [
        ("CLS-001", 1007, "API key not valid. Please pass a valid API key.", {}),
        (
            "CLS-002",
            1008,
            "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or other form of API c",
            {},
        ),
        ("CLS-005", 1007, "Missing or malformed auth token", {}),
        ("CLS-007", 1011, "Token has been used too many times", {}),
        ("CLS-008", 1011, "new_session_expire_time deadline exceeded", {}),
        (
            "CLS-012",
            1008,
            "API keys are not supported by this API. Expected OAuth2 access token or other authentication credentials that assert a prin",
            {},
        ),
        (
            "CLS-013",
            1008,
            "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication c",
            {},
        ),
        (
            "CLS-015",
            1011,
            "You exceeded your current quota, please check your plan and billing details. For more information on this error, head to: h",
            {},
        ),
        (
            "CLS-030",
            1008,
            "models/gemini-nope-live is not found for API version v1beta, or is not supported for bidiGenerateContent. Call ModelService",
            {"model": "models/gemini-nope-live", "version": "v1beta"},
        ),
        (
            "CLS-031",
            1008,
            "gemini-2.0-flash-exp is not found for API version v1alpha, or is not supported for bidiGenerateContent. Call ModelService.L",
            {"model": "gemini-2.0-flash-exp", "version": "v1alpha"},
        ),
        (
            "CLS-035",
            1007,
            "Invalid JSON payload received. Unknown name \"transparent\" at 'setup.session_resumption': Cannot find field.",
            {"name": "transparent", "path": "setup.session_resumption"},
        ),
        (
            "CLS-043",
            1007,
            "The requested combination of response modalities (TEXT) is not supported by the model. models/gemini-3.1-flash-live-preview",
            {"modalities": "TEXT", "model": "models/gemini-3.1-flash-live-preview"},
        ),
        (
            "CLS-044",
            1007,
            "The requested combination of response modalities (AUDIO) is not supported by the model. models/gemini-3.5-transcribe-live a",
            {"modalities": "AUDIO", "model": "models/gemini-3.5-transcribe-live"},
        ),
        (
            "CLS-067",
            1008,
            "Connection aborted because the client failed to close the connection after receiving a GoAway signal once the session durat",
            {},
        ),
    ],
)
def test_closes_are_worded_as_recorded(id: str, code: int, reason: str, sent: dict[str, str]) -> None:
    assert on_the_wire(id, **sent) == (code, reason)


@pytest.mark.parametrize(
    ("id", "http", "status", "message", "sent"),
    [
        (
            "TOK-040",
            403,
            "PERMISSION_DENIED",
            "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or other form of API consumer identity to call this API.",
            {},
        ),
        ("TOK-041", 400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.", {}),
        (
            "TOK-045",
            400,
            "INVALID_ARGUMENT",
            "Invalid JSON payload received. Unknown name \"liveConnectConstraints\" at 'auth_token': Cannot find field.",
            {"name": "liveConnectConstraints", "path": "auth_token"},
        ),
        (
            "TOK-051",
            400,
            "INVALID_ARGUMENT",
            "expire_time is too far in the future. Maximum lifetime is 20h",
            {},
        ),
        (
            "TOK-054",
            400,
            "INVALID_ARGUMENT",
            "Invalid value at 'auth_token.uses' (TYPE_INT32), \"x\"",
            {"value": '"x"'},
        ),
    ],
)
def test_http_refusals_are_worded_as_recorded(
    id: str, http: int, status: str, message: str, sent: dict[str, str]
) -> None:
    seen = fact(id).seen
    assert isinstance(seen, Answers)
    assert (seen.http, seen.status, seen.message.format(**sent)) == (http, status, message)
