"""What each API version offers on a service date: the facts' timeline, read as data.

No other module names an API version or a service date.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final, Literal

from .facts import fact

Method = Literal["auth_tokens.create", "BidiGenerateContent", "BidiGenerateContentConstrained"]

API_VERSIONS: Final = ("v1alpha", "v1beta", "v1")

#: Tokens are documented and served on one version only; a client that passes here passes everywhere.
LAUNCH: Final = date(2025, 5, 20)
#: The day of the newest evidence.
LATEST: Final = date(2026, 11, 22)
NAMED_DATES: Final = {"launch": LAUNCH, "latest": LATEST}


@dataclass(frozen=True, slots=True)
class Offer:
    """Evidence for one method of one version: the fact that it is served, those that it is not, by age."""

    served: str | None
    absent: tuple[str, ...] = ()

    def on(self, day: date) -> tuple[bool, str]:
        """Tell whether the method is served on ``day``, and the fact that says so."""
        if self.served is not None and (not self.absent or _seen_by(self.served, day)):
            return True, self.served
        return False, self.absence(day)

    def absence(self, day: date) -> str:
        """The newest fact on ``day`` that says why the method is not served."""
        seen = [id for id in self.absent if _seen_by(id, day)]
        return (seen or self.absent[:1] or ["WS-018"])[-1]


OFFERS: Final[dict[Method, dict[str, Offer]]] = {
    "auth_tokens.create": {
        "v1alpha": Offer("TOK-001", ("TOK-002",)),
        "v1beta": Offer("TOK-003", ("TOK-002",)),
        "v1": Offer(None, ("TOK-004", "TOK-004B")),
    },
    "BidiGenerateContent": {
        "v1alpha": Offer("WS-012"),
        "v1beta": Offer("WS-012"),
        "v1": Offer("WS-029", ("WS-016",)),
    },
    "BidiGenerateContentConstrained": {
        "v1alpha": Offer("WS-013", ("WS-015",)),
        "v1beta": Offer("WS-014", ("WS-015",)),
        "v1": Offer(None, ("WS-016", "WS-029B")),
    },
}


@dataclass(frozen=True, slots=True)
class Profile:
    """One API version on one service date."""

    version: str
    day: date
    #: Methods this server is told to serve, or not to, whatever the evidence says ("v1:BidiGenerateContent").
    overrides: tuple[tuple[str, bool], ...] = ()

    def __hash__(self) -> int:
        """By the version: a server has one profile of each, and they are looked up with each message."""
        return hash(self.version)

    def serves(self, method: Method) -> tuple[bool, str]:
        """Tell whether the method answers here, and the fact that says so."""
        return _serves(self, method)

    def offering(self, method: Method) -> tuple[str, ...]:
        """The versions that serve the method on this profile's date."""
        return tuple(
            version
            for version in API_VERSIONS
            if Profile(version, self.day, self.overrides).serves(method)[0]
        )

    def before(self, fact_id: str) -> bool:
        """Tell whether the service date lies before the day from which a fact was seen."""
        return not _seen_by(fact_id, self.day)

    def after(self, fact_id: str) -> bool:
        """Tell whether the service date lies on or after the day from which a fact was no longer seen."""
        return _gone_by(fact_id, self.day)


@lru_cache(maxsize=256)
def _serves(profile: Profile, method: Method) -> tuple[bool, str]:
    offer = OFFERS[method][profile.version]
    served, because = offer.on(profile.day)
    told = dict(profile.overrides).get(f"{profile.version}:{method}", served)
    if served and not told:
        because = offer.absence(profile.day)
    return told, because


@lru_cache(maxsize=1_024)
def _seen_by(fact_id: str, day: date) -> bool:
    since = fact(fact_id).since
    return since is None or date.fromisoformat(since) <= day


@lru_cache(maxsize=1_024)
def _gone_by(fact_id: str, day: date) -> bool:
    until = fact(fact_id).until
    return until is not None and date.fromisoformat(until) <= day


def service_date(text: str) -> date:
    """Read ``launch``, ``latest`` or an ISO date.

    Raises:
        ValueError: anything else, with what is allowed.
    """
    if text in NAMED_DATES:
        return NAMED_DATES[text]
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(
            f"service date {text!r} is not known: expected launch, latest or a date like 2026-07-03"
        ) from None
