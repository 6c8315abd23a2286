"""The engine's side of the worker protocol: one worker process, its calls in flight and its end.

Knows the protocol (docs/worker-protocol.md), no SDK and no case. Time limits of calls belong to the engine.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import itertools
import json
import os
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from suite import platforms

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping, Sequence
    from pathlib import Path

#: The last two are the ends of a program: it fails and nobody is told; it ends with an error.
Outcome = Literal["returned", "raised", "pending", "absent", "silent", "crashed"]

RECORD_START = b"\x1e"  # RFC 7464: what follows up to the end of the line is ours, all else is noise
NOISE_BYTES = 64 * 1024
RECORD_BYTES = 64 * 1024 * 1024  # the largest answers have a megabyte; what is longer will have no end
CHUNK_BYTES = 64 * 1024

# An idle worker leaves within milliseconds of `quit`; one stuck in native code never does.
# Half of the two seconds goes to `quit`, half to SIGTERM, and SIGKILL cannot be refused:
# that is short enough for Ctrl-C and long enough for a busy two-core machine.
STOP_STEP_S = 1.0

TOO_MANY_FILES = "; raise the limit (ulimit -n), or measure fewer versions side by side (--jobs)"

# A dead worker's pipes end at once, unless a process it started still holds them.
DRAIN_S = 0.5

# Between two looks at a process whose pipes have not ended. Those of most end with it, which is told at once.
LOOK_S = 0.2

UNWANTED_VARIABLES = re.compile(
    r"GOOGLE_.*|GEMINI_.*|.*_PROXY|PYTHONDONTWRITEBYTECODE|PYTHONWARNINGS|PYTHONPATH|PYTHONSAFEPATH|NODE_OPTIONS|VIRTUAL_ENV",
    re.IGNORECASE,
)


def worker_environment(extra: Mapping[str, str]) -> dict[str, str]:
    """Return this process's environment without what would configure an SDK, plus `extra`."""
    inherited = {name: value for name, value in os.environ.items() if not UNWANTED_VARIABLES.fullmatch(name)}
    return inherited | dict(extra)


class WorkerBroken(Exception):
    """The worker cannot measure: it did not start, its SDK does not load, or it could not make a call."""

    def __init__(self, cause: str) -> None:
        super().__init__(cause)
        self.cause = cause


class WorkerKilled(Exception):
    """Somebody else ended a process that was being measured: nothing it did since says anything of an SDK."""

    def __init__(self, signal: str) -> None:
        super().__init__(
            f"the process was ended from outside by {signal}, as systems do that run out of memory; "
            "measure fewer versions side by side (--jobs), or see who did"
        )


class WorkerDied(Exception):
    """The worker process ended while calls were in flight, or before they were made."""

    def __init__(self, exit_code: int, noise: str) -> None:
        super().__init__(f"worker ended with exit code {exit_code}, last output: {last_lines(noise)}")
        self.exit_code = exit_code
        self.noise = noise


def last_lines(noise: str) -> str:
    """The end of what a worker printed, in one line."""
    return " | ".join(noise.strip().splitlines()[-3:]) or "nothing"


@dataclass(frozen=True, slots=True)
class Hello:
    """What a worker says of itself; `events` is what happened while its SDK was loaded."""

    sdk: str
    version: str
    runtime: str
    can: frozenset[str]
    events: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Reply:
    """What the SDK did with one call."""

    outcome: Outcome
    value: dict[str, Any] | None = None
    error: dict[str, Any] | None = None
    events: tuple[dict[str, Any], ...] = ()
    seconds: float = 0.0
    missing: str | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """A call in flight; await it for its reply. Giving up waiting does not end it: `Worker.abandon` does."""

    id: int
    _answer: asyncio.Future[Reply] = field(repr=False)

    def __await__(self) -> Generator[Any, None, Reply]:
        return asyncio.shield(self._answer).__await__()

    @property
    def done(self) -> bool:
        """Whether the reply is there."""
        return self._answer.done()


