"""The words of the suite: what is asked, what is predicted, what was seen, what became of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Final, Generic, Literal, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockserver import Entry, Script

#: What is measured at once: a mint, a session, another REST call, a program of its own.
Step = Literal["create", "connect", "rest", "program"]
#: The two sides of a configuration: a backend mints, a frontend connects.
SIDES: Final[tuple[Step, ...]] = ("create", "connect")


class Verdict(str, Enum):
    """What became of a call, from the application's point of view."""

    WORKS = "works"
    #: The application gets an error it can read.
    REFUSED = "refused"
    #: It fails and the application is not told.
    SILENT = "silent"
    #: The call never returns.
    HANGS = "hangs"
    #: The process ends.
    CRASHES = "crashes"
    #: This SDK version has no such feature; the worker looked for it.
    ABSENT = "absent"
    #: An earlier step failed, so this one was not tried.
    NOT_REACHED = "not reached"


class Status(str, Enum):
    """What a cell says about the tables."""

    PASS = "PASS"
    FAIL = "FAIL"
    #: A deviation that is recorded with its source.
    KNOWN = "KNOWN"
    #: A recorded deviation that is gone: fails until its row goes too.
    FIXED = "FIXED"
    #: The real service does otherwise than the tables say; the mock bears them out.
    DRIFT = "DRIFT"
    #: Not measured; never green.
    BROKEN = "BROKEN"


#: Statuses that cost exit code 1.
FINDINGS: Final = frozenset({Status.FAIL, Status.FIXED, Status.DRIFT, Status.BROKEN})


@dataclass(frozen=True, slots=True)
class Change:
    """One row of an SDK's history: since this version, this question has this answer."""

    sdk: str
    since: str
    question: str
    answer: str
    source: str

    @property
    def told(self) -> str:
        """As a prediction names it among its reasons."""
        return f"{self.sdk} since {self.since}: {self.question}: {self.answer}"


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a client sets the API version: on the client, and near the call (at the call, at the session)."""

    client: str | None = None
    near: str | None = None

    def values(self, near: str) -> dict[str, str]:
        """The values set where, with ``near`` as the name of the nearer place."""
        places = {"client": self.client, near: self.near}
        return {place: value for place, value in places.items() if value is not None}

    def slug(self, near: str) -> str:
        """``none``, ``client=v1beta``, ``client+call=v1beta`` or ``client=v1beta,call=v1``."""
        values = self.values(near)
        if len(set(values.values())) == 1:
            return f"{'+'.join(values)}={next(iter(values.values()))}"
        return ",".join(f"{place}={value}" for place, value in values.items()) or "none"


#: What the nearer place is called.
NEAR: Final[dict[Step, str]] = {"create": "call", "connect": "session"}
#: The topic of configurations; behaviours have their own.
PLACEMENT: Final = "placement"


@dataclass(frozen=True, slots=True)
class Configuration:
    """Where a backend and a frontend set the API version."""

    create: Placement = Placement()
    connect: Placement = Placement()

    @property
    def topic(self) -> str:
        """What it is about."""
        return PLACEMENT

    def placement(self, step: Step) -> Placement:
        """The placement of one step."""
        return self.create if step == "create" else self.connect

    @property
    def slug(self) -> str:
        """Stable for ever: ``create:client=v1alpha/connect:none``."""
        return f"create:{self.create.slug('call')}/connect:{self.connect.slug('session')}"

    def json(self) -> dict[str, dict[str, str]]:
        """The values set where."""
        return {step: self.placement(step).values(NEAR[step]) for step in SIDES}


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One thing that happens to a client, or that it is asked to do, as data. Its slug is its identity.

    Attributes:
        slug: stable for ever: ``handshake:404``, the topic first.
        title: what happens, as the beginning of a sentence.
        step: what is measured.
        calls: the worker's verbs with their parameters, one after the other; the first that does not return
            ends it. ``{key}``, ``{token}`` and ``{url}`` stand for what the cell has.
        script: what the mock plays to this cell alone.
        asks: the question of the history that says how it ends; None: every version completes it.
        ends_in: the verb in which it ends, where it does not complete and the answer names no other.
        close: code and reason the mock closes with, where the script does.
        status: HTTP status the mock refuses with, where it does; 0 where it does not answer at all.
        looks: what else the answer says, by the name of what is looked at (see ``suite.readings``).
        shows: what else must be seen in every version that completes it.
        needs: questions that must have an answer (or this one: ``question: answer``); of other versions it is
            not asked.
        facts: the evidence for what the service does.
        silent: nothing can be heard of its end, so that a call which waits can only be given up.
        sdks: the SDK lines it is asked of.
        remedy: what an application does about it, by language; told where no newer version does better.
    """

    slug: str
    title: str = field(compare=False)
    step: Step = field(compare=False, default="connect")
    calls: tuple[tuple[str, Mapping[str, Any]], ...] = field(compare=False, default=())
    script: Script | None = field(compare=False, default=None)
    asks: str | None = field(compare=False, default=None)
    ends_in: str = field(compare=False, default="receive")
    close: tuple[int, str] | None = field(compare=False, default=None)
    status: int | None = field(compare=False, default=None)
    looks: tuple[str, ...] = field(compare=False, default=())
    shows: Mapping[str, str] = field(compare=False, default_factory=dict)
    needs: tuple[str, ...] = field(compare=False, default=())
    facts: tuple[str, ...] = field(compare=False, default=())
    silent: bool = field(compare=False, default=False)
    sdks: tuple[str, ...] = field(compare=False, default=("python", "js", "web", "reference"))
    remedy: Mapping[str, str] = field(compare=False, default_factory=dict)

    @property
    def topic(self) -> str:
        """What it is about."""
        return self.slug.partition(":")[0]


