"""The form of a script in YAML or JSON: one table for reading, writing and the JSON Schema."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from .effects import Abort, Close, Delay, Pause, Raw, Reject, Respond, Send
from .facts import FACTS, Answers, Closes
from .grammar import (
    BAD,
    Base64,
    Flag,
    HeaderList,
    Items,
    Json,
    Kind,
    Number,
    Payload,
    Place,
    Problem,
    Reading,
    Struct,
    Text,
    first_sentence,
    shown,
)
from .matching import ASKABLE, Match, near
from .script import Rule, Script
from .steps import (
    ALLOWED,
    EVENTS,
    GARBLES,
    MAX_PAUSE_S,
    Call,
    Drip,
    Echo,
    Garble,
    GoAway,
    Interrupt,
    Proceed,
    Refuse,
    Resumption,
    Say,
    Silence,
    Think,
)
from .takes import KINDS, Line
from .wav import RATES_HZ, Audio

if TYPE_CHECKING:
    from collections.abc import Callable

_SECONDS: Final = Number(0, MAX_PAUSE_S)
#: No recording is longer than a year.
_MAX_MS: Final = 365 * 86_400_000
_REFUSALS: Final = tuple(id for id, row in FACTS.items() if isinstance(row.seen, (Answers, Closes)))
_ANSWER: Final = Struct(
    Respond, {"status": Number(200, 599, whole=True), "headers": HeaderList(), "body": Payload()}, "status"
)


class Response(Kind):
    """An HTTP answer; a JSON body brings its content type."""

    def __init__(self, make: Callable[[Respond], Any]) -> None:
        self._make = make

    def read(self, value: Any, place: Place, reading: Reading) -> Any:
        response = _ANSWER.read(value, place, reading)
        if response is BAD:
            return BAD
        is_json = isinstance(value, dict) and isinstance(value.get("body"), dict) and "json" in value["body"]
        if is_json and not _has_type(response):
            told = ("Content-Type", "application/json; charset=UTF-8")
            response = replace(response, headers=(told, *response.headers))
        return self._make(response)

    def write(self, value: Any) -> Any:
        response: Respond = value.response if isinstance(value, Reject) else value
        told = _ANSWER.write(response)
        body = told.get("body") if isinstance(told, dict) else None
        if isinstance(body, dict) and "json" in body and not _has_type(response):
            told["body"] = response.body.decode()  # as JSON it would bring a type when it is read
        return told

    def schema(self) -> dict[str, Any]:
        return _ANSWER.schema()


def _has_type(response: Respond) -> bool:
    return any(name.lower() == "content-type" for name, _ in response.headers)


class Recording(Kind):
    """Audio: the name of a WAV file, or its samples."""

    _file: Final = Struct(Audio, {"file": Text(), "text": Text()}, "file")
    _samples: Final = Struct(
        Audio,
        {"pcm": Base64(), "rate": Number(RATES_HZ[0], RATES_HZ[-1], whole=True), "text": Text()},
    )

    def read(self, value: Any, place: Place, reading: Reading) -> Any:
        if isinstance(value, dict) and "file" not in value:
            return self._samples.read(value, place, reading)
        given = {"file": value} if isinstance(value, str) else value
        unknown = set(given) - {"file", "text"} if isinstance(given, dict) else None
        if unknown is None or unknown:
            return reading.expected(place, "the name of a WAV file, or {file: …, text: …}", value)
        name, text = (Text().read(given.get(key, ""), (*place, key), reading) for key in ("file", "text"))
        if name is BAD or text is BAD:
            return BAD
        try:
            return replace(reading.audio(name), text=text, file=name)
        except (OSError, ValueError) as error:
            return reading.refuse(place, str(error))

    def write(self, value: Any) -> Any:
        if not value.file:
            return self._samples.write(value)
        return {"file": value.file, "text": value.text} if value.text else value.file

    def schema(self) -> dict[str, Any]:
        file = {
            "type": "object",
            "properties": {"file": {"type": "string"}, "text": {"type": "string"}},
            "required": ["file"],
            "additionalProperties": False,
        }
        return {"anyOf": [{"type": "string"}, file, self._samples.schema()]}


def _step(make: type, short: str = "", **kinds: Kind) -> Kind:
    return Struct(make, kinds, short, help=first_sentence(make.__doc__))


#: Every step: the class, and its form. Its name is the class's, as ``name_of`` writes it.
STEPS: Final[dict[type, Kind]] = {
    Say: _step(Say, "text", text=Text()),
    Think: _step(Think, "text", text=Text()),
    Audio: Recording(),
    Call: _step(Call, "name", name=Text(), args=Json(mapping=True), expect=Json()),
    Echo: _step(Echo),
    Proceed: _step(Proceed),
    Interrupt: _step(Interrupt),
    GoAway: _step(GoAway, "time_left", time_left=_SECONDS),
    Resumption: _step(Resumption, "resumable", resumable=Flag()),
    Pause: _step(Pause, "seconds", seconds=_SECONDS),
    Delay: _step(Delay, "seconds", seconds=_SECONDS),
    Refuse: _step(Refuse, "fact", fact=Text(_REFUSALS)),
    Silence: _step(Silence),
    Respond: Response(lambda response: response),
    Reject: Response(Reject),
    Send: _step(Send, "payload", payload=Payload(), text=Flag()),
    Close: _step(Close, "code", code=Number(1000, 4999, whole=True), reason=Text()),
    Abort: _step(Abort, "reset", reset=Flag()),
    Raw: _step(Raw, "data", data=Payload()),
    Garble: _step(Garble, "how", how=Text(GARBLES)),
    Drip: _step(Drip, bytes=Number(1, 1_000_000, whole=True), every=_SECONDS),
}


def name_of(step: type) -> str:
    """What a step is called in a script: ``GoAway`` is ``go_away``."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", step.__name__).lower()


