"""How two versions differ in one step: what the application sees, and what crosses the wire."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from ..model import Verdict, label
from ..same import Same
from .exchanges import compared, exchanges
from .model import changed, listed

if TYPE_CHECKING:
    from ..model import Seen
    from .model import Difference

#: Callbacks whose detail an application reads.
_TOLD: Final = ("onerror", "onclose")
#: How many messages have come when a call returns is chance; what is in them is looked at by name.
_CHANCE: Final = "onmessage"


def differences(before: Seen, after: Seen) -> tuple[Difference, ...]:
    """All that is otherwise in one step, each once: what the application sees first."""
    return (*dict.fromkeys(seen_by_application(before, after)), *on_the_wire(before, after))


def seen_by_application(before: Seen, after: Seen) -> list[Difference]:
    """Verdict, error, warnings, callbacks, and what is looked at."""
    same = Same()
    mine, theirs = before.error or {}, after.error or {}
    return [
        *changed("verdict", "", verdict_of(before), verdict_of(after)),
        *changed("call", "", _ends_in(before), _ends_in(after)),
        *changed("exception", "", str(mine.get("class") or ""), str(theirs.get("class") or "")),
        *changed("text", "", _text(before, same), _text(after, same)),
        *_codes(mine, theirs),
        *listed(
            "warning",
            [("", same(text)) for text in before.warnings],
            [("", same(text)) for text in after.warnings],
        ),
        *changed("callbacks", "", _callbacks(before, same), _callbacks(after, same)),
        *listed("shows", _shows(before, same), _shows(after, same)),
    ]


def on_the_wire(before: Seen, after: Seen) -> tuple[Difference, ...]:
    """Requests and sockets."""
    return compared(exchanges(before.journal), exchanges(after.journal))


def verdict_of(seen: Seen) -> str:
    """``works``, ``refused 404``, ``hangs`` … of one step."""
    return label(seen.verdict, seen.wire, dict(seen.shows).get("exit code"))


def _ends_in(seen: Seen) -> str:
    """The call that does not return; which one a process dies in depends on when it is noticed."""
    return "" if seen.verdict in (Verdict.WORKS, Verdict.CRASHES) else seen.ends_in or ""


def _text(seen: Seen, same: Same) -> str:
    """The text of an error; of a program, which shows the end of a traceback, its last line."""
    text = str((seen.error or {}).get("message") or "")
    return same(text.rpartition(" | ")[2] if seen.ends_in == "program" else text)


def _codes(mine: dict[str, Any], theirs: dict[str, Any]) -> list[Difference]:
    """What an application can read from an error beside its text."""
    found = []
    for name in ("code", "status", "reason"):
        pair = [str(error[name]) if error.get(name) is not None else "" for error in (mine, theirs)]
        found += changed("exception", name, *pair)
    return found


def _callbacks(seen: Seen, same: Same) -> str:
    """The callbacks but for messages, in their order: ``onopen, onclose 1006``; those in a row once."""
    events = [event for event in seen.events if event.get("kind") == "callback"]
    told = [_callback(event, same) for event in events if event.get("name") != _CHANCE]
    return ", ".join(name for name, _ in groupby(told))


def _callback(event: dict[str, Any], same: Same) -> str:
    name, detail = str(event.get("name")), event.get("detail")
    if name not in _TOLD or not isinstance(detail, dict):
        return name
    said = [str(detail[part]) for part in ("code", "reason", "message") if detail.get(part)]
    return same(" ".join((name, *said)))


def _shows(seen: Seen, same: Same) -> list[tuple[str, str]]:
    return [(name, same(value)) for name, value in seen.shows]
