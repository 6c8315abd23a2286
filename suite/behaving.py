"""What the tables imply for a behaviour: one row says how it ends, others where the credential goes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from . import advice
from .answers import READS, WARNS, Answer, filled
from .cases.connecting import VERSION_VARIABLE
from .history import VARIES
from .model import Expected, Placement, Prediction, Verdict, Wire
from .tables import Tables

if TYPE_CHECKING:
    from .model import Behaviour, Cell
    from .tables import Method

_COMPLETES: Final = Answer("returns")
_LACKING: Final = Answer("absent")
#: What a close frame cannot say: the connection just ended.
_NO_CLOSE_FRAME: Final = 1006
_TOKEN: Final = "{token}"
_MINT: Final[Method] = "auth_tokens.create"


def predict(cell: Cell, behaviour: Behaviour) -> Prediction:
    """Predict a behaviour."""
    tables = Tables(cell)
    says = tables.ends(behaviour.asks) if behaviour.asks is not None else _COMPLETES
    if behaviour.step == "create" and not tables.ask("tokens"):
        says = _LACKING
    question = behaviour.asks or ""
    if says.word == "refused" and _served_by_default(tables, behaviour):
        says = _COMPLETES
    if says.word == "refused":
        question = "create refused" if behaviour.step == "create" else "handshake refused"
        told = tables.ends(question)
        says = replace(told, parts={**told.parts, **says.parts})
    tables.used.extend(behaviour.facts)
    wires = _wires(tables, behaviour, says)
    shows = {
        name: _filled(says.parts[name], behaviour)
        for name in behaviour.looks
        if says.parts.get(name, VARIES) != VARIES
    }
    if says.verdict is Verdict.WORKS:
        shows |= behaviour.shows
    expected = Expected(
        says.verdict,
        wires,
        says.error if says.verdict is Verdict.REFUSED else None,
        _text(says, behaviour),
        behaviour.close if says.word == "tells" else None,
        _ends_in(says, behaviour),
        tuple(shows.items()),
        (*_warnings(tables, behaviour, says, wires), *_list(says.parts.get(WARNS, ""))),
        tuple(tables.used),
    )
    return Prediction(((behaviour.step, expected),), advice.behaves(cell, behaviour, says, question))


def _served_by_default(tables: Tables, behaviour: Behaviour) -> bool:
    """Whether the SDK's own version will do, where none is set and the service date has tokens on it."""
    _, asked = behaviour.calls[0]
    if behaviour.step != "create" or "api_version" in asked.get("client", {}):
        return False
    return tables.serves(tables.version(Placement())[0], _MINT)


def _wires(tables: Tables, behaviour: Behaviour, says: Answer) -> tuple[Wire, ...]:
    """What crosses the wire: one request, or one socket."""
    verb, asked = behaviour.calls[0]
    if says.unsent or (says.verdict is Verdict.ABSENT and (says.verb or behaviour.ends_in) == verb):
        return ()
    # An answer of the history that it works: then the variable is what makes it.
    read = says is not _COMPLETES and says.verdict is Verdict.WORKS
    variable = asked.get("env", {}).get(VERSION_VARIABLE) if read else None
    version, _ = tables.version(Placement(asked.get("client", {}).get("api_version") or variable))
    refused = says.verdict is not Verdict.WORKS and behaviour.status is not None
    if verb == "rest":
        return (Wire(asked["method"], version, tables.credentials("create credential"), behaviour.status),)
    if verb == "create_token" or asked.get("do") == "create":
        status = behaviour.status if refused else 200
        return (Wire(_MINT, version, tables.credentials("create credential"), status),)
    close = behaviour.close[0] if behaviour.close is not None else _NO_CLOSE_FRAME
    token = asked["api_key"] == _TOKEN
    wire = Wire(
        "BidiGenerateContentConstrained" if token else "BidiGenerateContent",
        version,
        tables.credentials("connect credential" if token else "key credential"),
        (behaviour.status or None) if refused else 101,
        None if close == _NO_CLOSE_FRAME else close,
    )
    return (wire,) * max(1, [verb for verb, _ in behaviour.calls].count("connect"))


def _warnings(tables: Tables, behaviour: Behaviour, says: Answer, wires: tuple[Wire, ...]) -> tuple[str, ...]:
    """What is warned of whatever the behaviour: tokens are experimental. A program's are not looked at."""
    verb, asked = behaviour.calls[0]
    if verb == "create_token" and says.verdict is not Verdict.ABSENT:
        return _list(tables.ask("create warns"))
    if verb == "connect" and (wires or says.verdict is not Verdict.ABSENT):
        return tables.connect_warnings(asked["client"]["api_version"], token=asked["api_key"] == _TOKEN)
    return ()


def _ends_in(says: Answer, behaviour: Behaviour) -> str | None:
    if says.verdict in (Verdict.WORKS, Verdict.ABSENT):
        return None
    return says.verb or ("receive" if says.word == "tells" else behaviour.ends_in)


def _text(says: Answer, behaviour: Behaviour) -> str | None:
    """The text of an error, with what the server said in it."""
    text = says.parts.get(READS)
    if text in (None, VARIES):
        return None
    return _filled(str(text), behaviour)


def _filled(text: str, behaviour: Behaviour) -> str:
    return filled(text, *(behaviour.close or (0, "")), status=behaviour.status)


def _list(text: str) -> tuple[str, ...]:
    return tuple(filter(None, text.split(" + ")))
