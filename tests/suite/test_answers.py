"""The grammar of answers: every row of the history is written in it, and what is not is refused."""

from __future__ import annotations

from typing import Any, Final

import pytest

from suite.answers import CLOSED, Answer, filled, read
from suite.cases import BEHAVIOURS
from suite.history import CHANGES
from suite.model import Verdict
from suite.readings import READINGS

ASKED: Final = {behaviour.asks for behaviour in BEHAVIOURS}
#: Rows that say how something ends; the others say a word that their question explains.
ENDINGS: Final = tuple(dict.fromkeys(row.answer for row in CHANGES if row.question in ASKED))


@pytest.mark.parametrize("text", ENDINGS)
def test_an_answer_of_the_history_is_written_as_it_is_read(text: str) -> None:
    answer = read(text)
    assert str(answer) == text
    assert read(str(answer)) == answer


@pytest.mark.parametrize("text", ENDINGS)
def test_a_part_of_an_answer_of_the_history_has_a_name_that_is_known(text: str) -> None:
    for name in read(text).parts:
        assert name in {"reads", "warns", *READINGS} or name.startswith("header ")


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("returns", {"word": "returns", "verdict": Verdict.WORKS, "error": None}),
        ("raises APIError", {"what": "APIError", "verdict": Verdict.REFUSED, "error": "APIError"}),
        ("raises E unsent in connect", {"what": "E", "unsent": True, "verb": "connect"}),
        ("raises E in receive", {"what": "E", "unsent": False, "verb": "receive"}),
        ("tells onclose", {"what": "onclose", "verdict": Verdict.REFUSED, "error": CLOSED}),
        ("refused", {"verdict": Verdict.REFUSED, "error": None}),
        ("hangs in receive", {"verdict": Verdict.HANGS, "what": None, "verb": "receive"}),
        ("crashes | exit code: 1", {"verdict": Verdict.CRASHES, "parts": {"exit code": "1"}}),
        ("silent", {"verdict": Verdict.SILENT}),
        ("absent", {"verdict": Verdict.ABSENT}),
        ("returns | said: ", {"parts": {"said": ""}}),
        ('returns | said: {"a": "b"}', {"parts": {"said": '{"a": "b"}'}}),
        ("raises E | reads: {code}: {reason} | warns: one + two",
         {"parts": {"reads": "{code}: {reason}", "warns": "one + two"}}),
    ],
)  # fmt: skip
def test_each_form_is_read(text: str, fields: dict[str, Any]) -> None:
    answer = read(text)
    assert {name: getattr(answer, name) for name in fields} == fields


@pytest.mark.parametrize(
    "text",
    [
        "",
        "works",
        "Returns",
        "returns quickly enough",
        "| said: x",
        "raises E in",
        "hangs in two words",
        "raise E",
    ],
)
def test_what_is_no_answer_is_refused_with_what_is_expected(text: str) -> None:
    with pytest.raises(
        ValueError, match="does not begin with an ending: expected returns, raises CLASS, hangs"
    ):
        read(text)


def test_an_answer_is_written_without_what_it_does_not_say() -> None:
    assert str(Answer("hangs")) == "hangs"
    assert str(Answer("raises", "E", unsent=True, verb="connect", parts={"reads": "x"})) == (
        "raises E unsent in connect | reads: x"
    )


@pytest.mark.parametrize(
    ("text", "given", "wanted"),
    [
        ("{code} ({name}): {reason}", (1011, "oh no"), "1011 (internal error): oh no"),
        ("{code} ({name})", (4999, ""), "4999 ()"),
        ('{"error": {"code": 404}}', (), '{"error": {"code": 404}}'),
        ("{code} and {other}", (1000, ""), "1000 and {other}"),
    ],
)
def test_places_in_a_text_are_filled_and_other_braces_stay(
    text: str, given: tuple[Any, ...], wanted: str
) -> None:
    assert filled(text, *given) == wanted
    assert filled("HTTP {status}", status=404) == "HTTP 404"
