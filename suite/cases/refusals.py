"""The server refuses, closes, drops the connection or stays silent: what does the application see?"""

from __future__ import annotations

from typing import Final

from mockserver import Abort, Close, Reject, Respond, Rule, Send, Silence

from ..model import Behaviour
from .connecting import VERSION, Calls, opening, playing, turn
from .frames import spoken

_TALK: Final[Calls] = (*opening(), *turn())
#: Status and what stands in the body, as a gateway in front of the service would write it.
_STATUSES: Final = {401: "Unauthorized", 403: "Forbidden", 404: "", 500: "Internal Server Error"}
#: Closes of the service that mean something else each: a bad setup, no credential, a spent token.
_CLOSES: Final = {
    1007: "API key not valid. Please pass a valid API key.",
    1008: f"models/nothing is not found for API version {VERSION}, or is not supported for "
    "bidiGenerateContent.",
    1011: "Token has been used too many times",
}
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
            f"setup:{code}",
            f"the server closes with {code} before setupComplete",
            calls=_TALK,
            script=playing(f"close {code} at the setup", Rule("setup", (Close(code, reason),))),
            asks="closed before setupComplete",
            ends_in="connect",
            close=(code, reason),
            remedy=_RACE,
        )
        for code, reason in _CLOSES.items()
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
    closes = {1000: "", **_CLOSES}
    closed = [
        Behaviour(
            f"turn:{code}",
            f"the server closes with {code} in the middle of an answer",
            calls=_TALK,
            script=playing(
                f"close {code} in a turn", Rule("turn", (Send(spoken("hel")), Close(code, reason)))
            ),
            asks="closed in a turn" if reason else "closed with 1000 in a turn",
            close=(code, reason),
        )
        for code, reason in closes.items()
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
