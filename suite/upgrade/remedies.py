"""What to do about something that stops: the lines to write, or where to stay, or how to find out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..explain.evidence import chain
from ..model import NEAR, Behaviour
from ..prose import Part
from ..sdks import SDKS
from ..snippets import code_in
from .asking import line

if TYPE_CHECKING:
    from ..model import Case, Step, Subject
    from .model import Comparison, Fix, Group, Own

_SIDE: Final[dict[Step, str]] = {"create": "the client that mints", "connect": "the client that connects"}
_COMMENT: Final = {"python": "# ", "js": "// "}


def remedy(fix: Fix | None, comparison: Comparison, group: Group | None = None) -> list[Part]:
    """What mends it, as a person reads it."""
    if fix is None:
        return _unknown(group, comparison) if group is not None else []
    if not fix.edits:
        return _words(fix, comparison)
    return edits(fix, comparison.before, comparison.after, comparison.own)


def edits(fix: Fix, before: Subject, after: Subject, own: Own) -> list[Part]:
    """The lines to write, and where in an application's own source."""
    language = SDKS[after.sdk].language
    sure = "measured" if fix.proven else "as the tables say, not measured"
    works = f"it works with {after.shown}"
    if fix.in_both:
        works = f"it works with {before.shown} and with {after.shown}"
        sure += "; so write it before you upgrade"
    lines = []
    for edit in fix.edits:
        where = ", ".join(own.at(edit.step, edit.given))
        lines.append(f"  {_COMMENT[language]}{f'{where}: ' if where else ''}{_SIDE[edit.step]}")
        lines += [f"- {line}" for line in edit.before] + [f"+ {line}" for line in edit.after]
    parts = [
        Part("fix", f"write this: {works} ({sure})", depth=2),
        Part("code", "\n".join(lines), depth=2, language="diff"),
    ]
    return parts + [
        Part("text", f"Changed on {_SIDE[step]} alone, it is not mended: {seen}", depth=2)
        for step, seen in fix.alone
    ]


def _words(fix: Fix, comparison: Comparison) -> list[Part]:
    """Words with code in them: the code apart."""
    before, code, after = code_in(fix.words)
    parts = [Part("fix", before, depth=2)] if before else []
    if code:
        parts.append(Part("code", code, depth=2, language=SDKS[comparison.after.sdk].language))
    return [*parts, *([Part("text", after, depth=2)] if after else [])]


def _unknown(group: Group, comparison: Comparison) -> list[Part]:
    """Nothing is known to mend it."""
    if group.rows:
        since = chain(group.rows)[0].since
        return [Part("fix", f"no fix is known; versions before {since} do not have this", depth=2)]
    if len(line(comparison.before, comparison.after)) <= len(("before", "after")):
        return [Part("fix", "no fix is known; no other version lies between these two", depth=2)]
    return [
        Part("fix", "find the version in which it stops", depth=2),
        Part("code", bisect(group, comparison), depth=2, language="console"),
    ]


def bisect(group: Group, comparison: Comparison) -> str:
    """The command that finds the version in which the first of a group changes."""
    pair = next(pair for pair in group.pairs if pair.direction is group.direction)
    return bisect_between(comparison.before, comparison.after, pair.case, pair.date)


def bisect_between(before: Subject, after: Subject, case: Case, date: str) -> str:
    """The command that follows a case between two versions."""
    if isinstance(case, Behaviour):
        what = f"--behaviour '{case.slug}'"
    else:
        create, connect = (case.placement(step).slug(NEAR[step]) for step in ("create", "connect"))
        what = f"--create {create} --connect {connect} --service-date {date}"
    ends = (one.source or one.version for one in (before, after))
    return "genai-live-compat bisect {} --from {} --to {} {}".format(after.sdk, *ends, what)
