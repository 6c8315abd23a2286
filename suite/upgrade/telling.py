"""An upgrade as what its owner reads: what stops and the lines that mend it, what starts, what differs."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from mockserver import service_date

from ..explain.evidence import chain
from ..model import NEAR, SIDES, Behaviour, Configuration
from ..prose import Part, Telling
from ..reports.secrets import hidden
from ..sdks import SDKS
from .data import data
from .model import SEEN, Direction
from .remedies import remedy
from .seen import differences
from .views import view

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..explain.evidence import Evidence
    from ..model import Case, Step
    from .model import Block, Comparison, Difference, Fix, Group, Pair

#: Headings, in order, with their style.
_SECTIONS: Final = (
    (Direction.STOPS, "Stops working", "bold red"),
    (Direction.STARTS, "Starts working", "bold green"),
    (Direction.FAILS_OTHERWISE, "Fails otherwise", "bold yellow"),
)
#: Of a list that is longer, the rest is counted; JSON has all.
_SHOWN: Final = 8
#: Of what is no reason to act, examples will do.
_EXAMPLES: Final = 3
#: On the wire, what follows from a call that fails: nothing more is sent.
_FOLLOWS: Final = frozenset({"message", "frames", "answer"})
_WORKS: Final = "works"
_DOES: Final[dict[Step, str]] = {"create": "mints a token", "connect": "opens a session"}


def of(comparison: Comparison) -> Telling:
    """Everything; secrets hidden."""
    parts = [*_head(comparison), *_own(comparison), *changes(comparison), *_not_measured(comparison)]
    return hidden(Telling(tuple(parts), data(comparison, summary(comparison))))


def changes(comparison: Comparison) -> list[Part]:
    """All that changes, by what becomes of it."""
    page = _Page(comparison)
    parts: list[Part] = []
    for direction, title, style in _SECTIONS:
        groups = [group for group in comparison.groups if group.direction is direction]
        if groups:
            parts.append(Part("head", title, style=style))
            parts += [part for group in groups for part in page.group(group)]
    return parts + page.blocks()


class _Page:
    """Tells one thing after the other, and the source of each row once."""

    def __init__(self, comparison: Comparison) -> None:
        self._comparison = comparison
        self._told: set[Evidence] = set()

    def group(self, group: Group) -> list[Part]:
        """Cases that change alike: of what stops all, of the rest what it is and some of what is seen."""
        if group.direction is not Direction.STOPS:
            return [*_examples(group), *self._reasons(group)]
        parts = [Part("head", _heading(group, self._comparison), depth=1)]
        parts += [Part("row", _few([_arrow(*p) for p in labels]), date, 2) for date, labels in group.shifts]
        parts += [Part("row", text, "then", 2) for text in _views(group)[:_SHOWN]]
        parts += [Part("row", text, "wire", 2) for text in _on_the_wire(group)[:_SHOWN]]
        return [*parts, *self._reasons(group), *remedy(group.fix, self._comparison, group)]

    def blocks(self) -> list[Part]:
        """What is seen otherwise with the same verdict."""
        if not self._comparison.blocks:
            return []
        parts = [Part("head", "Seen otherwise, with the same verdict", style="bold")]
        for block in self._comparison.blocks:
            parts.append(Part("head", _where(block), depth=1))
            parts += [Part("row", one.told, one.aspect, 2) for one in block.differences[:_SHOWN]]
            if (more := len(block.differences) - _SHOWN) > 0:
                parts.append(Part("row", f"and {more} more", "", 2))
            parts += self._because(chain(block.rows))
        return parts

    def _reasons(self, group: Group) -> list[Part]:
        """The rows that say so; where measurement and tables disagree, these are not the reason."""
        texts = dict.fromkeys(
            text
            for pair in group.pairs
            for side in (pair.before, pair.after)
            if side is not None
            for text in side.differences
        )
        parts = self._because([*chain(group.rows), *chain(group.facts)])
        if texts:
            surprise = f"the tables do not know this: {_few(texts, '; ', _EXAMPLES)}"
            return [Part("row", surprise, "but", 2, "yellow"), *parts]
        return parts or [Part("row", "no row of the history begins between these versions", "because", 2)]

    def _because(self, rows: Sequence[Evidence]) -> list[Part]:
        return [Part("row", self._row(row), "because", 2) for row in rows]

    def _row(self, row: Evidence) -> str:
        if row in self._told:
            return f"{row.row}: {row.says} (as above)"
        self._told.add(row)
        return row.told


# -- the summary ------------------------------------------------------------------------------------------


def _head(comparison: Comparison) -> list[Part]:
    sdk = SDKS[comparison.before.sdk]
    style = {0: "bold green", 1: "bold red", 2: "bold yellow"}[comparison.exit_code]
    title = Part("head", f"{sdk.shown}: {comparison.before.shown} → {comparison.after.shown}", style=style)
    dates = dict.fromkeys(pair.date for pair in comparison.pairs)
    when = ", ".join(f"{date} is {service_date(date)}" for date in dates if "-" not in date)
    count = _number(len(comparison.pairs), "cell")
    about = f"{count} measured on each version; service date {when or ', '.join(dates)}"
    assumed = [
        Part(
            "small",
            f"no call that {_DOES[step]} was seen in the source: that side was taken as one that works",
        )
        for step in comparison.own.assumed
    ]
    return [title, Part("text", summary(comparison)), Part("small", about), *assumed]


def summary(comparison: Comparison) -> str:
    """A sentence or two: what becomes of one's own placements, and how many stop, start, and differ."""
    said = []
    for direction, title, _ in _SECTIONS:
        cases = dict.fromkeys(
            pair.case for pair in comparison.of(direction) if pair.case not in comparison.own.configurations
        )
        if cases:
            said.append(f"{_counted(list(cases))} {_verb(title.lower(), len(cases))}")
    if count := sum(len(block.differences) for block in comparison.blocks):
        said.append(f"{_number(count, 'difference')} without another verdict")
    if count := len(comparison.of(Direction.NOT_MEASURED)):
        said.append(f"{_number(count, 'cell')} not measured")
    rest = "; ".join(said)
    sentences = [*_of_own(comparison), f"{rest[:1].upper()}{rest[1:]}" if rest else ""]
    told = ". ".join(filter(None, sentences))
    return f"{told}." if told else "Nothing changes."