Case = Configuration | Behaviour


@dataclass(frozen=True, slots=True)
class Subject:
    """One version of one SDK; ``source`` is where it comes from if not from its registry."""

    sdk: str
    version: str
    #: A path to an artefact that is not published, or ``installed``.
    source: str = ""

    def __str__(self) -> str:
        return f"{self.sdk}@{self.source}" if self.source else f"{self.sdk}=={self.version}"

    @property
    def shown(self) -> str:
        """Its version, as the head of a column; one that is not from the registry says what it is."""
        return f"{self.version} ({PurePath(self.source).name})" if self.source else self.version


@dataclass(frozen=True, slots=True)
class Probe:
    """What is measured at once: one side of a configuration, or a behaviour.

    The two sides of a configuration are two programs in real life, which share nothing but the token. So a
    side is measured once, and each configuration joins two.
    """

    service_date: str
    step: Step
    what: Placement | Behaviour

    @property
    def slug(self) -> str:
        """Unique within a column."""
        about = self.what.slug if isinstance(self.what, Behaviour) else self.what.slug(NEAR[self.step])
        return f"{self.service_date}/{self.step}/{about}"


@dataclass(frozen=True, slots=True)
class Cell:
    """One configuration or behaviour on one SDK version at one service date."""

    subject: Subject
    service_date: str
    case: Case

    @property
    def id(self) -> str:
        """Stable for ever: ``js==1.10.0/launch/create:…/connect:…``, ``js==1.10.0/launch/handshake:404``."""
        return f"{self.subject}/{self.service_date}/{self.case.slug}"

    @property
    def probes(self) -> tuple[Probe, ...]:
        """What has to be measured for it, in order."""
        if isinstance(self.case, Behaviour):
            return (Probe(self.service_date, self.case.step, self.case),)
        return tuple(Probe(self.service_date, step, self.case.placement(step)) for step in SIDES)


