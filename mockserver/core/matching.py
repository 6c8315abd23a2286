"""When a rule holds: what must be true of the event."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, fields
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_ALWAYS: Final = ("api_key", "version")
_SESSION: Final = (*_ALWAYS, "model", "setup")
#: What can be asked of an event.
ASKABLE: Final[dict[str, tuple[str, ...]]] = {
    "mint": (*_ALWAYS, "message"),
    "handshake": _ALWAYS,
    "setup": _SESSION,
    "turn": (*_SESSION, "text", "regex"),
    "tool_response": (*_SESSION, "tool", "message"),
    "client_content": (*_SESSION, "message"),
    "realtime_input": (*_SESSION, "message"),
    "activity_start": _SESSION,
    "activity_end": _SESSION,
}


@dataclass(frozen=True, slots=True)
class About:
    """What an event is about."""

    api_key: str = ""
    version: str = ""
    model: str = ""
    setup: Any = None
    text: str = ""
    tools: tuple[str, ...] = ()
    message: Any = None


@dataclass(frozen=True)
class Match:
    """What must hold of an event; all that is given.

    Attributes:
        text: the user's words contain this, in any case.
        regex: the user's words have this somewhere.
        tool: a tool of this name answered.
        model, api_key: the name, where ``*`` stands for anything.
        version: the API version.
        setup: the setup holds at least this JSON.
        message: the event's message, or the body of the request, holds at least this JSON.
    """

    text: str = ""
    regex: str = ""
    tool: str = ""
    model: str = ""
    api_key: str = ""
    version: str = ""
    setup: Any = field(default=None)
    message: Any = field(default=None)

    def __post_init__(self) -> None:
        """Refuse a pattern that is none.

        Raises:
            ValueError: the regular expression cannot be read.
        """
        try:
            re.compile(self.regex)
        except (re.error, OverflowError, RecursionError) as error:
            raise ValueError(f"regex {self.regex!r} cannot be read: {error}") from None

    @property
    def asked(self) -> tuple[str, ...]:
        """The names of what is asked."""
        return tuple(one.name for one in fields(self) if getattr(self, one.name) not in ("", None))

    def holds(self, about: About) -> bool:
        """Tell whether all that is asked holds."""
        return all(self._holds(name, getattr(self, name), about) for name in self.asked)

    def _holds(self, name: str, wanted: Any, about: About) -> bool:
        match name:
            case "text":
                return wanted.casefold() in about.text.casefold()
            case "regex":
                return re.search(wanted, about.text) is not None
            case "tool":
                return wanted in about.tools
            case "model":
                return any(
                    fnmatchcase(about.model, form)
                    for form in (wanted, f"models/{wanted}", f"models/mock-*--{wanted}")
                )
            case "api_key":
                return fnmatchcase(about.api_key, wanted)
            case "version":
                return bool(wanted == about.version)
            case _:
                return difference(wanted, getattr(about, name)) is None


def difference(wanted: Any, got: Any, place: str = "") -> str | None:
    """Where JSON does not hold what is wanted at least; None if it does. A list must agree item by item."""
    return next(_differences(wanted, got, place), None)


def _differences(wanted: Any, got: Any, place: str) -> Iterator[str]:
    shown = place or "the whole"
    if isinstance(wanted, dict) and isinstance(got, dict):
        for name, value in wanted.items():
            inner = f"{place}.{name}" if place else str(name)
            if name in got:
                yield from _differences(value, got[name], inner)
            else:
                yield f"{inner} is missing{near(str(name), got)}"
    elif isinstance(wanted, list) and isinstance(got, list) and len(wanted) == len(got):
        for number, (one, other) in enumerate(zip(wanted, got, strict=True)):
            yield from _differences(one, other, f"{place}[{number}]")
    elif (type(wanted) is not type(got) and not _both_numbers(wanted, got)) or wanted != got:
        yield f"{shown} is {_short(got)}, expected {_short(wanted)}"


def _both_numbers(*values: Any) -> bool:
    return all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in values)


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:80]}…"


def near(name: str, known: Any) -> str:
    """``; did you mean …?`` where something known is spelled nearly so."""
    # Imported here: a server that nobody misspells anything to needs none of it.
    from difflib import get_close_matches

    found = get_close_matches(name, [str(one) for one in known], n=3, cutoff=0.6)
    return f"; did you mean {' or '.join(found)}?" if found else ""