def _of_own(comparison: Comparison) -> list[str]:
    """What becomes of the application's own placements, and what of them was not seen."""
    own = comparison.own
    asked = [case for case in own.configurations if any(pair.case == case for pair in comparison.pairs)]
    said = [f"{_your(case, asked)} {_becomes(case, comparison)}" for case in asked]
    if own.unseen:
        said.append(f"{_number(len(own.unseen), 'call')} of your source could not be read")
    return said


def _your(case: Configuration, asked: Sequence[Configuration]) -> str:
    return "Your placement" if len(asked) == 1 else f"Your placement ({placed(case)})"


def placed(case: Configuration) -> str:
    """``create none; connect none``."""
    return "; ".join(f"{step} {case.placement(step).slug(NEAR[step])}" for step in SIDES)


def _becomes(case: Configuration, comparison: Comparison) -> str:
    pairs = [pair for pair in comparison.pairs if pair.case == case]
    mended = _mended(comparison.mending.get(case))
    for direction, title, _ in _SECTIONS:
        when = [pair.date for pair in pairs if pair.direction is direction]
        if when:
            at = f"at service date {' and '.join(when)}"
            return f"{title.lower()} with {comparison.after.shown}, {at}{mended}"
    if any(pair.direction is Direction.NOT_MEASURED for pair in pairs):
        return "was not measured"
    works = [pair.date for pair in pairs if pair.labels[1] == _WORKS]
    if len(works) == len(pairs):
        return "goes on working"
    if not works:
        return f"works in neither version{mended}"
    return f"works in both versions, at service date {' and '.join(works)} only"


def _mended(fix: Fix | None) -> str:
    """How many lines mend it."""
    if fix is None or not fix.edits:
        return ""
    lines = sum(len(edit.after) for edit in fix.edits)
    return f": {_number(lines, 'line')} {'mends' if lines == 1 else 'mend'} it"


def _counted(cases: Sequence[Case]) -> str:
    placed = sum(isinstance(case, Configuration) for case in cases)
    counts = ((placed, "placement"), (len(cases) - placed, "behaviour"))
    return " and ".join(_number(count, word) for count, word in counts if count)


def _number(count: int, word: str) -> str:
    return f"{count} {word}{'' if count == 1 else 's'}"


def _verb(words: str, count: int) -> str:
    first, space, rest = words.partition(" ")
    return words if count == 1 else f"{first.removesuffix('s')}{space}{rest}"


