"""Kinds of values that a script in YAML or JSON is made of: each can be read, written and described.

Reading collects all that is wrong, each with its place, and so can point at every mistake of a file at once.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
from dataclasses import MISSING, dataclass
from dataclasses import fields as dataclass_fields
from typing import TYPE_CHECKING, Any, Final

from .errors import pretty
from .matching import near

if TYPE_CHECKING:
    from collections.abc import Callable

    from .wav import Audio

Place = tuple["str | int", ...]
#: What could not be read; why is among the problems.
BAD: Final[Any] = object()
#: Most choices that a message names.
_NAMED: Final = 12


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in a script, and where: ``("rules", 0, "then", 1)``."""

    place: Place
    message: str

    def __str__(self) -> str:
        return f"{where(self.place)}: {self.message}" if self.place else self.message


def where(place: Place) -> str:
    """A place as people write it: ``rules[0].then[1]``."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in place)
    return "".join(parts).lstrip(".")


class Reading:
    """One script being read."""

    def __init__(self, audio: Callable[[str], Audio]) -> None:
        self.problems: list[Problem] = []
        #: Fetches the audio of a file.
        self.audio = audio

    def refuse(self, place: Place, message: str) -> Any:
        """Something is wrong here."""
        self.problems.append(Problem(place, message))
        return BAD

    def expected(self, place: Place, what: str, got: Any) -> Any:
        """Something else is here than there should be."""
        return self.refuse(place, f"expected {what}, got {shown(got)}")


def shown(value: Any) -> str:
    """A value as the author of a script knows it."""
    if isinstance(value, bool) or value is None:
        quoted = {True: "true", False: "false", None: "nothing"}[value]
        return quoted if value is None else f"{quoted} (in quotes it is a text)"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:60]}…"


class Kind:
    """One kind of value."""

    def read(self, value: Any, place: Place, reading: Reading) -> Any:
        """The value as Python has it, or ``BAD``."""
        raise NotImplementedError

    def write(self, value: Any) -> Any:
        """The value as JSON, such as ``read`` takes."""
        return value

    def schema(self) -> dict[str, Any]:
        """As JSON Schema."""
        raise NotImplementedError


@dataclass(frozen=True)
class Text(Kind):
    """A text; of these choices only, if there are any."""

    choices: tuple[str, ...] = ()

    def read(self, value: Any, place: Place, reading: Reading) -> Any:
        if not isinstance(value, str):
            return reading.expected(place, "a text", value)
        if self.choices and value not in self.choices:
            known = ", ".join(self.choices[:_NAMED]) + (" …" if len(self.choices) > _NAMED else "")
            return reading.refuse(place, f"{value!r} is none of {known}{near(value, self.choices)}")
        return value

    def schema(self) -> dict[str, Any]:
        return {"enum": list(self.choices)} if self.choices else {"type": "string"}


@dataclass(frozen=True)
class Number(Kind):
    """A number within bounds."""

    low: float
    high: float
    whole: bool = False

    def read(self, value: Any, place: Place, reading: Reading) -> Any:
        fits = isinstance(value, int if self.whole else (int, float)) and not isinstance(value, bool)
        if not fits or not self.low <= value <= self.high or not math.isfinite(value):
            what = "a whole number" if self.whole else "a number"
            return reading.expected(place, f"{what} from {self.low:g} to {self.high:g}", value)
        return value

    def schema(self) -> dict[str, Any]:
        return {
            "type": "integer" if self.whole else "number",
            "minimum": self.low,
            "maximum": self.high,
        }


class Flag(Kind):
    """True or false."""

    def read(self, value: Any, place: Place, reading: Reading) -> Any:
        return value if isinstance(value, bool) else reading.expected(place, "true or false", value)

    def schema(self) -> dict[str, Any]:
        return {"type": "boolean"}


@dataclass(frozen=True)
class Json(Kind):
    """Any JSON, or an object only."""

    mapping: bool = False

    def read(self, value: Any, place: Place, reading: Reading) -> Any:
        if self.mapping and not isinstance(value, dict):
            return reading.expected(place, "a mapping", value)
        return value

    def schema(self) -> dict[str, Any]:
        return {"type": "object"} if self.mapping else {}


class Payload(Kind):
    """Bytes: a text in UTF-8, ``{json: …}`` as the service writes it, or ``{hex: …}``."""

    def read(self, value: Any, place: Place, reading: Reading) -> Any:
        if isinstance(value, str):
            return value.encode(errors="replace")
        if isinstance(value, dict) and list(value) == ["json"]:
            return pretty(value["json"])
        if isinstance(value, dict) and list(value) == ["hex"]:
            try:
                return bytes.fromhex(value["hex"])
            except (TypeError, ValueError):
                return reading.expected((*place, "hex"), "pairs of hex digits, in quotes", value["hex"])
        return reading.expected(place, "a text, {json: …} or {hex: …}", value)

    def write(self, value: Any) -> Any:
        try:
            parsed = json.loads(value)
            if value and pretty(parsed) == value and parsed == parsed:
                return {"json": parsed}
        except (ValueError, RecursionError):
            pass
        try:
            return value.decode()
        except UnicodeDecodeError:
            return {"hex": value.hex()}

    def schema(self) -> dict[str, Any]:
        one = {"additionalProperties": False, "minProperties": 1, "type": "object"}
        return {
            "anyOf": [
                {"type": "string"},
                {**one, "properties": {"json": {}}},
                {**one, "properties": {"hex": {"type": "string", "pattern": r"^([0-9a-fA-F]{2}|\s)*$"}}},
            ]
        }


class Base64(Kind):
    """Bytes as base64."""

    def read(self, value: Any, place: Place, reading: Reading) -> Any:
        try:
            return base64.b64decode(value, validate=True)
        except (TypeError, ValueError, binascii.Error):
            return reading.expected(place, "base64", value)

    def write(self, value: Any) -> Any:
        return base64.b64encode(value).decode()

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "contentEncoding": "base64"}


class HeaderList(Kind):
    """Headers: a mapping, or a list of pairs where a name comes twice."""

    def read(self, value: Any, place: Place, reading: Reading) -> Any:
        pairs = list(value.items()) if isinstance(value, dict) else value
        if not isinstance(pairs, list) or any(
            not isinstance(pair, (list, tuple)) or len(pair) != 2 for pair in pairs
        ):
            return reading.expected(place, "a mapping of header names to values", value)
        read = []
        for name, text in pairs:
            if not isinstance(text, (str, int, float)) or isinstance(text, bool) or not isinstance(name, str):
                return reading.expected((*place, str(name)), "a text or a number", text)
            read.append((name, str(text)))
        return tuple(read)

    def write(self, value: Any) -> Any:
        names = [name for name, _ in value]
        return dict(value) if len(set(names)) == len(names) else [list(pair) for pair in value]

    def schema(self) -> dict[str, Any]:
        text = {"type": ["string", "number"]}
        pair = {"type": "array", "prefixItems": [{"type": "string"}, text], "minItems": 2, "maxItems": 2}
        return {
            "anyOf": [
                {"type": "object", "additionalProperties": text},
                {"type": "array", "items": pair},
            ]
        }


@dataclass(frozen=True)
class Items(Kind):
    """A list of one kind, as a tuple."""

    kind: Kind

    def read(self, value: Any, place: Place, reading: Reading) -> Any:
        if not isinstance(value, list):
            return reading.expected(place, "a list (lines that begin with '- ')", value)
        read = [self.kind.read(one, (*place, number), reading) for number, one in enumerate(value)]
        return BAD if any(one is BAD for one in read) else tuple(read)

    def write(self, value: Any) -> Any:
        return [self.kind.write(one) for one in value]

    def schema(self) -> dict[str, Any]:
        return {"type": "array", "items": self.kind.schema()}


@dataclass(frozen=True)
class Struct(Kind):
    """A mapping whose keys are the fields of a dataclass.

    Attributes:
        short: the field that a value stands for that is no mapping of fields.
        names: what a field is called here, where Python has no such name.
        help: a sentence for editors.
    """

    make: type
    kinds: dict[str, Kind]
    short: str = ""
    names: dict[str, str] | None = None
    help: str = ""

    def __post_init__(self) -> None:
        """Fields are told apart once."""
        names = self.names or {}
        fields = [one for one in dataclass_fields(self.make) if names.get(one.name, one.name) in self.kinds]
        object.__setattr__(self, "_fields", {names.get(one.name, one.name): one for one in fields})

    @property
    def fields(self) -> dict[str, Any]:
        """The dataclass's field behind each key."""
        fields: dict[str, Any] = self._fields  # type: ignore[attr-defined]
        return fields

    @property
    def required(self) -> list[str]:
        """Keys that must be there."""
        return [
            key
            for key, one in self.fields.items()
            if one.default is MISSING and one.default_factory is MISSING and key not in self.given
        ]

    @property
    def given(self) -> dict[str, Any]:
        """Defaults that only scripts have."""
        return {"headers": (), "body": b""} if "body" in self.kinds else {}

    def read(self, value: Any, place: Place, reading: Reading) -> Any:
        if self._is_short(value):
            read = self.kinds[self.short].read(value, place, reading)
            return BAD if read is BAD else self._build({self.short: read}, place, reading)
        if not isinstance(value, dict):
            return reading.expected(place, f"a mapping with {', '.join(self.kinds) or 'nothing'}", value)
        read = {}
        for key, one in value.items():
            if key not in self.kinds:
                known = ", ".join(self.kinds) or "nothing"
                read[key] = reading.refuse(
                    (*place, key), f"{key!r} is unknown here, expected {known}{near(key, self.kinds)}"
                )
            else:
                read[key] = self.kinds[key].read(one, (*place, key), reading)
        for key in self.required:
            if key not in read:
                read[key] = reading.refuse(place, f"{key} is missing")
        return BAD if any(one is BAD for one in read.values()) else self._build(read, place, reading)

    def _build(self, read: dict[str, Any], place: Place, reading: Reading) -> Any:
        given = {self.fields[key].name: value for key, value in {**self.given, **read}.items()}
        try:
            return self.make(**given)
        except ValueError as error:
            return reading.refuse(place, str(error))

    def write(self, value: Any) -> Any:
        written = {}
        for key in self.kinds:
            one = self.fields[key]
            got = getattr(value, one.name)
            default = one.default_factory() if one.default_factory is not MISSING else one.default
            if key in self.required or got != self.given.get(key, default):
                written[key] = self.kinds[key].write(got)
        if list(written) == [self.short] and self._is_short(written[self.short]):
            return written[self.short]
        return written

    def _is_short(self, value: Any) -> bool:
        """Tell whether a value stands for one field; a mapping does where that field is one itself."""
        if not self.short or not isinstance(value, dict):
            return bool(self.short)
        is_json = isinstance(self.kinds[self.short], (Payload, Json))
        return is_json and bool(value) and not set(value) & set(self.kinds)

    def schema(self) -> dict[str, Any]:
        properties = {key: kind.schema() for key, kind in self.kinds.items()}
        schema: dict[str, Any] = {
            "type": "object",
            "properties": properties,
            "additionalProperties": False,
        }
        if self.required:
            schema["required"] = self.required
        if self.short:
            schema = {"anyOf": [properties[self.short], schema]}
        return {"description": self.help, **schema} if self.help else schema


def first_sentence(text: str | None) -> str:
    """The first line of a docstring."""
    return (text or "").strip().partition("\n")[0]
