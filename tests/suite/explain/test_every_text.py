"""Every refusal is known again by its own words: whole, cut, in each SDK's wording, and by nobody else's."""

# ruff: noqa: E501  (examples stay on one line)

from __future__ import annotations

import json
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from mockserver import FACTS, Refusal
from suite import answers
from suite.explain.causes import explain
from suite.explain.evidence import code_and_text, is_close
from suite.explain.finding import Sure
from suite.explain.meanings import MEANINGS
from suite.explain.sayings import SAYINGS
from suite.explain.texts import every
from suite.history import CHANGES, VARIES

if TYPE_CHECKING:
    from suite.explain.causes import Cause, Explanation
    from suite.explain.texts import Text

GOLDEN: Final = Path(__file__).parents[2] / "mockserver" / "golden" / "refusals"
REFUSALS: Final = [fact for fact in FACTS.values() if not isinstance(fact.seen, str)]
WITH_WORDS: Final = [fact for fact in REFUSALS if code_and_text(fact)[1]]
WITHOUT: Final = [fact for fact in REFUSALS if not code_and_text(fact)[1]]
CLOSES: Final = [fact for fact in REFUSALS if is_close(fact)]
#: What a client could have sent.
VALUES: Final = {
    "model": "models/gemini-nope-live", "version": "vX", "name": "bogusField", "path": "setup.generation",
    "type": "type.googleapis.com/google.Enum", "value": '"SMELL"', "modalities": "TEXT", "language": "sv",
    "code": "1011", "status": "404", "reason": "nobody knows why",
}  # fmt: skip
#: How each SDK words a close with a reason, as its history says.
WORDINGS: Final = sorted(
    {
        (row.sdk, text)
        for row in CHANGES
        if row.question.startswith("closed") and row.sdk != "reference"
        for name, text in answers.read(row.answer).parts.items()
        if name == answers.READS and "{reason}" in text
    }
)


def said(id: str) -> tuple[int, str]:
    """Code and words of a refusal, as the mock says them: of its golden file, or with made-up values."""
    code, _ = code_and_text(FACTS[id])
    golden = GOLDEN / f"{id}.close"
    if golden.exists():
        return code, golden.read_text("utf-8").partition(" ")[2]
    if (golden := GOLDEN / f"{id}.json").exists():
        return code, json.loads(golden.read_text("utf-8"))["error"]["message"]
    return code, Refusal(id, VALUES).message


def facts_in(explanation: Explanation) -> set[str]:
    """Every fact that is told of an error."""
    return {fact.evidence.row for cause in explanation.causes for fact in cause.facts if not cause.warning}


def strangers(id: str, explanation: Explanation, words: str) -> set[str]:
    """Facts that are told of although their words, as far as they are there, are others."""
    own = code_and_text(FACTS[id])
    return {other for other in facts_in(explanation) if not same_words(own, other, words)}


def same_words(own: tuple[int, str], other: str, words: str) -> bool:
    """Whether another refusal has the same code and words; of words cut off, the same as far as they go."""
    code, template = code_and_text(FACTS[other])
    common = len([*takewhile(lambda pair: pair[0] == pair[1], zip(own[1], template, strict=False))])
    in_place = 60 if "{" in own[1] else 0
    return code == own[0] and (template == own[1] or len(words) <= common + in_place)


@pytest.mark.parametrize("id", [fact.id for fact in WITH_WORDS])
def test_its_own_words(id: str) -> None:
    code, words = said(id)
    explanation = explain(f"{code} {words}")
    assert id in facts_in(explanation)
    assert explanation.causes[0].sure in (Sure.CERTAIN, Sure.LIKELY)
    assert not strangers(id, explanation, words)


@pytest.mark.parametrize("id", [fact.id for fact in WITH_WORDS])
def test_its_whole_words_with_other_values(id: str) -> None:
    code, words = code_and_text(FACTS[id])[0], Refusal(id, VALUES).message
    explanation = explain(words)
    assert id in facts_in(explanation), "without a code, too"
    assert explanation.causes[0].sure is Sure.CERTAIN
    assert not strangers(id, explain(f"{code} {words}"), words)


@pytest.mark.parametrize("id", [fact.id for fact in WITH_WORDS])
@pytest.mark.parametrize("kept", [0.9, 0.6])
def test_its_words_cut_off(id: str, kept: float) -> None:
    code, words = said(id)
    short = words[: max(24, int(len(words) * kept))]
    explanation = explain(f"{code} {short}…")
    assert id in facts_in(explanation)
    assert not strangers(id, explanation, short)


