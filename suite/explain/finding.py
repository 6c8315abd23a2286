"""Which of the known texts stand in a pasted one: word for word, cut off, nearly, or by their code alone."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from enum import Enum
from typing import TYPE_CHECKING, Final

from mockserver import FACTS

from .evidence import code_and_text
from .flat import QUOTES, Flat, clean, flatten
from .seen import see
from .templates import LEAST, SHORTEST, Match
from .texts import every

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mockserver import Fact

    from .seen import Seen
    from .texts import Text

#: Two texts are alike from here on; and what is this much less alike than the best is not shown.
ALIKE: Final = 0.8
_BEHIND: Final = 0.05
#: Lines that are looked at for what is only alike: the last ones, where errors are.
_LINES: Final = 60
_LONGEST_LINE: Final = 600
#: Where the words of a service begin within a line.
_PIECE: Final = re.compile(rf"(?:: |\] |\) |[{QUOTES}]| - |^\s*)")
#: What closes one.
_CLOSING: Final = re.compile(rf"[\s)\]}};,{QUOTES}]+$")


class Sure(str, Enum):
    """How sure it is that a text was meant."""

    CERTAIN = "certain"
    LIKELY = "likely"
    PERHAPS = "perhaps"
    CODE = "only the code"


@dataclass(frozen=True, slots=True)
class Found:
    """A known text that stands in the pasted one."""

    text: Text
    sure: Sure
    why: str
    #: The words of the pasted text.
    words: str = ""
    start: int = 0
    end: int = 0
    literal: int = 0
    values: dict[str, str] = field(default_factory=dict)

    def overlaps(self, other: Found) -> bool:
        """Whether the two are about the same words."""
        return self.start < other.end and other.start < self.end


def find(flat: Flat, seen: Seen) -> list[Found]:
    """All that is known of a text, surest first; what an SDK only puts around is behind what it is around."""
    exact = [found for text in every() if (found := _exact(text, flat))]
    told = _strongest([one for one in exact if not one.text.wraps], seen)
    whole = {one.text.template for one in exact}
    rest = [text for text in every() if not text.wraps and text.template not in whole]
    cut = [found for text in rest if (found := _cut(text, flat))]
    taken = [one for one in told if not one.text.warning]
    told += _strongest([one for one in cut if not any(one.overlaps(other) for other in taken)], seen)
    if not any(not one.text.warning for one in told):
        told = [*_alike(flat), *told]
    return [*told, *(one for one in exact if one.text.wraps)]


def _exact(text: Text, flat: Flat) -> Found | None:
    match = text.read().search(flat)
    return _found(text, match, flat, Sure.CERTAIN, "word for word") if match else None


def _cut(text: Text, flat: Flat) -> Found | None:
    match = text.read().search_cut(flat)
    if match is None:
        return None
    why = f"cut off: its first {match.part:.0%}, word for word"
    return _found(text, match, flat, Sure.LIKELY, why)


def _found(text: Text, match: Match, flat: Flat, sure: Sure, why: str) -> Found:
    words = flat.words(match.start, match.end)
    return Found(text, sure, why, words, match.start, match.end, match.literal, match.values)


def _strongest(found: list[Found], seen: Seen) -> list[Found]:
    """Without those that speak of the same words and say less: another code, or fewer of them."""

    def strength(one: Found) -> tuple[bool, int]:
        return (one.text.code is None or not seen.codes or one.text.code in seen.codes, one.literal)

    return [
        one
        for one in found
        if not any(
            strength(other) > strength(one) for other in found if other is not one and one.overlaps(other)
        )
    ]


def _alike(flat: Flat) -> list[Found]:
    """What is nearly said: with a letter or a word too many, too few, or otherwise."""
    best: dict[str, tuple[float, str]] = {}
    pieces = [(piece, short) for piece in _pieces(flat.text) if len(short := flatten(piece)) >= SHORTEST]
    for template in {text.template for text in every() if not text.wraps}:
        plain = _plain(template)
        if len(plain) < SHORTEST:
            continue
        compared = SequenceMatcher(None, b=plain, autojunk=False)
        for piece, short in pieces:
            # A cut text is compared with as much of the template.
            like = _likeness(compared, plain, short)
            if like > best.get(template, (ALIKE, ""))[0]:
                best[template] = (like, piece)
    most = max((like for like, _ in best.values()), default=0.0)
    return [
        Found(text, Sure.PERHAPS, f"{like:.0%} of its letters are the same", " ".join(words.split()), end=1)
        for text in every()
        if text.template in best
        for like, words in [best[text.template]]
        if like >= most - _BEHIND
    ]


def _likeness(compared: SequenceMatcher[str], plain: str, short: str) -> float:
    if len(short) < len(plain) * LEAST * 1.5 or len(short) > len(plain) * 1.6:
        return 0.0
    compared.set_seq1(short)
    if compared.real_quick_ratio() < ALIKE or compared.quick_ratio() < ALIKE:
        return 0.0
    return compared.ratio()


def _plain(template: str) -> str:
    return flatten(re.sub(r"\{[a-z_]+\}", "", template))


def _pieces(text: str) -> Iterator[str]:
    """Where what a service said could stand: each line, and each line from a colon or a quote on."""
    lines = [line for line in text.splitlines() if line.strip()][-_LINES:]
    for line in dict.fromkeys(lines):
        if len(line) > _LONGEST_LINE:
            continue
        for begin in list(_PIECE.finditer(line))[:12]:
            yield _CLOSING.sub("", line[begin.end() :])


def fact_of(code: int, words: str) -> tuple[Fact, Sure] | None:
    """The fact that has these words, and how sure that is; None where no fact has them.

    Args:
        code: the status or close code that they came with; facts that have it come first.
        words: what a service has said, and nothing around it.
    """
    flat = Flat(clean(words))
    found = [(one.text.fact, one.sure) for one in find(flat, see(flat.text)) if one.text.fact is not None]
    ours = [(fact, sure) for fact, sure in found if code_and_text(fact)[0] == code]
    return next(iter(ours or found), None)


def by_code(seen: Seen) -> list[Fact]:
    """The refusals that come with the codes of a text, which has no words that are known."""
    refusals = [fact for fact in FACTS.values() if not isinstance(fact.seen, str)]
    return [fact for fact in refusals if code_and_text(fact)[0] in seen.codes]


def sayings_of(codes: Iterable[int], exit_code: int | None) -> list[Text]:
    """What a code by itself, or an exit code, means."""
    wanted = set(codes)
    found = [
        text
        for text in every()
        if text.saying is not None
        and (wanted & set(text.saying.codes) or (exit_code and text.saying.exit_code == exit_code))
    ]
    return list({id(text.saying): text for text in found}.values())
