"""What crossed the wire, without what is another one in every run; and how two of that differ.

Works on any two lists of journal entries: of a probe, or of a program that ran for minutes.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timezone
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, urlsplit

from ..same import Same
from ..spelling import camel
from ..wire import connections, wire_of
from .model import Difference, changed, listed
from .structure import compact, differences

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mockserver import Entry

    from ..model import Wire
    from .model import Aspect
    from .structure import Delta

#: Headers that are another one each time, or follow from the body.
_NOISE: Final = frozenset({"host", "content-length", "sec-websocket-key", "date"})
#: Where credentials are is told by their place.
_CREDENTIALS: Final = frozenset({"authorization", "x-goog-api-key", "cookie", "proxy-authorization"})
_SECRET_QUERIES: Final = frozenset({"key", "access_token"})
_TIME: Final = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)?")
#: A time that is computed from now reaches the server within so many seconds.
_ROUND_S: Final = 10
#: A time this far away was not computed from now.
_FAR_S: Final = 10 * 366 * 86_400
#: Longest value that is shown.
_SHOWN: Final = 300


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request, or one socket.

    Attributes:
        wire: method, API version, credentials and how it was answered.
        line: HTTP method and path, with ``{version}`` in the place of the API version.
        query: its parameters; of a credential only that it is there.
        scheme: ``http``, ``https``, ``ws`` or ``wss``.
        headers: without those that say nothing.
        sent: the body, or the messages of a socket, as JSON where they are; times are relative to now.
        frames: the kinds of frames that the messages came in.
    """

    wire: Wire
    line: str
    query: tuple[tuple[str, str], ...]
    scheme: str
    headers: tuple[tuple[str, str], ...]
    sent: tuple[Any, ...]
    frames: tuple[str, ...] = ()


def exchanges(entries: Iterable[Entry]) -> tuple[Exchange, ...]:
    """The requests and sockets of a journal, in the order in which they began."""
    same = Same()
    return tuple(_exchange(group, same) for group in connections(entries).values())


def _exchange(group: list[Entry], same: Same) -> Exchange:
    opening, wire = group[0], wire_of(group)
    method, _, target = opening.what.partition(" ")
    parts = urlsplit(target.replace("//", "/.//", 1) if target.startswith("//") else target)
    path = parts.path.removeprefix("/.")
    if wire.version:
        path = re.sub(rf"(?<=[/.]){re.escape(wire.version)}(?=[/.])", "{version}", path, count=1)
    socket = opening.kind == "handshake"
    messages = [entry for entry in group if entry.kind == "in"] if socket else [opening]
    return Exchange(
        wire,
        same(f"{method} {path}"),
        tuple((n, "…" if n in _SECRET_QUERIES else same(v)) for n, v in parse_qsl(parts.query, True)),
        ("ws" if socket else "http") + "s" * opening.secure,
        tuple(
            (name, "…" if name in _CREDENTIALS else same(value))
            for name, value in opening.headers
            if name not in _NOISE
        ),
        tuple(_read(message, same) for message in messages),
        tuple(dict.fromkeys("text" if entry.text else "binary" for entry in messages)) if socket else (),
    )


def _read(entry: Entry, same: Same) -> Any:
    """What was sent, as JSON where it is; a body that is empty is None."""
    text = entry.payload.decode(errors="replace")
    relative = _TIME.sub(lambda found: _from_now(found, entry.at), text)
    try:
        return json.loads(same(relative)) if relative.strip() else None
    except ValueError:
        return same(relative)


def _from_now(found: re.Match[str], now: float) -> str:
    """A time as how far from now it is, in the form in which it was written: ``{now+3600s}.000Z``."""
    moment, fraction, zone = found.groups()
    try:
        at = datetime.fromisoformat(moment + (zone or "Z").replace("Z", "+00:00"))
    except ValueError:
        return found[0]
    away = (at - datetime.fromtimestamp(now, timezone.utc)).total_seconds()
    if abs(away) > _FAR_S:
        return found[0]
    rounded = round(away / _ROUND_S) * _ROUND_S
    return f"{{now{rounded:+d}s}}{'.' + '0' * len(fraction) if fraction else ''}{zone or ''}"


