"""What clients did well and badly: a pure function of the journal and the tokens."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from ..core.journal import hide_secrets
from ..traffic import read
from . import sockets, tokens
from .rules import GRADES, RULES, Grade

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..core.journal import Entry
    from ..core.tokens import Token
    from .rules import Sighting

__all__ = ["Finding", "Verdict", "judge"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that clients did well or badly.

    Attributes:
        id: what it is called, for ever.
        grade: ``bad`` breaks in production, ``risky`` may, ``good`` is how it should be.
        what: what was done, and on which connections.
        evidence: numbers of the journal entries that show it.
        why: why it matters.
        advice: what to do; empty where it is well.
        fact: the evidence about the service behind it, where there is one.
    """

    id: str
    grade: Grade
    what: str
    evidence: tuple[int, ...]
    why: str
    advice: str = ""
    fact: str = ""

    def shown(self) -> dict[str, Any]:
        """As JSON for the control API: secrets shortened."""
        return {
            "id": self.id,
            "grade": self.grade,
            "what": hide_secrets(self.what),
            "evidence": list(self.evidence),
            "why": hide_secrets(self.why),
            "advice": hide_secrets(self.advice),
            "fact": self.fact,
        }

    def __str__(self) -> str:
        fact_id = f" [{self.fact}]" if self.fact else ""
        shown = ", ".join(map(str, self.evidence[:6])) + (" …" if len(self.evidence) > 6 else "")
        advice = f"\n{'':>7}→ {self.advice}" if self.advice else ""
        text = (
            f"{self.grade:<5}  {self.id}: {self.what} (entries {shown}){fact_id}\n{'':>7}{self.why}{advice}"
        )
        return hide_secrets(text)


@dataclass(frozen=True, slots=True)
class Verdict:
    """All findings, the bad ones first."""

    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing is bad; what is risky may stay."""
        return not self.of("bad")

    def of(self, grade: Grade) -> tuple[Finding, ...]:
        """The findings of one grade."""
        return tuple(finding for finding in self.findings if finding.grade == grade)

    def find(self, id: str) -> Finding | None:
        """The finding of this id, if there is one.

        Raises:
            ValueError: there can be none of that name.
        """
        if id not in RULES:
            raise ValueError(f"no finding is called {id!r}, expected one of {', '.join(RULES)}")
        return next((finding for finding in self.findings if finding.id == id), None)

    def shown(self) -> dict[str, Any]:
        """As JSON for the control API."""
        return {"ok": self.ok, "findings": [finding.shown() for finding in self.findings]}

    def __str__(self) -> str:
        return "\n".join(map(str, self.findings)) or "no client has done anything yet"


def judge(entries: Iterable[Entry], minted: Iterable[Token] = ()) -> Verdict:
    """What the clients in a journal did well and badly; ``minted`` are the tokens they may have used."""
    traffic = read(entries)
    by_name = {token.name: token for token in minted}
    seen = sorted(
        [*sockets.sightings(traffic), *tokens.sightings(traffic, by_name)], key=lambda one: (one.id, one.fact)
    )
    findings = [_finding(list(alike)) for _, alike in groupby(seen, key=lambda one: (one.id, one.fact))]
    return Verdict(tuple(sorted(findings, key=lambda one: (GRADES.index(one.grade), one.evidence[:1]))))


def _finding(alike: list[Sighting]) -> Finding:
    first = alike[0]
    rule = RULES[first.id]
    fact_id = first.fact or rule.fact
    where = ", ".join(dict.fromkeys(one.connection for one in sorted(alike, key=lambda one: one.entries)))
    evidence = tuple(sorted({number for one in alike for number in one.entries}))
    what = f"{where} {first.what or rule.what}"
    return Finding(first.id, rule.grade, what, evidence, rule.why, first.advice or rule.advice, fact_id)
