"""What is asked of two versions: which ones, and which cells."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING, Final

from packaging.version import Version

from .. import plan, versions
from ..cases import BEHAVIOURS, CASES
from ..environments import artefacts
from ..model import PLACEMENT, Behaviour, Configuration, Subject
from . import fixes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..model import Case, Cell

#: All but the last number of a version: the newest that begins so is meant.
_BEGINNING: Final = re.compile(r"\d+(?:\.\d+)?")
LATEST: Final = "latest"
INSTALLED: Final = artefacts.INSTALLED


def subject(sdk: str, text: str) -> Subject:
    """The version that a person names: ``3.4.0``, ``3`` for its newest, ``latest``, ``installed`` or a file.

    Raises:
        ValueError: no such SDK, version or file.
    """
    text = text.strip()
    if text == LATEST:
        spec = sdk
    elif text == INSTALLED or "/" in text or "\\" in text or text.endswith(_endings(sdk)):
        spec = f"{sdk}@{text}"
    elif _BEGINNING.fullmatch(text):
        spec = f"{sdk}=={text}.*"
    else:
        spec = f"{sdk}=={text}"
    return versions.subjects([spec], LATEST)[-1]


def _endings(sdk: str) -> tuple[str, ...]:
    return artefacts.FILES[sdk][1] if sdk in artefacts.FILES else ()


def cases(wanted: Sequence[str] = (), own: Sequence[Configuration] = ()) -> tuple[Case, ...]:
    """The cases of some topics; none: all of them.

    Args:
        wanted: topics.
        own: the application's configurations, in the place of all.

    Raises:
        ValueError: there is no such topic.
    """
    known = dict.fromkeys(case.topic for case in CASES)
    for topic in wanted:
        if topic not in known:
            near = difflib.get_close_matches(topic, known, n=1)
            meant = f", did you mean {near[0]}?" if near else ""
            raise ValueError(f"no topic {topic!r}{meant} expected one of {', '.join(known)}")
    found = tuple(case for case in CASES if not wanted or case.topic in wanted)
    if not own or (wanted and PLACEMENT not in wanted):
        return found
    return (*own, *(case for case in found if isinstance(case, Behaviour)))


def line(before: Subject, after: Subject) -> tuple[Subject, ...]:
    """The published versions from one to the other, both included, in this direction.

    Raises:
        ValueError: it is the same version.
    """
    if before == after:
        raise ValueError(f"both ends are {before}: expected two versions with others between them")
    low, high = sorted((before, after), key=lambda subject: Version(subject.version))
    inner = [
        Subject(before.sdk, version)
        for version in versions.published(before.sdk)
        if Version(low.version) < Version(version) < Version(high.version)
    ]
    every = (low, *inner, high)
    return every if low == before else every[::-1]


def cells(before: Subject, after: Subject, dates: Sequence[str], asked: Sequence[Case]) -> tuple[Cell, ...]:
    """The cells of both versions, with those that prove the fixes of what may stop."""
    proofs = fixes.cells([c for c in asked if isinstance(c, Configuration)], before, after, dates)
    return tuple(dict.fromkeys((*plan.cells((before, after), dates, (), asked), *proofs)))


def named(slug: str) -> Behaviour:
    """A behaviour by its slug.

    Raises:
        ValueError: there is no such one.
    """
    known = {behaviour.slug: behaviour for behaviour in BEHAVIOURS}
    if slug not in known:
        near = ", ".join(difflib.get_close_matches(slug, known, n=3, cutoff=0.4)) or ", ".join(
            list(known)[:3]
        )
        raise ValueError(f"no behaviour {slug!r}: near are {near}")
    return known[slug]
