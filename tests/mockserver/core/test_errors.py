"""Refusals rendered as the service writes them: as JSON over HTTP, as a close on a socket."""

from __future__ import annotations

import contextlib
import json
from email.utils import formatdate
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.core.effects import Close
from mockserver.core.errors import Refusal, answer, cut, empty, pretty
from mockserver.core.facts import FACTS, Answers, Closes

from .conftest import INVALID_KEY, NOW, UNREGISTERED

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.mark.fact("WS-007")
@pytest.mark.parametrize(
    ("reason", "left"),
    [
        ("x" * 123, "x" * 123),
        ("x" * 124, "x" * 123),
        ("é" * 62, "é" * 61),
        ("x" + "é" * 61, "x" + "é" * 61),
        ("日" * 50, "日" * 41),
        ("xx" + "😀" * 31, "xx" + "😀" * 30),
        ("", ""),
    ],
)
def test_a_reason_is_cut_at_123_bytes_and_never_within_a_character(reason: str, left: str) -> None:
    assert cut(reason) == left
    assert len(cut(reason).encode()) <= 123


def test_a_lone_surrogate_cannot_break_an_answer() -> None:
    assert cut("\ud800x").endswith("x")
    assert json.loads(pretty({"a": "\ud800x"}))["a"].endswith("x")


@pytest.mark.fact("TOK-041")
def test_an_invalid_key_answers_with_both_details() -> None:
    response = Refusal("TOK-041").respond(NOW)
    assert json.loads(response.body) == {
        "error": {
            "code": 400,
            "message": INVALID_KEY,
            "status": "INVALID_ARGUMENT",
            "details": [
                {
                    "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                    "reason": "API_KEY_INVALID",
                    "domain": "googleapis.com",
                    "metadata": {"service": "generativelanguage.googleapis.com"},
                },
                {
                    "@type": "type.googleapis.com/google.rpc.LocalizedMessage",
                    "locale": "en-US",
                    "message": INVALID_KEY,
                },
            ],
        }
    }


@pytest.mark.fact("TOK-040")
def test_a_caller_without_a_key_gets_no_details() -> None:
    error = json.loads(Refusal("TOK-040").respond(NOW).body)["error"]
    assert list(error) == ["code", "message", "status"]
    assert error["code"] == 403
    assert error["message"].startswith(UNREGISTERED)
    assert error["message"].endswith("API consumer identity to call this API.")


@pytest.mark.fact("WS-030")
def test_answers_carry_the_headers_of_the_service() -> None:
    headers = answer(200, {}, NOW).headers
    assert headers == (
        ("Content-Type", "application/json; charset=UTF-8"),
        ("Vary", "Origin"),
        ("Vary", "X-Origin"),
        ("Vary", "Referer"),
        ("Date", "Thu, 15 Jan 2026 12:00:00 GMT"),
        ("Server", "scaffolding on HTTPServer2"),
        ("X-XSS-Protection", "0"),
        ("X-Frame-Options", "SAMEORIGIN"),
        ("X-Content-Type-Options", "nosniff"),
        ("Server-Timing", "gfet4t7; dur=1"),
    )


@given(st.integers(min_value=0, max_value=253_402_300_799))
def test_every_second_is_written_as_the_standard_library_does(second: int) -> None:
    assert dict(answer(200, {}, second).headers)["Date"] == formatdate(second, usegmt=True)


@pytest.mark.fact("TOK-002")
def test_an_absent_method_answers_empty_and_not_json() -> None:
    response = Refusal("TOK-002", {"version": "v1beta", "offered": "v1alpha"}).respond(NOW)
    assert response == empty(404, NOW)
    assert response.body == b""
    assert "json" not in dict(response.headers)["Content-Type"]


@pytest.mark.fact("TOK-024")
def test_json_is_indented_by_two_ends_with_a_newline_and_is_utf_8() -> None:
    assert pretty({"a": ["ö", {}]}) == '{\n  "a": [\n    "ö",\n    {}\n  ]\n}\n'.encode()


@pytest.mark.parametrize("id", [id for id, row in FACTS.items() if isinstance(row.seen, Closes)])
def test_every_close_fits_its_frame(id: str) -> None:
    long = dict.fromkeys(("model", "version", "name", "path", "value", "type", "modalities"), "ü" * 100)
    close = Refusal(id, long).close()
    assert len(close.reason.encode()) <= 123
    assert close.code in {1007, 1008, 1011}


@pytest.mark.parametrize("id", [id for id, row in FACTS.items() if isinstance(row.seen, Answers)])
def test_every_answer_renders(id: str) -> None:
    refusal = Refusal(id)
    response = refusal.respond(NOW)
    assert 400 <= response.status < 500
    assert response.body == b"" or json.loads(response.body)["error"]["code"] == response.status
    assert refusal.hint


def test_a_choice_is_shown_as_another_fact_and_hinted_as_itself() -> None:
    refusal = Refusal("CLS-006", shown_as="CLS-010")
    assert refusal.close() == Close(1011, "Token has expired")
    assert "mint it here" in refusal.hint


def test_braces_in_what_the_client_sent_are_no_placeholders() -> None:
    assert "{0} {x}" in Refusal("CLS-030", {"model": "{0} {x}", "version": "v1beta"}).close().reason


def test_a_refusal_passes_through_whatever_is_opened_around_it() -> None:
    """``mint`` raises it in programs of others: Python sets its traceback on the way."""

    @contextlib.contextmanager
    def opened() -> Iterator[None]:
        yield

    with pytest.raises(Refusal, match="TOK-006"), opened():
        raise Refusal("TOK-006", {"version": "v1"})
