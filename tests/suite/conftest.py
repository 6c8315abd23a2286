"""What the tests of the suite share: cells, and what a client that does as predicted would show."""

from __future__ import annotations

import asyncio
import signal
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import pytest

from mockserver import ECHO, MockServer
from suite import environments, plan
from suite.engine import Engine
from suite.environments import node, tools
from suite.model import Behaviour, Cell, Configuration, Observation, Placement, Seen, Status, Subject
from suite.sdks import SDKS
from suite.targets import Mock
from suite.versions import subjects

from .fake_tools import FakeTools

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from suite.environments import Environment
    from suite.model import Expected, Outcome, Prediction, Step

#: What an SDK says where the tables do not know the whole text.
SOME_TEXT: Final = "a text of the SDK's own"


@pytest.fixture(scope="session", autouse=True)
def signals() -> Iterator[None]:
    """Tests that run in the background (``nohup``, ``&``) ignore some, and so does all that they start."""
    usual = {"SIGINT": signal.default_int_handler, "SIGHUP": signal.SIG_DFL}
    here = {getattr(signal, name): handler for name, handler in usual.items() if hasattr(signal, name)}
    ignored = [number for number in here if signal.getsignal(number) is signal.SIG_IGN]
    for number in ignored:
        signal.signal(number, here[number])
    yield
    for number in ignored:
        signal.signal(number, signal.SIG_IGN)


def cells(*specs: str, select: str = "", date: str = "both", versions: str = "edges") -> tuple[Cell, ...]:
    """The cells of some SDK versions; without specs, of all SDKs."""
    chosen = subjects(specs or tuple(SDKS), versions)
    return plan.cells(chosen, plan.dates(date), (select,) if select else ())


def placed(wanted: Sequence[Cell]) -> tuple[Cell, ...]:
    """Those that are about placements."""
    return tuple(cell for cell in wanted if isinstance(cell.case, Configuration))


def behaving(wanted: Sequence[Cell]) -> tuple[Cell, ...]:
    """Those that are about behaviours."""
    return tuple(cell for cell in wanted if isinstance(cell.case, Behaviour))


def placement(text: str) -> Placement:
    """Read a placement's slug, whatever the nearer place is called."""
    values: dict[str, str] = {}
    for part in text.split(",") if text != "none" else ():
        places, _, value = part.partition("=")
        values |= {"client" if place == "client" else "near": value for place in places.split("+")}
    return Placement(**values)


def cell(subject: str, date: str, create: str, connect: str) -> Cell:
    """``cell("js==1.10.0", "launch", "call=v1alpha", "none")``."""
    sdk, _, version = subject.partition("==")
    return Cell(Subject(sdk, version), date, Configuration(placement(create), placement(connect)))


def seen(expected: Expected) -> Seen:
    """What one step shows where all is as predicted."""
    error: dict[str, Any] | None = None
    if expected.error is not None or expected.message is not None:
        error = {"class": expected.error, "message": expected.message or SOME_TEXT}
    if expected.told is not None:
        code, reason = expected.told
        error = {**(error or {}), "code": code, "reason": reason}
    warnings = tuple(f"SDK: {part}, for all I know" for part in expected.warnings)
    return Seen(
        expected.verdict,
        expected.wire,
        error,
        warnings=warnings,
        ends_in=expected.ends_in,
        shows=expected.shows,
    )


def as_predicted(prediction: Prediction) -> Observation:
    """What a cell shows where all is as predicted."""
    return Observation(tuple((step, seen(expected)) for step, expected in prediction.steps))


def with_step(observation: Observation, step: Step, changed: Seen) -> Observation:
    """The same observation with another step."""
    return Observation(tuple((name, changed if name == step else part) for name, part in observation.steps))


@pytest.fixture(autouse=True)
def _no_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reports and subprocesses are read by tests, whatever the developer's terminal wants."""
    for name in ("FORCE_COLOR", "CLICOLOR_FORCE", "PYTEST_ADDOPTS"):
        monkeypatch.delenv(name, raising=False)


REFERENCE: Final = cells("reference")


def measure(
    wanted: Sequence[Cell],
    *,
    root: Path,
    wrong: str | None = None,
    serve: Callable[[str], Mock] = Mock,
    prepare: Callable[..., Environment] | None = None,
) -> dict[Cell, Outcome]:
    """Run cells through the real engine; ``wrong`` is the way in which the reference client is wrong."""

    async def run() -> dict[Cell, Outcome]:
        engine = Engine(root, 2, target=serve, prepare=prepare or partial(reference, wrong=wrong))
        return {outcome.cell: outcome async for outcome in engine.run(wanted)}

    return asyncio.run(run())


def reference(
    sdk: str, version: str, *, root: Path, wrong: str | None = None, source: str = ""
) -> Environment:
    """The environment of the reference client, correct or wrong in one way, as a worker and as a program."""
    right = environments.prepare(sdk, version, root=root, source=source)
    more = ("--wrong", wrong) if wrong else ()
    return replace(right, command=(*right.command, *more), program=(*right.program, *more))


def failing(outcomes: dict[Cell, Outcome]) -> set[str]:
    """The ids of the cells that fail; all others pass."""
    assert {outcome.status for outcome in outcomes.values()} <= {Status.PASS, Status.FAIL}
    return {cell.id for cell, outcome in outcomes.items() if outcome.status is Status.FAIL}


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeTools:
    """Keep uv and npm out."""
    fake = FakeTools()
    monkeypatch.setattr(tools, "run", fake.run)
    return fake


@pytest.fixture
def own_node(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the machine have a Node that is new enough."""
    found = node.Node("/usr/bin/node", ("/usr/bin/npm",), "20.1.0")
    monkeypatch.setattr(node, "machine_node", lambda path: found)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MockServer]:
    """A mock for the tests of one module, without the pace of speech."""
    with MockServer(tls_dir=tmp_path_factory.mktemp("tls"), pace=0) as server:
        yield server


@pytest.fixture
def server(running: MockServer) -> MockServer:
    """A server that has forgotten what other tests did."""
    running.reset()
    running.play(ECHO)
    return running
