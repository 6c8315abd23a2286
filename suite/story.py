"""The story of a probe, in order: what the application did, what went over the wire, what it saw."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mockserver import Entry

    from .drivers.process import Reply

#: Journal kinds that go from the client to the server; the others go back.
_TO_SERVER: Final = frozenset({"request", "handshake", "in"})
_ON_THE_WIRE: Final = (*_TO_SERVER, "response", "open", "rejected", "out", "close", "lost")
#: Longest text of one line.
_SHOWN: Final = 200


class Teller:
    """Collects lines ``{"who": …, "what": …}``: who is app, client, server, mock, event or sdk."""

    def __init__(self) -> None:
        self._told: list[dict[str, Any]] = []

    @property
    def told(self) -> tuple[dict[str, Any], ...]:
        """All of it."""
        return tuple(self._told)

    def asks(self, verb: str, parameters: Mapping[str, Any]) -> None:
        """The application makes a call."""
        shown = {name: _cut(value) for name, value in parameters.items() if name != "env"}
        if isinstance(shown.get("session"), str):  # which session it is; at connect these are its options
            del shown["session"]
        if keys := {name: value for name, value in parameters.get("env", {}).items() if _is_key(name, value)}:
            shown["env"] = keys
        self._told.append({"who": "app", "verb": verb, "asked": shown})

    def hears(self, entries: Iterable[Entry], reply: Reply | None) -> None:
        """What crossed the wire meanwhile, what happened beside the answer, and the answer."""
        for entry in entries:
            if entry.kind in _ON_THE_WIRE:
                who = "client" if entry.kind in _TO_SERVER else "server"
                self._tell(who, f"{_WORDS.get(entry.kind, '')}{entry.what}", kind=entry.kind)
            elif entry.kind == "refusal":
                self._tell("mock", entry.what, fact=entry.fact, hint=entry.hint)
        for event in reply.events if reply is not None else ():
            self._tell("event", _event(event))
        self._tell("sdk", _answer(reply))

    def _tell(self, who: str, what: str, **more: str) -> None:
        self._told.append({"who": who, "what": _cut(what), **more})


_WORDS: Final = {
    "close": "close ",
    "lost": "connection ended ",
    "open": "HTTP ",
    "rejected": "HTTP ",
    "response": "HTTP ",
}


def _cut(value: Any) -> Any:
    """Without the bulk of long texts, such as audio."""
    if isinstance(value, str):
        return value if len(value) <= _SHOWN else f"{value[:_SHOWN]}…"
    if isinstance(value, dict):
        return {name: _cut(item) for name, item in value.items()}
    return [_cut(item) for item in value] if isinstance(value, list) else value


def _is_key(name: str, value: str | None) -> bool:
    """Whether a variable gives the SDK a key; where the mock is says nothing."""
    return value is not None and name.endswith("_API_KEY")


def _event(event: Mapping[str, Any]) -> str:
    name = event.get("name") or event.get("console") or event.get("category") or event["kind"]
    detail = event.get("message") if "message" in event else event.get("detail")
    if isinstance(detail, (dict, list)):
        detail = json.dumps(detail, ensure_ascii=False)
    return f"{name}: {detail}" if detail is not None else str(name)


def _answer(reply: Reply | None) -> str:
    if reply is None:
        return "the process ended"
    if reply.error is not None:
        said = f"{reply.error.get('class') or 'error'}: {reply.error.get('message')}"
        return f"{reply.outcome} {said}"
    return {"pending": "never returns", "absent": f"there is no {reply.missing}"}.get(
        reply.outcome, reply.outcome
    )
