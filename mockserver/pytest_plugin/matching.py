"""What a test asks for, compared with what happened: what fits, and what nearly does."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Generic, TypeVar

from ..core.journal import hide_secrets, text
from ..traffic import Call, Frame, Socket, in_camel_case

T = TypeVar("T")

#: Journal lines that a message shows, and near misses; the report has the whole journal.
SHOWN_LINES: Final = 30
SHOWN_NEAR: Final = 3
_MISSING: Final = "nothing"


class Sought(Generic[T]):
    """Things of one kind, by criteria.

    Args:
        noun: what they are called, in the singular.
        read: how each criterion is read from a thing.
        name: how a thing is called in the journal.
    """

    def __init__(self, noun: str, read: Mapping[str, Callable[[T], Any]], name: Callable[[T], str]) -> None:
        self.noun, self.read, self.name = noun, read, name

    def find(self, things: Sequence[T], wanted: Mapping[str, Any]) -> tuple[list[T], list[str]]:
        """Those that fit, and what is wrong with the nearest of the others."""
        judged = [(thing, self._misses(thing, wanted)) for thing in things]
        near = sorted((pair for pair in judged if pair[1]), key=lambda pair: len(pair[1]))
        told = [f"{self.name(thing)}: {', '.join(misses)}" for thing, misses in near[:SHOWN_NEAR]]
        return [thing for thing, misses in judged if not misses], told

    def _misses(self, thing: T, wanted: Mapping[str, Any]) -> list[str]:
        misses = []
        for name, value in wanted.items():
            got = self.read[name](thing)
            miss = difference(value, got)
            if miss is not None:
                misses.append(miss.replace("it is", f"{name} is", 1) if miss.startswith("it is") else miss)
        return misses

    def wanted(self, times: int | None, criteria: Mapping[str, Any]) -> str:
        """The wish in words: ``exactly 2 sockets with version 'v1beta'``."""
        count = f"a {self.noun}" if times is None else f"no {self.noun}" if times == 0 else (
            f"exactly {times} {self.noun}{'' if times == 1 else 's'}"
        )  # fmt: skip
        told = [f"{name} {_shown(value)}" for name, value in criteria.items()]
        return f"{count} with {' and '.join(told)}" if told else count


def difference(wanted: Any, got: Any, path: str = "it") -> str | None:
    """What keeps a value from being as wanted; None: it is.

    Of an object only the wanted fields count, of a list only as many parts as are wanted; a function decides.
    """
    if isinstance(wanted, Mapping) and isinstance(got, Mapping):
        parts = ((value, got.get(name, _MISSING), _below(path, name)) for name, value in wanted.items())
        return _first(difference(*part) for part in parts)
    if isinstance(wanted, (list, tuple)) and isinstance(got, (list, tuple)):
        if len(got) < len(wanted):
            return f"{path} has {len(got)} parts, expected {len(wanted)}"
        return _first(difference(one, got[number], f"{path}[{number}]") for number, one in enumerate(wanted))
    fits = wanted(got) if callable(wanted) else wanted == got
    return None if fits else f"{path} is {_shown(got)}, expected {_shown(wanted)}"


def _first(misses: Any) -> str | None:
    return next((miss for miss in misses if miss is not None), None)


def _below(path: str, name: str) -> str:
    return name if path == "it" else f"{path}.{name}"


def _shown(value: Any) -> str:
    if value is _MISSING:
        return _MISSING
    told = getattr(value, "__name__", None) if callable(value) else None
    shown = hide_secrets(told or repr(value))
    return shown if len(shown) <= 100 else f"{shown[:100]}…"


def _model(setup: Mapping[str, Any]) -> Any:
    return str(setup.get("model", "")).removeprefix("models/") or None


def _spoken(frame: Frame) -> str:
    """What the user said in a message, as text."""
    content = frame.message.get(frame.kind)
    content = content if isinstance(content, dict) else {}
    parts = [part for turn in content.get("turns", []) for part in turn.get("parts", [])]
    said = [str(part["text"]) for part in (*parts, content) if "text" in part]
    return " ".join(said)


SOCKETS: Final = Sought[Socket](
    "socket",
    {
        "version": lambda socket: socket.version,
        "model": lambda socket: _model(socket.setup),
        "setup": lambda socket: socket.setup,
        "api_key": lambda socket: socket.owner,
        "client": lambda socket: socket.handshake.client,
        "token": lambda socket: bool(socket.token),
        "resumed": lambda socket: bool(socket.handle),
    },
    lambda socket: socket.name,
)
CLOSES: Final = Sought[Socket](
    "closed socket",
    {
        "code": lambda socket: socket.code,
        "reason": lambda socket: (socket.end.what if socket.end else "").partition(" ")[2],
        "by": lambda socket: None if socket.end is None else "client" if socket.ended_by_client else "server",
    },
    lambda socket: socket.name,
)
MINTS: Final = Sought[Call](
    "minted token",
    {
        "version": lambda call: call.version,
        "uses": lambda call: call.body.get("uses", 1),
        "locked": lambda call: "bidiGenerateContentSetup" in call.body,
        "model": lambda call: _model(call.body.get("bidiGenerateContentSetup", {})),
        "request": lambda call: call.body,
        "api_key": lambda call: call.request.owner,
        "client": lambda call: call.request.client,
    },
    lambda call: call.request.connection,
)
FRAMES: Final = Sought[Frame](
    "message",
    {
        "kind": lambda frame: frame.kind,
        "message": lambda frame: frame.message,
        "text": _spoken,
        "on": lambda frame: frame.entry.connection,
    },
    lambda frame: f"entry {frame.entry.number} on {frame.entry.connection}",
)


def criteria(**given: Any) -> dict[str, Any]:
    """The criteria that a test gave, in the form in which they are compared."""
    wanted = {name: value for name, value in given.items() if value is not None}
    for name in ("setup", "request", "message"):
        if name in wanted and not callable(wanted[name]):
            wanted[name] = in_camel_case(wanted[name])
    if isinstance(wanted.get("model"), str):
        wanted["model"] = wanted["model"].removeprefix("models/")
    for name in ("client", "reason", "text"):
        if isinstance(wanted.get(name), str):
            wanted[name] = Containing(wanted[name])
    return wanted


class Containing:
    """Fits every text that has this one in it."""

    def __init__(self, part: str) -> None:
        self._part = part

    def __call__(self, got: Any) -> bool:
        return isinstance(got, str) and self._part in got

    @property
    def __name__(self) -> str:
        return f"…{self._part}…"


def failure(said: str, near: Sequence[str], entries: Sequence[Any]) -> str:
    """The whole message of an assertion that fails."""
    lines = text(entries[-SHOWN_LINES:]) or "    nothing reached the mock"
    earlier = (
        f"    … {len(entries) - SHOWN_LINES} entries before these\n" if len(entries) > SHOWN_LINES else ""
    )
    nearest = "".join(f"  {one}\n" for one in near)
    return f"{said}\n" + (f"nearest:\n{nearest}" if near else "") + f"journal:\n{earlier}{lines}"
