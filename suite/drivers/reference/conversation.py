"""The conversation with the engine: records in, records out."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import sys
import threading
import time
from typing import Any

from .client import Absent, ApiError
from .verbs import VERBS, Verbs
from .worker import MUTATIONS

Record = dict[str, Any]

VERSION = "1.0.0"

# Ending takes milliseconds, on a busy machine too.
END_S = 1.0


def describe(error: BaseException) -> Record:
    kind = type(error)
    return {
        "class": kind.__name__,
        "qualified": f"{kind.__module__}.{kind.__qualname__}",
        "message": str(error),
        **{name: getattr(error, name, None) for name in ("code", "status", "reason")},
    }


def outcome_of(error: Exception) -> Record:
    """Tell what the client may raise from what a worker must not."""
    known = isinstance(error, (ApiError, OSError))  # an OSError is a server that is not there
    cause = error.__cause__
    told = {**describe(error), "cause": [describe(cause)] if cause else []}
    return {"outcome": "raised" if known else "broken", "error": told}


class Worker:
    """Reads calls from stdin, runs them side by side and answers each exactly once."""

    def __init__(self, verbs: Verbs) -> None:
        self._verbs = verbs
        self._in_flight: dict[int, tuple[asyncio.Task[None], float]] = {}

    async def serve(self) -> None:
        loop = asyncio.get_running_loop()
        lines: asyncio.Queue[bytes] = asyncio.Queue()
        threading.Thread(target=read_stdin, args=(loop, lines), daemon=True).start()
        while (line := await lines.get()) and self._obey(json.loads(line)):
            pass
        os._exit(0)  # the thread of an abandoned mint may still hang, a tidy exit would wait for it

    def _obey(self, call: Record) -> bool:
        if call["verb"] not in ("abandon", "quit"):
            self._in_flight[call["id"]] = (asyncio.create_task(self._run(call)), time.monotonic())
            return True
        if call["verb"] == "abandon" and call["call"] in self._in_flight:
            self._in_flight[call["call"]][0].cancel()
            self._answer(call["call"], {"outcome": "pending"})
        write({"id": call["id"], "outcome": "returned", "value": {}, "events": [], "seconds": 0.0})
        return bool(call["verb"] != "quit")

    async def _run(self, call: Record) -> None:
        try:
            if call["verb"] not in VERBS:
                raise ValueError(f"no verb {call['verb']}")
            set_environment(call.get("env") or {})
            answer = {"outcome": "returned", "value": await getattr(self._verbs, call["verb"])(call)}
        except Absent as absent:
            answer = {"outcome": "absent", "missing": str(absent)}
        except Exception as error:
            answer = outcome_of(error)
        self._answer(call["id"], answer)

    def _answer(self, call_id: int, answer: Record) -> None:
        if call_id in self._in_flight:
            _, began = self._in_flight.pop(call_id)
            write({"id": call_id, **answer, "events": [], "seconds": round(time.monotonic() - began, 6)})


def set_environment(env: dict[str, str | None]) -> None:
    for name, value in env.items():
        os.environ.pop(name, None)
        if value is not None:
            os.environ[name] = value


def read_stdin(loop: asyncio.AbstractEventLoop, lines: asyncio.Queue[bytes]) -> None:
    for line in sys.stdin.buffer:
        loop.call_soon_threadsafe(lines.put_nowait, line)
    loop.call_soon_threadsafe(lines.put_nowait, b"")
    # Whoever listened is gone. The loop ends the process, unless something keeps it busy.
    time.sleep(END_S)
    os._exit(0)


def write(record: Record) -> None:
    sys.stdout.buffer.write(b"\x1e" + json.dumps(record, default=str).encode() + b"\n")
    sys.stdout.buffer.flush()


def main() -> None:
    """Greet and obey."""
    parser = argparse.ArgumentParser(description="reference client behind the worker protocol")
    parser.add_argument("--wrong", choices=sorted(MUTATIONS), help="be wrong in this one way")
    wrong = parser.parse_args().wrong
    runtime = f"{platform.python_implementation()} {platform.python_version()}"
    hello = {"sdk": "reference", "version": VERSION, "runtime": runtime, "can": list(VERBS)}
    write({"hello": {**hello, "events": []}})
    asyncio.run(Worker(Verbs(wrong)).serve())