class Worker:
    """One worker process."""

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None
        self._greeting: asyncio.Future[Hello] | None = None
        self._answers: dict[int, asyncio.Future[Reply]] = {}
        self._ids = itertools.count(1)
        self._noise = bytearray()
        self._watch: asyncio.Task[None] | None = None
        self._died: WorkerDied | None = None

    @property
    def can(self) -> frozenset[str]:
        """What it said it can do; nothing before it has greeted."""
        greeted = self._greeting is not None and self._greeting.done() and not self._greeting.exception()
        return self._greeting.result().can if greeted and self._greeting is not None else frozenset()

    @property
    def dead(self) -> bool:
        """Whether the process has ended."""
        return self._died is not None

    @property
    def noise(self) -> str:
        """The end of what the worker printed beside the protocol."""
        return self._noise.decode("utf-8", "replace")

    async def start(self, command: Sequence[str], env: Mapping[str, str], cwd: Path) -> Hello:
        """Start the process and wait for its greeting.

        Raises:
            WorkerBroken: it cannot be started, ends before it greets, or its SDK does not load.
        """
        pipe = asyncio.subprocess.PIPE
        try:
            self._process = await asyncio.create_subprocess_exec(
                *command, stdin=pipe, stdout=pipe, stderr=pipe, env=dict(env), cwd=cwd, **platforms.apart()
            )
        except OSError as error:
            advice = TOO_MANY_FILES if error.errno == errno.EMFILE else ""
            raise WorkerBroken(
                f"cannot start worker {command[0]}: {error.strerror or error}{advice}"
            ) from error
        self._greeting = _quiet_future()
        self._watch = asyncio.create_task(self._follow(self._process))
        try:
            return await asyncio.shield(self._greeting)
        except WorkerDied as died:
            raise WorkerBroken(f"no greeting: {died}") from died
        except WorkerBroken:
            await self.stop()
            raise

    def begin(self, verb: str, **params: Any) -> Call:
        """Send a call and return it in flight.

        Raises:
            WorkerDied: the process has ended.
        """
        if self._died is not None:
            raise self._died
        if self._process is None:
            raise WorkerBroken("worker was not started, call start() first")
        call = Call(next(self._ids), _quiet_future())
        self._answers[call.id] = call._answer
        self._write({"id": call.id, "verb": verb, **params})
        return call

    async def call(self, verb: str, **params: Any) -> Reply:
        """Send a call and wait for its reply."""
        return await self.begin(verb, **params)

    async def abandon(self, call: Call) -> Reply:
        """End a call in flight and return its reply: `pending`, or what it had answered just before."""
        if not call.done:
            await self.call("abandon", call=call.id)
        if not call.done:
            raise WorkerBroken(f"worker never answered call {call.id}, not even when it was abandoned")
        return await call

    async def stop(self) -> None:
        """End the process within two seconds; without one, or after its end, do nothing."""
        process = self._process
        if process is None or self._watch is None:
            return
        if process.returncode is None:
            self._write({"id": next(self._ids), "verb": "quit"})
            process.stdin.close()  # type: ignore[union-attr]  # it was opened as a pipe
        for force in (process.terminate, lambda: platforms.end_with_children(process.pid)):
            if await self._ends_within(STOP_STEP_S):
                return
            with contextlib.suppress(ProcessLookupError):
                force()
        await self._watch

    async def _ends_within(self, seconds: float) -> bool:
        assert self._watch is not None
        done, _ = await asyncio.wait({self._watch}, timeout=seconds)
        return bool(done)

    def _write(self, record: dict[str, Any]) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        # A worker that has just died is told of by `_follow`, not here.
        with contextlib.suppress(OSError, RuntimeError):
            self._process.stdin.write(json.dumps(record).encode() + b"\n")

    async def _follow(self, process: asyncio.subprocess.Process) -> None:
        """Read all that the worker says until it ends, then tell every call in flight."""
        assert process.stdout is not None
        assert process.stderr is not None
        pumps = {
            asyncio.create_task(_pump(process.stdout, RecordReader(self._take, self._hear).feed)),
            asyncio.create_task(_pump(process.stderr, self._hear)),
        }
        exit_code = await _exit_code(process)
        platforms.end_children(process.pid)
        _, late = await asyncio.wait(pumps, timeout=DRAIN_S)
        for pump in late:
            pump.cancel()
        self._died = WorkerDied(exit_code, self.noise)
        for future in (self._greeting, *self._answers.values()):
            _settle(future, self._died)
        self._answers.clear()

    def _hear(self, noise: bytes) -> None:
        self._noise += noise
        del self._noise[:-NOISE_BYTES]

    def _take(self, line: bytes) -> None:
        """Deliver one record; what does not read as one is noise."""
        try:
            record = json.loads(line)
            if "hello" in record or "broken" in record:
                _settle(self._greeting, _greeting(record))
                return
            answer, reply = self._answers.pop(record["id"], None), _reply(record)
        except (ValueError, KeyError, TypeError, RecursionError):
            self._hear(line + b"\n")
            return
        _settle(answer, reply)


