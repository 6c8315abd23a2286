"""Measure all cells of one SDK version in one long-lived worker."""

from __future__ import annotations

import asyncio
import shlex
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from . import platforms, readings, story, wire
from .calls import Filling, calls_of
from .cases.connecting import MODEL
from .drivers.process import Worker, WorkerBroken, WorkerDied, WorkerKilled, last_lines
from .judge import broken, judge
from .model import Behaviour, Observation, Seen, Verdict
from .predict import predict
from .program import run_program
from .targets import NotMeasured, Unwell

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine, Mapping

    from .drivers.process import Call, Reply
    from .environments import Environment
    from .model import Cell, Outcome, Probe, Step
    from .state import Kept
    from .targets import Ear, Target

#: A call still pending this long after the server has done with its socket will not settle: everything it
#: waits for has happened. SDKs settle within a few milliseconds; the rest is for a busy machine.
GRACE_S: Final = 0.3
#: Round trips that a worker must have made since, however long they take it; abandoning nothing is one.
STEPS: Final = 5
NO_CALL: Final = 0
#: Where the mock stays silent by design nothing ever ends: a call is given this long after its last message.
SILENT_S: Final = 0.5
#: A call that has put nothing on the wire for this long is stuck somewhere in the client.
NOTHING_S: Final = 15.0
#: A greeting means importing the SDK: up to 4 s without cached bytecode, more on a busy machine.
GREETING_S: Final = 60.0
#: A worker reads while its SDK works: what is no call of the SDK it answers at once, or soon if all are busy.
STUCK_S: Final = 60.0
#: How often a probe is asked again whose process somebody else has ended.
KILLED: Final = 1


@dataclass(frozen=True, slots=True)
class Called:
    """A settled call: its reply, or None where the worker died in it."""

    verb: str
    asked: Mapping[str, Any]
    reply: Reply | None
    seconds: float

    @property
    def returned(self) -> bool:
        """Whether the next call has a point."""
        return self.reply is not None and self.reply.outcome == "returned"

    @property
    def value(self) -> Mapping[str, Any]:
        """What it returned."""
        return (self.reply.value or {}) if self.reply is not None else {}


