"""What the tables imply for a cell: the service's profile for what is served, the SDK's history for the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from mockserver import Profile, service_date

from . import advice
from .history import answer
from .model import NEAR, Expected, Prediction, Verdict, Wire

if TYPE_CHECKING:
    from .history import Question
    from .model import Cell, Placement, Step

#: A token in the place of an API key on the unconstrained method.
TOKEN_AS_KEY: Final = ("CLS-004", 1007)
#: Separates credential placements in a history row.
AND: Final = " + "

Method = Literal["auth_tokens.create", "BidiGenerateContent", "BidiGenerateContentConstrained"]
Origin = Literal["client", "near", "default"]


@dataclass(frozen=True, slots=True)
class Tables:
    """Both tables, looked up for one cell; remembers which rows were used."""

    cell: Cell
    used: list[str]

    def ask(self, question: Question) -> str:
        """What the SDK's history answers; empty where it has no row."""
        subject = self.cell.subject
        row = answer(subject.sdk, subject.version, question)
        if row is None:
            return ""
        self.used.append(f"{row.sdk} since {row.since}: {question}: {row.answer}")
        return row.answer

    def serves(self, version: str, method: Method) -> bool:
        """Whether the service has the method on that version and date."""
        served, fact = self.profile(version).serves(method)
        self.used.append(fact)
        return served

    def profile(self, version: str) -> Profile:
        """The service's side of the cell."""
        return Profile(version, service_date(self.cell.service_date))

    def version(self, placement: Placement, *, near_counts: bool = True) -> tuple[str, Origin]:
        """Which API version the SDK uses, and which place decided it: near over client over default."""
        if placement.near is not None and near_counts:
            return placement.near, "near"
        if placement.client is not None:
            return placement.client, "client"
        return self.ask("default version"), "default"


def predict(cell: Cell) -> Prediction:
    """Predict a cell from the tables alone."""
    create, create_says = _create(Tables(cell, []))
    if create.verdict is not Verdict.WORKS:
        return Prediction(create, Expected(Verdict.NOT_REACHED), *create_says)
    connect, connect_says = _connect(Tables(cell, []))
    return Prediction(create, connect, *connect_says)


def _create(tables: Tables) -> tuple[Expected, tuple[str, str]]:
    if not tables.ask("tokens"):
        return _expected(tables, "absent"), advice.absent(tables.cell)
    version, origin = tables.version(tables.cell.configuration.create)
    served = tables.serves(version, "auth_tokens.create")
    credential = tuple(tables.ask("create credential").split(AND))
    wire = Wire("auth_tokens.create", version, credential, 200 if served else 404)
    if served:
        return _expected(tables, "returns", wire), ("", "")
    said = tables.ask("create refused")
    return _expected(tables, said, wire), _moved("create", tables, wire, origin, said)


def _connect(tables: Tables) -> tuple[Expected, tuple[str, str]]:
    placement = tables.cell.configuration.connect
    at_session = tables.ask("options at the session") if placement.near is not None else ""
    if at_session.startswith("raises"):
        return _expected(tables, at_session), advice.session_rejected(tables.cell, at_session)
    version, origin = tables.version(placement, near_counts=at_session == "honoured")
    constrained = tables.ask("token as api key") == "recognized"
    method: Method = "BidiGenerateContentConstrained" if constrained else "BidiGenerateContent"
    credential = tuple(tables.ask("connect credential").split(AND))
    if not tables.serves(version, method):
        wire = Wire(method, version, credential, 404)
        said = tables.ask("handshake refused")
        return _expected(tables, said, wire), _moved("connect", tables, wire, origin, said)
    if not constrained:
        fact, code = TOKEN_AS_KEY
        tables.used.append(fact)
        said = tables.ask("closed before setupComplete")
        wire = Wire(method, version, credential, 101, code)
        return _expected(tables, said, wire), advice.not_recognized(tables.cell, said)
    wire = Wire(method, version, credential, 101)
    return _expected(tables, "returns", wire), advice.works(tables.cell, version)


_VERDICTS: Final = {
    "returns": Verdict.WORKS,
    "hangs": Verdict.HANGS,
    "raises": Verdict.REFUSED,
    "absent": Verdict.ABSENT,
}


def _expected(tables: Tables, said: str, *wire: Wire) -> Expected:
    """The row's answer (``raises ClientError``, ``hangs``) as what is expected of a step."""
    word, _, error = said.partition(" ")
    verdict = _VERDICTS[word]
    if verdict is Verdict.WORKS and wire and wire[-1].close is not None:
        verdict = Verdict.REFUSED  # the call returned, and the close arrives as a callback
    return Expected(verdict, wire, error or None, because=tuple(tables.used))


def _moved(step: Step, tables: Tables, wire: Wire, origin: Origin, said: str) -> tuple[str, str]:
    method: Method = "auth_tokens.create" if step == "create" else "BidiGenerateContentConstrained"
    offered = tables.profile(wire.version).offering(method)
    place = {"near": NEAR[step]}.get(origin, origin)
    placement = tables.cell.configuration.placement(step)
    ignored = placement.near is not None and origin != "near"
    return advice.not_served(tables.cell, step, wire, place, said, offered, ignored=ignored)