def _own(comparison: Comparison) -> list[Part]:
    """What is one's own and is told by no group: it does not change, or it was not seen."""
    parts: list[Part] = []
    grouped = {pair.case for group in comparison.groups for pair in group.pairs}
    for case in comparison.own.configurations:
        pairs = [pair for pair in comparison.pairs if pair.case == case]
        if case in grouped or not pairs or any(p.direction is Direction.NOT_MEASURED for p in pairs):
            continue
        parts.append(Part("head", f"Your placement: {placed(case)}"))
        parts += [Part("row", _arrow(*pair.labels), pair.date, 1) for pair in pairs]
        fix = comparison.mending.get(case)
        parts += remedy(fix, comparison) if fix is not None else []
    if comparison.own.unseen:
        parts.append(Part("head", "Not seen in your source", style="bold yellow"))
        parts += [Part("row", text, "not seen", 1) for text in comparison.own.unseen]
    return parts


# -- what changes alike -----------------------------------------------------------------------------------


def _examples(group: Group) -> list[Part]:
    """What is no reason to act: whom it is about, and what some of them see."""
    cases = list(dict.fromkeys(pair.case for pair in group.pairs))
    kinds = dict.fromkeys(_shift(pair) for pair in group.pairs if pair.direction is group.direction)
    shift = _few(kinds)
    parts = [
        Part("head", f"{shift}: {_counted(cases)}", depth=1),
        Part("row", _few(group.cases, "; ", 2 * _SHOWN), "cases", 2),
    ]
    if group.direction is Direction.STARTS:
        return parts
    views = _views(group)
    parts += [Part("row", text, "then", 2) for text in views[:_EXAMPLES]]
    more = len(views) - _EXAMPLES
    return [*parts, *([Part("row", f"and {_number(more, 'more such text')}", "", 2)] if more > 0 else [])]


def _shift(pair: Pair) -> str:
    """What becomes of it, in the words of verdicts."""
    old, new = pair.verdicts
    return _arrow(old.value, new.value) if old is not new else f"{new.value} in {pair.moved}"


def _where(block: Block) -> str:
    """Which calls it is about; of many, examples."""
    if block.everywhere:
        return "everywhere"
    many = len(block.where) > _SHOWN
    return f"{len(block.where)} calls: {_few(block.where, shown=_EXAMPLES)}" if many else _few(block.where)


def _heading(group: Group, comparison: Comparison) -> str:
    """Whom it is about; of one behaviour, what happens."""
    cases = dict.fromkeys(pair.case for pair in group.pairs)
    only = next(iter(cases))
    if isinstance(only, Configuration) and set(cases) <= set(comparison.own.configurations):
        return f"Your placement: {_few(group.cases, '; ')}"
    if len(cases) == 1 and isinstance(only, Behaviour):
        return f"{only.slug}: {only.title}"
    return _few(group.cases, "; ")


def _arrow(before: str, after: str) -> str:
    return f"{before} → {after}" if before != after else f"{before}, as before"


def _few(texts: Iterable[str], joint: str = ", ", shown: int = _SHOWN) -> str:
    """The first of them, and how many more there are."""
    listed = list(texts)
    more = len(listed) - shown
    return joint.join(listed[:shown]) + (f" and {more} more" if more > 0 else "")


def _views(group: Group) -> list[str]:
    """What the application sees with the new version, with who sees it where there are several."""
    views: dict[str, dict[str, None]] = defaultdict(dict)
    for pair in group.pairs:
        if pair.direction is group.direction:
            views[view(pair.after, pair.case)].setdefault(pair.case.slug)
    if len(views) == 1:
        return list(views)
    return [f"{text} ({_few(cases, shown=_EXAMPLES)})" for text, cases in views.items()]


def _on_the_wire(group: Group) -> list[str]:
    """What is otherwise on the wire, without what follows from the verdict."""
    found: dict[str, None] = {}
    for pair in group.pairs:
        if pair.direction is group.direction:
            for difference in _causes(pair):
                found.setdefault(difference.said)
    return list(found)


def _causes(pair: Pair) -> list[Difference]:
    return [
        difference
        for _, before, after in pair.steps
        for difference in differences(before, after)
        if difference.aspect not in (*SEEN, *_FOLLOWS)
    ]


# -- the rest ---------------------------------------------------------------------------------------------


def _not_measured(comparison: Comparison) -> list[Part]:
    reasons: dict[tuple[str, str], int] = defaultdict(int)
    for pair in comparison.of(Direction.NOT_MEASURED):
        for side in (pair.before, pair.after):
            if side is not None and side.observation is None:
                reasons[str(side.cell.subject), side.reason] += 1
    if not reasons:
        return []
    parts = [Part("head", "Not measured", style="bold yellow")]
    return parts + [
        Part("row", f"{_number(count, 'cell')}: {reason}", subject, 1)
        for (subject, reason), count in reasons.items()
    ]
