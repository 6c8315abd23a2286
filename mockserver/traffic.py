"""The journal as requests and sockets, for those who ask what a client did: pure functions of its entries."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from .core import credentials, routes
from .core.messages import camel
from .core.request import Request

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .core.journal import Entry

#: What a script's drop looks like from the client's side, as a close code.
DROPPED: Final = 1006


@dataclass(frozen=True, slots=True)
class Frame:
    """One message on a socket: its kind, such as ``setup`` or ``serverContent``, and all of it."""

    entry: Entry
    kind: str
    message: dict[str, Any]


@dataclass(slots=True)
class _Exchange:
    """What one name in the journal stands for."""

    entries: list[Entry] = field(default_factory=list)

    def first(self, *kinds: str) -> Entry | None:
        """The first entry of these kinds."""
        return next((entry for entry in self.entries if entry.kind in kinds), None)


class Call(_Exchange):
    """An HTTP request and its answer."""

    @property
    def request(self) -> Entry:
        """The request."""
        return self.entries[0]

    @property
    def version(self) -> str:
        """The API version of a call that mints; empty for any other."""
        return routes.minting(_request(self.request).path)

    @property
    def status(self) -> int | None:
        """The status of the answer."""
        response = self.first("response")
        return response.status if response else None

    @property
    def body(self) -> dict[str, Any]:
        """What was asked for."""
        return _object(self.request.payload)

    @property
    def token(self) -> str:
        """The token that was minted; empty if none was."""
        response = self.first("response")
        name = _object(response.payload).get("name") if response and response.status == 200 else None
        return name if self.version and isinstance(name, str) else ""


@dataclass
class Socket(_Exchange):
    """A WebSocket from its handshake to its end."""

    @property
    def handshake(self) -> Entry:
        """The request that asked for it."""
        return self.entries[0]

    @property
    def name(self) -> str:
        """Its name in the journal."""
        return self.handshake.connection

    @property
    def version(self) -> str:
        """The API version in its path; empty where there is none."""
        found = routes.live(_request(self.handshake).path)
        return found[0] if found else ""

    @property
    def owner(self) -> str | None:
        """The API key behind it."""
        return self.entries[-1].owner

    @cached_property
    def token(self) -> str:
        """The token it came with; empty for an API key."""
        placed = credentials.placed(_request(self.handshake))
        named = [name for name in placed.keys if name.startswith(credentials.TOKEN_PREFIX)]
        return next(iter([*placed.tokens, *named]), "")

    @cached_property
    def received(self) -> list[Frame]:
        """What the client sent."""
        return [_frame(entry) for entry in self.entries if entry.kind == "in"]

    @cached_property
    def sent(self) -> list[Frame]:
        """What the client was sent."""
        return [_frame(entry) for entry in self.entries if entry.kind == "out"]

    @property
    def setup(self) -> dict[str, Any]:
        """The setup that the client sent; empty if it sent none."""
        first = next((frame for frame in self.received if frame.kind == "setup"), None)
        setup = first.message.get("setup") if first else None
        return setup if isinstance(setup, dict) else {}

    @property
    def handle(self) -> str:
        """The resumption handle in the setup; empty if there is none."""
        resumption = self.setup.get("sessionResumption")
        return str(resumption.get("handle") or "") if isinstance(resumption, dict) else ""

    def of(self, kind: str) -> list[Frame]:
        """The messages of one kind that the client was sent."""
        return [frame for frame in self.sent if frame.kind == kind]

    @property
    def is_open(self) -> bool:
        """Whether the handshake succeeded and nothing has ended the socket since."""
        return self.first("open") is not None and self.end is None

    @property
    def end(self) -> Entry | None:
        """What ended it: a close by the server, or the loss of it; None while it is open."""
        return self.first("close", "lost", "rejected")

    @property
    def code(self) -> int | None:
        """The close code that the client saw; 1006 where it saw none."""
        end = self.end
        if end is None or end.kind == "rejected":
            return None
        return end.status if end.status is not None else DROPPED

    @property
    def ended_by_client(self) -> bool:
        """Whether the client ended it, well or badly."""
        end = self.end
        return end is not None and end.kind == "lost" and end.what.startswith("by the client")


@dataclass(frozen=True, slots=True)
class Traffic:
    """All requests and sockets of a journal, in order. Those whose beginning is gone are left out."""

    calls: tuple[Call, ...]
    sockets: tuple[Socket, ...]

    @property
    def mints(self) -> tuple[Call, ...]:
        """The calls to the method that mints, of any version, whatever came of them."""
        return tuple(call for call in self.calls if call.version)


def read(entries: Iterable[Entry]) -> Traffic:
    """Sort a journal by request and socket."""
    calls: dict[str, Call] = {}
    sockets: dict[str, Socket] = {}
    for entry in entries:
        if entry.kind == "request":
            calls[entry.connection] = Call()
        elif entry.kind == "handshake":
            sockets[entry.connection] = Socket()
        exchange = calls.get(entry.connection) or sockets.get(entry.connection)
        if exchange is not None:
            exchange.entries.append(entry)
    return Traffic(tuple(calls.values()), tuple(sockets.values()))


def in_camel_case(value: Any) -> Any:
    """JSON with all keys in one spelling: Python SDKs send both, at times in one message."""
    if isinstance(value, dict):
        return {camel(name): in_camel_case(part) for name, part in value.items()}
    return [in_camel_case(part) for part in value] if isinstance(value, list) else value


def _request(entry: Entry) -> Request:
    method, _, target = entry.what.partition(" ")
    return Request(method, target, entry.headers)


def _object(payload: bytes) -> dict[str, Any]:
    try:
        value = json.loads(payload)
    except (ValueError, RecursionError):
        return {}
    return in_camel_case(value) if isinstance(value, dict) else {}


def _frame(entry: Entry) -> Frame:
    message = _object(entry.payload)
    return Frame(entry, next(iter(message), ""), message)
