"""The rows of both tables that an explanation rests on: what each says, since when, who says so."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from mockserver import FACTS

from ..history import CHANGES
from ..sdks import SDKS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mockserver import Fact

    from ..model import Change

#: Rows of a history are measured, by the matrix; a fact says itself how sure it is.
MEASURED = "measured"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One row."""

    #: The id of a fact, or an SDK with the version in which the row begins.
    row: str
    says: str
    confidence: str
    sources: tuple[str, ...]
    since: str | None = None
    until: str | None = None
    note: str = ""

    @property
    def told(self) -> str:
        """In a line, with how sure it is and who says so; of a row of a history the source says that."""
        sure = () if self.confidence == MEASURED else (self.confidence,)
        return f"{self.row}: {self.says} ({'; '.join((*sure, *self.sources))})"

    def json(self) -> dict[str, Any]:
        """Without what is not there."""
        fields = {
            "row": self.row,
            "says": self.says,
            "confidence": self.confidence,
            "since": self.since,
            "until": self.until,
            "note": self.note,
            "sources": list(self.sources),
        }
        return {name: value for name, value in fields.items() if value not in (None, "")}


def chain(because: Iterable[str]) -> tuple[Evidence, ...]:
    """The rows that a prediction names, each once, in its order."""
    return tuple(_named(name) for name in dict.fromkeys(because))


def of_fact(fact: Fact) -> Evidence:
    """A fact as a row."""
    return Evidence(fact.id, _says(fact), fact.confidence, fact.sources, fact.since, fact.until, fact.note)


def of_change(change: Change) -> Evidence:
    """A row of a history."""
    return Evidence(
        f"{SDKS[change.sdk].package} since {change.since}",
        f"{change.question}: {change.answer or 'nothing'}",
        MEASURED,
        (change.source,),
        change.since,
    )


def _named(name: str) -> Evidence:
    return of_fact(FACTS[name]) if name in FACTS else of_change(_changes()[name])


@cache
def _changes() -> dict[str, Change]:
    return {change.told: change for change in CHANGES}


def _says(fact: Fact) -> str:
    """Condition and what is seen, in a line."""
    return f"{fact.condition}: {seen(fact)}"


def seen(fact: Fact) -> str:
    """What a client sees: ``close 1007: …``, ``HTTP 404 with an empty body`` or a sentence."""
    if isinstance(fact.seen, str):
        return fact.seen
    code, text = code_and_text(fact)
    if is_close(fact):
        return f"close {code}: {text}"
    return f"HTTP {code}: {text}" if text else f"HTTP {code} with an empty body"


def is_close(fact: Fact) -> bool:
    """Whether it is the close of a socket."""
    return hasattr(fact.seen, "reason")


def code_and_text(fact: Fact) -> tuple[int, str]:
    """HTTP status or close code of a refusal, and its text as a template; of what is no refusal, nothing."""
    match fact.seen:
        case object(http=int(status), message=str(text)) | object(code=int(status), reason=str(text)):
            return status, text
    return 0, ""
