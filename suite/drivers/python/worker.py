"""Worker for google-genai: holds one version of it and does what it is told (docs/worker-protocol.md).

Runs in that version's own environment: standard library, the SDK and the modules beside this one.
Looks at what the SDK can do, never at its version, and never judges.
"""

import asyncio
import gc
import json
import os
import platform
import sys
import threading
import time
from typing import Any

import copies
from errors import Absent, SdkRaised, describe
from events import Events
from verbs import VERBS, Verbs

Record = dict[str, Any]

# Ending takes milliseconds, on a busy machine too.
END_S = 1.0


class Worker:
    """Reads calls from stdin, runs them side by side and answers each exactly once."""

    def __init__(self, verbs: Verbs, events: Events) -> None:
        self._verbs = verbs
        self._events = events
        self._in_flight: dict[int, tuple[asyncio.Task[None], float]] = {}

    async def serve(self) -> None:
        """Obey until stdin ends or `quit` is said."""
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(self._events.on_loop_error)
        lines: asyncio.Queue[bytes] = asyncio.Queue()
        threading.Thread(target=read_stdin, args=(loop, lines), daemon=True).start()
        while (line := await lines.get()) and self._obey(json.loads(line)):
            pass
        leave(0)

    def _obey(self, call: Record) -> bool:
        if call["verb"] not in ("abandon", "quit"):
            self._in_flight[call["id"]] = (asyncio.create_task(self._run(call)), time.monotonic())
            return True
        if call["verb"] == "abandon" and call["call"] in self._in_flight:
            # Answered before it has ended: closing a connection nobody answers takes its time.
            self._in_flight[call["call"]][0].cancel()
            self._answer(call["call"], "pending")
        write({"id": call["id"], "outcome": "returned", "value": {}, "events": [], "seconds": 0.0})
        return bool(call["verb"] != "quit")

    async def _run(self, call: Record) -> None:
        outcome, fields = await self._do(call)
        self._answer(call["id"], outcome, **fields)

    async def _do(self, call: Record) -> tuple[str, Record]:
        try:
            if call["verb"] not in VERBS:
                raise ValueError(f"no verb {call['verb']}")
            return "returned", {"value": await getattr(self._verbs, call["verb"])(call)}
        except SdkRaised as raised:
            return "raised", {"error": describe(raised.__cause__)}
        except Absent as absent:
            return "absent", {"missing": str(absent)}
        except Exception as ours:
            return "broken", {"error": describe(ours)}

    def _answer(self, call_id: int, outcome: str, **fields: Any) -> None:
        if call_id in self._in_flight:
            _, began = self._in_flight.pop(call_id)
            seconds = round(time.monotonic() - began, 6)
            events = self._events.drain()
            write({"id": call_id, "outcome": outcome, **fields, "events": events, "seconds": seconds})


def read_stdin(loop: asyncio.AbstractEventLoop, lines: "asyncio.Queue[bytes]") -> None:
    for line in sys.stdin.buffer:
        loop.call_soon_threadsafe(lines.put_nowait, line)
    loop.call_soon_threadsafe(lines.put_nowait, b"")
    # Whoever listened is gone. The loop ends the process, unless the SDK keeps it busy.
    time.sleep(END_S)
    os._exit(0)


def write(record: Record) -> None:
    sys.stdout.flush()  # what the SDK printed before stays before
    sys.stdout.buffer.write(b"\x1e" + json.dumps(record, default=str).encode() + b"\n")
    sys.stdout.buffer.flush()


def main() -> None:
    events = Events()
    events.watch()
    gc.disable()
    try:
        from google import genai

        verbs = Verbs(genai)
        can = verbs.can()
    except Exception as error:
        write({"broken": {"class": type(error).__name__, "message": str(error)}})
        leave(1)
    # The SDK stays to the end: to look through it for garbage, in each copy too, costs more than most calls.
    gc.freeze()
    gc.enable()
    # Before there is a loop or a thread, which no copy would have.
    verbs.copying, task = copies.split()
    if task is None:
        serve(genai, verbs, [*can, "program"] if verbs.copying else can, events)
    else:
        be_program(task, events)


def serve(genai: Any, verbs: Verbs, can: list[str], events: Events) -> None:
    runtime = f"{platform.python_implementation()} {platform.python_version()}"
    hello = {"sdk": "python", "version": genai.__version__, "runtime": runtime, "can": can}
    write({"hello": {**hello, "events": events.drain()}})
    asyncio.run(Worker(verbs, events).serve())


def be_program(task: Record, events: Events) -> None:
    """Do what program.py does, with nothing of the worker's left that would change how the process ends."""
    events.unwatch()
    import program

    program.do(task)


def leave(exit_code: int) -> None:
    # Abandoned calls may still hang in the SDK, a tidy exit would wait for them.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(exit_code)


if __name__ == "__main__":
    main()
