"""What was measured, as rows: the same rows make the tables, the plot and the JSON."""

from __future__ import annotations

import statistics
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from benchmarks.measures import Rate


@dataclass(frozen=True)
class Aim:
    """What a figure should be at least, or at most."""

    value: float
    how: Literal["at least", "at most"] = "at least"

    def met(self, got: float) -> bool:
        """Tell whether it is."""
        return got >= self.value if self.how == "at least" else got <= self.value

    def __str__(self) -> str:
        return f"{'≥' if self.how == 'at least' else '≤'} {self.value:g}"


@dataclass(frozen=True)
class Compared:
    """A rate of several servers, measured in turn: medians, by name."""

    what: str
    #: Operations for each second of the server's processor, and on the clock.
    per_core_s: Mapping[str, float]
    per_s: Mapping[str, float]
    #: The share of the time in which the server was at work.
    busy: Mapping[str, float]
    aim: Aim | None = None
    note: str = ""

    @classmethod
    def of(
        cls, what: str, rates: Mapping[str, Sequence[Rate]], aim: Aim | None = None, note: str = ""
    ) -> Compared:
        """The medians of rates that were taken in turn."""

        def medians(name: str) -> dict[str, float]:
            return {
                server: statistics.median(getattr(rate, name) for rate in found)
                for server, found in rates.items()
            }

        return cls(what, medians("per_core_s"), medians("per_s"), medians("busy"), aim, note)

    def times(self, server: str, other: str, on: Literal["core", "clock"] = "core") -> float | None:
        """How many times as fast one is as the other; None where one was not measured."""
        found = self.per_core_s if on == "core" else self.per_s
        return found[server] / found[other] if server in found and other in found else None


@dataclass(frozen=True)
class Single:
    """A figure of this server alone, in the unit of its aim."""

    what: str
    value: float
    unit: str
    aim: Aim | None = None
    note: str = ""


@dataclass(frozen=True)
class Figures:
    """All of one run."""

    about: Mapping[str, str]
    compared: Sequence[Compared]
    #: Seconds of setups by server: p50 and p99; bytes for each idle session by server and number of sessions.
    setups_s: Mapping[str, tuple[float, float]]
    idle_bytes: Mapping[str, Mapping[int, float]]
    singles: Sequence[Single]
    missing: Sequence[str] = field(default_factory=list)

    def data(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)