class RecordReader:
    """Splits a worker's stdout into records and noise, whatever the chunks are."""

    def __init__(self, on_record: Callable[[bytes], None], on_noise: Callable[[bytes], None]) -> None:
        self._on_record = on_record
        self._on_noise = on_noise
        self._rest = bytearray()  # the beginning of a record

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes."""
        while chunk:
            if self._rest:
                chunk = self._continue(chunk)
            else:
                noise, start, chunk = chunk.partition(RECORD_START)
                self._rest += start
                if noise:
                    self._on_noise(noise)

    def _continue(self, chunk: bytes) -> bytes:
        head, end, tail = chunk.partition(b"\n")
        self._rest += head
        if len(self._rest) > RECORD_BYTES:
            self._on_noise(bytes(self._rest))
            self._rest.clear()
            return tail
        if end:
            # A record cut short by another one is noise, the last one counts.
            *cut, record = bytes(self._rest).split(RECORD_START)
            self._rest.clear()
            if noise := b"".join(cut):
                self._on_noise(noise)
            self._on_record(record)
        return tail


async def _exit_code(process: asyncio.subprocess.Process) -> int:
    """Wait for a process itself: `wait` does for its pipes too, which a process that it started may hold."""
    waiting = asyncio.ensure_future(process.wait())
    while process.returncode is None:
        await asyncio.wait({waiting}, timeout=LOOK_S)
    waiting.cancel()
    return process.returncode


async def _pump(stream: asyncio.StreamReader, sink: Callable[[bytes], None]) -> None:
    while chunk := await stream.read(CHUNK_BYTES):
        sink(chunk)


def _greeting(record: dict[str, Any]) -> Hello | WorkerBroken:
    if broken := record.get("broken"):
        return WorkerBroken(f"SDK does not load: {broken['class']}: {broken['message']}")
    hello = record["hello"]
    return Hello(
        hello["sdk"],
        hello["version"],
        hello["runtime"],
        frozenset(hello["can"]),
        tuple(hello.get("events", ())),
    )


def _reply(record: dict[str, Any]) -> Reply | WorkerBroken:
    if record["outcome"] == "broken":
        return WorkerBroken(
            f"worker could not make the call: {record['error']['class']}: {record['error']['message']}"
        )
    return Reply(
        record["outcome"],
        record.get("value"),
        record.get("error"),
        tuple(record["events"]),
        record["seconds"],
        record.get("missing"),
    )


def _quiet_future() -> asyncio.Future[Any]:
    """Make a future whose exception may stay unread, as when the engine gave up on the call."""
    future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    future.add_done_callback(lambda done: done.cancelled() or done.exception())
    return future


def _settle(future: asyncio.Future[Any] | None, result: Any) -> None:
    if future is None or future.done():
        return
    if isinstance(result, Exception):
        future.set_exception(result)
    else:
        future.set_result(result)
