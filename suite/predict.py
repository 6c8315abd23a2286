"""What the tables imply for a cell: the service's profile says what is served, the SDK's history the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from . import advice, behaving
from .answers import READS, filled, read
from .history import VARIES
from .model import NEAR, Advice, Behaviour, Expected, Prediction, Verdict, Wire
from .tables import Tables

if TYPE_CHECKING:
    from .model import Cell, Configuration, Placement, Step
    from .tables import Method, Origin

#: What the service does to a token in the place of an API key, and the close it gives.
TOKEN_AS_KEY: Final = ("CLS-004", 1007)


def predict(cell: Cell) -> Prediction:
    """Predict a cell from the tables alone."""
    if isinstance(cell.case, Behaviour):
        return behaving.predict(cell, cell.case)
    create, create_says = _create(Tables(cell), cell.case)
    if create.verdict is not Verdict.WORKS:
        return Prediction((("create", create), ("connect", Expected(Verdict.NOT_REACHED))), create_says)
    connect, connect_says = _connect(Tables(cell), cell.case)
    return Prediction((("create", create), ("connect", connect)), connect_says)


def _expect(tables: Tables, said: str, *wire: Wire, warns: tuple[str, ...] = (), reads: str = "") -> Expected:
    """A row's answer as what is expected of the step."""
    says = read(said)
    last = wire[-1] if wire else None
    # A close of a placement is the service's own, whose text stands with the facts.
    own = says.parts.get(READS, "") if last is not None and last.close is None else ""
    text = filled(reads or own, status=last.status if last is not None else None)
    message = text if text not in ("", VARIES) else None
    return Expected(
        says.verdict,
        wire,
        says.error,
        message,
        warnings=tuple(filter(None, warns)),
        because=tuple(tables.used),
    )


def _create(tables: Tables, configuration: Configuration) -> tuple[Expected, Advice]:
    if not tables.ask("tokens"):
        return _expect(tables, "absent"), advice.absent(tables.cell)
    version, origin = tables.version(configuration.create)
    served = tables.serves(version, "auth_tokens.create")
    wire = Wire(
        "auth_tokens.create", version, tables.credentials("create credential"), 200 if served else 404
    )
    warns = (tables.ask("create warns"),)
    if served:
        return _expect(tables, "returns", wire, warns=warns), Advice()
    said, reads = tables.ask("create refused"), tables.ask("create 404 reads")
    return _expect(tables, said, wire, warns=warns, reads=reads), _misplaced(
        "create", configuration.create, tables, wire, origin, said
    )


def _connect(tables: Tables, configuration: Configuration) -> tuple[Expected, Advice]:
    placement = configuration.connect
    at_session = tables.ask("options at the session") if placement.near is not None else ""
    if at_session.startswith("raises"):
        offered = tables.profile(str(placement.near)).offering("BidiGenerateContentConstrained")
        return _expect(tables, at_session), advice.session_rejected(tables.cell, at_session, offered)
    version, origin = tables.version(placement, near_counts=at_session == "honoured")
    credential = tables.credentials("connect credential")
    if tables.ask("token as api key") != "recognized":
        return _as_key(tables, version, credential)
    method: Method = "BidiGenerateContentConstrained"
    warns = tables.connect_warnings(version, token=True)
    if tables.serves(version, method):
        return _expect(tables, "returns", Wire(method, version, credential, 101), warns=warns), advice.works(
            version
        )
    wire, said = Wire(method, version, credential, 404), tables.ask("handshake refused")
    return _expect(tables, said, wire, warns=warns), _misplaced(
        "connect", placement, tables, wire, origin, said
    )


def _as_key(tables: Tables, version: str, credential: tuple[str, ...]) -> tuple[Expected, Advice]:
    """An SDK that takes a token for an API key opens the unconstrained method with it."""
    method: Method = "BidiGenerateContent"
    if tables.serves(version, method):
        fact, code = TOKEN_AS_KEY
        tables.used.append(fact)
        wire, said = Wire(method, version, credential, 101, code), tables.ask("closed before setupComplete")
    else:
        wire, said = Wire(method, version, credential, 404), tables.ask("handshake refused")
    return _expect(tables, said, wire), advice.not_recognized(tables.cell, wire, said)


def _misplaced(
    step: Step, placement: Placement, tables: Tables, wire: Wire, origin: Origin, said: str
) -> Advice:
    method: Method = "auth_tokens.create" if step == "create" else "BidiGenerateContentConstrained"
    offered = tables.profile(wire.version).offering(method)
    place = NEAR[step] if origin == "near" else origin
    ignored = placement.near is not None and origin != "near"
    return advice.not_served(tables.cell, step, wire, place, said, offered, ignored=ignored)
