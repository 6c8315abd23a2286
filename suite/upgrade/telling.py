"""An upgrade as what its owner reads: what stops and the lines that mend it, what starts, what differs."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from mockserver import service_date

from ..calls import calls_of
from ..explain.evidence import chain
from ..model import Behaviour, Configuration, Probe, Verdict
from ..prose import Part, Telling
from ..reports.secrets import hidden
from ..same import Same
from ..sdks import SDKS
from ..snippets import code_in, name
from .model import SEEN, Direction
from .seen import differences

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ..explain.evidence import Evidence
    from ..model import Case, Outcome, Seen, Step, Subject
    from .model import Block, Comparison, Difference, Fix, Group, Pair

#: Headings, in order, with their style.
_SECTIONS: Final = (
    (Direction.STOPS, "Stops working", "bold red"),
    (Direction.STARTS, "Starts working", "bold green"),
    (Direction.FAILS_OTHERWISE, "Fails otherwise", "bold yellow"),
)
_SIDE: Final = {"create": "the client that mints", "connect": "the client that connects"}
#: Of a list as long as this or longer, the rest is counted; JSON has all.
_SHOWN: Final = 8
#: What follows from a call that fails: nothing more is sent.
_FOLLOWS: Final = frozenset(
    {"call", "callbacks", "message", "frames", "verdict", "exception", "text", "shows"}
)


def of(comparison: Comparison) -> Telling:
    """Everything; secrets hidden."""
    parts = [*_head(comparison), *_own(comparison)]
    for direction, title, style in _SECTIONS:
        groups = [group for group in comparison.groups if group.direction is direction]
        if groups:
            parts.append(Part("head", title, style=style))
            parts += [part for group in groups for part in _group(group, comparison)]
    parts += [*_blocks(comparison), *_not_measured(comparison)]
    return hidden(Telling(tuple(parts), data(comparison)))


# -- the summary ------------------------------------------------------------------------------------------


def _head(comparison: Comparison) -> list[Part]:
    sdk = SDKS[comparison.before.sdk]
    title = f"{sdk.shown}: {comparison.before.shown} → {comparison.after.shown}"
    style = {0: "bold green", 1: "bold red", 2: "bold yellow"}[comparison.exit_code]
    dates = dict.fromkeys(pair.date for pair in comparison.pairs)
    when = ", ".join(f"{date} ({service_date(date)})" if "-" not in date else date for date in dates)
    return [
        Part("head", title, style=style),
        Part("text", summary(comparison)),
        Part("small", f"{len(comparison.pairs)} cells on both versions, at service date {when}"),
    ]


def summary(comparison: Comparison) -> str:
    """One sentence: how many stop, start, fail otherwise and are not measured."""
    said = []
    for direction in (Direction.STOPS, Direction.STARTS, Direction.FAILS_OTHERWISE):
        cases = dict.fromkeys(pair.case for pair in comparison.of(direction))
        if cases:
            said.append(f"{_counted(list(cases))} {_verb(direction, len(cases))}")
    if comparison.blocks:
        count = sum(len(block.differences) for block in comparison.blocks)
        said.append(
            f"{_number(count, 'thing')} {'is' if count == 1 else 'are'} otherwise where the verdict stays"
        )
    missing = comparison.of(Direction.NOT_MEASURED)
    if missing:
        said.append(f"{_number(len(missing), 'cell')} {'was' if len(missing) == 1 else 'were'} not measured")
    return "; ".join(said) or "nothing changes"


def _counted(cases: Sequence[Case]) -> str:
    placed = sum(isinstance(case, Configuration) for case in cases)
    counts = ((placed, "placement"), (len(cases) - placed, "behaviour"))
    return " and ".join(_number(count, word) for count, word in counts if count)


def _number(count: int, word: str) -> str:
    return f"{count} {word}{'' if count == 1 else 's'}"


def _verb(direction: Direction, count: int) -> str:
    words = direction.value.split()
    return direction.value if count == 1 else " ".join((words[0].removesuffix("s"), *words[1:]))


def _own(comparison: Comparison) -> list[Part]:
    """The configuration that was asked for, where no group tells of it."""
    pairs = [pair for pair in comparison.pairs if pair.case == comparison.own]
    told = any(pair.case == comparison.own for group in comparison.groups for pair in group.pairs)
    if not pairs or told:
        return []
    shown = [Part("row", _arrow(*pair.labels), pair.date, 1) for pair in pairs]
    fix = comparison.mending.get(pairs[0].case) if isinstance(pairs[0].case, Configuration) else None
    head = Part("head", f"Your placement, {pairs[0].case.slug}, does in both versions the same")
    return [head, *shown, *(_fix(fix, comparison) if fix else [])]


def _arrow(before: str, after: str) -> str:
    return f"{before} → {after}" if before != after else f"{before} → the same"


# -- groups -----------------------------------------------------------------------------------------------


def _group(group: Group, comparison: Comparison) -> list[Part]:
    parts = [Part("head", _heading(group, comparison), depth=1)]
    for date, labels in group.shifts:
        parts.append(Part("row", _few([_arrow(*pair) for pair in labels]), date, 2))
    parts += _views(group)
    parts += _surprises(group)
    parts += _because([*chain(group.rows), *chain(group.facts)])
    if group.direction is Direction.STOPS:
        parts += _fix(group.fix, comparison) if group.fix else _no_fix(group, comparison)
    return parts


def _heading(group: Group, comparison: Comparison) -> str:
    """Whom it is about; of one behaviour, what happens."""
    cases = dict.fromkeys(pair.case for pair in group.pairs)
    if comparison.own in cases:
        return f"your placement: {group.cases[0]}"
    only = next(iter(cases))
    if len(cases) == 1 and isinstance(only, Behaviour):
        return f"{only.slug}: {only.title}"
    return _few(group.cases, "; ")


def _few(texts: Iterable[str], joint: str = ", ") -> str:
    """The first of them, and how many more there are."""
    listed = list(texts)
    more = len(listed) - _SHOWN
    return joint.join(listed[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _views(group: Group) -> list[Part]:
    """What the application sees of the new version, and what crosses the wire otherwise."""
    views: dict[str, dict[str, None]] = defaultdict(dict)
    wires: dict[str, None] = {}
    for pair in group.pairs:
        if pair.direction is group.direction:
            views[_view(pair.after, pair.case)].setdefault(_named(pair))
            for difference in _causes(pair):
                wires.setdefault(f"{difference.aspect} of {difference.told}")
    parts = []
    for view, cases in list(views.items())[:_SHOWN]:
        those = f" ({_few(cases)})" if len(views) > 1 else ""
        parts.append(Part("row", f"{view}{those}", "then", 2))
    parts += [Part("row", told, "wire", 2) for told in list(wires)[:_SHOWN]]
    return [
        replace(part, label="" if number and part.label == parts[number - 1].label else part.label)
        for number, part in enumerate(parts)
    ]


def _named(pair: Pair) -> str:
    return pair.case.slug


def _causes(pair: Pair) -> list[Difference]:
    """What is otherwise on the wire, without what follows from the verdict."""
    return [
        difference
        for _, before, after in pair.steps
        for difference in differences(before, after)
        if difference.aspect not in (*SEEN, *_FOLLOWS)
    ]


def _view(outcome: Outcome | None, case: Case) -> str:
    """What an application sees of a cell, in a sentence."""
    if outcome is None:
        return "this version lacks what it is about"
    observation = outcome.observation
    assert observation is not None  # groups are of what was measured
    step, seen = next(
        ((step, seen) for step, seen in observation.steps if seen.verdict is not Verdict.WORKS),
        observation.steps[-1],
    )
    return sees(seen, _call(step, seen, case, SDKS[outcome.cell.subject.sdk].language))


def _call(step: Step, seen: Seen, case: Case, language: str) -> str:
    """The call in which it ends, as the application writes it."""
    what = case if isinstance(case, Behaviour) else case.placement(step)
    asked = dict(calls_of(Probe("", step, what)))
    verb = seen.ends_in or next(iter(asked))
    return name(language, verb, asked.get(verb, {}))


def sees(seen: Seen, call: str) -> str:
    """What an application sees of a step that ends in a call."""
    error = seen.error or {}
    text = Same()(str(error.get("message") or ""))
    said = " ".join(filter(None, (str(error.get("class") or ""), f"“{text}”" if text else "")))
    code = dict(seen.shows).get("exit code")
    exits = f" with exit code {code}" if code else ""
    return {
        Verdict.WORKS: "it works",
        Verdict.REFUSED: f"{call}: {said or 'an error'}",
        Verdict.SILENT: f"{call}: it ends{exits}, and nobody is told",
        Verdict.HANGS: f"{call} never returns",
        Verdict.CRASHES: f"{call}: the process ends{exits}" + (f", {said}" if said else ""),
        Verdict.ABSENT: "there is no such feature",
        Verdict.NOT_REACHED: "not reached",
    }[seen.verdict]


def _surprises(group: Group) -> list[Part]:
    """Where measurement and tables disagree: then the rows below are not the reason."""
    texts = dict.fromkeys(
        text
        for pair in group.pairs
        for side in (pair.before, pair.after)
        if side is not None
        for text in side.differences
    )
    return (
        [Part("row", f"the tables say otherwise: {_few(texts, '; ')}", "but", 2, "yellow")] if texts else []
    )


def _because(rows: Sequence[Evidence]) -> list[Part]:
    parts: list[Part] = []
    for row in rows:
        parts.append(Part("row", f"{row.row} ({row.confidence}): {row.says}", "" if parts else "because", 2))
        parts.append(Part("small", "; ".join(row.sources) or "no source: a choice", "", 2))
    return parts or [Part("row", "no row of the tables says so", "because", 2)]


# -- what to do -------------------------------------------------------------------------------------------


def _fix(fix: Fix, comparison: Comparison) -> list[Part]:
    return mending(fix, comparison.before, comparison.after)


def mending(
    fix: Fix, before: Subject, after: Subject, places: Mapping[Step, str] | None = None
) -> list[Part]:
    """What to write instead; ``places`` says of each side where that is in the application."""
    language = SDKS[after.sdk].language
    if not fix.edits:
        words, code, rest = code_in(fix.words)
        parts = [Part("fix", words, depth=2)]
        parts += [Part("code", code, depth=2, language=language)] if code else []
        return [*parts, *([Part("text", rest, depth=2)] if rest else [])]
    works = f"it works with {after.shown}"
    if fix.in_both:
        works += f" and with {before.shown}, so it can go first"
    sure = "measured" if fix.proven else "so the tables say; not measured"
    comment = {"python": "# ", "js": "// "}[language]
    lines = []
    for edit in fix.edits:
        place = (places or {}).get(edit.step)
        lines.append(f"  {comment}{_SIDE[edit.step]}{f': {place}' if place else ''}")
        lines += [f"- {line}" for line in edit.before] + [f"+ {line}" for line in edit.after]
    return [
        Part("fix", f"write this: {works} ({sure})", depth=2),
        Part("code", "\n".join(lines), depth=2, language="diff"),
    ]


def _no_fix(group: Group, comparison: Comparison) -> list[Part]:
    """Nothing is known to mend it: where to stay, or how to find out."""
    if group.rows:
        since = chain(group.rows)[0].since
        return [Part("fix", f"nothing is known that mends it: stay on a version before {since}", depth=2)]
    sdk, case = comparison.after.sdk, group.pairs[0].case
    what = (
        f"--behaviour {case.slug}"
        if isinstance(case, Behaviour)
        else f"--create {case.create.slug('call')} --connect {case.connect.slug('session')}"
    )
    span = f"--from {comparison.before.version} --to {comparison.after.version}"
    return [
        Part("fix", "find the version in which it stops", depth=2),
        Part("code", f"genai-live-compat bisect {sdk} {span} {what}", depth=2, language="console"),
    ]


# -- the rest ---------------------------------------------------------------------------------------------


def _blocks(comparison: Comparison) -> list[Part]:
    if not comparison.blocks:
        return []
    parts = [Part("head", "Seen otherwise, with the same verdict", style="bold")]
    for block in comparison.blocks:
        parts.append(Part("head", "everywhere" if block.everywhere else _few(block.where), depth=1))
        parts += _block(block)
    return parts


def _block(block: Block) -> list[Part]:
    parts = [Part("row", difference.told, difference.aspect, 2) for difference in block.differences]
    return parts + (_because(chain(block.rows)) if block.rows else [])


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


# -- for programs -----------------------------------------------------------------------------------------


def data(comparison: Comparison) -> dict[str, Any]:
    """The whole comparison as JSON."""
    return {
        "before": str(comparison.before),
        "after": str(comparison.after),
        "exit_code": comparison.exit_code,
        "summary": summary(comparison),
        "groups": [_group_data(group) for group in comparison.groups],
        "differences": [_block_data(block) for block in comparison.blocks],
        "not_measured": [
            {"date": pair.date, "case": pair.case.slug} for pair in comparison.of(Direction.NOT_MEASURED)
        ],
    }


def _group_data(group: Group) -> dict[str, Any]:
    return {
        "direction": group.direction.value,
        "cases": list(group.cases),
        "because": [row.json() for row in (*chain(group.rows), *chain(group.facts))],
        "fix": _fix_data(group.fix),
        "cells": [
            {
                "case": pair.case.slug,
                "date": pair.date,
                "direction": pair.direction.value,
                "before": pair.labels[0],
                "after": pair.labels[1],
                "sees": _view(pair.after, pair.case),
                "differences": [
                    {"step": step, **difference.json()}
                    for step, before, after in pair.steps
                    for difference in differences(before, after)
                ],
            }
            for pair in group.pairs
        ],
    }


def _fix_data(fix: Fix | None) -> dict[str, Any] | None:
    if fix is None:
        return None
    edits = [{"step": e.step, "before": list(e.before), "after": list(e.after)} for e in fix.edits]
    return {"edits": edits, "words": fix.words, "in_both": fix.in_both, "measured": fix.proven}


def _block_data(block: Block) -> dict[str, Any]:
    return {
        "where": list(block.where),
        "differences": [difference.json() for difference in block.differences],
        "because": [row.json() for row in chain(block.rows)],
    }