@dataclass(frozen=True, slots=True)
class Wire:
    """One request as it crossed the wire, in meaning: spelling that no server reads apart is gone."""

    #: ``auth_tokens.create``, ``BidiGenerateContent`` or ``BidiGenerateContentConstrained``.
    method: str
    version: str
    #: Where credentials were, in a fixed order.
    placement: tuple[str, ...]
    #: HTTP status of the answer: 101 for a handshake that was let in.
    status: int | None = None
    #: Close code the server sent, if it closed.
    close: int | None = None

    def json(self) -> dict[str, Any]:
        """As the report writes it, without what is not known."""
        fields = {
            "rpc": self.method,
            "api_version": self.version,
            "credentials": list(self.placement),
            "status": self.status,
            "close": self.close,
        }
        return {name: value for name, value in fields.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Expected:
    """What the tables imply for one step."""

    verdict: Verdict
    wire: tuple[Wire, ...] = ()
    #: Class of the error the application gets, if it gets one.
    error: str | None = None
    #: Its whole text, where that is known byte for byte.
    message: str | None = None
    #: Code and reason the application can read from it, where it can.
    told: tuple[int, str] | None = None
    #: The verb in which it ends, where that is known.
    ends_in: str | None = None
    #: What else must be seen, by name.
    shows: tuple[tuple[str, str], ...] = ()
    #: Parts of the warnings the application sees, one for each warning.
    warnings: tuple[str, ...] = ()
    #: The chain of table rows: fact ids and history questions.
    because: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Advice:
    """What a person should make of a cell; sentences name no SDK version, so that neighbours share them."""

    #: What was asked of the service, why, and what it answered.
    cause: str = ""
    #: What the application gets to see of it.
    effect: str = ""
    #: What to change, as code where it is code.
    fix: str = ""

    @property
    def reason(self) -> str:
        """Cause and effect in one sentence."""
        return ": ".join(filter(None, (self.cause, self.effect)))


@dataclass(frozen=True, slots=True)
class Seen:
    """What one step showed: the application's view and the wire's."""

    verdict: Verdict
    wire: tuple[Wire, ...] = ()
    error: dict[str, Any] | None = None
    events: tuple[dict[str, Any], ...] = ()
    #: What the SDK warned of, by ``warnings``, a logger or the console.
    warnings: tuple[str, ...] = ()
    #: The verb in which it ended.
    ends_in: str | None = None
    #: What else was seen, by name.
    shows: tuple[tuple[str, str], ...] = ()
    #: What crossed the wire and what the application did and saw, in order: the story of a cell.
    story: tuple[dict[str, Any], ...] = ()
    #: Request lines and headers as they were, for the report.
    requests: tuple[dict[str, Any], ...] = ()
    seconds: float = 0.0
    #: All that crossed the wire, whole and with its secrets, where a run was asked to keep it.
    journal: tuple[Entry, ...] = ()


P = TypeVar("P", Expected, Seen)


@dataclass(frozen=True, slots=True)
class Steps(Generic[P]):
    """The steps of a cell, as predicted or as seen, in order."""

    steps: tuple[tuple[Step, P], ...]

    def step(self, step: Step) -> P:
        """One step's part."""
        return dict(self.steps)[step]

    @property
    def deciding(self) -> P:
        """The first step that does not work, or the last one."""
        parts = [part for _, part in self.steps]
        return next((part for part in parts if part.verdict is not Verdict.WORKS), parts[-1])

    @property
    def verdict(self) -> Verdict:
        """The cell's: that of the deciding step."""
        return self.deciding.verdict

    @property
    def label(self) -> str:
        """``works``, ``refused 404``, ``hangs`` …"""
        part = self.deciding
        return label(part.verdict, part.wire, dict(part.shows).get("exit code"))


@dataclass(frozen=True, slots=True)
class Prediction(Steps[Expected]):
    """What the tables imply for a cell, and what a person should make of it."""

    advice: Advice


@dataclass(frozen=True, slots=True)
class Observation(Steps[Seen]):
    """What a cell showed."""


@dataclass(frozen=True, slots=True)
class Drift:
    """Where a real service did otherwise than the mock, and what the tables would have to say."""

    #: The fact that says otherwise; empty where the tables have none.
    fact: str
    step: str
    #: What the server was to say, and what it said.
    expected: str
    measured: str
    #: The row that would say so, as Python; empty where there is none to propose.
    row: str = ""
    #: The service date from which the tables know it, where they do.
    since: str = ""
    #: The fact in whose words the service refuses what it was to let in, where they are some fact's.
    words_of: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A cell with all that is known of it. ``observation`` is None where nothing could be measured."""

    cell: Cell
    prediction: Prediction
    observation: Observation | None
    status: Status
    #: Why it does not work, or why it was not measured; for a finding: what differs from the prediction.
    reason: str
    fix: str
    seconds: float = 0.0
    differences: tuple[str, ...] = field(default=())
    drifts: tuple[Drift, ...] = ()

    @property
    def label(self) -> str:
        """What a table shows."""
        return self.observation.label if self.observation is not None else "not measured"


def label(verdict: Verdict, wire: tuple[Wire, ...], exit_code: str | None = None) -> str:
    """A verdict with the code that says more: ``refused 404``, ``refused 1007``, ``silent, exit 13``."""
    if exit_code is not None and verdict in (Verdict.CRASHES, Verdict.SILENT):
        return f"{verdict.value}, exit {exit_code}"
    if verdict is not Verdict.REFUSED:
        return str(verdict.value)
    last = wire[-1] if wire else None
    code = (last.close or last.status) if last is not None else None
    return str(verdict.value) if code in (None, 101, 200) else f"{verdict.value} {code}"
