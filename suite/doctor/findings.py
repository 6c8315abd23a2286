"""What a check finds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any


class Severity(str, Enum):
    """How bad it is."""

    #: It fails on today's service.
    BREAKS = "breaks"
    #: It fails at one service date: as the service was at launch, or as it is now.
    DEPENDS = "depends"
    #: It can surprise: something is set, or disagrees, that changes what a client does.
    MAY = "may break"
    #: Good to know.
    NOTE = "note"
    #: Nobody looked, or nothing can be seen there: never green.
    UNSEEN = "not seen"


#: What costs exit code 1.
FAILING = frozenset({Severity.BREAKS, Severity.DEPENDS})


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found.

    Attributes:
        severity: how bad it is.
        what: what is there, as a sentence.
        where: ``file:line`` or the name of a variable.
        fix: what to do.
        code: what to write instead, and ``at`` where.
        language: of the code.
        explained: the cell that it is, for ``genai-live-compat explain``.
        why: what leads to it.
    """

    severity: Severity
    what: str
    where: tuple[str, ...] = ()
    fix: str = ""
    code: str = ""
    at: str = ""
    language: str = ""
    explained: str = ""
    why: str = ""

    def json(self) -> dict[str, Any]:
        """Without what is not there."""
        fields = {
            "severity": self.severity.value,
            "what": self.what,
            "why": self.why,
            "where": list(self.where),
            "fix": self.fix,
            "code": self.code,
            "at": self.at,
            "explain": self.explained,
        }
        return {name: value for name, value in fields.items() if value}
