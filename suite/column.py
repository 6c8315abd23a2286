"""Measure all cells of one SDK version in one long-lived worker."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from . import wire
from .drivers.process import Worker, WorkerDied
from .judge import broken, judge
from .model import Observation, Seen, Verdict
from .predict import predict

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from .drivers.process import Call, Reply
    from .environments import Environment
    from .model import Cell, Placement
    from .target import Ear, Target

#: A call still pending this long after the server has done with its socket will not settle: everything it
#: waits for has happened. SDKs settle within a few milliseconds; the rest is for a busy machine.
GRACE_S: Final = 0.3
#: A call that has put nothing on the wire for this long is stuck somewhere in the client.
NOTHING_S: Final = 15.0
#: A greeting means importing the SDK: up to 4 s without cached bytecode, more on a busy machine.
GREETING_S: Final = 60.0

#: A Live model that answers on every service date, in audio.
MODEL: Final = "models/gemini-2.5-flash-native-audio-preview-12-2025"
TEXT: Final = "hello"


@dataclass(frozen=True, slots=True)
class Called:
    """A settled call: its reply, or None where the worker died in it."""

    reply: Reply | None
    seconds: float


class Column:
    """One worker, kept for many cells; a new one is started where it dies."""

    def __init__(self, environment: Environment, env: Mapping[str, str]) -> None:
        self._environment = environment
        self._env = env
        self._worker: Worker | None = None

    async def measure(self, cells: list[Cell], targets: Mapping[str, Target]) -> AsyncIterator[Any]:
        """Measure cells one after the other; yields an outcome for each."""
        try:
            for cell in cells:
                started = time.monotonic()
                prediction = predict(cell)
                target = targets[cell.service_date]
                try:
                    observation = await self._observe(cell, target)
                except Exception as error:
                    yield broken(cell, prediction, f"{type(error).__name__}: {error}")
                    await self._drop()
                    continue
                yield judge(cell, prediction, observation, time.monotonic() - started)
        finally:
            await self._drop()

    async def _started(self) -> Worker:
        if self._worker is None:
            worker = Worker()
            try:
                await asyncio.wait_for(
                    worker.start(self._environment.command, self._env, self._environment.root), GREETING_S
                )
            except BaseException:
                await _stopped(worker)
                raise
            self._worker = worker
        return self._worker

    async def _drop(self) -> None:
        if self._worker is not None:
            worker, self._worker = self._worker, None
            await _stopped(worker)

    async def _observe(self, cell: Cell, target: Target) -> Observation:
        if self._worker is not None and self._worker.dead:
            await self._drop()  # after the last cell was judged; this one starts with a worker of its own
        with target.listen(cell.key) as ear:
            create, token = await self._create(cell, target, ear)
            if create.verdict is not Verdict.WORKS:
                return Observation(create, Seen(Verdict.NOT_REACHED))
            connect = await self._connect(cell, target, ear, token)
            return Observation(create, connect)

    async def _create(self, cell: Cell, target: Target, ear: Ear) -> tuple[Seen, str]:
        placement = cell.configuration.create
        called = await self._call(
            ear,
            "create_token",
            env=target.env,
            api_key=cell.key,
            config={},
            **_options("call", placement),
        )
        seen = self._seen([called], ear)
        value = (called.reply.value if called.reply is not None else None) or {}
        return seen, str(value.get("name", ""))

    async def _connect(self, cell: Cell, target: Target, ear: Ear, token: str) -> Seen:
        placement = cell.configuration.connect
        calls = [
            await self._call(
                ear,
                "connect",
                env=target.env,
                api_key=token,
                model=MODEL,
                config={"response_modalities": ["AUDIO"]},
                **_options("session", placement),
            )
        ]
        if calls[0].reply is not None and calls[0].reply.outcome == "returned":
            session = (calls[0].reply.value or {}).get("session")
            for verb, more in (("send", {"text": TEXT}), ("receive", {})):
                calls.append(await self._call(ear, verb, session=session, **more))
                if calls[-1].reply is None or calls[-1].reply.outcome != "returned":
                    break
            seen = self._seen(calls, ear)
            if self._worker is not None:
                await self._call(ear, "close", session=session)
            return seen
        return self._seen(calls, ear)

    async def _call(self, ear: Ear, verb: str, **parameters: Any) -> Called:
        """Make a call and wait until it settles or will not."""
        worker = await self._started()
        started = time.monotonic()
        try:
            reply = await self._settled(worker, worker.begin(verb, **parameters), ear)
        except WorkerDied:
            await self._drop()
            return Called(None, time.monotonic() - started)
        return Called(reply, time.monotonic() - started)

    async def _settled(self, worker: Worker, call: Call, ear: Ear) -> Reply:
        answered = asyncio.ensure_future(_await(call))
        ended = asyncio.ensure_future(ear.ended.wait())
        try:
            await asyncio.wait({answered, ended}, timeout=NOTHING_S, return_when=asyncio.FIRST_COMPLETED)
            if not answered.done() and ended.done():
                await asyncio.wait({answered}, timeout=GRACE_S)
            return answered.result() if answered.done() else await worker.abandon(call)
        finally:
            ended.cancel()

    def _seen(self, calls: list[Called], ear: Ear) -> Seen:
        """What a step showed, from its calls and from what crossed the wire since the last step."""
        entries = ear.heard()
        last = calls[-1].reply
        events = tuple(event for called in calls if called.reply for event in called.reply.events)
        error = last.error if last is not None else None
        return Seen(
            _verdict(last),
            wire.wires(entries),
            error,
            events,
            tuple(str(event["message"]) for event in events if _warns(event)),
            wire.requests(entries),
            sum(called.seconds for called in calls),
        )


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


def _verdict(last: Reply | None) -> Verdict:
    """The last call of a step decides: the first that did not return, or the turn."""
    if last is None:
        return Verdict.CRASHES
    if last.outcome == "raised" and last.error is None:
        return Verdict.SILENT
    return {
        "returned": Verdict.WORKS,
        "raised": Verdict.REFUSED,
        "pending": Verdict.HANGS,
        "absent": Verdict.ABSENT,
    }[last.outcome]


def _warns(event: dict[str, Any]) -> bool:
    return event["kind"] == "warning" or (event["kind"] == "log" and event.get("level") == "WARNING")


def _options(near: str, placement: Placement) -> dict[str, Any]:
    """A placement as the worker takes it; a place that is not used is not passed."""
    options: dict[str, Any] = {"client": {"api_version": placement.client} if placement.client else {}}
    if placement.near:
        options[near] = {"api_version": placement.near}
    return options


async def _await(call: Call) -> Reply:
    return await call
