"""What an application sees, in a sentence: ``ai.live.connect(…) never returns``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..calls import calls_of
from ..model import Behaviour, Probe, Verdict
from ..same import Same
from ..sdks import SDKS
from ..snippets import name

if TYPE_CHECKING:
    from ..model import Case, Outcome, Seen, Step


def view(outcome: Outcome | None, case: Case) -> str:
    """What is seen of a cell that was measured; None: of a version that lacks what the case is about."""
    if outcome is None:
        return "this version lacks what it is about"
    observation = outcome.observation
    assert observation is not None  # what was not measured has no view
    step, seen = next(
        ((step, seen) for step, seen in observation.steps if seen.verdict is not Verdict.WORKS),
        observation.steps[-1],
    )
    return sees(seen, _call(step, seen, case, SDKS[outcome.cell.subject.sdk].language))


def sees(seen: Seen, call: str) -> str:
    """What is seen of a step that ends in a call."""
    error = seen.error or {}
    text = Same()(str(error.get("message") or ""))
    said = " ".join(filter(None, (str(error.get("class") or ""), f"“{text}”" if text else "")))
    code = dict(seen.shows).get("exit code")
    # Of a program that ends, the text is the end of its output, whatever that is.
    ends = f" with exit code {code}" if code else f", {said}" if said else ""
    return {
        Verdict.WORKS: "it works",
        Verdict.REFUSED: f"{call}: {said or 'an error'}",
        Verdict.SILENT: f"{call} ends{ends}, and nobody is told",
        Verdict.HANGS: f"{call} never returns",
        Verdict.CRASHES: f"{call}: the process ends{ends}",
        Verdict.ABSENT: "there is no such feature",
        Verdict.NOT_REACHED: "not reached",
    }[seen.verdict]


def _call(step: Step, seen: Seen, case: Case, language: str) -> str:
    """The call in which it ends, as the application writes it."""
    if step == "program":
        return "the program"
    what = case if isinstance(case, Behaviour) else case.placement(step)
    asked = dict(calls_of(Probe("", step, what)))
    verb = seen.ends_in or next(iter(asked))
    return name(language, verb, asked.get(verb, {}))
