"""What real SDK versions said against the mock, as people paste it: the right cause comes first."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from suite.explain.causes import explain

CAPTURED: Final = Path(__file__).parent / "captured"
#: The fact that comes first, or the beginning of what is said; and what the code of the fix has.
EXPECTED: Final = {
    "python-mint-404": ("TOK-002", "genai.Client(api_key=KEY, http_options="),
    "python-no-tokens": ("this version of google-genai is older than ephemeral tokens", ""),
    "python-retry-error": ("the token call was refused, and this version wraps", ""),
    "python-handshake-404": ("WS-015", "genai.Client(api_key=token.name, http_options="),
    "python-spent-token": ("CLS-007", ""),
    "python-old-spent-token": ("CLS-007", ""),
    "python-options-at-the-session": ("live.connect takes no http_options", ""),
    "python-unknown-model": ("CLS-030B", ""),
    "python-token-as-key": ("CLS-001", ""),
    "python-untrusted": ("the certificate of the server is not trusted", ""),
    "js-mint-404": ("TOK-002", "new GoogleGenAI({apiKey: KEY, httpOptions:"),
    "js-old-mint-404": ("TOK-002", "new GoogleGenAI({apiKey: KEY, httpOptions:"),
    "js-no-tokens": ("what .create was called on is undefined", ""),
    "js-handshake-404": ("WS-015", "new GoogleGenAI({apiKey: token.name, httpOptions:"),
    "js-spent-token-rejected": ("CLS-007", ""),
    "js-options-at-the-session": ("live.connect takes no httpOptions", ""),
    "js-unknown-model": ("CLS-030B", ""),
    "js-refused-connection": ("nothing listens at the address", ""),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_the_right_cause_comes_first(name: str) -> None:
    expected, code = EXPECTED[name]
    cause = explain((CAPTURED / f"{name}.txt").read_text("utf-8")).causes[0]
    told = cause.facts[0].evidence.row if cause.facts else cause.says
    assert told.startswith(expected)
    assert code in cause.code
    assert cause.fix
    assert not cause.warning


def test_every_captured_text_is_asked_for() -> None:
    assert {path.stem for path in CAPTURED.iterdir()} == set(EXPECTED)


def test_the_refusal_inside_an_error_of_tenacity_is_told_too() -> None:
    causes = explain((CAPTURED / "python-retry-error.txt").read_text("utf-8")).causes
    assert any(fact.evidence.row == "TOK-002" for cause in causes for fact in cause.facts)


def test_warnings_come_last_and_are_no_cause() -> None:
    causes = explain((CAPTURED / "python-handshake-404.txt").read_text("utf-8")).causes
    assert [cause.warning for cause in causes] == [False, True, True]


def test_the_user_agent_of_a_console_dump_names_the_version() -> None:
    explanation = explain((CAPTURED / "js-handshake-404.txt").read_text("utf-8"))
    assert explanation.seen.api_version == explanation.causes[0].facts[0].evidence.says.split(" on ")[1][:6]
    assert str(explanation.subject).startswith("js==")


def test_no_token_and_no_key_is_shown() -> None:
    for path in CAPTURED.iterdir():
        explanation = explain(path.read_text("utf-8"))
        assert "0" * 20 not in explanation.text
        assert "AIzaSyFake" not in explanation.text
        assert not any("0" * 20 in cause.words for cause in explanation.causes)
