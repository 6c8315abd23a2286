"""Run a short program in a process of its own: with what does it end where nothing handles the failure?"""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any, Final

from . import platforms
from .drivers.process import Reply, WorkerKilled

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .drivers.process import Worker
    from .environments import Environment

#: A program starts, loads its SDK and does one thing: seconds on a busy machine. One that is still there
#: after this long does not end by itself.
LIMIT_S: Final = 20.0
#: Node ends with this where the top level waits for something that can never come.
UNSETTLED: Final = 13
_DID_IT: Final = "did it"
_SHOWN_LINES: Final = 3


async def run_program(
    worker: Worker, environment: Environment, env: Mapping[str, str], asked: Mapping[str, Any]
) -> Reply:
    """Run it and read its end: ``crashed`` with code and text, ``silent`` where it fails and tells nobody.

    A worker that can copy itself runs it without loading the SDK once more; else it is a new process.
    """
    if "program" in worker.can:
        call = worker.begin("program", **asked)
        done, _ = await asyncio.wait({asyncio.ensure_future(call)}, timeout=LIMIT_S)
        reply = await call if done else await worker.abandon(call)
        value = reply.value or {}
        return (
            _ended(value["exit_code"], value["out"], value["err"]) if reply.outcome == "returned" else reply
        )
    if not environment.program:
        return Reply("absent", missing=f"a program for {environment.sdk}")
    return await _process(environment, env, asked)


async def _process(environment: Environment, env: Mapping[str, str], asked: Mapping[str, Any]) -> Reply:
    variables = {name: value for name, value in asked.get("env", {}).items() if value is not None}
    process = await asyncio.create_subprocess_exec(
        *environment.program,
        json.dumps({name: value for name, value in asked.items() if name != "env"}),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**env, **variables},
        cwd=environment.root,
        **platforms.apart(),
    )
    try:
        out, err = await asyncio.wait_for(process.communicate(), LIMIT_S)
    except asyncio.TimeoutError:
        return Reply("pending")
    finally:
        if process.returncode is None:
            platforms.end_with_children(process.pid)
        await process.wait()
    return _ended(process.returncode or 0, out.decode(errors="replace"), err.decode(errors="replace"))


def _ended(code: int, out: str, err: str) -> Reply:
    if signal := platforms.killed_by(code):
        raise WorkerKilled(signal)
    value = {"exit_code": code}
    if code == 0:
        return Reply("returned" if _DID_IT in out else "silent", value)
    if code == UNSETTLED:
        return Reply("silent", value)
    last = " | ".join(line.strip() for line in err.strip().splitlines()[-_SHOWN_LINES:])
    return Reply("crashed", value, {"class": None, "message": last, "code": code})
