"""Two JSON values compared as the service reads them: proto JSON has several spellings for one message.

``thinking_config`` and ``thinkingConfig`` are one field, ``"3"`` and ``3`` one number, ``Z`` and ``+00:00``
one zone, a null is a field that is not there. Such a difference is told as a spelling, never as a field that
is gone and another that came.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any, Final, Literal

from ..spelling import camel

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Kind = Literal["added", "removed", "changed", "spelled"]
Path = tuple[str | int, ...]

#: Below these, names are the application's own; what they name is a message again.
_MAPS: Final = frozenset({"properties", "headers", "labels"})
#: These hold any JSON, in which every spelling counts.
_ANYTHING: Final = frozenset({"args", "response", "parametersJsonSchema", "responseJsonSchema", "default"})
#: A list of paths of fields, in one text.
_MASK: Final = "fieldMask"
#: Bytes as text.
_BYTES: Final = frozenset({"data", "thoughtSignature"})
_INSTANT: Final = re.compile(r"(.+?)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)")
_DURATION: Final = re.compile(r"-?\d+(?:\.\d+)?s")
_NUMBER: Final = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
#: More digits than any field has; what is longer is a text.
_DIGITS: Final = 40


@dataclass(frozen=True, slots=True)
class Delta:
    """One place in which two values differ.

    Attributes:
        path: names as proto JSON has them first, in camelCase, and positions in lists.
        kind: ``spelled`` where both mean the same.
        before, after: the values as compact JSON, or the names where these are spelled otherwise; empty where
            there is none.
    """

    path: Path
    kind: Kind
    before: str = ""
    after: str = ""

    @property
    def place(self) -> str:
        """``setup.tools[0].functionDeclarations``; empty for the whole."""
        shown = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in self.path)
        return shown.removeprefix(".")


def differences(before: Any, after: Any) -> tuple[Delta, ...]:
    """All that differs between two JSON values, in the order of the first."""
    return tuple(_compared(before, after, (), exact=False))


def compact(value: Any) -> str:
    """A value as JSON without white space; two that are equal have one text."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _compared(before: Any, after: Any, path: Path, *, exact: bool) -> Iterator[Delta]:
    if compact(before) == compact(after):
        return
    if (before is None or after is None) and path and not exact:
        yield _one_sided(path, before if after is None else after, added=before is None, exact=exact)
    elif isinstance(before, dict) and isinstance(after, dict):
        yield from _objects(before, after, path, exact=exact)
    elif isinstance(before, list) and isinstance(after, list):
        yield from _lists(before, after, path, exact=exact)
    else:
        name = next((part for part in reversed(path) if isinstance(part, str)), "")
        same = not exact and _means_the_same(before, after, name)
        yield Delta(path, "spelled" if same else "changed", compact(before), compact(after))


# -- objects and lists ------------------------------------------------------------------------------------


def _objects(before: dict[str, Any], after: dict[str, Any], path: Path, *, exact: bool) -> Iterator[Delta]:
    names = _names(before, after, own=exact or bool(path and path[-1] in _MAPS))
    for name, (here, there) in names.items():
        inside = (*path, name)
        opaque = exact or name in _ANYTHING
        if here is None or there is None:
            value = before[here] if here is not None else after[str(there)]
            yield _one_sided(inside, value, added=here is None, exact=exact)
            continue
        if here != there:
            yield Delta(inside, "spelled", here, there)
        yield from _compared(before[here], after[there], inside, exact=opaque)


def _one_sided(path: Path, value: Any, *, added: bool, exact: bool) -> Delta:
    """A field that only one side has; a null says in proto JSON that it is not there."""
    text = compact(value)
    kind: Kind = "spelled" if value is None and not exact else "added" if added else "removed"
    return Delta(path, kind, "" if added else text, text if added else "")


def _names(
    before: Mapping[str, Any], after: Mapping[str, Any], *, own: bool
) -> dict[str, tuple[str | None, str | None]]:
    """Each field with its name on either side; an object that has a field twice is taken by the letter."""
    spelled = [list(map(camel, value)) for value in (before, after)]
    own = own or any(len(set(names)) < len(names) for names in spelled)
    key = str if own else camel
    mine, theirs = ({key(name): name for name in value} for value in (before, after))
    return {name: (mine.get(name), theirs.get(name)) for name in dict.fromkeys((*mine, *theirs))}


def _lists(before: list[Any], after: list[Any], path: Path, *, exact: bool) -> Iterator[Delta]:
    """Items that are the same stay together; of what is between, the first are compared one by one."""
    mine, theirs = (
        [compact(item if exact else _in_one_spelling(item)) for item in side] for side in (before, after)
    )
    for _, i, i_end, j, j_end in SequenceMatcher(None, mine, theirs, autojunk=False).get_opcodes():
        paired = min(i_end - i, j_end - j)
        for step in range(paired):
            yield from _compared(before[i + step], after[j + step], (*path, j + step), exact=exact)
        for place in range(i + paired, i_end):
            yield Delta((*path, place), "removed", before=compact(before[place]))
        for place in range(j + paired, j_end):
            yield Delta((*path, place), "added", after=compact(after[place]))


def _in_one_spelling(value: Any) -> Any:
    """As a key to tell items apart: names in camelCase, no nulls."""
    if isinstance(value, dict):
        return {camel(name): _in_one_spelling(item) for name, item in value.items() if item is not None}
    return [_in_one_spelling(item) for item in value] if isinstance(value, list) else value


# -- values -----------------------------------------------------------------------------------------------


def _means_the_same(before: Any, after: Any, name: str) -> bool:
    """Whether two values that are no objects and no lists are one to a reader of proto JSON."""
    if _number(before) is not None and _number(before) == _number(after):
        return True
    if not isinstance(before, str) or not isinstance(after, str):
        return False
    if name == _MASK:
        return _mask(before) == _mask(after)
    if name in _BYTES:
        return _bytes(before) is not None and _bytes(before) == _bytes(after)
    if _DURATION.fullmatch(before) and _DURATION.fullmatch(after):
        return Decimal(before[:-1]) == Decimal(after[:-1])
    return _instant(before) is not None and _instant(before) == _instant(after)


def _number(value: Any) -> Decimal | None:
    """A number, also where it is written as a text."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    text = value if isinstance(value, str) else repr(value)
    if len(text) > _DIGITS or not _NUMBER.fullmatch(text):
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def _mask(text: str) -> list[str]:
    """The paths of a field mask, in one spelling and order."""
    return sorted({".".join(map(camel, path.strip().split("."))) for path in text.split(",")})


def _bytes(text: str) -> bytes | None:
    """Bytes in either alphabet, with padding or without."""
    plain = text.translate(str.maketrans("-_", "+/")).rstrip("=")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except binascii.Error:
        return None


def _instant(text: str) -> tuple[str, str] | None:
    """A moment with a zone: to the nanosecond, in UTC."""
    found = _INSTANT.fullmatch(text)
    if found is None:
        return None
    moment, fraction, zone = found[1], (found[2] or "").rstrip("0"), found[3]
    try:
        at = datetime.fromisoformat(moment)
    except ValueError:
        # How far from now, as what is another one in every run is given; the zone is in it.
        return (moment, fraction) if moment.startswith("{now") else None
    if at.tzinfo is not None:
        return None
    try:
        return (at - _offset(zone)).isoformat(), fraction
    except OverflowError:  # before the year 1
        return None


def _offset(zone: str) -> timedelta:
    if zone == "Z":
        return timedelta()
    ahead = timedelta(hours=int(zone[1:3]), minutes=int(zone[4:6]))
    return ahead if zone[0] == "+" else -ahead
