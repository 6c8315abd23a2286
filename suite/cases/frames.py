"""Frames that a client does not see every day: what does it make of them?"""

from __future__ import annotations

import json
from typing import Any, Final

from mockserver import Echo, Rule, Send

from ..model import Behaviour
from .connecting import Calls, opening, playing, turn

_TALK: Final[Calls] = (*opening(), *turn())
#: Python's websockets takes messages up to this size unless told otherwise.
_MIB: Final = 1024 * 1024


def message(**fields: Any) -> bytes:
    """A server message as the service writes it."""
    return (json.dumps(fields, indent=2) + "\n").encode()


def spoken(text: str) -> bytes:
    """A piece of an answer."""
    return message(serverContent={"modelTurn": {"parts": [{"text": text}]}})


_DONE: Final = message(serverContent={"generationComplete": True})
_STILL_AT_IT: Final = message(serverContent={"turnComplete": True, "interactionStatus": "IN_PROGRESS"})
_OVER: Final = message(serverContent={"turnComplete": True})
_PLAIN: Final = (spoken("hello"), _DONE, _OVER)


def _sends(slug: str, title: str, asks: str, *frames: Send, **more: Any) -> Behaviour:
    """These frames, then an ordinary answer."""
    script = playing(slug, Rule("turn", (*frames, Echo())))
    return Behaviour(f"frame:{slug}", title, calls=_TALK, script=script, asks=asks, **more)


FRAMES: Final = (
    Behaviour(
        "frame:text",
        "the server answers in text frames instead of binary ones",
        calls=_TALK,
        script=playing("text", Rule("turn", tuple(Send(frame, text=True) for frame in _PLAIN))),
        asks="text frames",
        shows={"said": "hello"},
    ),
    _sends(
        "unknown-field",
        "a message has a field that the SDK does not know",
        "an unknown field",
        Send(message(serverContent={"modelTurn": {"parts": [{"text": "hel"}]}, "brandNewField": {"a": 1}})),
    ),
    _sends(
        "unknown-message",
        "a message has no field that the SDK knows",
        "an unknown message",
        Send(message(brandNewMessage={"a": 1})),
    ),
    _sends("empty", "an empty message comes between others", "an empty message", Send(message())),
    _sends(
        "not-json", "a frame in a turn is not JSON", "a frame that is not JSON", Send(b"<html>oops</html>")
    ),
    Behaviour(
        "frame:in-progress",
        "a turn is complete while the model says that it is still at it (interactionStatus)",
        calls=_TALK,
        script=playing("in progress", Rule("turn", (Send(_STILL_AT_IT), Echo()))),
        asks="a turn in progress",
        looks=("said",),
    ),
    Behaviour(
        "frame:not-json-first",
        "the first frame is not JSON",
        calls=_TALK,
        script=playing("not json first", Rule("setup", (Send(b"<html>oops</html>"),))),
        asks="a first frame that is not JSON",
        ends_in="connect",
        silent=True,
    ),
    _sends(
        "error",
        "a message is an error object, which the service never sends",
        "an error message",
        Send(message(error={"code": 500, "message": "Internal error", "status": "INTERNAL"})),
    ),
    _sends(
        "snake-case",
        "an answer is spelled in snake_case, which the service never does",
        "a message in snake_case",
        Send(message(server_content={"model_turn": {"parts": [{"text": "hel"}]}})),
        looks=("said",),
    ),
    _sends(
        "large",
        "a frame is larger than 1 MiB",
        "a frame over 1 MiB",
        Send(spoken("x" * (_MIB + 1))),
        looks=("said",),
    ),
    _sends(
        "go-away",
        "the server tells that it will close soon (goAway)",
        "goAway",
        Send(message(goAway={"timeLeft": "50s"})),
        looks=("goAway",),
    ),
)
