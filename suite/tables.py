"""Both tables, looked up for one cell: what the SDK's history answers, what the service's profile offers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

from mockserver import Profile, service_date

from .answers import Answer, read
from .history import answer

if TYPE_CHECKING:
    from .model import Cell, Placement

#: Separates credential placements in a history row.
AND: Final = " + "

Method = Literal["auth_tokens.create", "BidiGenerateContent", "BidiGenerateContentConstrained"]
Origin = Literal["client", "near", "default"]


@dataclass(frozen=True, slots=True)
class Tables:
    """Remembers which rows were used."""

    cell: Cell
    used: list[str] = field(default_factory=list)

    def ask(self, question: str) -> str:
        """What the SDK's history answers; empty where it has no row."""
        subject = self.cell.subject
        row = answer(subject.sdk, subject.version, question)
        if row is None:
            return ""
        self.used.append(row.told)
        return row.answer

    def ends(self, question: str) -> Answer:
        """How something ends; where there is no row, the feature is not there yet."""
        return read(self.ask(question) or "absent")

    def credentials(self, question: str) -> tuple[str, ...]:
        """Where the SDK puts the credential."""
        return tuple(self.ask(question).split(AND))

    def profile(self, version: str) -> Profile:
        """The service's side of the cell."""
        return Profile(version, service_date(self.cell.service_date))

    def serves(self, version: str, method: Method) -> bool:
        """Whether the service has the method on that version and date."""
        served, fact = self.profile(version).serves(method)
        self.used.append(fact)
        return served

    def version(self, placement: Placement, *, near_counts: bool = True) -> tuple[str, Origin]:
        """Which API version the SDK uses, and which place decided it: near over client over default."""
        if placement.near is not None and near_counts:
            return placement.near, "near"
        if placement.client is not None:
            return placement.client, "client"
        return self.ask("default version"), "default"

    def connect_warnings(self, version: str, *, token: bool) -> tuple[str, ...]:
        """What is warned of when a session is opened on an API version, with a token or with a key."""
        texts = [self.ask("live warns")]
        if token:
            only = self.ask("connect warns unless on")
            texts += [self.ask("connect warns"), f"{only} only" if only and version != only else ""]
        return tuple(filter(None, texts))