NAMES: Final = {name_of(step): step for step in STEPS}


def _can_be_bare(step: type) -> bool:
    kind = STEPS[step]
    return isinstance(kind, Struct) and not kind.required


class StepKind(Kind):
    """A step: its name alone, or a mapping of its name to what it takes."""

    def read(self, value: Any, place: Place, reading: Reading) -> Any:
        if isinstance(value, str):
            if value in NAMES and not _can_be_bare(NAMES[value]):
                return reading.refuse(place, f"{value} takes something: write '{value}: …'")
            name, given = value, None
        elif isinstance(value, dict) and len(value) == 1:
            [(name, given)] = value.items()
        elif isinstance(value, dict) and value:
            names = " and ".join(value)
            return reading.refuse(place, f"one step holds {names}: begin each with '- '")
        else:
            return reading.expected(place, "a step", value)
        if name not in NAMES:
            known = ", ".join(NAMES)
            return reading.refuse(place, f"no step {name!r}, expected one of {known}{near(name, NAMES)}")
        inner = place if isinstance(value, str) else (*place, name)
        bare = _can_be_bare(NAMES[name]) and given is None
        return STEPS[NAMES[name]].read({} if bare else given, inner, reading)

    def write(self, value: Any) -> Any:
        name, written = name_of(type(value)), STEPS[type(value)].write(value)
        return name if written == {} else {name: written}

    def schema(self, steps: tuple[type, ...] = tuple(STEPS)) -> dict[str, Any]:
        bare = [name_of(step) for step in steps if _can_be_bare(step)]
        named: dict[str, Any] = {}
        for step in steps:
            schema = STEPS[step].schema()
            named[name_of(step)] = {"anyOf": [{"type": "null"}, schema]} if _can_be_bare(step) else schema
        mapping = {
            "type": "object",
            "properties": named,
            "additionalProperties": False,
            "minProperties": 1,
            "maxProperties": 1,
        }
        return {"anyOf": [{"enum": bare}, mapping]}


class Nth(Kind):
    """Which times."""

    def read(self, value: Any, place: Place, reading: Reading) -> Any:
        if isinstance(value, (int, str)) and not isinstance(value, bool):
            return value
        return reading.expected(place, "a number, '2-4', or '3-' for 3 and on", value)

    def schema(self) -> dict[str, Any]:
        pattern = {"type": "string", "pattern": "^[1-9][0-9]{0,8}(-([1-9][0-9]{0,8})?)?$"}
        return {"anyOf": [{"type": "integer", "minimum": 1}, pattern]}


_MATCH: Final = Struct(
    Match,
    {
        **dict.fromkeys(("text", "regex", "tool", "model", "api_key", "version"), Text()),
        **dict.fromkeys(("setup", "message"), Json()),
    },
    help="What must hold of the event.",
)
_STEPS: Final = Items(StepKind())


