"""What comes of the bytes of a client that speaks HTTP/1.1: requests, and what is none."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ..core.effects import Respond

if TYPE_CHECKING:
    from typing import TypeAlias

    from ..core.request import Request


class Asked(NamedTuple):
    """A whole request; ``keep``: the client takes another answer on this connection."""

    request: Request
    keep: bool


class Expecting(NamedTuple):
    """A client waits for a word that its body is wanted (``Expect: 100-continue``)."""


class Upgrade(NamedTuple):
    """A WebSocket handshake; ``rest``: what came behind it already."""

    request: Request
    rest: bytes


class Refused(NamedTuple):
    """What is no request that is taken: the answer's status, what is wrong, what to do; the last of all."""

    status: int
    what: str
    hint: str

    @property
    def answer(self) -> Respond:
        """What the client gets."""
        headers = (("Content-Type", "text/plain; charset=UTF-8"),)
        return Respond(self.status, headers, f"{self.what}\n".encode())


Event: TypeAlias = "Asked | Expecting | Upgrade | Refused"
