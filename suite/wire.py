"""From the mock's journal to what a step put on the wire."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from .model import Wire

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mockserver import Entry

#: The first group of each is what stands before the path of the service: a gateway's, or a slash too many.
_MINT: Final = re.compile(r"^POST (.*?)/([^/?]+)/auth_tokens(?:\?|$)")
_SOCKET: Final = re.compile(
    r"^GET (.*?)/ws/google\.ai\.generativelanguage\.([^./?]+)\.GenerativeService\.(\w+)(?:\?|$)"
)
_OTHER: Final = re.compile(r"^(?:GET|POST) (.*?)/(v\d\w*)/(models|interactions)(?:[/?]|$)")
#: HTTP statuses from here on refuse.
_REFUSED: Final = 400
#: Longest part of a refusal that is no JSON.
_SHOWN: Final = 200
_OTHERS: Final = {"models": "models.list", "interactions": "interactions.create"}


def connections(entries: Iterable[Entry]) -> dict[str, list[Entry]]:
    """The entries of each connection, in the order in which connections began."""
    grouped: dict[str, list[Entry]] = {}
    for entry in entries:
        grouped.setdefault(entry.connection, []).append(entry)
    return grouped


def wires(entries: Iterable[Entry]) -> tuple[Wire, ...]:
    """What crossed the wire, in meaning, a row for each request or socket."""
    return tuple(wire_of(group) for group in connections(entries).values())


def wire_of(group: list[Entry]) -> Wire:
    """One request or socket, from all of its entries."""
    opening = group[0]
    method, version = _method(opening.what)
    status = next((e.status for e in group if e.kind in ("response", "rejected", "open")), None)
    close = next((e.status for e in group if e.kind == "close"), None)
    return Wire(method, version, opening.placement, status, close)


def _method(line: str) -> tuple[str, str]:
    if mint := _MINT.match(line):
        return "auth_tokens.create", mint[2]
    if socket := _SOCKET.match(line):
        return socket[3], socket[2]
    if other := _OTHER.match(line):
        return _OTHERS[other[3]], other[2]
    return line.partition("?")[0], ""


def opening_of(entries: Iterable[Entry]) -> Entry | None:
    """The first request or handshake."""
    return next((entry for entry in entries if entry.kind in ("request", "handshake")), None)


def prefix_of(line: str) -> str:
    """What a request line has before the path of the service: ``/``, ``/proxy/path`` or nothing."""
    match = _MINT.match(line) or _SOCKET.match(line) or _OTHER.match(line)
    return match[1] if match else line.partition("?")[0]


def requests(entries: Iterable[Entry]) -> tuple[dict[str, Any], ...]:
    """The same for a report: with path, client and refusal, secrets left out."""
    shown = []
    for group in connections(entries).values():
        opening, wire = group[0], wire_of(group)
        method, _, target = opening.what.partition(" ")
        refusal = next((e for e in group if e.kind == "refusal"), None)
        request = {
            "method": method,
            "path": target.partition("?")[0],
            **wire.json(),
            "client": opening.client,
        }
        closed = next((e for e in group if e.kind == "close"), None)
        if closed is not None:
            request["close_reason"] = closed.what.partition(" ")[2]
        if said := _refusal(group):
            request["answer"] = said
        if refusal is not None:
            request |= {"refusal": refusal.what, "fact": refusal.fact, "hint": refusal.hint}
        shown.append(request)
    return tuple(shown)


def _refusal(group: list[Entry]) -> str:
    """What an answer that refuses says."""
    refused = (e for e in group if e.kind in ("response", "rejected") and (e.status or 0) >= _REFUSED)
    body = next((entry.payload for entry in refused), b"")
    try:
        return str(json.loads(body)["error"]["message"])
    except (ValueError, KeyError, TypeError):
        return " ".join(body.decode(errors="replace").split())[:_SHOWN]


def socket_ended(entry: Entry) -> bool:
    """Whether the server has done with a socket: refused, closed, dropped or left by the client."""
    return entry.connection.startswith("ws-") and entry.kind in ("rejected", "close", "lost")
