"""Check JSON against the messages as Google's JSON transcoder does, and give it one spelling.

The transcoder accepts both spellings of a field, a single value where a list is expected, numbers as
strings and nulls as absent; it reports every violation, with proto paths, joined by newlines.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, Final, Literal

from .facts import fact
from .messages import ENUM_VALUES, LIMITED, MESSAGES, camel, snake

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from .profiles import Profile

    #: Where a value stands: the place it stands in, and one step. Written out only where something is wrong.
    _Place: TypeAlias = tuple["_Place | None", str]
    _Read: TypeAlias = Callable[[Any, _Place, list["Violation"]], Any]

Json = Any
_PACKAGE: Final = "type.googleapis.com/google.ai.generativelanguage"
_RFC3339: Final = re.compile(
    r"^(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)$", re.ASCII
)
#: Numbers in a string, as proto JSON reads them.
_WHOLE: Final = re.compile(r"^-?\d{1,20}(\.0+)?$", re.ASCII)
_NUMBER: Final = re.compile(r"^(-?\d+(\.\d+)?([eE][+-]?\d+)?|-?Infinity|NaN)$", re.ASCII)
#: Deeper JSON than this is refused instead of exhausting the stack; the service's own limit is unknown.
MAX_DEPTH: Final = 100


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing wrong with a message: the proto path of the parent, and the text the service sends."""

    field: str
    description: str
    kind: Literal["name", "kind", "value", "time", "json"] = "value"
    name: str = ""
    type: str = ""
    value: str = ""


@dataclass(slots=True)
class Checked:
    """A message in one spelling, and all that is wrong with it."""

    value: dict[str, Json]
    violations: list[Violation] = field(default_factory=list)
    #: It has too few brackets to be too deep.
    is_flat: bool = False

    @property
    def message(self) -> str:
        """All violations as the service joins them."""
        return "\n".join(violation.description for violation in self.violations)


def parse(payload: bytes | str) -> Checked:
    """Read a JSON object; a payload that is none gives a violation, as the transcoder words it."""
    try:
        text = payload.decode("utf-8") if isinstance(payload, bytes) else payload
        value = json.loads(text) if text.strip() else {}
    except (ValueError, RecursionError) as error:  # no JSON, no UTF-8, a number too long to read
        return Checked({}, [Violation("", _not_json(payload, error), "json")])
    if not isinstance(value, dict):
        text = 'Invalid JSON payload received. Unknown name "": Root element must be a message.'
        return Checked({}, [Violation("", text, "json")])
    return Checked(value, is_flat=text.count("{") + text.count("[") <= MAX_DEPTH)


def _not_json(payload: bytes | str, error: Exception) -> str:
    # How deep Python reads before it gives up differs between its versions: too deep is too deep for all.
    if not isinstance(error, json.JSONDecodeError) or _depth_at(error.pos, error.doc) > MAX_DEPTH:
        return "Invalid JSON payload received. Unexpected token."
    line = error.doc.split("\n")[error.lineno - 1]
    start = max(0, error.colno - 21)
    return (
        f"Invalid JSON payload received. Unexpected token.\n{line[start : start + 60]}\n"
        f"{' ' * (error.colno - 1 - start)}^"
    )


def _depth_at(position: int, text: str) -> int:
    """How many brackets are open there; of those in strings, too."""
    opened, closed = (sum(text.count(one, 0, position) for one in pair) for pair in ("[{", "]}"))
    return opened - closed


def check(
    value: dict[str, Json], message: str, path: str, profile: Profile, *, is_flat: bool = False
) -> Checked:
    """Check a JSON object against a message.

    Args:
        value: the object, in either spelling at any depth.
        message: name of the message, for instance ``AuthToken``.
        path: proto path of the object itself, for instance ``auth_token``; empty for the root.
        profile: the API version and date whose fields count.
        is_flat: it is known not to be too deep.
    """
    if not is_flat and _too_deep(value):
        return Checked({}, [Violation(path, "Invalid JSON payload received. Unexpected token.", "json")])
    violations: list[Violation] = []
    return Checked(_readers(profile).message(message, value, (None, path), violations), violations)


