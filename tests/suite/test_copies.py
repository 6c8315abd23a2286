"""Programs of the Python worker run in copies of it: they end as they do in a process of their own."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, Any, Final

import pytest

from mockserver import Close, MockServer, Reject, Respond, Rule, Script, Silence
from suite import program
from suite.drivers import Worker, worker_environment
from suite.environments import cache_root, prepare
from suite.program import run_program

if TYPE_CHECKING:
    from collections.abc import Iterator

    from suite.drivers import Reply
    from suite.environments import Environment

OFFLINE: Final = "GENAI_LIVE_COMPAT_OFFLINE"
MODEL: Final = "gemini-2.0-flash-live-001"

pytestmark = [
    pytest.mark.network,
    pytest.mark.timeout(600),  # a cold cache waits for PyPI
    pytest.mark.skipif(os.environ.get(OFFLINE) == "1", reason=f"{OFFLINE}=1: real SDKs come from PyPI"),
    pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot copy processes"),
]

REFUSE: Final = Script("refuse", (Rule("handshake", (Reject(Respond(404, (), b"")),)),))
CLOSE: Final = Script("close", (Rule("turn", (Close(1011, "out of order"),)),))
ENDS: Final = {"turn": ("turn", None, 0), "refused": ("connect", REFUSE, 1), "closed": ("turn", CLOSE, 1)}


@pytest.fixture(scope="module")
def server() -> Iterator[MockServer]:
    with MockServer(pace=0) as running:
        yield running


def run(server: MockServer, tasks: list[dict[str, Any]], *, copied: bool) -> list[Reply]:
    """The ends of these tasks, in copies of one worker or each in a process of its own."""
    environment: Environment = prepare("python", "3.4.0", root=cache_root())
    env = worker_environment(server.env)

    async def all_of_them() -> list[Reply]:
        worker = Worker()
        await worker.start(environment.command, env, environment.root)
        assert "program" in worker.can
        try:
            measured = worker if copied else Worker()
            return [await run_program(measured, environment, env, task) for task in tasks]
        finally:
            await worker.stop()

    return asyncio.run(all_of_them())


def task(server: MockServer, name: str) -> dict[str, Any]:
    """A program's task; its API key chooses what the server does to it."""
    do, script, _ = ENDS[name]
    key = f"copies-{name}"
    if script is not None:
        server.play(script, key)
    client = {"api_version": "v1alpha", "base_url": server.url}
    config = {"response_modalities": ["TEXT"]}
    return {"do": do, "api_key": key, "client": client, "model": MODEL, "config": config, "env": {}}


def test_a_copy_ends_as_a_process_of_its_own_does(server: MockServer) -> None:
    tasks = [task(server, name) for name in ENDS]
    copies, processes = (run(server, tasks, copied=copied) for copied in (True, False))
    codes = [(reply.value or {}).get("exit_code") for reply in copies]
    assert codes == [code for _, _, code in ENDS.values()]
    for copy, process in zip(copies, processes, strict=True):
        assert (copy.outcome, copy.value) == (process.outcome, process.value)
        assert (copy.error or {}).get("message", "") == (process.error or {}).get("message", "")


def test_a_copy_that_never_ends_is_given_up_and_the_next_one_runs(
    server: MockServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(program, "LIMIT_S", 2.0)
    waiting = task(server, "turn") | {"api_key": "copies-silent"}
    server.play(Script("silent", (Rule("setup", (Silence(),)),)), "copies-silent")
    hung, after = run(server, [waiting, task(server, "turn")], copied=True)
    assert hung.outcome == "pending"
    assert after.outcome == "returned"