# -- two of them ------------------------------------------------------------------------------------------


def compared(before: Sequence[Exchange], after: Sequence[Exchange]) -> tuple[Difference, ...]:
    """All that differs, the n-th call of a method with the n-th; each difference once."""
    mine, theirs = _by_method(before), _by_method(after)
    found: list[Difference] = []
    for method in dict.fromkeys((*mine, *theirs)):
        for one, other in zip_longest(mine[method], theirs[method]):
            if one is None or other is None:
                lonely = one or other
                assert lonely is not None
                told = f"{method} on {lonely.wire.version or 'no version'}"
                found += changed("requests", "", told if one else "", told if other else "")
            else:
                found += _pair(method, one, other)
    return tuple(dict.fromkeys(found))


def _by_method(those: Sequence[Exchange]) -> defaultdict[str, list[Exchange]]:
    grouped: defaultdict[str, list[Exchange]] = defaultdict(list)
    for exchange in those:
        grouped[exchange.wire.method].append(exchange)
    return grouped


def _pair(method: str, one: Exchange, other: Exchange) -> list[Difference]:
    return [
        *changed("API version", method, one.wire.version, other.wire.version),
        *changed("request line", method, one.line, other.line),
        *listed("request line", _questions(method, one), _questions(method, other)),
        *changed("scheme", method, one.scheme, other.scheme),
        *changed("credential", method, _places(one), _places(other)),
        *listed("header", _spoken(one), _spoken(other)),
        *(_body if other.scheme.startswith("http") else _messages)(method, one.sent, other.sent),
        *changed("frames", method, " and ".join(one.frames), " and ".join(other.frames)),
        *changed("answer", method, _answered(one.wire), _answered(other.wire)),
    ]


def _questions(method: str, exchange: Exchange) -> list[tuple[str, str]]:
    """The query, credentials aside."""
    return [(f"{method}: ?{name}", value) for name, value in exchange.query if name not in _SECRET_QUERIES]


def _places(exchange: Exchange) -> str:
    return " + ".join(exchange.wire.placement) or "none"


def _spoken(exchange: Exchange) -> list[tuple[str, str]]:
    """Headers, credentials aside."""
    return [(name, value) for name, value in exchange.headers if name not in _CREDENTIALS]


def _answered(wire: Wire) -> str:
    closed = f", close {wire.close}" if wire.close else ""
    return f"HTTP {wire.status}{closed}" if wire.status else f"none{closed}"


def _body(method: str, before: Sequence[Any], after: Sequence[Any]) -> list[Difference]:
    one, other = before[0], after[0]
    if {compact(one), compact(other)} == {"null", "{}"}:  # no body, and one that says nothing
        return [Difference("body", method, "spelled", _cut(compact(one)), _cut(compact(other)))]
    return [_told("body", method, delta) for delta in differences(one, other)]


def _messages(method: str, before: Sequence[Any], after: Sequence[Any]) -> list[Difference]:
    """Messages of a socket: those of one kind with one another."""
    mine, theirs = ([_kind(message) for message in side] for side in (before, after))
    found: list[Difference] = []
    for _, i, i_end, j, j_end in SequenceMatcher(None, mine, theirs, autojunk=False).get_opcodes():
        if mine[i:i_end] == theirs[j:j_end]:
            for one, other in zip(before[i:i_end], after[j:j_end], strict=True):
                found += [_told("message", "", delta) for delta in differences(one, other)]
            continue
        for n in range(i, i_end):
            found.append(Difference("message", mine[n], "removed", before=_cut(compact(before[n]))))
        for n in range(j, j_end):
            found.append(Difference("message", theirs[n], "added", after=_cut(compact(after[n]))))
    return found


def _kind(message: Any) -> str:
    """``setup``, ``clientContent`` …: the first name."""
    return camel(next(iter(message), "nothing")) if isinstance(message, dict) else "no object"


def _told(aspect: Aspect, method: str, delta: Delta) -> Difference:
    return Difference(aspect, delta.place or method, delta.kind, _cut(delta.before), _cut(delta.after))


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}… ({len(text)} characters)"
