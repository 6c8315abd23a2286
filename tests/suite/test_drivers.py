"""The engine's side of the worker protocol against a fake worker; the reference worker without a server."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import textwrap
from typing import TYPE_CHECKING, Any

import pytest

from suite.drivers import Reply, Worker, WorkerBroken, WorkerDied, process, worker_environment
from suite.drivers.process import NOISE_BYTES, RecordReader
from suite.environments import REFERENCE_WORKER

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

# Answers what the verb's name says; `wait` is answered only by `abandon`.
FAKE_WORKER = """
import json, os, signal, sys

def say(record):
    sys.stdout.write("\\x1e" + json.dumps(record) + "\\n")
    sys.stdout.flush()

def answer(id, **fields):
    say({"id": id, "events": [], "seconds": 0.5, **fields})

lost = None
PRELUDE
hello = {"sdk": "fake", "version": "1.2.3", "runtime": "none", "can": ["connect"]}
say({"hello": {**hello, "events": [{"kind": "log"}]}})
for line in sys.stdin:
    call = json.loads(line)
    match call["verb"]:
        case "return":
            answer(call["id"], outcome="returned", value={"got": call.get("text")})
        case "raise":
            answer(call["id"], outcome="raised", error={"class": "E", "message": "no"})
        case "lack":
            answer(call["id"], outcome="absent", missing="client.x")
        case "misuse":
            answer(call["id"], outcome="broken", error={"class": "KeyError", "message": "session"})
        case "noise":
            print("half a line,", end="")
            print("an error", file=sys.stderr, flush=True)
            answer(call["id"], outcome="returned", value={})
        case "rubbish":
            print("\\x1enot json", flush=True)
            print('\\x1e{"id": 1}', flush=True)
            answer(call["id"], outcome="returned", value={})
        case "lose":
            lost = call["id"]
        case "die":
            print("last words", file=sys.stderr, flush=True)
            os._exit(7)
        case "abandon":
            if call["call"] != lost:
                answer(call["call"], outcome="pending")
            answer(call["id"], outcome="returned", value={})
        case "quit":
            break