class Column:
    """One worker, kept for many cells; a new one is started where it dies.

    Args:
        environment: where the SDK version is installed.
        env: a worker's variables.
        kept: what is measured already, and where it is kept.
        keeps_journal: whether what is seen has all that crossed the wire, which takes room.
    """

    def __init__(
        self, environment: Environment, env: Mapping[str, str], kept: Kept, *, keeps_journal: bool = False
    ) -> None:
        self._environment = environment
        self._env = env
        self._kept = kept
        self._keeps_journal = keeps_journal
        self._worker: Worker | None = None
        #: Why no worker can be started: that of the first try is that of all.
        self._unfit: WorkerBroken | None = None
        self._seen: dict[Probe, Seen | NotMeasured] = {}

    async def measure(self, cells: list[Cell], targets: Mapping[str, Target]) -> AsyncIterator[Outcome]:
        """Measure cells one after the other; yields an outcome for each."""
        try:
            for cell in cells:
                started = time.monotonic()
                prediction = predict(cell)
                try:
                    observation = await self._observe(cell, targets[cell.service_date])
                except NotMeasured as error:
                    yield broken(cell, prediction, str(error))
                    continue
                except Exception as error:
                    yield broken(cell, prediction, f"{type(error).__name__}: {error}")
                    await self._drop()
                    continue
                yield judge(cell, prediction, observation, time.monotonic() - started)
        finally:
            await self._drop()

    async def _started(self) -> Worker:
        if self._unfit is not None:
            raise self._unfit
        if self._worker is None:
            worker = Worker()
            try:
                await self._greeted(worker)
            except BaseException as error:
                await _stopped(worker)
                self._unfit = error if isinstance(error, WorkerBroken) else None
                raise
            self._worker = worker
        return self._worker

    async def _greeted(self, worker: Worker) -> None:
        command = self._environment.command
        try:
            await asyncio.wait_for(worker.start(command, self._env, self._environment.root), GREETING_S)
        except asyncio.TimeoutError:
            raise WorkerBroken(
                f"no greeting within {GREETING_S:g} s, last output: {last_lines(worker.noise)}; "
                f"start it by hand to see what it waits for: {shlex.join(command)}"
            ) from None

    async def _drop(self) -> None:
        if self._worker is not None:
            worker, self._worker = self._worker, None
            await _stopped(worker)

    async def _observe(self, cell: Cell, target: Target) -> Observation:
        """Measure what has not been measured yet; a step behind one that failed is not reached."""
        steps: list[tuple[Step, Seen]] = []
        for probe in cell.probes:
            if steps and steps[-1][1].verdict is not Verdict.WORKS:
                steps.append((probe.step, Seen(Verdict.NOT_REACHED)))
                continue
            seen = self._seen.get(probe) or self._kept.get(probe)
            if seen is None:
                seen = await self._asked(probe, f"{cell.subject}/{probe.slug}", target)
                if isinstance(seen, Seen):
                    self._kept.put(probe, seen)
            self._seen[probe] = seen
            if isinstance(seen, NotMeasured):
                raise seen
            steps.append((probe.step, seen))
        return Observation(tuple(steps))

    async def _asked(self, probe: Probe, name: str, target: Target) -> Seen | NotMeasured:
        """Ask until it counts, or never will."""
        killed = 0
        try:
            while True:
                target.admit(probe)
                try:
                    return await self._probe(probe, name, target)
                except Unwell as trouble:
                    await asyncio.sleep(target.patience(probe, trouble))
                except WorkerKilled as trouble:
                    killed += 1
                    if killed > KILLED:
                        return NotMeasured(f"{trouble} ({killed} times)")
        except NotMeasured as error:
            return error
        except WorkerBroken as error:
            await self._drop()  # what it would have answered now cannot be told from what it answers next
            return NotMeasured(str(error))

    async def _probe(self, probe: Probe, name: str, target: Target) -> Seen:
        if self._worker is not None and self._worker.dead:
            await self._drop()  # after the last probe was judged; this one starts with a worker of its own
        filling = Filling(probe, name, target)
        told = story.Teller()
        with target.listen(filling.key) as ear:
            try:
                called = await self._calls(probe, filling, ear, told, target)
                seen = self._sum_up(probe, called, ear.entries, told, target.model)
            finally:
                await self._close(ear, filling)
            target.vouch(ear.entries)
        return seen

    async def _calls(
        self, probe: Probe, filling: Filling, ear: Ear, told: story.Teller, target: Target
    ) -> list[Called]:
        """Make the calls of a probe, up to the first that does not return."""
        called: list[Called] = []
        for verb, parameters in calls_of(probe):
            if verb == "connect":
                await asyncio.sleep(0)  # what is due of an earlier socket is no end of this one
                ear.ended.clear()
            asked = filling.fill(verb, parameters, called[-1].value if called else {})
            told.asks(verb, asked)
            called.append(await self._call(ear, verb, asked, silent=filling.silent))
            target.settle()
            told.hears(ear.heard(), called[-1].reply)
            if not called[-1].returned:
                break
        return called

    async def _call(self, ear: Ear, verb: str, asked: Mapping[str, Any], *, silent: bool = False) -> Called:
        """Make a call and wait until it settles or will not."""
        started = time.monotonic()
        try:
            worker = await self._started()
            if verb == "program":
                reply: Reply | None = await run_program(worker, self._environment, self._env, asked)
            else:
                reply = await self._settled(worker, worker.begin(verb, **asked), ear, silent=silent)
        except WorkerDied as died:
            await self._drop()
            if signal := platforms.killed_by(died.exit_code):
                raise WorkerKilled(signal) from None
            reply = None
        return Called(verb, asked, reply, time.monotonic() - started)

    async def _settled(self, worker: Worker, call: Call, ear: Ear, *, silent: bool) -> Reply:
        answered = asyncio.ensure_future(call)
        meanwhile: list[dict[str, Any]] = []
        ended = asyncio.ensure_future(ear.quiet(SILENT_S) if silent else ear.ended.wait())
        try:
            await asyncio.wait({answered, ended}, timeout=NOTHING_S, return_when=asyncio.FIRST_COMPLETED)
            if not answered.done() and ended.done():
                await asyncio.wait({answered}, timeout=GRACE_S)
                meanwhile = await _in_step(worker, answered)
            reply = answered.result() if answered.done() else await _answer(worker.abandon(call))
            return replace(reply, events=(*meanwhile, *reply.events)) if meanwhile else reply
        finally:
            for waiting in (answered, ended):
                waiting.cancel()
            await asyncio.gather(answered, ended, return_exceptions=True)

    async def _close(self, ear: Ear, filling: Filling) -> None:
        """Close what is still open, so that nothing of it is heard in the next probe."""
        for session in filling.sessions:
            if self._worker is not None and not self._worker.dead:
                await self._call(ear, "close", {"session": session})

    def _sum_up(
        self, probe: Probe, called: list[Called], entries: list[Any], told: story.Teller, model: str
    ) -> Seen:
        """What a probe showed, from its calls and from what crossed the wire.

        Another model than the cases' is written as theirs, which is what predictions know.
        """
        last = called[-1]
        events = tuple(event for one in called if one.reply for event in one.reply.events)
        looks: tuple[str, ...] = ()
        if isinstance(probe.what, Behaviour):
            looks = tuple(dict.fromkeys((*probe.what.looks, *probe.what.shows)))
        evidence = readings.Evidence(
            tuple(one.asked for one in called), tuple(one.value for one in called), events, entries
        )
        return Seen(
            _verdict(last.reply, events),
            wire.wires(entries),
            last.reply.error if last.reply is not None else None,
            events,
            tuple(str(event["message"]) for event in events if _warns(event)),
            last.verb,
            tuple((name, readings.read(name, evidence).replace(model, MODEL)) for name in looks),
            told.told,
            wire.requests(entries),
            sum(one.seconds for one in called),
            tuple(entries) if self._keeps_journal else (),
        )


