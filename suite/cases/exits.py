"""The exit code of a short program that handles no failure: does whoever started it find out?"""

from __future__ import annotations

from typing import Any, Final

from mockserver import Close, Reject, Respond, Rule, Script

from ..model import Behaviour
from .connecting import AUDIO, MODEL, VERSION, playing

_EMPTY_404: Final = Respond(404, (), b"")
_CLIENT: Final = {"api_version": VERSION, "base_url": "{url}"}


def _program(slug: str, title: str, do: str, script: Script | None, **more: Any) -> Behaviour:
    style = more.pop("style", "main")
    asked = {"do": do, "style": style, "api_key": "{key}", "client": _CLIENT, "model": MODEL, "config": AUDIO}
    if do == "create":
        asked["config"] = {}
    return Behaviour(
        f"exit:{slug}",
        title,
        step="program",
        calls=(("program", asked),),
        script=script,
        asks=f"exit after {slug}",
        ends_in="program",
        looks=("exit code",),
        sdks=more.pop("sdks", ("python", "js", "reference")),
        **more,
    )


_CLOSED: Final = (1011, "Internal error encountered.")
_REFUSED: Final = playing("refuse the handshake", Rule("handshake", (Reject(_EMPTY_404),)))

EXITS: Final = (
    _program("a turn", "a program opens a session, has a turn and ends", "turn", None),
    _program(
        "a refused mint",
        "a program asks for a token and is refused",
        "create",
        playing("refuse the mint", Rule("mint", (_EMPTY_404,))),
        needs=("tokens",),
        status=404,
    ),
    _program(
        "a refused handshake",
        "a program's session is refused, within an async main function",
        "connect",
        _REFUSED,
        status=404,
    ),
    _program(
        "a refused handshake at top level",
        "a program's session is refused, under top-level await",
        "connect",
        _REFUSED,
        status=404,
        style="await",
        sdks=("js",),
    ),
    _program(
        "a close in a turn",
        "a program's session is closed while it waits for an answer",
        "turn",
        playing("close in a turn", Rule("turn", (Close(*_CLOSED),))),
        close=_CLOSED,
    ),
)
