"""The server refuses, closes, drops the connection or stays silent: what does the application see?"""

from __future__ import annotations

from typing import Final

from mockserver import Abort, Close, Refusal, Refuse, Reject, Respond, Rule, Send, Silence

from ..model import Behaviour
from .connecting import Calls, opening, playing, turn
from .frames import spoken

_TALK: Final[Calls] = (*opening(), *turn())
#: Status and what stands in the body, as a gateway in front of the service would write it.
_STATUSES: Final = {401: "Unauthorized", 403: "Forbidden", 404: "", 500: "Internal Server Error"}
#: Closes of the service that mean something else each: a bad key, no credential, a spent token.
_CLOSES: Final = {Refusal(fact).close(): fact for fact in ("CLS-001", "CLS-002", "CLS-007")}
_RACE: Final = {
    "js": "const session = await Promise.race([ai.live.connect({model, callbacks: "
    "{...callbacks, onerror: fail, onclose: fail}}), failed])"
}
_WATCH: Final = {
    "python": "await asyncio.wait_for(client.aio.live.connect(…).__aenter__(), timeout=10)",
    "js": "const session = await Promise.race([ai.live.connect({model, callbacks}), rejectAfter(10_000)])",
}


def _handshakes() -> list[Behaviour]:
    refused = [
        Behaviour(
            f"handshake:{status}",
            f"the server refuses the handshake with HTTP {status}",
            calls=opening(),
            script=playing(
                f"refuse {status}", Rule("handshake", (Reject(Respond(status, (), body.encode())),))
            ),
            asks="handshake refused",
            ends_in="connect",
            # Of a 401 devtools speak in other words: that no credentials are there to answer it with.
            looks=("onerror",) if status == 401 else ("onerror", "devtools"),
            status=status,
            remedy=_RACE,
        )
        for status, body in _STATUSES.items()
    ]
    dropped = Behaviour(
        "handshake:dropped",
        "the server drops the TCP connection in the handshake",
        calls=opening(),
        script=playing("drop the handshake", Rule("handshake", (Abort(),))),
        asks="handshake dropped",
        ends_in="connect",
        status=0,
        remedy=_RACE,
    )
    return [*refused, dropped]


def _before_setup_complete() -> list[Behaviour]:
    closed = [
        Behaviour(
            f"setup:{close.code}",
            f"the server closes with {close.code} before setupComplete",
            calls=_TALK,
            script=playing(f"close {close.code} at the setup", Rule("setup", (Refuse(fact),))),
            facts=(fact,),
            asks="closed before setupComplete",
            ends_in="connect",
            close=(close.code, close.reason),
            remedy=_RACE,
        )
        for close, fact in _CLOSES.items()
    ]
    dropped = Behaviour(
        "setup:dropped",
        "the server drops the TCP connection before setupComplete",
        calls=_TALK,
        script=playing("drop at the setup", Rule("setup", (Abort(),))),
        asks="dropped before setupComplete",
        ends_in="connect",
        close=(1006, ""),
        remedy=_RACE,
    )
    silent = Behaviour(
        "setup:silent",
        "the server never sends setupComplete",
        calls=_TALK,
        script=playing("silence at the setup", Rule("setup", (Silence(),))),
        asks="silent before setupComplete",
        ends_in="connect",
        silent=True,
        remedy=_WATCH,
    )
    return [*closed, dropped, silent]


def _in_a_turn() -> list[Behaviour]:
    closes = {Close(1000, ""): "", **_CLOSES}
    closed = [
        Behaviour(
            f"turn:{close.code}",
            f"the server closes with {close.code} in the middle of an answer",
            calls=_TALK,
            script=playing(
                f"close {close.code} in a turn",
                Rule("turn", (Send(spoken("hel")), Refuse(fact) if fact else close)),
            ),
            facts=(fact,) if fact else (),
            asks="closed in a turn" if fact else "closed with 1000 in a turn",
            close=(close.code, close.reason),
        )
        for close, fact in closes.items()
    ]
    dropped = Behaviour(
        "turn:dropped",
        "the server drops the TCP connection in the middle of an answer",
        calls=_TALK,
        script=playing("drop in a turn", Rule("turn", (Send(spoken("hel")), Abort()))),
        asks="dropped in a turn",
        close=(1006, ""),
    )
    silent = Behaviour(
        "turn:silent",
        "the server never answers a turn",
        calls=_TALK,
        script=playing("silence in a turn", Rule("turn", (Silence(),))),
        asks="silent in a turn",
        silent=True,
        remedy=_WATCH,
    )
    return [*closed, dropped, silent]


REFUSALS: Final = (*_handshakes(), *_before_setup_complete(), *_in_a_turn())
