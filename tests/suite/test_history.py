"""What changed in which SDK version: the rows are well-formed, none is stale, all have a source."""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from packaging.version import Version

from suite import history, plan, versions
from suite.cases import BEHAVIOURS
from suite.history import CHANGES
from suite.model import Subject
from suite.predict import predict
from suite.releases import releases
from suite.sdks import SDKS

if TYPE_CHECKING:
    from suite.model import Case, Cell, Change

ROOT: Final = Path(__file__).parents[2]
QUESTIONS: Final = tuple(dict.fromkeys(row.question for row in CHANGES))
#: What placements ask of every version with tokens.
OF_PLACEMENTS: Final = {
    "tokens",
    "default version",
    "create credential",
    "create refused",
    "token as api key",
    "connect credential",
    "options at the session",
    "handshake refused",
}
#: Without a row nothing is warned of, or the text is not known.
MAY_BE_SILENT: Final = {
    "live warns",
    "create warns",
    "connect warns",
    "connect warns unless on",
    "create 404 reads",
}
#: Where a key goes, which every behaviour with a key meets.
OF_KEYS: Final = {"key credential"}
#: Questions that decide whether a behaviour is asked at all.
NEEDS: Final = {need.partition(": ")[0] for behaviour in BEHAVIOURS for need in behaviour.needs}
ASKED: Final = {behaviour.asks for behaviour in BEHAVIOURS if behaviour.asks}


def named(row: Change) -> str:
    """A row as a test's id."""
    return f"{row.sdk}-{row.since}-{row.question}"


each_row = pytest.mark.parametrize("row", CHANGES, ids=named)
each_sdk = pytest.mark.parametrize("sdk", SDKS)


def rows(sdk: str, question: str) -> list[Change]:
    """The answers to one question, oldest first."""
    found = [row for row in CHANGES if (row.sdk, row.question) == (sdk, question)]
    return sorted(found, key=lambda row: Version(row.since))


def cells_of(subject: Subject) -> tuple[Cell, ...]:
    """Everything that is asked of one version."""
    return plan.cells((subject,), plan.BOTH)


@cache
def asked_of(sdk: str) -> dict[Subject, frozenset[Case]]:
    """What each version of an SDK is asked, oldest first."""
    wanted = versions.subjects((sdk,), "all")
    return {subject: frozenset(cell.case for cell in cells_of(subject)) for subject in wanted}


def just_before(version: str) -> str:
    """A version below this one and above all that are published below it."""
    return f"{version}.dev0"


@each_row
def test_a_row_asks_a_known_question_of_a_known_sdk(row: Change) -> None:
    assert row.question in OF_PLACEMENTS | MAY_BE_SILENT | OF_KEYS | NEEDS | ASKED
    assert row.sdk in SDKS
    assert row.answer or row.question in MAY_BE_SILENT


@each_row
def test_a_row_begins_with_a_published_version(row: Change) -> None:
    published = {release.version for release in releases(row.sdk)} or {SDKS[row.sdk].since}
    assert row.since in published


@each_row
def test_a_row_names_a_tag_and_where_to_look(row: Change) -> None:
    if row.sdk == "reference":
        assert (ROOT / row.source).is_file()
        return
    tag = re.escape(f"@v{row.since}")
    where = rf"googleapis/(python|js)-genai{tag} [\w/.-]+\.(py|ts|mjs|json); measured \d{{4}}-\d\d-\d\d"
    assert re.fullmatch(where, row.source)


def test_no_question_is_answered_twice_for_one_version() -> None:
    keys = [(row.sdk, row.question, row.since) for row in CHANGES]
    assert len(set(keys)) == len(keys)


@each_sdk
@pytest.mark.parametrize("question", QUESTIONS)
def test_a_row_changes_the_answer_or_it_is_stale(sdk: str, question: str) -> None:
    for earlier, later in pairwise(rows(sdk, question)):
        assert earlier.answer != later.answer, f"since {later.since} nothing changes"


@each_sdk
@pytest.mark.parametrize("question", sorted(OF_PLACEMENTS))
def test_what_placements_ask_is_answered_from_the_first_version_with_tokens_on(
    sdk: str, question: str
) -> None:
    assert history.answer(sdk, history.rows_of(sdk, "tokens")[0].since, question) is not None


@each_sdk
def test_what_a_behaviour_asks_is_answered_for_the_oldest_version_it_is_asked_of(sdk: str) -> None:
    unanswered = []
    for behaviour in BEHAVIOURS:
        oldest = next((one for one, cases in asked_of(sdk).items() if behaviour in cases), None)
        if oldest and behaviour.asks and history.answer(sdk, oldest.version, behaviour.asks) is None:
            unanswered.append(f"{behaviour.slug} in {oldest}: {behaviour.asks}")
    assert unanswered == []


@each_sdk
def test_every_behaviour_is_asked_of_some_version_of_each_of_its_sdks(sdk: str) -> None:
    asked = set().union(*asked_of(sdk).values())
    assert {b.slug for b in BEHAVIOURS if sdk in b.sdks and b not in asked} == set()


@each_row
def test_a_row_answers_from_its_version_on_and_not_before(row: Change) -> None:
    assert history.answer(row.sdk, row.since, row.question) is row
    assert history.answer(row.sdk, f"{row.since}.post1", row.question) is row
    before = history.answer(row.sdk, just_before(row.since), row.question)
    earlier = [other for other in rows(row.sdk, row.question) if other.since != row.since]
    earlier = [other for other in earlier if Version(other.since) < Version(row.since)]
    assert before is (earlier[-1] if earlier else None)


def test_versions_are_compared_as_versions_and_not_as_texts() -> None:
    assert history.answer("js", "1.10.0", "connect warns unless on") is not None
    assert history.answer("js", "1.4.0", "connect warns unless on") is None


@pytest.mark.parametrize(
    ("sdk", "question", "wanted", "since"),
    [
        ("python", "options at the session", "honoured", "2.34.0"),
        ("python", "create refused", "raises ClientError", "1.16.1"),
        ("js", "options at the session", "honoured", None),
        ("ruby", "tokens", "anything", None),
    ],
)
def test_the_first_version_with_an_answer(sdk: str, question: str, wanted: str, since: str) -> None:
    assert history.first(sdk, question, wanted) == since


@each_row
def test_a_row_shows_in_a_cell_of_the_first_version_it_speaks_for(row: Change) -> None:
    if row.question in NEEDS - ASKED - OF_PLACEMENTS:
        assert_begins_a_behaviour(row)
        return
    asked = f"{row.sdk} since {row.since}: {row.question}: {row.answer}"
    found = [predict(cell) for cell in cells_of(Subject(row.sdk, row.since))]
    assert asked in {fact for prediction in found for _, part in prediction.steps for fact in part.because}


def assert_begins_a_behaviour(row: Change) -> None:
    """Behaviours are asked because of this row: from its version on, and not before."""
    needed = {b for b in BEHAVIOURS if row.question in b.needs and row.sdk in b.sdks}
    assert needed
    now, before = (
        {cell.case for cell in cells_of(Subject(row.sdk, version))}
        for version in (row.since, just_before(row.since))
    )
    assert needed <= now
    assert not needed & before


def test_every_question_of_a_behaviour_is_answered_by_some_sdk() -> None:
    assert set(QUESTIONS) >= ASKED | NEEDS
