"""A finished run: its outcomes, and what is needed to read them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..model import FINDINGS, Status
from .secrets import hidden

if TYPE_CHECKING:
    from ..model import Outcome


@dataclass(frozen=True, slots=True)
class Run:
    """What a report is made of; without secrets from the start, so that no kind of report can tell any.

    Attributes:
        outcomes: in the order of the cells that were asked for.
        about: versions, dates and the command, as JSON.
        seconds: how long the run took.
    """

    outcomes: tuple[Outcome, ...]
    about: dict[str, Any]
    seconds: float

    def __post_init__(self) -> None:
        """Hide keys and tokens."""
        object.__setattr__(self, "outcomes", hidden(self.outcomes))
        object.__setattr__(self, "about", hidden(self.about))

    @property
    def counts(self) -> dict[Status, int]:
        """How many cells have each status, statuses without cells left out."""
        found = Counter(outcome.status for outcome in self.outcomes)
        return {status: found[status] for status in Status if found[status]}

    @property
    def findings(self) -> tuple[Outcome, ...]:
        """The outcomes that cost exit code 1."""
        return tuple(outcome for outcome in self.outcomes if outcome.status in FINDINGS)

    @property
    def exit_code(self) -> int:
        """0 all agree, 1 findings, 2 nothing was measured."""
        if all(outcome.status is Status.BROKEN for outcome in self.outcomes):
            return 2
        return 1 if self.findings else 0

    def closing(self) -> str:
        """The last line, in the form test runners use."""
        passed = len(self.outcomes) - len(self.findings)
        return f"matrix: {passed} passed, {len(self.findings)} failed"
