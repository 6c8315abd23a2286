"""Check JSON against the messages as Google's JSON transcoder does, and give it one spelling.

The transcoder accepts both spellings of a field, a single value where a list is expected, numbers as
strings and nulls as absent; it reports every violation, with proto paths, joined by newlines.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Literal

from .facts import fact
from .messages import ENUM_VALUES, LIMITED, MESSAGES, camel, snake

if TYPE_CHECKING:
    from collections.abc import Callable

    from .profiles import Profile

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
    return Checked(value)


def _not_json(payload: bytes | str, error: Exception) -> str:
    if not isinstance(error, json.JSONDecodeError):
        return "Invalid JSON payload received. Unexpected token."
    line = error.doc.split("\n")[error.lineno - 1]
    start = max(0, error.colno - 21)
    return (
        f"Invalid JSON payload received. Unexpected token.\n{line[start : start + 60]}\n"
        f"{' ' * (error.colno - 1 - start)}^"
    )


def check(value: dict[str, Json], message: str, path: str, profile: Profile) -> Checked:
    """Check a JSON object against a message.

    Args:
        value: the object, in either spelling at any depth.
        message: name of the message, for instance ``AuthToken``.
        path: proto path of the object itself, for instance ``auth_token``; empty for the root.
        profile: the API version and date whose fields count.
    """
    if _too_deep(value):
        return Checked({}, [Violation(path, "Invalid JSON payload received. Unexpected token.", "json")])
    checker = _Checker(profile)
    return Checked(checker.message(value, message, path), checker.violations)


def _too_deep(value: Json) -> bool:
    boxes = [value]
    for _ in range(MAX_DEPTH):
        items = (item for box in boxes for item in (box.values() if isinstance(box, dict) else box))
        boxes = [item for item in items if isinstance(item, (dict, list))]
        if not boxes:
            return False
    return True


class _Checker:
    """Walks one object; collects violations."""

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        self.violations: list[Violation] = []

    def message(self, value: Json, message: str, path: str) -> dict[str, Json]:
        if not isinstance(value, dict):
            self._invalid(path, f"{_PACKAGE}.{self.profile.version}.{message}", value)
            return {}
        known = MESSAGES[message]
        clean: dict[str, Json] = {}
        for name, item in value.items():
            if name not in known or not self._granted(message, known[name][0]):
                self._unknown(name, path)
            elif item is not None:
                json_name, kind = known[name]
                clean[json_name] = self.any(item, kind, _join(path, snake(json_name)))
        return clean

    def any(self, value: Json, kind: str, path: str) -> Json:
        if kind.endswith("[]"):
            items = value if isinstance(value, list) else [value]
            return [self.any(item, kind[:-2], f"{path}[{n}]") for n, item in enumerate(items)]
        if isinstance(value, list) and kind not in ("Value",):
            parent, _, name = path.rpartition(".")
            text = "Proto field is not repeating, cannot start list."
            said = f"{_unknown_name(name, parent)}: {text}"
            self._violate("value", parent, said, name=name, type=f"one {name}", value="a list")
            return None
        if kind.startswith("map<"):
            return self._map(value, kind[4:-1], path)
        if kind.startswith("@"):
            return self._enum(value, kind[1:], path)
        if kind in MESSAGES:
            return self.message(value, kind, path)
        return self._scalar(value, kind, path)

    def _map(self, value: Json, kind: str, path: str) -> Json:
        if not isinstance(value, dict):
            self._invalid(path, f"{_PACKAGE}.{self.profile.version}.{kind}", value)
            return None
        return {key: self.any(item, kind, f"{path}[{key}]") for key, item in value.items()}

    def _scalar(self, value: Json, kind: str, path: str) -> Json:
        wanted, accepts = SCALARS[kind]
        if accepts(value):
            return value
        if kind == "Timestamp":
            name = camel(path.rpartition(".")[2])
            note = (
                f"Field '{name}', Illegal timestamp format; timestamps must end with 'Z' "
                "or have a valid timezone offset."
            )
            self._violate("time", path, f"Invalid value at '{path}' ({wanted}), {note}", value=str(value))
        else:
            self._invalid(path, wanted, value)
        return None

    def _enum(self, value: Json, enum: str, path: str) -> Json:
        # Names in any case: documented examples write "type": "object".
        if isinstance(value, str) and value.upper() in ENUM_VALUES[enum]:
            return value.upper()
        if _is_int(value) and not isinstance(value, str):
            names = ENUM_VALUES[enum]
            return names[int(value)] if 0 <= value < len(names) else value
        self._invalid(path, f"{_PACKAGE}.{self.profile.version}.{enum}", value)
        return None

    def _granted(self, message: str, name: str) -> bool:
        wished = dict(self.profile.overrides).get(f"{self.profile.version}:{message}.{name}")
        if wished is not None:
            return wished
        grants = LIMITED.get((message, name))
        return grants is None or any(
            self.profile.version in fact(grant).versions and not self.profile.before(grant)
            for grant in grants
        )

    def _unknown(self, name: str, path: str) -> None:
        kind: Literal["name", "kind"] = "name" if path else "kind"
        self._violate(kind, path, f"{_unknown_name(name, path)}: Cannot find field.", name=name)

    def _invalid(self, path: str, wanted: str, value: Json) -> None:
        shown = json.dumps(value, ensure_ascii=False) if not isinstance(value, dict) else "{...}"
        self._violate(
            "value", path, f"Invalid value at '{path}' ({wanted}), {shown}", type=wanted, value=shown
        )

    def _violate(
        self, kind: Literal["name", "kind", "value", "time"], path: str, text: str, **what: str
    ) -> None:
        self.violations.append(Violation(path, text, kind, **what))


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


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
