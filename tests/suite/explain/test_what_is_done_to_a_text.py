"""Consoles, JSON, logs and people change a text on its way; it is known all the same, and no other is."""

# ruff: noqa: E501  (examples stay on one line)

from __future__ import annotations

import json
import textwrap
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suite.explain.causes import explain
from suite.explain.finding import Sure
from suite.explain.flat import Flat, clean
from suite.explain.seen import see
from suite.model import Subject

SPENT: Final = "Token has been used too many times"
UNKNOWN: Final = "Invalid JSON payload received. Unknown name \"bogus\" at 'setup': Cannot find field."
#: Once, twice and three times in JSON, as logs in logs are.
ESCAPED: Final = json.dumps({"m": json.dumps({"m": json.dumps(UNKNOWN)})})


@pytest.mark.parametrize(
    ("text", "fact", "sure"),
    [
        (SPENT.upper(), "CLS-007", Sure.CERTAIN),
        (f"\x1b[31m\x1b[1m1011\x1b[0m \x1b]8;;x\x07{SPENT}\x1b[0m", "CLS-007", Sure.CERTAIN),
        (textwrap.fill(f"APIError: 1011 None. {SPENT}", 12), "CLS-007", Sure.CERTAIN),
        ("\n".join(textwrap.wrap(SPENT.replace(" ", "_"), 7)).replace("_", " "), "CLS-007", Sure.CERTAIN),
        (f"{SPENT[:20]}\u200b{SPENT[20:]}", "CLS-007", Sure.CERTAIN),
        (SPENT.replace(" ", "\\n    "), "CLS-007", Sure.CERTAIN),
        (ESCAPED, "CLS-034", Sure.CERTAIN),
        (UNKNOWN.replace('"', "\u201c").replace("'", "\u2019"), "CLS-034", Sure.CERTAIN),
        (UNKNOWN.replace('"', "&quot;").replace("'", "&#39;"), "CLS-034", Sure.CERTAIN),
        (UNKNOWN.replace("'", "\\u0027"), "CLS-034", Sure.CERTAIN),
        ("received 1011: Token has been used to", "CLS-007", Sure.LIKELY),
        ("Token has been usd too mny times", "CLS-007", Sure.PERHAPS),
        ("ERROR: the toekn has been used too many times", "CLS-007", Sure.PERHAPS),
        ("1008", "CLS-002", Sure.CODE),
        ("APIError: 1008 None. ", "CLS-002", Sure.CODE),
        ("closed with 1008: nobody ever said these words", "CLS-002", Sure.CODE),
        ("ws-3 refusal … [WS-015]", "WS-015", Sure.CERTAIN),
    ],
)
def test_it_is_known_all_the_same(text: str, fact: str, sure: Sure) -> None:
    cause = explain(text).causes[0]
    assert cause.facts[0].evidence.row == fact
    assert cause.sure is sure


@pytest.mark.parametrize(
    "text",
    [
        "hello world", "KeyError: 'x'", "", " \n", "Traceback (most recent call last):", "the token of my heart",
        "8089", "port 1011 is busy in town", "200 OK", "npm warn deprecated", "API key", "Invalid",
        "TypeError: x is not a function", "wrote 1008 bytes to the file", "404s are not found in this sentence",
    ],
)  # fmt: skip
def test_what_nobody_knows_is_not_explained(text: str) -> None:
    assert not [cause for cause in explain(text).causes if cause.sure is not Sure.CODE]


@pytest.mark.parametrize(
    ("text", "only"),
    [
        ("auth token has expired", {"CLS-009"}),
        ("Token has expired", {"CLS-010"}),
        ("new_session_expire_time must be in the future", {"TOK-053B"}),
        ("expire_time must be in the future", {"TOK-053"}),
        ("1007 API key not valid. Please pass a valid API key.", {"CLS-001", "CLS-004"}),
        ("HTTP 400: API key not valid. Please pass a valid API key.", {"TOK-041", "TOK-060"}),
        ("Invalid value at 'auth_token.uses' (TYPE_INT32), \"x\"", {"TOK-054"}),
    ],
)
def test_the_texts_of_others_are_not_told(text: str, only: set[str]) -> None:
    assert {fact.evidence.row for cause in explain(text).causes for fact in cause.facts} == only


def test_a_text_that_begins_within_a_word_is_another() -> None:
    [cause] = explain("my_expire_time must be in the future").causes
    assert cause.sure is Sure.PERHAPS


def test_a_code_that_does_not_belong_is_said() -> None:
    assert "known with 1011, which is not in the text" in explain(f"1008 {SPENT}").causes[0].why


def test_two_errors_are_two_causes_the_last_one_first() -> None:
    causes = explain(f"API key expired. Please renew the API key.\nlater\n{SPENT}").causes
    assert [cause.facts[0].evidence.row for cause in causes] == ["CLS-007", "TOK-042"]


def test_values_are_read_out_of_the_text() -> None:
    [cause] = explain(f"1007 {UNKNOWN}").causes
    assert "bogus is no field of 'setup'" in cause.fix
    [cause] = explain("1008 models/nope is not found for API version v1beta, or is not sup…").causes
    assert cause.fix.startswith("models/nope is no Live model of v1beta")


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("/site-packages/google_genai-2.3.0.dist-info/METADATA", Subject("python", "2.3.0")),
        ("'User-Agent': 'google-genai-sdk/1.30.0 gl-node/v20'", Subject("js", "1.30.0")),
        ("x-goog-api-client: google-genai-sdk/1.30.0 gl-python/3.11", Subject("python", "1.30.0")),
        ('"@google/genai": "^2.32.0"', Subject("js", "2.32.0")),
        ("node_modules/.pnpm/@google+genai@2.9.0/node_modules", Subject("js", "2.9.0")),
        ("google-genai==3.4.0", Subject("python", "3.4.0")),
    ],
)
def test_the_version_that_spoke_is_seen(text: str, subject: Subject) -> None:
    assert see(text).subject == subject
    assert explain(f"{text}\n1011 {SPENT}").subject == subject


def test_a_version_that_is_given_counts_more() -> None:
    given_one = Subject("python", "1.30.0")
    explanation = explain(f"google-genai==3.4.0 {SPENT}", given_one)
    assert explanation.subject == given_one
    assert any("ConnectionClosedError" in row.says for row in explanation.causes[0].rows)


def test_the_default_of_the_version_says_which_refusal_it_was() -> None:
    text = "server rejected WebSocket connection: HTTP 404"
    old, new = (explain(text, Subject("python", version)).causes[0] for version in ("1.30.0", "3.4.0"))
    assert old.facts[0].evidence.row == "WS-015"
    assert new.facts[0].evidence.row == "WS-016"


def test_the_address_in_the_text_counts_more_than_the_default() -> None:
    address = "GET /ws/google.ai.generativelanguage.v1.GenerativeService.BidiGenerateContentConstrained"
    assert see(address).api_version == "v1"
    text = f"{address}\nserver rejected WebSocket connection: HTTP 404"
    assert explain(text, Subject("python", "1.30.0")).causes[0].facts[0].evidence.row == "WS-016"


@given(st.text())
def test_nothing_that_is_pasted_breaks_it(text: str) -> None:
    flat = Flat(clean(text))
    assert len(flat.flat) <= len(flat.text)
    explain(text)


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=40), st.text(max_size=40))
def test_whatever_stands_around_it(before: str, behind: str) -> None:
    explanation = explain(f"{before}\n1011 {SPENT}\n{behind}")
    assert "CLS-007" in {fact.evidence.row for cause in explanation.causes for fact in cause.facts}
