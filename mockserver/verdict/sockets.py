"""What clients do on sockets."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from ..core.facts import FACTS, Answers, Closes
from .rules import Sighting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..core.journal import Entry
    from ..traffic import Call, Socket, Traffic

#: Ends that a client must be ready for, whatever it does: of age, and with its token.
_OF_AGE: Final = "CLS-067"
_TOKEN_EXPIRED: Final = "CLS-009"
SPENT: Final = frozenset({"CLS-007", "CON-007B"})
_LOST_HANDLE: Final = frozenset({"CLS-049", "CLS-049B", "CLS-049C"})
#: Told by findings of their own.
_TOLD: Final = frozenset({_OF_AGE, _TOKEN_EXPIRED}) | SPENT | _LOST_HANDLE
#: How hints begin where nothing is to be changed.
_NO_FAULT: Final = "nothing in the request is wrong"
_TOO_MANY: Final = 429
#: Long enough that a client which does not wait would have sent by then.
_NOTICEABLE_S: Final = 0.02


def sightings(traffic: Traffic) -> Iterator[Sighting]:
    """All of it."""
    for number, socket in enumerate(traffic.sockets):
        later = [one for one in traffic.sockets[number + 1 :] if one.owner == socket.owner]
        yield from _setup(socket)
        yield from _handle(socket, traffic.sockets[:number])
        yield from _end(socket, later)
        yield from _tools(socket)
    yield from _mistakes([*traffic.calls, *traffic.sockets])


def _setup(socket: Socket) -> Iterator[Sighting]:
    ready = next(iter(socket.of("setupComplete")), None)
    others = [frame.entry for frame in socket.received if frame.kind != "setup"]
    setup = next((frame.entry for frame in socket.received if frame.kind == "setup"), None)
    if setup is None:
        return
    early = [entry for entry in others if ready is None or entry.number < ready.entry.number]
    if early:
        yield _seen("before-setup-complete", socket, *early)
    elif ready and others and ready.entry.at - setup.at >= _NOTICEABLE_S:
        yield _seen("waited-for-setup", socket, ready.entry, others[0])


def _handle(socket: Socket, earlier: tuple[Socket, ...]) -> Iterator[Sighting]:
    if not socket.handle:
        return
    refusal = socket.first("refusal")
    if refusal is not None and refusal.fact in _LOST_HANDLE:
        yield _seen("stale-handle", socket, socket.received[0].entry, refusal, fact=refusal.fact)
        return
    for giver in earlier:
        given = [frame for frame in giver.of("sessionResumptionUpdate") if _given(frame.message)]
        if socket.handle not in [_given(frame.message) for frame in given]:
            continue
        if _given(given[-1].message) == socket.handle:
            yield _seen("resumed", socket, given[-1].entry, socket.received[0].entry)
        else:
            yield _seen("older-handle", socket, given[-1].entry, socket.received[0].entry)


def _given(message: dict[str, Any]) -> str:
    return str(message.get("sessionResumptionUpdate", {}).get("newHandle") or "")


def _end(socket: Socket, later: list[Socket]) -> Iterator[Sighting]:
    went = next((frame.entry for frame in socket.of("goAway")), None)
    refusal, end = socket.first("refusal"), socket.end
    if socket.is_open:
        yield _seen("left-open", socket, socket.handshake)
        return
    if end is None or socket.first("open") is None:
        return
    if socket.ended_by_client:
        yield _seen("broke-off" if socket.code == 1006 else "closed", socket, end)
    if went is not None and socket.ended_by_client:
        yield _seen("left-after-go-away", socket, went, end)
    elif went is not None and refusal is not None and refusal.fact == _OF_AGE:
        yield _seen("ignored-go-away", socket, went, end)
    if socket.of("setupComplete") and (went is not None or not socket.ended_by_client):
        yield from _return(socket, end, later)


def _return(socket: Socket, end: Entry, later: list[Socket]) -> Iterator[Sighting]:
    """A conversation ended that was not over; a mistake of the client's is told as such instead."""
    refusal = socket.first("refusal")
    if refusal is not None and is_permanent(refusal) and refusal.fact not in _TOLD:
        return
    following = next((one for one in later if one.received), None)
    if following is None:
        yield _seen("did-not-return" if socket.ended_by_client else "not-resumed", socket, end)
    elif not following.handle:
        yield _seen("started-over", socket, end, following.received[0].entry)


