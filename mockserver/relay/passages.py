"""What the journal of a relay says: the same entries, by the same code, as that of the mock."""

from __future__ import annotations

import hashlib
import json
import time
from typing import TYPE_CHECKING, Final, Literal

from ..core import credentials, routes
from ..core.effects import Close, Respond, Send
from ..core.journal import Journal
from ..core.notes import TELLERS, Notes

if TYPE_CHECKING:
    from ..core.options import Options
    from ..core.request import Request
    from .taps import Answered

#: Who refuses, where it is the relay itself.
RELAY: Final = "RELAY"


class Ledger:
    """The journal, and whose tokens have passed."""

    def __init__(self, options: Options) -> None:
        self.journal = Journal(options.journal_entries, options.journal_bytes, TELLERS)
        self.notes = Notes(self.journal, options)
        self._names = {"http": 0, "ws": 0}
        #: The stand-in key that minted a token, by the token's hash: the token itself is not kept.
        self._owners: dict[bytes, str] = {}

    def name(self, kind: str) -> str:
        """The next name of its kind."""
        self._names[kind] += 1
        return f"{kind}-{self._names[kind]}"

    def minted(self, token: str, owner: str) -> None:
        """A token was minted with a key."""
        self._owners[_hash(token)] = owner

    def owner(self, request: Request) -> str | None:
        """The key behind a request: its own, or the one that minted its token."""
        placed = credentials.placed(request)
        for name in (*placed.tokens, *placed.keys):
            owner = self._owners.get(_hash(name))
            if owner is not None:
                return owner
        return next(iter(placed.keys), None)

    def refuse(self, connection: str, owner: str | None, rules: str, what: str, hint: str) -> None:
        """The relay itself refuses, or the rules of the wire do."""
        self.journal.add(
            at=time.time(),
            connection=connection,
            kind="refusal",
            owner=owner,
            what=what,
            fact=rules,
            hint=hint,
        )


class Passage:
    """One request, or one socket, on its way through."""

    def __init__(self, ledger: Ledger, kind: Literal["request", "handshake"], request: Request) -> None:
        self._ledger = ledger
        self._request = request
        self.is_socket = kind == "handshake"
        self.to_head = request.method == "HEAD"
        self._about = (ledger.name("ws" if self.is_socket else "http"), ledger.owner(request))
        self.is_open = False
        self._ended = False
        #: What the client said as it closed.
        self._farewell: tuple[int, str] | None = None
        ledger.notes.request(kind, *self._about, request, time.time())

    @property
    def is_over(self) -> bool:
        """Whether nothing more is to come."""
        return self._ended

    def opened(self, answer: Answered) -> None:
        """The service has let the client in."""
        self.is_open = True
        self._ledger.notes.opened(*self._about, time.time(), answer.headers)

    def answered(self, answer: Answered) -> None:
        """The service has answered, or refused the handshake."""
        self._ended = True
        response = Respond(answer.status, answer.headers, answer.body)
        self._ledger.notes.response(
            "rejected" if self.is_socket else "response", response, *self._about, time.time()
        )
        self._learn(answer)

    def _learn(self, answer: Answered) -> None:
        """Remember who minted a token."""
        _, owner = self._about
        if answer.status != 200 or owner is None or not routes.minting(self._request.path):
            return
        try:
            name = json.loads(answer.body).get("name")
        except (ValueError, AttributeError, RecursionError):
            return
        if isinstance(name, str):
            self._ledger.minted(name, owner)

    def refused(self, what: str, hint: str, answer: Respond) -> None:
        """The relay itself answers."""
        self._ended = True
        self._ledger.refuse(*self._about, RELAY, what, hint)
        kind: Literal["response", "rejected"] = "rejected" if self.is_socket else "response"
        self._ledger.notes.response(kind, answer, *self._about, time.time())

    def received(self, payload: bytes, *, text: bool) -> None:
        """The client sent a message."""
        self._ledger.notes.received(payload, *self._about, time.time(), text=text)

    def sent(self, payload: bytes, *, text: bool) -> None:
        """The service sent a message."""
        self._ledger.notes.effects([Send(payload, text)], *self._about, time.time())

    def closed_by_service(self, code: int, reason: str) -> None:
        """The service sent a close frame; if the client had sent one before, this only answers it."""
        if self._farewell is None and not self._ended:
            self._ended = True
            self._ledger.notes.effects([Close(code, reason)], *self._about, time.time())

    def closed_by_client(self, code: int, reason: str) -> None:
        """The client sent a close frame."""
        self._farewell = (code, reason)

    def unreadable(self, who: str, why: str) -> None:
        """What passes cannot be read any more; it passes all the same."""
        name, owner = self._about
        self._ledger.journal.add(
            at=time.time(), connection=name, kind="problem", owner=owner,
            what=f"what {who} sends cannot be read from here on: {why}",
            hint="it is passed on as it comes; what follows on this connection is not in the journal",
        )  # fmt: skip

    def lost(self, by: Literal["the client", "the service"], *, reset: bool = False) -> None:
        """A connection is gone, on one side."""
        if self._ended:
            return
        self._ended = True
        if by == "the client" or self._farewell is not None:
            code, reason = self._farewell or (1006, "")
            self._ledger.notes.lost(code, reason, *self._about, time.time(), by="the client")
            return
        name, owner = self._about
        self._ledger.journal.add(
            at=time.time(), connection=name, kind="lost", owner=owner,
            what=f"dropped by the service{' by a reset' if reset else ''}",
            hint="the service, or something on the way to it, broke the connection without a close or an "
            "answer: the client sees the same; try again, or look at the service's own log",
        )  # fmt: skip


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.removeprefix(credentials.TOKEN_PREFIX).encode()).digest()
