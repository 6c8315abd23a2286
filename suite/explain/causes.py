"""From the known texts in a pasted one to causes: what happened, who says so, what to write."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from mockserver import FACTS, hide_secrets

from .context import Context, filled, step_of
from .evidence import code_and_text, of_change
from .finding import Found, Sure, by_code, find, sayings_of
from .flat import Flat, clean
from .seen import Seen, see

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from mockserver import Fact

    from ..model import Subject
    from .context import FactTold
    from .evidence import Evidence
    from .texts import Text

_SURENESS: Final = list(Sure)


@dataclass(frozen=True, slots=True)
class Cause:
    """Why somebody got a text."""

    sure: Sure
    why: str
    #: The words of the pasted text by which it was known.
    words: str
    says: str
    fix: str
    #: The line that mends it, where the SDK is known.
    code: str = ""
    warning: bool = False
    #: Likeliest first; the text alone cannot tell them apart.
    facts: tuple[FactTold, ...] = ()
    #: What the histories say: of this wording, and of what the SDK version does.
    rows: tuple[Evidence, ...] = ()
    #: Who says the text, and where that can be seen, if no fact and no row does.
    source: str = ""


@dataclass(frozen=True, slots=True)
class Explanation:
    """A text explained; no causes: nothing known is like it."""

    text: str
    seen: Seen
    subject: Subject | None
    causes: tuple[Cause, ...]


def explain(text: str, subject: Subject | None = None) -> Explanation:
    """Explain a text, for an SDK version where one is given or named in the text."""
    flat = Flat(clean(text))
    seen = see(flat.text)
    context = Context(seen, subject or seen.subject)
    found = find(flat, seen)
    causes = [*_named(context, found), *(_of_words(context, group, found) for group in _groups(found))]
    if all(cause.warning for cause in causes):
        causes += _of_codes(context, found)
    causes.sort(key=lambda cause: (cause.warning, _SURENESS.index(cause.sure)))
    return Explanation(hide_secrets(flat.text), seen, context.subject, tuple(_once(causes)))


def _groups(found: Iterable[Found]) -> list[list[Found]]:
    """Those of the same words, and those of the same meaning, are one cause; what came last comes first."""
    groups: list[list[Found]] = []
    for one in sorted((one for one in found if not one.text.wraps), key=lambda one: -one.start):
        same = next((group for group in groups if _same(group[0], one)), None)
        if same is None:
            groups.append([one])
        else:
            same.append(one)
    return groups


def _same(one: Found, other: Found) -> bool:
    if one.text.meaning is None or other.text.meaning is None:
        return one.text.meaning is other.text.meaning and one.overlaps(other)
    return one.text.meaning == other.text.meaning


def _of_words(context: Context, group: Sequence[Found], found: Sequence[Found]) -> Cause:
    """The cause that known words speak of."""
    best = group[0]
    if best.text.fact is not None:
        facts = context.ranked((one.text.fact for one in group if one.text.fact), best.values)
        around = [one for one in found if one.text.wraps]
        rows = [*_rows(context, around), *context.rows_about(facts[0])]
        cause = _of_facts(context, facts, best.values, rows)
        why = best.why + _against(context.seen, best.text)
        return replace(cause, sure=best.sure, why=why, words=hide_secrets(best.words))
    return _of_meaning(context, group)


def _of_meaning(context: Context, group: Sequence[Found]) -> Cause:
    """The cause that is known of a text which is no fact's."""
    best = group[0]
    meaning = best.text.meaning
    assert meaning is not None, "a text is of a fact, or means something"
    values = {name: value for one in reversed(group) for name, value in one.values.items()}
    facts = context.led(meaning.leads, int(values.get("status", 0))) if meaning.leads else []
    fix = context.fix(meaning, values)
    told = tuple(context.told(fact, values) for fact in facts)
    # That the words are known is certain; which of several facts is behind them is not.
    sure = Sure.LIKELY if len(told) > 1 and not fix and not context.version else best.sure
    return Cause(
        sure,
        best.why,
        hide_secrets(best.words),
        _says(context, filled(meaning.cause, values), told if not fix else ()),
        fix or (told[0].fix if told else ""),
        context.code(meaning.leads, facts),
        meaning.warning,
        told,
        _unique([*_rows(context, group), *context.rows(meaning.questions)]),
        next((f"{said.speaker}: {said.source}" for one in group if (said := one.text.saying)), ""),
    )


def _says(context: Context, cause: str, told: Sequence[FactTold]) -> str:
    """A cause with the likeliest of the facts that can be behind it."""
    if not told:
        return cause
    likely = "" if context.version or len(told) == 1 else "most often "
    return f"{cause}: {likely}{told[0].condition}"


def _of_facts(
    context: Context, facts: Sequence[Fact], values: dict[str, str], rows: Iterable[Evidence]
) -> Cause:
    told = tuple(context.told(fact, values) for fact in facts)
    code = context.code(step_of(facts[0]), facts)
    return Cause(Sure.CERTAIN, "", "", told[0].condition, told[0].fix, code, facts=told, rows=_unique(rows))


def _named(context: Context, found: Iterable[Found]) -> list[Cause]:
    """Facts that the text names by their ids, as the mock's log does, beside those whose words are there."""
    there = {one.text.fact.id for one in found if one.text.fact is not None}
    facts = [FACTS[id] for id in context.seen.facts]
    if not facts or any(fact.id in there for fact in facts):
        return []
    cause = _of_facts(context, facts, {}, context.rows_about(facts[0]))
    return [replace(cause, why="named by its id", words=", ".join(fact.id for fact in facts))]


def _of_codes(context: Context, found: Sequence[Found]) -> Iterator[Cause]:
    """Codes whose words are not known, or not there."""
    seen = context.seen
    for text in sayings_of(seen.codes, seen.exit_code):
        yield _of_meaning(context, [Found(text, Sure.CODE, "its code")])
    facts = context.ranked(by_code(seen), {})
    if not facts:
        return
    codes = ", ".join(map(str, sorted({code_and_text(fact)[0] for fact in facts})))
    around = [one for one in found if one.text.wraps]
    reason = next((one.values["reason"] for one in around if one.values.get("reason")), "")
    cause = _of_facts(context, facts, {}, _rows(context, around))
    why = f"these words are not known: {hide_secrets(reason)}" if reason else "no words came with it"
    several = len(facts) > 1
    says = f"one of {len(facts)} things that the service answers with {codes}" if several else cause.says
    yield replace(
        cause, sure=Sure.CODE, why=why, words=codes, says=says, fix="" if several else cause.fix, code=""
    )


def _once(causes: Iterable[Cause]) -> Iterator[Cause]:
    """The same facts are told once, of the cause that comes first."""
    told: set[str] = set()
    for cause in causes:
        ids = {fact.evidence.row for fact in cause.facts}
        yield replace(cause, facts=()) if ids and ids <= told else cause
        told |= ids


def _against(seen: Seen, text: Text) -> str:
    """Of a code in the text that is not the one which is known to come with the words."""
    if text.code is None or not seen.codes or text.code in seen.codes:
        return ""
    return f"; these words are known with {text.code}, which is not in the text"


def _rows(context: Context, found: Iterable[Found]) -> list[Evidence]:
    """One row for each wording of an SDK: the first that has it."""
    first: dict[tuple[str, str], Evidence] = {}
    for one in found:
        for row in filter(context.is_own, one.text.rows):
            first.setdefault((row.sdk, one.text.template), of_change(row))
    return list(first.values())


def _unique(rows: Iterable[Evidence]) -> tuple[Evidence, ...]:
    return tuple(dict.fromkeys(rows))
