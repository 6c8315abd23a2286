"""A text with places, such as ``Unknown name "{name}"``, turned round: from what was said to the values."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Final

from .flat import QUOTES, flatten

if TYPE_CHECKING:
    from .flat import Flat

_PLACE: Final = re.compile(r"\{([a-z_]+)\}")
#: What stands in a place, in a text without white space; anything else is as little as will do.
_VALUES: Final = {
    "code": r"\d{3,4}",
    "status": r"\d{3}",
    "version": r"v\w{1,12}?",
    "name": r"[^'()]{0,120}?",
    "path": r"[^']{0,300}?",
    "type": r"[^']{1,160}?",
    "modalities": r"[\w,|'\[\]]{1,80}?",
    "url": r"[^']{1,600}?",
}
_ANYTHING: Final = r".{0,600}?"
#: Places that are worth keeping at the ends of a text; others there are read from the text as it came.
_NUMBERS: Final = ("code", "status")
#: Fewer characters than these are no part of a text that one could know it by.
SHORTEST: Final = 14
#: A shorter part of a text than this is not that text, cut off …
LEAST: Final = 0.35
#: … unless it is as long as this, which says enough by itself.
ENOUGH: Final = 26
#: What can follow where somebody cut a text off: its end, a mark for it, a closing quote or bracket.
_END: Final = re.compile(rf"[ \t]*(?:\u2026|\.\.\.|\[?truncated|[{QUOTES})\]}};,<|]|\r?\n|$)", re.IGNORECASE)
_LINE: Final = re.compile(r"[^\n]*")
_CLOSERS: Final = re.compile(rf"[\s\u2026.{QUOTES})\]}};]+$")
#: What stands before ``{model}`` at the beginning of a text.
_WORD_BEFORE: Final = re.compile(r"([^\s\"'`(),;:]+)\s*$")
#: What stands in a place at the end of a text: the rest of the line, without what closes it.
_REST_OF_LINE: Final = re.compile(rf"\s*([^\n]*?)(?=; then sent|[{QUOTES}]?[\])}}>]*\s*(?:\n|$))")


@dataclass(frozen=True, slots=True)
class Match:
    """Where a text was found in ``flat``, how much of the template it is, and what stood in the places."""

    start: int
    end: int
    #: 1.0: all of it.
    part: float
    #: How many characters are the template's own.
    literal: int
    values: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Template:
    """A text with places, read."""

    text: str
    #: Literals and the names of places, in turn: a literal first and last.
    parts: tuple[str, ...]

    @property
    def literal(self) -> int:
        """How many characters are its own."""
        return sum(map(len, self.parts[::2]))

    @property
    def plain(self) -> str:
        """Its own characters."""
        return "".join(self.parts[::2])

    def search(self, flat: Flat) -> Match | None:
        """The last place where all of it stands."""
        if any(literal not in flat.flat for literal in self.parts[::2]):
            return None
        every = [
            found
            for found in _pattern(self.text, self.literal).finditer(flat.flat)
            if _apart(flat, found.start())
        ]
        if not every:
            return None
        found = every[-1]
        values = {**self._around(flat, found), **_said(flat, found)}
        return Match(found.start(), found.end(), 1.0, self.literal, values)

    def search_cut(self, flat: Flat) -> Match | None:
        """The place where the longest beginning of it stands, and where that ends as a cut text does."""
        least = max(SHORTEST, min(ENOUGH, int(self.literal * LEAST)))
        if least >= self.literal or self._upto(least).search(flat.flat) is None:
            return None
        low, high = least, self.literal - 1
        while low < high:
            middle = (low + high + 1) // 2
            if self._upto(middle).search(flat.flat):
                low = middle
            else:
                high = middle - 1
        for length in (low, *(end for end in self._ends if least <= end < low)):
            found = self._upto(length).search(flat.flat)
            if found and _apart(flat, found.start()) and self._is_cut(flat, found.end(), length):
                values = {**self._before(flat, found), **_said(flat, found)}
                return Match(found.start(), found.end(), length / self.literal, length, values)
        return None

    def _is_cut(self, flat: Flat, end: int, length: int) -> bool:
        """Whether the text ends there as a cut one does, or within the place that follows there."""
        if length not in self._ends:
            return _ends(flat, end)
        following = "".join(self.parts[::2])[length : length + 1]
        rest = _LINE.match(flat.text, flat.place(end - 1) + 1)
        value = _CLOSERS.sub("", rest[0] if rest else "")
        return not following or following.isalnum() or following not in flatten(value)

    @property
    def _ends(self) -> list[int]:
        """Where a place follows, in which anything may be cut off; the last one first."""
        lengths = [sum(map(len, self.parts[: n + 1 : 2])) for n in range(0, len(self.parts) - 1, 2)]
        return lengths[::-1]

    def _upto(self, length: int) -> re.Pattern[str]:
        return _pattern(self.text, length)

    def _before(self, flat: Flat, found: re.Match[str]) -> dict[str, str]:
        """What stands in a place at the beginning."""
        if self.parts[0] or len(self.parts) == 1 or self.parts[1] in _NUMBERS:
            return {}
        word = _WORD_BEFORE.search(flat.text, 0, flat.place(found.start()))
        return {self.parts[1]: word[1]} if word else {}

    def _around(self, flat: Flat, found: re.Match[str]) -> dict[str, str]:
        """What stands in the places at the ends."""
        values = self._before(flat, found)
        if not self.parts[-1] and len(self.parts) > 1 and self.parts[-2] not in _NUMBERS:
            rest = _REST_OF_LINE.match(flat.text, flat.place(found.end() - 1) + 1)
            values[self.parts[-2]] = rest[1] if rest else ""
        return values


@cache
def read(text: str) -> Template:
    """Read a template."""
    pieces = _PLACE.split(text)
    return Template(text, tuple(flatten(piece) if n % 2 == 0 else piece for n, piece in enumerate(pieces)))


@cache
def _pattern(text: str, length: int) -> re.Pattern[str]:
    """The first ``length`` characters of a template's own, with the places between them.

    A place at the beginning is left out, as nothing says where it begins; so is one at the end. Numbers stay.
    """
    parts = read(text).parts
    written, left, seen = "", length, set[str]()
    for number, part in enumerate(parts):
        if number % 2 == 0:
            written += re.escape(part[:left])
            left -= min(left, len(part))
        elif part in _NUMBERS or (left and written):
            inner = _VALUES.get(part, _ANYTHING)
            written += inner if part in seen else f"(?P<{part}>{inner})"
            seen.add(part)
        if not left and parts[number + 1 : number + 2] not in [(one,) for one in _NUMBERS]:
            break
    return re.compile(written)


def _said(flat: Flat, found: re.Match[str]) -> dict[str, str]:
    """The values of the places, as they stand in the text."""
    return {name: flat.words(*found.span(name)) for name in found.groupdict() if found[name] is not None}


def _ends(flat: Flat, end: int) -> bool:
    """Whether a text ends there, as one that somebody cut off."""
    return _END.match(flat.text, flat.place(end - 1) + 1) is not None


def _apart(flat: Flat, start: int) -> bool:
    """Whether a text begins where a word does: ``expire_time`` is no part of ``new_session_expire_time``."""
    place = flat.place(start)
    before, first = flat.text[place - 1 : place], flat.text[place : place + 1]
    return not (_of_word(before) and _of_word(first))


def _of_word(character: str) -> bool:
    return character.isalnum() or character == "_"
