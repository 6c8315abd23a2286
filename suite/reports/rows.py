"""What the history would have to say: the rows that a measurement proposes where it contradicts the tables.

For whoever keeps the history: a person reads them, finds the change in the SDK's source, and adds what is
right.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import groupby
from typing import TYPE_CHECKING

from packaging.version import Version
from websockets.frames import CLOSE_CODE_EXPLANATIONS

from ..answers import CLOSED, READS, WARNS, Answer, read
from ..history import answer, rows_of
from ..model import Behaviour, Status, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..model import Outcome, Seen
    from .run import Run

_WORDS = {
    Verdict.WORKS: "returns",
    Verdict.REFUSED: "raises",
    Verdict.HANGS: "hangs",
    Verdict.CRASHES: "crashes",
    Verdict.SILENT: "silent",
    Verdict.ABSENT: "absent",
}
#: What is warned of whenever tokens are used; these have questions of their own.
_TOKEN_WARNINGS = ("live warns", "create warns", "connect warns", "connect warns unless on")
#: Between answers of behaviours that ask the same and are answered differently.
_OR = " or "
#: Behind the first version of a run nothing is known: its answer may be older.
_FACTS_HEAD = "# Facts about the service, as measured; fill in places such as {model} where a text has one\n"
_HEAD = "# SDK, since, question, answer; what the tables say where a row is there already\n"


def render(run: Run) -> str:
    """What tables would have to say: rows of the history, and facts that a real service drifted from."""
    return _of_history(run) + _of_facts(run)


def _of_facts(run: Run) -> str:
    """A row for each drift, once, as Python; empty where there is none."""
    rows = dict.fromkeys(drift.row for outcome in run.outcomes for drift in outcome.drifts if drift.row)
    return _FACTS_HEAD + "".join(f"{row}\n" for row in rows) if rows else ""


def _of_history(run: Run) -> str:
    """Tab-separated rows for each question that a finding speaks of; empty where there are none."""
    lines = []
    failed = [outcome for outcome in run.findings if outcome.status is not Status.DRIFT]
    asked = {(o.cell.subject.sdk, _question(o)) for o in failed if _question(o)}
    for sdk, question in sorted(asked):
        known = {row.since: row.answer for row in rows_of(sdk, question) if row.sdk == sdk}
        for since, answers in proposed(run.outcomes, sdk, question):
            if since not in known or [*map(read, answers)] != [read(known[since])]:
                lines.append(
                    "\t".join((sdk, since, question, _OR.join(sorted(answers)), known.get(since, "")))
                )
    return _HEAD + "".join(f"{line}\n" for line in lines) if lines else ""


def _question(outcome: Outcome) -> str:
    case = outcome.cell.case
    if not isinstance(case, Behaviour) or outcome.observation is None:
        return ""
    return case.asks or case.slug


def proposed(outcomes: Iterable[Outcome], sdk: str, question: str) -> list[tuple[str, set[str]]]:
    """The answers measured to a question, each with the first version that gives it."""
    by_version: dict[str, set[str]] = defaultdict(set)
    for outcome in outcomes:
        if outcome.cell.subject.sdk == sdk and _question(outcome) == question:
            by_version[outcome.cell.subject.version].add(str(measured(outcome)))
    ordered = sorted(by_version.items(), key=lambda item: Version(item[0]))
    return [(next(group)[0], answers) for answers, group in groupby(ordered, key=lambda item: item[1])]


def measured(outcome: Outcome) -> Answer:
    """What was measured of a behaviour, as an answer of the history."""
    case, observation = outcome.cell.case, outcome.observation
    assert isinstance(case, Behaviour)
    assert observation is not None
    ((_, seen),) = observation.steps
    error = (seen.error or {}).get("class")
    word, what = _WORDS[seen.verdict], error if seen.verdict is Verdict.REFUSED else None
    if what == CLOSED:
        word, what = "tells", "onclose"
    usual = "receive" if word == "tells" else case.ends_in
    failed = seen.verdict not in (Verdict.WORKS, Verdict.ABSENT)
    # A process that would end, ends at some moment: in which call is no part of the answer.
    placed = failed and seen.verdict is not Verdict.CRASHES
    verb = seen.ends_in if placed and seen.ends_in != usual else None
    return Answer(word, what, failed and not seen.wire, verb, _parts(outcome, case, seen, word))


def _parts(outcome: Outcome, case: Behaviour, seen: Seen, word: str) -> dict[str, str]:
    parts = {}
    if seen.verdict is not Verdict.ABSENT and (seen.wire or seen.verdict is Verdict.WORKS):
        parts = {name: _template(value, case) for name, value in seen.shows if name in case.looks}
    message = (seen.error or {}).get("message")
    failure = case.close is not None or case.status is not None
    if word == "raises" and message and case.step == "connect" and failure:
        parts[READS] = _template(message, case)
    subject = outcome.cell.subject
    rows = (answer(subject.sdk, subject.version, question) for question in _TOKEN_WARNINGS)
    usual = [row.answer for row in rows if row is not None and row.answer]
    if more := [text for text in seen.warnings if not any(part in text for part in usual)]:
        parts[WARNS] = " + ".join(text.partition("\n")[0] for text in more)
    return parts


def _template(message: str, case: Behaviour) -> str:
    """A text with places for what the server said."""
    code, reason = case.close or (case.status, "")
    if reason:
        message = message.replace(reason, "{reason}")
    if name := CLOSE_CODE_EXPLANATIONS.get(code or 0):
        message = message.replace(f"({name})", "({name})")
    place = "{code}" if case.close else "{status}"
    return message.replace(str(code), place) if code else message