@dataclass(frozen=True)
class RuleKind(Struct):
    """A rule; what is wrong with a step is told at the step."""

    def write(self, value: Any) -> Any:
        written = super().write(value)
        return written if value.then or value.each else {**written, "then": []}

    def _build(self, read: dict[str, Any], place: Place, reading: Reading) -> Any:
        if not {"then", "each"} & set(read):
            return reading.refuse(place, "then is missing: what is to be done? silence does nothing")
        rule = object.__new__(Rule)
        defaults = {"then": (), "nth": None, "match": None, "each": (), "repeat": False, "per": "server"}
        for name, value in {**defaults, **read}.items():
            object.__setattr__(rule, name, value)
        wrong = list(rule.mistakes())
        for inner, why in wrong:
            reading.refuse((*place, *inner), why)
        return BAD if wrong else rule

    def schema(self) -> dict[str, Any]:
        schema = super().schema()
        schema["properties"]["then"] = schema["properties"]["each"] = {"type": "array"}
        schema["anyOf"] = [{"required": ["then"]}, {"required": ["each"]}]
        schema["allOf"] = [_if_on(event) for event in EVENTS]
        return schema


def _if_on(event: str) -> dict[str, Any]:
    steps = {"type": "array", "items": {"$ref": f"#/$defs/{event}"}}
    asked = dict.fromkeys(ASKABLE[event], True)
    return {
        "if": {"properties": {"on": {"const": event}}, "required": ["on"]},
        "then": {
            "properties": {
                "then": steps,
                "each": {"type": "array", "items": steps},
                "match": {"properties": asked, "additionalProperties": False},
            }
        },
    }


class Recorded(Kind):
    """A payload as recordings have it."""

    def read(self, value: Any, place: Place, reading: Reading) -> Any:
        if isinstance(value, dict) and list(value) == ["hex"]:
            try:
                bytes.fromhex(value["hex"])
            except (TypeError, ValueError):
                return reading.expected((*place, "hex"), "pairs of hex digits, in quotes", value["hex"])
        elif not isinstance(value, str) and not (isinstance(value, dict) and list(value) == ["json"]):
            return reading.expected(place, "a text, {json: …} or {hex: …}", value)
        return value

    def schema(self) -> dict[str, Any]:
        one = {"additionalProperties": False, "minProperties": 1, "type": "object"}
        digits = {"type": "string", "pattern": r"^([0-9a-fA-F]{2}|\s)*$"}
        return {
            "anyOf": [
                {"type": "string"},
                {**one, "properties": {"json": Json().schema()}},
                {**one, "properties": {"hex": digits}},
            ]
        }


LINE: Final = Struct(
    Line,
    {
        "ms": Number(0, _MAX_MS, whole=True),
        "on": Text(),
        "by": Text(("client", "service", "relay")),
        "kind": Text(KINDS),
        "what": Text(),
        "status": Number(100, 4999, whole=True),
        "reason": Text(),
        "headers": HeaderList(),
        "payload": Recorded(),
        "reset": Flag(),
    },
    help="One thing that crossed the boundary.",
)


SCRIPT: Final = Struct(
    Script,
    {
        "name": Text(),
        "about": Text(),
        "for": Struct(Match, {"api_key": Text(), "model": Text()}, help="For whom the script is."),
        "recorded": Items(LINE),
        "rules": Items(
            RuleKind(
                Rule,
                {
                    "on": Text(EVENTS),
                    "match": _MATCH,
                    "nth": Nth(),
                    "per": Text(("server", "session")),
                    "then": _STEPS,
                    "each": Items(_STEPS),
                    "repeat": Flag(),
                },
            )
        ),
    },
    names={"whom": "for"},
)


def read_script(data: Any, audio: Callable[[str], Audio]) -> tuple[Script | None, list[Problem]]:
    """A script out of JSON, and all that is wrong with it; ``audio`` fetches a WAV file by its name."""
    reading = Reading(audio)
    if not isinstance(data, dict):
        reading.refuse((), f"a script is a mapping with name and rules, got {shown(data)}")
        return None, reading.problems
    script = SCRIPT.read(data, (), reading)
    return (None if script is BAD else script), reading.problems


def json_schema() -> dict[str, Any]:
    """The form of a script as JSON Schema (draft 2020-12)."""
    steps = StepKind()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A script of mockserver",
        **SCRIPT.schema(),
        "$defs": {
            event: steps.schema(tuple(kind for kind in STEPS if kind in ALLOWED[event])) for event in EVENTS
        },
    }
