"""Every text that somebody can come with, as a template: of the facts, of the histories, of runtimes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

from mockserver import FACTS

from .. import answers
from ..answers import READS, WARNS
from ..history import CHANGES, VARIES
from . import templates
from .evidence import code_and_text
from .meanings import MEANINGS
from .sayings import SAYINGS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockserver import Fact

    from ..model import Change
    from .meanings import Meaning
    from .sayings import Saying
    from .templates import Template

#: Questions whose answer is a text as it is.
_BARE: Final = ("create 404 reads", "create warns", "connect warns", "live warns")
#: Parts of an answer that are texts.
_PARTS: Final = (READS, "onerror", "devtools")
_REASON: Final = "{reason}"
#: The client of this repository: nobody pastes what it says.
_NOBODYS: Final = "reference"


@dataclass(frozen=True, slots=True)
class Text:
    """A text, and the one row that has it."""

    template: str
    #: The close code or HTTP status that comes with it, where it has one of its own.
    code: int | None = None
    fact: Fact | None = None
    #: Rows of histories: those of several versions and SDKs may have the same text.
    rows: tuple[Change, ...] = ()
    saying: Saying | None = None

    @property
    def meaning(self) -> Meaning | None:
        """What it means, where no fact says so."""
        if self.saying is not None:
            return self.saying.meaning
        return MEANINGS[self.rows[0].question] if self.rows else None

    @property
    def wraps(self) -> bool:
        """Whether it is what an SDK puts around the service's own words."""
        return _REASON in self.template

    @property
    def warning(self) -> bool:
        """Whether it is no error."""
        return self.meaning is not None and self.meaning.warning

    def read(self) -> Template:
        """As what is searched for."""
        return templates.read(self.template)


@cache
def every() -> tuple[Text, ...]:
    """All of them."""
    return (*_of_facts(), *_of_histories(), *_of_sayings())


def _of_facts() -> Iterator[Text]:
    for fact in FACTS.values():
        if isinstance(fact.seen, str):
            continue
        code, text = code_and_text(fact)
        if text:
            yield Text(text, code, fact=fact)


def _of_histories() -> Iterator[Text]:
    grouped: dict[tuple[str, str], list[Change]] = {}
    for row in CHANGES:
        if row.sdk == _NOBODYS:
            continue
        for text in _texts(row):
            if templates.read(text).literal >= templates.SHORTEST or _REASON in text:
                grouped.setdefault((text, row.question), []).append(row)
    for (text, _), rows in grouped.items():
        yield Text(text, rows=tuple(rows))


def _texts(row: Change) -> list[str]:
    if row.question in _BARE:
        return [row.answer] if row.answer not in ("", VARIES) else []
    if row.question not in MEANINGS:
        return []
    parts = answers.read(row.answer).parts
    found = [parts[name] for name in _PARTS if parts.get(name, VARIES) != VARIES]
    return found + list(filter(None, parts.get(WARNS, "").split(" + ")))


def _of_sayings() -> Iterator[Text]:
    for saying in SAYINGS:
        for text in saying.texts:
            yield Text(text, saying=saying)