@pytest.mark.parametrize("id", [fact.id for fact in CLOSES])
@pytest.mark.parametrize(("sdk", "wording"), WORDINGS)
def test_a_close_as_each_sdk_words_it(id: str, sdk: str, wording: str) -> None:
    close = Refusal(id, VALUES).close()
    shown = answers.filled(wording, close.code, close.reason)
    explanation = explain(f"SomeError: {shown}\n")
    assert id in facts_in(explanation)
    assert any(row.row for cause in explanation.causes for row in cause.rows), "the wording is told of"
    assert not strangers(id, explanation, close.reason)


@pytest.mark.parametrize("id", [fact.id for fact in WITH_WORDS if not is_close(fact)])
@pytest.mark.parametrize(
    "wording",
    [
        "google.genai.errors.ClientError: {code} INVALID_ARGUMENT. {body!r}",
        "ApiError: {json}",
        "ClientError: got status: {code} Bad Request. {json}",
        'log("{escaped}")',
    ],
)
def test_an_answer_over_http_as_each_sdk_words_it(id: str, wording: str) -> None:
    code, words = said(id)
    body = {"error": {"code": code, "message": words, "status": "INVALID_ARGUMENT"}}
    text = json.dumps(body)
    shown = wording.format(code=code, body=body, json=text, escaped=json.dumps(text)[1:-1])
    explanation = explain(shown)
    assert id in facts_in(explanation)
    assert not strangers(id, explanation, words)


@pytest.mark.parametrize("id", [fact.id for fact in WITHOUT])
def test_an_empty_404_as_each_sdk_words_it(id: str) -> None:
    question = "create 404 reads" if FACTS[id].area.startswith("tokens") else "handshake refused"
    worded = {
        text
        for row in CHANGES
        if row.question == question and row.answer != VARIES
        for text in ([row.answer] if question != "handshake refused" else list(answers.read(row.answer).parts.values()))
        if len(text) > len("undefined")
    }  # fmt: skip
    assert worded
    for text in worded:
        explanation = explain(answers.filled(text, status=404))
        assert id in facts_in(explanation), text
    assert id in facts_in(explain("HTTP/1.1 404 Not Found")), "the status alone may be any of them"


@pytest.mark.parametrize(
    "text", [text for text in every() if text.fact is None], ids=lambda text: text.template[:40]
)
def test_texts_of_histories_and_sayings_are_known(text: Text) -> None:
    filled = text.template
    for name, value in {**VALUES, "url": "wss://host/path"}.items():
        filled = filled.replace(f"{{{name}}}", value)
    found = explain(f"some log line: {filled}").causes
    assert found
    assert any(_is_of(cause, text) for cause in found)


def _is_of(cause: Cause, text: Text) -> bool:
    rows = {row.row for row in cause.rows}
    own = {f"since {row.since}" for row in text.rows}
    if own:
        return any(since in row for since in own for row in rows)
    return text.saying is not None and text.saying.source in cause.source


def test_every_text_of_a_history_that_can_be_pasted_has_a_meaning() -> None:
    """A new row with a text asks for a line in ``MEANINGS``, or it could not be explained."""
    with_texts = {
        row.question
        for row in CHANGES
        if row.question != "create 404 reads"
        and row.sdk != "reference"
        and "|" in row.answer
        and any(
            answers.read(row.answer).parts.get(name, VARIES) != VARIES
            for name in (answers.READS, answers.WARNS, "onerror", "devtools")
        )
    }
    assert with_texts <= set(MEANINGS)
    assert {row.question for row in CHANGES if row.question.endswith("warns")} <= set(MEANINGS)


def test_meanings_and_sayings_ask_what_the_histories_answer() -> None:
    known = {row.question for row in CHANGES}
    for meaning in (*MEANINGS.values(), *(saying.meaning for saying in SAYINGS)):
        assert set(meaning.questions) <= known
        if meaning.better:
            question, answer = meaning.better
            assert any((row.question, row.answer) == (question, answer) for row in CHANGES), meaning.better
        assert ("{since}" in meaning.fix) == (meaning.better is not None)
    assert set(MEANINGS) <= known | {"create refused"}