"""


@pytest.fixture
def fake(tmp_path: Path) -> Callable[..., list[str]]:
    """Write a fake worker and return the command that starts it."""

    def write(prelude: str = "") -> list[str]:
        script = tmp_path / "fake.py"
        script.write_text(FAKE_WORKER.replace("PRELUDE", textwrap.dedent(prelude)))
        return [sys.executable, str(script)]

    return write


def with_worker(command: list[str], cwd: Path, use: Callable[[Worker], Awaitable[Any]]) -> Any:
    """Start a worker, use it and see that no process is left."""

    async def run() -> Any:
        worker = Worker()
        try:
            hello = await worker.start(command, worker_environment({}), cwd)
            assert hello.sdk in ("fake", "reference")
            return await use(worker)
        finally:
            await worker.stop()
            assert_ended(worker)

    return asyncio.run(run())


def assert_ended(worker: Worker) -> None:
    process = worker._process
    if process is not None:
        assert process.returncode is not None
        with pytest.raises(ProcessLookupError):
            os.kill(process.pid, 0)


# Starting


def test_a_greeting_is_read(fake: Callable[..., list[str]], tmp_path: Path) -> None:
    async def run() -> None:
        worker = Worker()
        hello = await worker.start(fake(), worker_environment({}), tmp_path)
        await worker.stop()
        assert (hello.sdk, hello.version, hello.can) == ("fake", "1.2.3", {"connect"})
        assert hello.events == ({"kind": "log"},)

    asyncio.run(run())


@pytest.mark.parametrize(
    ("prelude", "cause"),
    [
        (
            'say({"broken": {"class": "ImportError", "message": "no genai"}}); sys.stdin.read()',
            "SDK does not load: ImportError: no genai",
        ),
        (
            "print('oh dear', file=sys.stderr); sys.exit(4)",
            "no greeting: .* exit code 4, last output: oh dear",
        ),
    ],
    ids=["says-so", "ends-first"],
)
def test_a_worker_that_cannot_measure_is_broken(
    fake: Callable[..., list[str]], tmp_path: Path, prelude: str, cause: str
) -> None:
    async def run() -> None:
        worker = Worker()
        with pytest.raises(WorkerBroken, match=cause):
            await worker.start(fake(prelude), worker_environment({}), tmp_path)
        assert_ended(worker)

    asyncio.run(run())


def test_a_program_that_is_not_there_is_broken(tmp_path: Path) -> None:
    async def run() -> None:
        worker = Worker()
        with pytest.raises(WorkerBroken, match=r"cannot start worker .*nothing: No such file"):
            await worker.start([str(tmp_path / "nothing")], {}, tmp_path)
        await worker.stop()

    asyncio.run(run())


def test_the_environment_holds_nothing_that_configures_an_sdk(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "GOOGLE_API_KEY",
        "GEMINI_API_KEY",
        "https_proxy",
        "NO_PROXY",
        "PYTHONWARNINGS",
        "PYTHONSAFEPATH",
        "NODE_OPTIONS",
    ):
        monkeypatch.setenv(name, "x")
    monkeypatch.setenv("SSL_CERT_FILE", "kept")
    environment = worker_environment({"GOOGLE_GEMINI_BASE_URL": "http://127.0.0.1:1"})
    assert environment["SSL_CERT_FILE"] == "kept"
    assert environment["GOOGLE_GEMINI_BASE_URL"] == "http://127.0.0.1:1"
    assert not {
        "GOOGLE_API_KEY",
        "GEMINI_API_KEY",
        "https_proxy",
        "NO_PROXY",
        "PYTHONWARNINGS",
        "PYTHONSAFEPATH",
        "NODE_OPTIONS",
    } & set(environment)


# Calling


def test_every_outcome_becomes_a_reply(fake: Callable[..., list[str]], tmp_path: Path) -> None:
    async def use(worker: Worker) -> None:
        assert await worker.call("return", text="é") == Reply("returned", {"got": "é"}, seconds=0.5)
        assert await worker.call("raise") == Reply(
            "raised", error={"class": "E", "message": "no"}, seconds=0.5
        )
        assert await worker.call("lack") == Reply("absent", missing="client.x", seconds=0.5)

    with_worker(fake(), tmp_path, use)


def test_an_abandoned_call_is_pending_and_others_go_on(
    fake: Callable[..., list[str]], tmp_path: Path
) -> None:
    async def use(worker: Worker) -> None:
        hanging = worker.begin("wait")
        assert (await worker.call("return")).outcome == "returned"
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(hanging, 0.01)
        assert not hanging.done
        assert (await worker.abandon(hanging)).outcome == "pending"
        assert (await worker.abandon(hanging)).outcome == "pending"

    with_worker(fake(), tmp_path, use)


def test_a_worker_that_loses_a_call_is_broken(fake: Callable[..., list[str]], tmp_path: Path) -> None:
    async def use(worker: Worker) -> None:
        call = worker.begin("lose")
        with pytest.raises(WorkerBroken, match="never answered call"):
            await worker.abandon(call)

    with_worker(fake(), tmp_path, use)


def test_a_call_that_the_worker_cannot_make_is_broken_not_raised(
    fake: Callable[..., list[str]], tmp_path: Path
) -> None:
    async def use(worker: Worker) -> None:
        with pytest.raises(WorkerBroken, match="could not make the call: KeyError: session"):
            await worker.call("misuse")
        assert (await worker.call("return")).outcome == "returned"

    with_worker(fake(), tmp_path, use)


def test_output_beside_the_protocol_is_noise(fake: Callable[..., list[str]], tmp_path: Path) -> None:
    async def use(worker: Worker) -> str:
        assert (await worker.call("noise")).outcome == "returned"
        assert (await worker.call("rubbish")).outcome == "returned"
        await worker.stop()
        return worker.noise

    noise = with_worker(fake(), tmp_path, use)
    for text in ("half a line,", "an error", "not json", '{"id": 1}'):
        assert text in noise


def test_noise_is_bounded_and_keeps_its_end(fake: Callable[..., list[str]], tmp_path: Path) -> None:
    prelude = f"print('x' * {3 * NOISE_BYTES} + 'end')"

    async def use(worker: Worker) -> str:
        await worker.stop()
        return worker.noise

    noise = with_worker(fake(prelude), tmp_path, use)
    assert len(noise) == NOISE_BYTES
    assert noise.endswith("end\n")


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
def test_records_are_found_however_the_bytes_arrive(size: int) -> None:
    records: list[bytes] = []
    noise = bytearray()
    reader = RecordReader(records.append, noise.extend)
    stream = b'a\n\x1e{"id": 1}\nb\x1e{"cut\x1e{"id": 2}\n\nc'
    for start in range(0, len(stream), size):
        reader.feed(stream[start : start + size])
    assert [json.loads(record)["id"] for record in records] == [1, 2]
    assert bytes(noise) == b'a\nb{"cut\nc'


def test_a_record_without_an_end_is_noise_and_takes_no_more_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "RECORD_BYTES", 100)
    records: list[bytes] = []
    noise = bytearray()
    reader = RecordReader(records.append, noise.extend)
    reader.feed(b"\x1e")
    for _ in range(30):
        reader.feed(b"x" * 20)
        assert len(reader._rest) <= 100
    reader.feed(b'\n\x1e{"id": 1}\n')
    assert records == [b'{"id": 1}']
    assert bytes(noise).strip(b"\x1e\n") == b"x" * 600


# Ending


def test_death_fails_every_call_in_flight_and_every_later_one(
    fake: Callable[..., list[str]], tmp_path: Path
) -> None:
    async def use(worker: Worker) -> None:
        hanging = worker.begin("wait")
        with pytest.raises(WorkerDied, match="exit code 7, last output: last words") as died:
            await worker.call("die")
        assert died.value.exit_code == 7
        with pytest.raises(WorkerDied):
            await hanging
        with pytest.raises(WorkerDied):
            worker.begin("return")

    with_worker(fake(), tmp_path, use)


def test_stop_ends_a_worker_that_refuses_to_leave(fake: Callable[..., list[str]], tmp_path: Path) -> None:
    prelude = """
        import threading, time
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        threading.Thread(target=time.sleep, args=(60,)).start()
    """

    async def use(worker: Worker) -> float:
        loop = asyncio.get_running_loop()
        began = loop.time()
        await worker.stop()
        return loop.time() - began

    assert with_worker(fake(prelude), tmp_path, use) < 4


def test_stop_may_be_said_twice_or_before_the_start(fake: Callable[..., list[str]], tmp_path: Path) -> None:
    async def use(worker: Worker) -> None:
        await worker.stop()
        await worker.stop()
        await Worker().stop()

    with_worker(fake(), tmp_path, use)


# The reference worker


def reference(*options: str) -> list[str]:
    return [sys.executable, str(REFERENCE_WORKER), *options]


def nowhere() -> dict[str, Any]:
    """Parameters of a call to a server that is not there."""
    return {"api_key": "k", "env": {"GOOGLE_GEMINI_BASE_URL": "http://127.0.0.1:9"}}


def test_the_reference_client_greets_and_raises_what_it_meets(tmp_path: Path) -> None:
    async def use(worker: Worker) -> None:
        for verb in ("create_token", "connect"):
            reply = await worker.call(verb, model="m", **nowhere())
            assert reply.outcome == "raised"
            assert reply.error is not None
            assert "onnect" in reply.error["message"]  # connection refused, cannot connect

    with_worker(reference(), tmp_path, use)


@pytest.mark.parametrize("verb", ["send", "unheard-of"])
def test_the_reference_client_does_not_blame_an_sdk_for_misuse(tmp_path: Path, verb: str) -> None:
    async def use(worker: Worker) -> None:
        with pytest.raises(WorkerBroken, match="could not make the call"):
            await worker.call(verb, session="s9", text="x")

    with_worker(reference(), tmp_path, use)


def test_the_reference_client_can_hang(tmp_path: Path) -> None:
    async def use(worker: Worker) -> None:
        call = worker.begin("connect", model="m", **nowhere())
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(call, 0.05)
        assert (await worker.abandon(call)).outcome == "pending"

    with_worker(reference("--wrong", "hangs"), tmp_path, use)


def test_the_reference_client_can_crash(tmp_path: Path) -> None:
    async def use(worker: Worker) -> None:
        with pytest.raises(WorkerDied) as died:
            await worker.call("connect", model="m", **nowhere())
        assert died.value.exit_code == 3

    with_worker(reference("--wrong", "crashes"), tmp_path, use)
