"""What the tables imply for a cell: the service's profile says what is served, the SDK's history the rest."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

from mockserver import Profile, service_date

from . import advice
from .history import VARIES, answer
from .model import NEAR, Advice, Expected, Prediction, Verdict, Wire

if TYPE_CHECKING:
    from .history import Question
    from .model import Cell, Placement, Step

#: What the service does to a token in the place of an API key, and the close it gives.
TOKEN_AS_KEY: Final = ("CLS-004", 1007)
#: Separates credential placements in a history row.
AND: Final = " + "

Method = Literal["auth_tokens.create", "BidiGenerateContent", "BidiGenerateContentConstrained"]
Origin = Literal["client", "near", "default"]

_VERDICTS: Final = {
    "returns": Verdict.WORKS,
    "hangs": Verdict.HANGS,
    "raises": Verdict.REFUSED,
    "absent": Verdict.ABSENT,
}


@dataclass(frozen=True, slots=True)
class Tables:
    """Both tables, looked up for one step of one cell; remembers which rows were used."""

    cell: Cell
    used: list[str] = field(default_factory=list)

    def ask(self, question: Question) -> str:
        """What the SDK's history answers; empty where it has no row."""
        subject = self.cell.subject
        row = answer(subject.sdk, subject.version, question)
        if row is None:
            return ""
        self.used.append(f"{row.sdk} since {row.since}: {question}: {row.answer}")
        return row.answer

    def credentials(self, question: Question) -> tuple[str, ...]:
        """Where the SDK puts the credential."""
        return tuple(self.ask(question).split(AND))

    def profile(self, version: str) -> Profile:
        """The service's side of the cell."""
        return Profile(version, service_date(self.cell.service_date))

    def serves(self, version: str, method: Method) -> bool:
        """Whether the service has the method on that version and date."""
        served, fact = self.profile(version).serves(method)
        self.used.append(fact)
        return served

    def version(self, placement: Placement, *, near_counts: bool = True) -> tuple[str, Origin]:
        """Which API version the SDK uses, and which place decided it: near over client over default."""
        if placement.near is not None and near_counts:
            return placement.near, "near"
        if placement.client is not None:
            return placement.client, "client"
        return self.ask("default version"), "default"

    def expect(self, said: str, *wire: Wire, warns: tuple[str, ...] = (), reads: str = "") -> Expected:
        """A row's answer (``raises ClientError``, ``hangs``) as what is expected of the step."""
        word, _, error = said.partition(" ")
        verdict = _VERDICTS[word]
        if verdict is Verdict.WORKS and wire and wire[-1].close is not None:
            verdict = Verdict.REFUSED  # the call returned, and the close arrives as a callback
        message = reads if reads not in ("", VARIES) else None
        return Expected(verdict, wire, error or None, message, tuple(filter(None, warns)), tuple(self.used))


def predict(cell: Cell) -> Prediction:
    """Predict a cell from the tables alone."""
    create, create_says = _create(Tables(cell))
    if create.verdict is not Verdict.WORKS:
        return Prediction(create, Expected(Verdict.NOT_REACHED), create_says)
    connect, connect_says = _connect(Tables(cell))
    return Prediction(create, connect, connect_says)


def _create(tables: Tables) -> tuple[Expected, Advice]:
    if not tables.ask("tokens"):
        return tables.expect("absent"), advice.absent(tables.cell)
    version, origin = tables.version(tables.cell.configuration.create)
    served = tables.serves(version, "auth_tokens.create")
    wire = Wire(
        "auth_tokens.create", version, tables.credentials("create credential"), 200 if served else 404
    )
    warns = (tables.ask("create warns"),)
    if served:
        return tables.expect("returns", wire, warns=warns), Advice()
    said, reads = tables.ask("create refused"), tables.ask("create 404 reads")
    return tables.expect(said, wire, warns=warns, reads=reads), _misplaced(
        "create", tables, wire, origin, said
    )


def _connect(tables: Tables) -> tuple[Expected, Advice]:
    placement = tables.cell.configuration.connect
    at_session = tables.ask("options at the session") if placement.near is not None else ""
    if at_session.startswith("raises"):
        offered = tables.profile(str(placement.near)).offering("BidiGenerateContentConstrained")
        return tables.expect(at_session), advice.session_rejected(tables.cell, at_session, offered)
    version, origin = tables.version(placement, near_counts=at_session == "honoured")
    credential = tables.credentials("connect credential")
    if tables.ask("token as api key") != "recognized":
        return _as_key(tables, version, credential)
    method: Method = "BidiGenerateContentConstrained"
    warns = (tables.ask("connect warns"), _warns_of_version(tables, version))
    if tables.serves(version, method):
        return tables.expect("returns", Wire(method, version, credential, 101), warns=warns), advice.works(
            version
        )
    wire, said = Wire(method, version, credential, 404), tables.ask("handshake refused")
    return tables.expect(said, wire, warns=warns), _misplaced("connect", tables, wire, origin, said)


def _as_key(tables: Tables, version: str, credential: tuple[str, ...]) -> tuple[Expected, Advice]:
    """An SDK that takes a token for an API key opens the unconstrained method with it."""
    method: Method = "BidiGenerateContent"
    if tables.serves(version, method):
        fact, code = TOKEN_AS_KEY
        tables.used.append(fact)
        wire, said = Wire(method, version, credential, 101, code), tables.ask("closed before setupComplete")
    else:
        wire, said = Wire(method, version, credential, 404), tables.ask("handshake refused")
    return tables.expect(said, wire), advice.not_recognized(tables.cell, wire, said)


def _warns_of_version(tables: Tables, version: str) -> str:
    only = tables.ask("connect warns unless on")
    return f"{only} only" if only and version != only else ""


def _misplaced(step: Step, tables: Tables, wire: Wire, origin: Origin, said: str) -> Advice:
    method: Method = "auth_tokens.create" if step == "create" else "BidiGenerateContentConstrained"
    offered = tables.profile(wire.version).offering(method)
    place = NEAR[step] if origin == "near" else origin
    ignored = tables.cell.configuration.placement(step).near is not None and origin != "near"
    return advice.not_served(tables.cell, step, wire, place, said, offered, ignored=ignored)