async def _in_step(worker: Worker, answered: asyncio.Future[Reply]) -> list[dict[str, Any]]:
    """Let a worker that a busy machine has kept waiting do what is due; the events it tells of in between."""
    events: list[dict[str, Any]] = []
    for _ in range(STEPS):
        if not answered.done():
            events += (await _answer(worker.call("abandon", call=NO_CALL))).events
    return events


async def _answer(asked: Coroutine[Any, Any, Reply]) -> Reply:
    """What every worker answers at once, whatever its SDK does; one that does not is stuck."""
    try:
        return await asyncio.wait_for(asked, STUCK_S)
    except asyncio.TimeoutError:
        raise WorkerBroken(
            f"worker has answered nothing for {STUCK_S:g} s: it is stopped, or stuck in its SDK"
        ) from None


async def _stopped(worker: Worker) -> None:
    """Stop a worker to the end, also where this is cancelled meanwhile: no process may be left behind."""
    stopping = asyncio.ensure_future(worker.stop())
    cancelled: asyncio.CancelledError | None = None
    while not stopping.done():
        try:
            await asyncio.wait({stopping})
        except asyncio.CancelledError as error:
            cancelled = error
    stopping.result()
    if cancelled is not None:
        raise cancelled


def _verdict(last: Reply | None, events: tuple[dict[str, Any], ...]) -> Verdict:
    """The last call decides: the first that did not return, or the turn; unless the process would be gone."""
    if last is None or any(event.get("fatal") for event in events):
        return Verdict.CRASHES
    if last.outcome == "raised" and last.error is None:
        return Verdict.SILENT
    return {
        "returned": Verdict.WORKS,
        "raised": Verdict.REFUSED,
        "pending": Verdict.HANGS,
        "absent": Verdict.ABSENT,
        "silent": Verdict.SILENT,
        "crashed": Verdict.CRASHES,
    }[last.outcome]


def _warns(event: dict[str, Any]) -> bool:
    return event["kind"] == "warning" or (event["kind"] == "log" and event.get("level") == "WARNING")
