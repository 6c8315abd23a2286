"""What the service writes into its journal."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from itertools import chain, groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final, Literal, cast

from . import credentials
from .agenda import Note
from .effects import NO_CODE, Abort, Close, Send
from .errors import Refusal
from .facts import fact
from .facts.vocabulary import INTERNAL
from .journal import summary

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .agenda import Stretch
    from .effects import Effect, Headers, Respond
    from .journal import Journal, Kind, Teller
    from .options import Options
    from .request import Head, Request
    from .store import StoreLost


class Notes:
    """One journal, and how each thing is told in it."""

    def __init__(self, journal: Journal, options: Options) -> None:
        self._journal = journal
        self._options = options

    def request(
        self,
        kind: Literal["request", "handshake"],
        name: str,
        owner: str | None,
        request: Request,
        now: float,
    ) -> None:
        """A request came."""
        size = len(request.body) + _head_size(request.head.kind)
        self._journal.add_late(size, kind, request, name, owner, now)

    def rejected(self, response: Respond, name: str, owner: str | None, now: float) -> Respond:
        """A handshake is answered otherwise than by 101; the answer."""
        self.response("rejected", response, name, owner, now)
        return response

    def response(
        self,
        kind: Literal["response", "rejected"],
        response: Respond,
        name: str,
        owner: str | None,
        now: float,
    ) -> None:
        """A request, or a handshake that is refused, is answered."""
        size = len(response.body) + _answer_size(response.headers)
        self._journal.add_late(size, kind, response, name, owner, now)

    def opened(self, name: str, owner: str | None, now: float, headers: Headers = ()) -> None:
        """A socket is open."""
        self._journal.add_late(_size(headers) if headers else 0, "open", headers, name, owner, now)

    def received(self, payload: bytes, name: str, owner: str | None, now: float, *, text: bool) -> None:
        """A client sent a message."""
        self._journal.add_late(len(payload), "in", payload, text, name, owner, now)

    def lost(self, code: int, reason: str, name: str, owner: str | None, now: float, *, by: str) -> None:
        """A socket was closed by another than the service, or its connection broke (code 1006)."""
        self._journal.add_late(len(reason), "lost", reason, code, name, owner, now, by)

    def not_played(self, request: Request, name: str, owner: str | None, now: float) -> None:
        """The service has such a method; this mock does not play it."""
        self._journal.add(
            at=now,
            connection=name,
            kind="refusal",
            owner=owner,
            what=f"{request.method} {request.path} is not played by this mock",
            fact="MOCK",
            hint="this mock plays tokens and Live sessions: send other calls to another mock, or stub them",
        )

    def refused(self, refusal: Refusal, name: str, owner: str | None, now: float) -> Respond:
        """Note a refusal; it as an HTTP answer."""
        return self._told(refusal, name, owner, now).respond(now)

    def closed(self, error: Refusal | StoreLost, name: str, owner: str | None, now: float) -> Close:
        """Note why a socket is closed; the close."""
        if isinstance(error, Refusal):
            return self._told(error, name, owner, now).close()
        about = {"at": now, "connection": name, "owner": owner}
        self._journal.add(**about, kind="refusal", what=str(error), fact="MOCK", hint=error.hint)
        return Close(1011, INTERNAL)

    def _told(self, raised: Refusal, name: str, owner: str | None, now: float) -> Refusal:
        """Note a refusal; it with the answer of another fact, where the options say so."""
        other = self._options.instead.get(raised.fact)
        refusal = replace(raised, shown_as=other, text="", violations=()) if other else raised
        row = fact(refusal.fact)
        self._journal.add(
            at=now,
            connection=name,
            kind="refusal",
            owner=owner,
            what=refusal.message or row.condition,
            fact=refusal.fact,
            hint=refusal.hint,
            confidence=row.confidence,
            script=refusal.script,
            rule=refusal.rule,
        )
        return refusal

    def effects(self, stretch: Stretch, name: str, owner: str | None, now: float) -> list[Effect]:
        """Note what happens on a socket with nothing between it; what of it is an effect."""
        first = stretch[0]
        if isinstance(first, Send) and len(stretch) == 1:
            self._journal.add_late(len(first.payload), "out", first.payload, first.text, name, owner, now)
        elif isinstance(first, Send):
            for text, sent in groupby(cast("list[Send]", stretch), attrgetter("text")):
                self._journal.add_each_late("out", [one.payload for one in sent], text, name, owner, now)
        else:
            for one in stretch:
                self._note(one, name, owner, now)
        return [] if isinstance(first, Note) else stretch  # type: ignore[return-value]  # no notes then

    def _note(self, effect: Effect | Note, name: str, owner: str | None, now: float) -> None:
        about = {"at": now, "connection": name, "owner": owner}
        match effect:
            case Note(kind, what, payload, status, script, rule):
                fields = {"kind": kind, "what": what, "payload": payload, "status": status}
                self._journal.add(**about, **fields, script=script, rule=rule)
            case Close(code, reason):
                what = f"{'no code' if code == NO_CODE else code} {reason}".rstrip()
                self._journal.add(**about, kind="close", what=what, status=code)
            case Abort():
                self._journal.add(**about, kind="lost", what="dropped by script")
            case _:
                pass


# -- entries, once somebody looks -------------------------------------------------------------------------


def _request(kind: str, request: Request, name: str, owner: str | None, now: float) -> dict[str, Any]:
    return {
        "at": now,
        "connection": name,
        "kind": kind,
        "owner": owner,
        "what": f"{request.method} {request.target}",
        "client": request.header("x-goog-api-client") or request.header("user-agent") or "",
        "placement": credentials.placed(request).where,
        "secure": request.secure,
        "headers": request.headers,
        "payload": request.body,
    }


def _response(kind: str, response: Respond, name: str, owner: str | None, now: float) -> dict[str, Any]:
    return {
        "at": now,
        "connection": name,
        "kind": kind,
        "owner": owner,
        "what": f"{response.status} {summary(response.body)}".rstrip(),
        "status": response.status,
        "headers": _lower(response.headers),
        "payload": response.body,
    }


def _opened(kind: str, headers: Headers, name: str, owner: str | None, now: float) -> dict[str, Any]:
    about = {"at": now, "connection": name, "owner": owner, "headers": _lower(headers)}
    return {**about, "kind": kind, "what": "101", "status": 101}


def _message(
    kind: str, payload: bytes, text: bool, name: str, owner: str | None, now: float
) -> dict[str, Any]:
    about = {"at": now, "connection": name, "owner": owner}
    return {**about, "kind": kind, "what": summary(payload), "payload": payload, "text": text}


def _lost(
    kind: str, reason: str, code: int, name: str, owner: str | None, now: float, by: str
) -> dict[str, Any]:
    what = f"by {by}: {code} {reason}".rstrip()
    return {"at": now, "connection": name, "kind": kind, "owner": owner, "what": what, "status": code}


#: What gives the fields of an entry, by its kind; of all other kinds entries are made at once.
TELLERS: Final[Mapping[Kind, Teller]] = {
    "request": _request,
    "handshake": _request,
    "response": _response,
    "rejected": _response,
    "open": _opened,
    "in": _message,
    "out": _message,
    "lost": _lost,
}


@lru_cache(maxsize=256)
def _head_size(head: Head) -> int:
    return len(head.target) + _size(head.headers)


def _size(headers: Headers) -> int:
    return sum(map(len, chain.from_iterable(headers)))


#: The answers of a second have the same ones.
_answer_size: Final = lru_cache(maxsize=16)(_size)


def _lower(headers: Headers) -> Headers:
    return tuple((name.lower(), value) for name, value in headers)
