"""A bisection as what a person reads: each version that was asked, the neighbours, and the change there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..model import Configuration
from ..prose import Part, Telling
from ..reports.secrets import hidden
from ..sdks import SDKS
from . import telling
from .data import data as comparison_data
from .remedies import bisect_between

if TYPE_CHECKING:
    from .bisecting import Asked, Bisection

#: What is followed, as the end of a sentence.
_FOLLOWED: Final = {
    "verdict": "the verdict",
    "application": "what the application sees",
    "anything": "what the application sees and what crosses the wire",
}


def of(found: Bisection) -> Telling:
    """Everything; secrets hidden."""
    parts = [*_head(found), *_steps(found)]
    if found.change is not None:
        parts += telling.changes(found.change)
    return hidden(Telling(tuple(parts), data(found)))


def step(asked: Asked) -> str:
    """One version that was asked, in a line."""
    return f"{asked.subject}: {_step(asked)}"


def _step(asked: Asked) -> str:
    if asked.why:
        return f"{asked.label}, skipped: {asked.why}"
    return f"{asked.label}, {asked.like}" if asked.like else asked.label


def _head(found: Bisection) -> list[Part]:
    style = "bold green" if found.boundary else "bold yellow"
    about = Part("head", f"{_what(found)}, service date {found.date}", style=style)
    parts = [about, Part("text", answer(found))]
    if found.others:
        says = "There are more changes between these ends; this is the one that was met. Look on with:"
        parts.append(Part("text", says, style="yellow"))
        parts.append(Part("code", _onwards(found), language="console"))
    if found.between:
        names = ", ".join(subject.shown for subject in found.between)
        parts.append(Part("text", f"Not measured, so it may also be one of these: {names}.", style="yellow"))
    return parts


def _onwards(found: Bisection) -> str:
    """The command that looks behind what was found."""
    assert found.boundary is not None
    return bisect_between(found.boundary[1].subject, found.steps[1].subject, found.case, found.date)


def _what(found: Bisection) -> str:
    case = found.case
    sdk = SDKS[found.steps[0].subject.sdk].shown
    if not isinstance(case, Configuration):
        return f"{sdk}: {case.slug}"
    return f"{sdk}: {telling.placed(case)}"


def answer(found: Bisection) -> str:
    """What was found, in a sentence."""
    first, last = found.steps[:2]
    if found.boundary is not None:
        before, after = found.boundary
        labels = f"{before.label} → {after.label}" if before.label != after.label else f"still {after.label}"
        return (
            f"It changes in {after.subject.shown}: {labels}. The last before it is {before.subject.shown}; "
            f"followed was {_FOLLOWED[found.by or 'verdict']}."
        )
    missing = next((end for end in (first, last) if end.why), None)
    if missing is not None:
        return f"Nothing to find: {missing.subject} could not be measured: {missing.why}"
    followed = _FOLLOWED[found.by or "anything"]
    return (
        f"Nothing to find: {first.subject.shown} and {last.subject.shown} agree in {followed} "
        f"({first.label}); what changes between them and back again cannot be seen from the ends."
    )


def _steps(found: Bisection) -> list[Part]:
    title = f"{len(found.steps)} of {found.versions} versions asked"
    return [Part("head", title), *(Part("row", _step(one), one.subject.shown, 1) for one in found.steps)]


def data(found: Bisection) -> dict[str, Any]:
    """As JSON."""
    return {
        "case": found.case.slug,
        "date": found.date,
        "followed": found.by,
        "answer": answer(found),
        "exit_code": found.exit_code,
        "versions": found.versions,
        "steps": [
            {
                "subject": str(one.subject),
                "label": one.label,
                "like": one.like,
                "skipped": one.why or None,
            }
            for one in found.steps
        ],
        "boundary": [str(one.subject) for one in found.boundary] if found.boundary else None,
        "not_measured_between": [str(subject) for subject in found.between],
        "more_changes": found.others,
        "change": comparison_data(found.change, answer(found)) if found.change is not None else None,
    }