def _too_deep(value: Json) -> bool:
    boxes = [value]
    for _ in range(MAX_DEPTH):
        boxes = [
            item
            for box in boxes
            for item in (box.values() if isinstance(box, dict) else box)
            if isinstance(item, (dict, list))
        ]
        if not boxes:
            return False
    return True


@dataclass(slots=True)
class _Field:
    """A field of a message as a profile has it: its JSON name, its step in a path, and what reads it."""

    name: str
    step: str
    read: _Read


class _Readers:
    """What reads values of each type, as one profile has them; what is wrong is added to a list."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._package = f"{_PACKAGE}.{profile.version}"
        #: Made when they are first needed: messages hold each other.
        self._fields: dict[str, dict[str, _Field]] = {}

    def message(self, message: str, value: Json, at: _Place, wrong: list[Violation]) -> dict[str, Json]:
        if not isinstance(value, dict):
            wrong.append(_invalid(at, f"{self._package}.{message}", value))
            return {}
        fields = self._fields.get(message) or self._make(message)
        clean: dict[str, Json] = {}
        for name, item in value.items():
            field = fields.get(name)
            if field is None:
                wrong.append(_unknown(name, _path(at)))
            elif item is not None:
                clean[field.name] = field.read(item, (at, field.step), wrong)
        return clean

    def _make(self, message: str) -> dict[str, _Field]:
        made = self._fields[message] = {
            name: _Field(json_name, f".{snake(json_name)}", self._reader(kind))
            for name, (json_name, kind) in MESSAGES[message].items()
            if self._granted(message, json_name)
        }
        return made

    def _reader(self, kind: str) -> _Read:
        if kind.endswith("[]"):
            return partial(self._list, self._reader(kind[:-2]))
        if kind.startswith("map<"):
            return _single(partial(self._map, kind[4:-1], self._reader(kind[4:-1])))
        if kind.startswith("@"):
            return _single(partial(self._enum, kind[1:]))
        if kind in MESSAGES:
            return _single(partial(self.message, kind))
        return partial(_scalar, kind, *SCALARS[kind])

    def _list(self, read: _Read, value: Json, at: _Place, wrong: list[Violation]) -> Json:
        items = value if isinstance(value, list) else [value]
        return [read(item, (at, f"[{n}]"), wrong) for n, item in enumerate(items)]

    def _map(self, kind: str, read: _Read, value: Json, at: _Place, wrong: list[Violation]) -> Json:
        if not isinstance(value, dict):
            wrong.append(_invalid(at, f"{self._package}.{kind}", value))
            return None
        return {key: read(item, (at, f"[{key}]"), wrong) for key, item in value.items()}

    def _enum(self, enum: str, value: Json, at: _Place, wrong: list[Violation]) -> Json:
        # Names in any case: documented examples write "type": "object".
        if isinstance(value, str) and value.upper() in ENUM_VALUES[enum]:
            return value.upper()
        if _is_int(value) and not isinstance(value, str):
            names = ENUM_VALUES[enum]
            return names[int(value)] if 0 <= value < len(names) else value
        wrong.append(_invalid(at, f"{self._package}.{enum}", value))
        return None

    def _granted(self, message: str, name: str) -> bool:
        wished = dict(self._profile.overrides).get(f"{self._profile.version}:{message}.{name}")
        if wished is not None:
            return wished
        grants = LIMITED.get((message, name))
        return grants is None or any(
            self._profile.version in fact(grant).versions and not self._profile.before(grant)
            for grant in grants
        )


#: A server has a profile for each API version; those of many tests are not kept for ever.
_readers: Final = lru_cache(maxsize=32)(_Readers)


def _single(read: _Read) -> _Read:
    """A reader of what is no list."""

    def single(value: Json, at: _Place, wrong: list[Violation]) -> Json:
        if isinstance(value, list):
            wrong.append(_listed(at))
            return None
        return read(value, at, wrong)

    return single


def _scalar(
    kind: str, wanted: str, accepts: Callable[[Json], bool], value: Json, at: _Place, wrong: list[Violation]
) -> Json:
    if accepts(value):
        return value
    if isinstance(value, list):
        wrong.append(_listed(at))
    elif kind == "Timestamp":
        path = _path(at)
        note = (
            f"Field '{camel(path.rpartition('.')[2])}', Illegal timestamp format; "
            "timestamps must end with 'Z' or have a valid timezone offset."
        )
        said = f"Invalid value at '{path}' ({wanted}), {note}"
        wrong.append(Violation(path, said, "time", value=str(value)))
    else:
        wrong.append(_invalid(at, wanted, value))
    return None


# -- what is wrong ----------------------------------------------------------------------------------------


def _path(at: _Place) -> str:
    """The proto path of a place."""
    steps = []
    place: _Place | None = at
    while place is not None:
        place, step = place
        steps.append(step)
    return "".join(reversed(steps)).removeprefix(".")


def _unknown(name: str, path: str) -> Violation:
    kind: Literal["name", "kind"] = "name" if path else "kind"
    return Violation(path, f"{_unknown_name(name, path)}: Cannot find field.", kind, name=name)


def _listed(at: _Place) -> Violation:
    parent, _, name = _path(at).rpartition(".")
    said = f"{_unknown_name(name, parent)}: Proto field is not repeating, cannot start list."
    return Violation(parent, said, "value", name=name, type=f"one {name}", value="a list")


def _invalid(at: _Place, wanted: str, value: Json) -> Violation:
    path = _path(at)
    shown = json.dumps(value, ensure_ascii=False) if not isinstance(value, dict) else "{...}"
    said = f"Invalid value at '{path}' ({wanted}), {shown}"
    return Violation(path, said, "value", type=wanted, value=shown)


def _unknown_name(name: str, path: str) -> str:
    at = f" at '{path}'" if path else ""
    return f'Invalid JSON payload received. Unknown name "{name}"{at}'


def _is_int(value: Json, bits: int = 32) -> bool:
    """Integers as numbers, as whole floats or in a string; a bool is no number."""
    if isinstance(value, str):
        # JSON's own numbers and no other text: Python would read "1_000" and " 5 " too.
        return _WHOLE.match(value) is not None and _is_int(int(value.partition(".")[0]), bits)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != value // 1:
        return False
    return bool(-(2 ** (bits - 1)) <= value < 2 ** (bits - 1))


def _is_float(value: Json) -> bool:
    if isinstance(value, str):
        return _NUMBER.match(value) is not None
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_timestamp(value: Json) -> bool:
    return isinstance(value, str) and timestamp(value) is not None


def timestamp(text: str) -> float | None:
    """Read an RFC 3339 timestamp as Unix seconds; None if it is none."""
    match = _RFC3339.match(text)
    if match is None:
        return None
    day, time, fraction, zone = match.groups()
    try:
        moment = datetime.fromisoformat(f"{day}T{time}{'+00:00' if zone in 'Zz' else zone}")
    except ValueError:
        return None
    return moment.timestamp() + float(fraction or 0)


def _is(kind: type, value: Json) -> bool:
    return isinstance(value, kind)


#: JSON scalars of proto3: the type the service names in its error, and what it accepts.
SCALARS: Final[dict[str, tuple[str, Callable[[Json], bool]]]] = {
    "string": ("TYPE_STRING", partial(_is, str)),
    "bool": ("TYPE_BOOL", partial(_is, bool)),
    "bytes": ("TYPE_BYTES", partial(_is, str)),
    "int32": ("TYPE_INT32", _is_int),
    "int64": ("TYPE_INT64", partial(_is_int, bits=64)),
    "float": ("TYPE_FLOAT", _is_float),
    "Timestamp": ("type.googleapis.com/google.protobuf.Timestamp", _is_timestamp),
    "FieldMask": ("type.googleapis.com/google.protobuf.FieldMask", partial(_is, str)),
    "Struct": ("type.googleapis.com/google.protobuf.Struct", partial(_is, dict)),
    "Value": ("type.googleapis.com/google.protobuf.Value", lambda _: True),
}
