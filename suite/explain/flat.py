"""Texts made comparable: what consoles, JSON, log files and people do to a text on its way is taken back.

``Flat`` has no white space, one kind of quotes and small letters, and knows where each of its characters
stands in the text. So a text that was wrapped, quoted or shouted is still the same.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Final

_COLOURS: Final = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
_ESCAPED: Final = re.compile(r"\\+u([0-9a-fA-F]{4})")
_LINE: Final = re.compile(r"\\+r\\+n|\\+[nr](?![a-zA-Z]:)|\r\n?")
_TAB: Final = re.compile(r"\\+t(?=\s|\\)")
_BACKSLASHED: Final = re.compile(r"\\+(?=[\"'`/])")
_ENTITY: Final = re.compile(r"&(?:quot|apos|lt|gt|amp|#\d{1,4}|#x[0-9a-fA-F]{1,4});")
#: Straight, curly, low, double, prime and angle quotes, accents; for a class of characters.
QUOTES: Final = "\"'`\u00b4\u2018-\u201f\u2032\u2033\u00ab\u00bb\u2039\u203a"
_QUOTE: Final = re.compile(f"[{QUOTES}]")
#: Characters that are not seen: joiners, marks of direction, a byte order mark.
_UNSEEN: Final = frozenset("\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff")
#: How far texts longer than this are read: a log's end tells most.
LONGEST: Final = 400_000


def clean(text: str) -> str:
    """A pasted text as it was before it was coloured and escaped; line by line as it came."""
    text = _COLOURS.sub("", text[-LONGEST:])
    text = _LINE.sub("\n", text)
    text = _TAB.sub(" ", text)
    text = _ESCAPED.sub(lambda found: _printable(chr(int(found[1], 16))), text)
    text = _ENTITY.sub(lambda found: html.unescape(found[0]), text)
    return _BACKSLASHED.sub("", text)


def _printable(character: str) -> str:
    return character if character.isprintable() else " "


@dataclass(frozen=True)
class Flat:
    """A text, and the same for comparing."""

    text: str

    @cached_property
    def _both(self) -> tuple[str, tuple[int, ...]]:
        kept = [(mark(c), n) for n, c in enumerate(self.text) if not c.isspace() and c not in _UNSEEN]
        return "".join(c for c, _ in kept), tuple(n for _, n in kept)

    @property
    def flat(self) -> str:
        """The text for comparing."""
        return self._both[0]

    def place(self, flat: int) -> int:
        """Where a character of ``flat`` stands in the text; behind the last one: where the text ends."""
        places = self._both[1]
        return places[flat] if flat < len(places) else len(self.text)

    def words(self, start: int, end: int) -> str:
        """A part of ``flat`` as it stands in the text, in one line."""
        return " ".join(self.text[self.place(start) : self.place(end - 1) + 1].split()) if end > start else ""


def mark(character: str) -> str:
    """A character for comparing; one stays one."""
    return "'" if _QUOTE.match(character) else character.lower()[:1]


def flatten(text: str) -> str:
    """A text for comparing."""
    return Flat(text).flat