def _tools(socket: Socket) -> Iterator[Sighting]:
    owed: dict[str, Entry] = {}
    for frame in sorted([*socket.sent, *socket.received], key=lambda frame: frame.entry.number):
        content = frame.message.get(frame.kind)
        if not isinstance(content, dict):
            continue
        if frame.kind == "toolCall":
            owed |= {str(call.get("id")): frame.entry for call in content.get("functionCalls", [])}
        elif frame.kind == "toolCallCancellation":
            _forget(owed, content.get("ids", []))
        elif frame.kind == "toolResponse":
            _forget(owed, [one.get("id") for one in content.get("functionResponses", [])])
    if owed and socket.end is not None:
        yield _seen("unanswered-tool-call", socket, *owed.values(), socket.end)


def _forget(owed: dict[str, Entry], ids: list[Any]) -> None:
    for id in ids:
        owed.pop(str(id), None)


# -- refusals ---------------------------------------------------------------------------------------------


def is_permanent(refusal: Entry) -> bool:
    """Whether the same request would be refused again, whenever it came."""
    row = FACTS.get(refusal.fact)
    if row is None or refusal.hint.startswith(_NO_FAULT):
        return row is None
    if refusal.fact in (_OF_AGE, _TOKEN_EXPIRED):
        return False
    match row.seen:
        case Answers(http, _, _):
            return 400 <= http < 500 and http != _TOO_MANY
        case Closes():
            return "quota" not in row.condition
    return False


def _mistakes(exchanges: list[Call | Socket]) -> Iterator[Sighting]:
    """Refusals that are the client's doing; one that comes twice for the same request is told as such."""
    before: dict[tuple[str, ...], Entry] = {}
    for exchange in sorted(exchanges, key=lambda one: one.entries[0].number):
        refusal = exchange.first("refusal")
        if refusal is None or not is_permanent(refusal):
            continue
        known = before.get(_same(exchange, refusal))
        before[_same(exchange, refusal)] = refusal
        if refusal.fact in SPENT:
            yield _seen("spent-token", exchange, refusal, fact=refusal.fact)
        elif known is not None:
            yield _seen(
                "same-mistake-again", exchange, known, refusal, advice=_stop(refusal), fact=_id(refusal)
            )
        elif refusal.fact not in _TOLD:
            yield _refused(exchange, refusal)


def _same(exchange: Call | Socket, refusal: Entry) -> tuple[str, ...]:
    """What makes two refused requests alike: who asked, for what, with which content."""
    first = exchange.entries[0]
    sent = [entry.payload.decode(errors="replace") for entry in exchange.entries if entry.kind == "in"]
    return (
        refusal.fact,
        refusal.owner or "",
        first.what,
        json.dumps([first.payload.decode(errors="replace"), *sent]),
    )


def _refused(exchange: Call | Socket, refusal: Entry) -> Sighting:
    return _seen(
        "refused",
        exchange,
        refusal,
        what=f"was refused: {refusal.hidden(refusal.what)}",
        advice=refusal.hidden(refusal.hint),
        fact=_id(refusal),
    )


def _stop(refusal: Entry) -> str:
    return f"stop after such a refusal, tell the user, and mend the cause: {refusal.hidden(refusal.hint)}"


def _id(refusal: Entry) -> str:
    """The id of a fact; the rules of the wire have none."""
    return refusal.fact if refusal.fact in FACTS else ""


def _seen(
    id: str, exchange: Call | Socket, *entries: Entry, what: str = "", advice: str = "", fact: str = ""
) -> Sighting:
    numbers = tuple(sorted(entry.number for entry in entries))
    return Sighting(id, exchange.entries[0].connection, numbers, what, advice, fact)
