"""Findings as annotations of a GitHub workflow: lines on standard output that the runner turns into marks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..model import FINDINGS, Status

if TYPE_CHECKING:
    from ..model import Outcome
    from .run import Run

#: GitHub shows a few for each step; more would only fill the log.
MOST: Final = 50


def render(run: Run) -> str:
    """An error for each finding, a warning for each known deviation, and how many more there are."""
    told = [*run.findings, *(outcome for outcome in run.outcomes if outcome.status is Status.KNOWN)]
    lines = [_annotation(outcome) for outcome in told[:MOST]]
    if (more := len(told) - MOST) > 0:
        lines.append(_command("notice", "genai-live-compat", f"and {more:,} more: see the other reports"))
    if not told:
        passed = f"{len(run.outcomes):,} cells, all as predicted"
        lines.append(
            _command("notice", "genai-live-compat", passed if run.outcomes else "no cell was measured")
        )
    return "".join(f"{line}\n" for line in lines)


def _annotation(outcome: Outcome) -> str:
    level = "error" if outcome.status in FINDINGS else "warning"
    fix = f"\nfix: {outcome.fix}" if outcome.fix else ""
    text = f"{outcome.status.value}: {outcome.label}: {outcome.reason}{fix}"
    return _command(level, outcome.cell.id, text)


def _command(level: str, title: str, text: str) -> str:
    return f"::{level} title={_property(title)}::{_data(text)}"


def _data(text: str) -> str:
    """What ends a command is escaped, as GitHub's own toolkit does."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
