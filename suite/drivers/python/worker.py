"""Worker for google-genai: holds one version of it and does what it is told (docs/worker-protocol.md).

Runs in that version's own environment: standard library and the SDK, nothing of this repository.
Looks at what the SDK can do, never at its version, and never judges.
"""

import asyncio
import json
import logging
import os
import platform
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from datetime import datetime
from typing import Any, NamedTuple

Record = dict[str, Any]

VERBS = ("create_token", "connect", "send", "receive", "close")
CONSTRAINT_FIELDS = ("live_connect_constraints", "live_ephemeral_parameters")  # two names of one thing
TIME_FIELDS = ("expire_time", "new_session_expire_time")


class Absent(Exception):
    """This SDK has no such feature; the message names what was looked for."""


class SdkRaised(Exception):
    """The SDK raised; its exception is the cause. Everything else that is raised here is our fault."""


@contextmanager
def sdk() -> Iterator[None]:
    """Mark what is raised inside as the SDK's doing."""
    try:
        yield
    except Absent:
        raise
    except Exception as error:
        raise SdkRaised from error


# What happened: warnings, logs and exceptions nobody caught, kept for the next record.


class Events:
    """Everything the SDK says beside its answers, in order."""

    def __init__(self) -> None:
        self._happened: list[Record] = []

    def drain(self) -> list[Record]:
        happened, self._happened = self._happened, []
        return happened

    def watch(self) -> None:
        # `catch_warnings` is per thread of control, calls here overlap: one hook for all of the process.
        # "always", because a worker lives for many cells and the second must be warned like the first.
        warnings.simplefilter("always")
        # These come when the collector runs, which is not the same twice.
        warnings.simplefilter("ignore", ResourceWarning)
        warnings.showwarning = self._on_warning
        handler = logging.Handler(logging.WARNING)
        handler.emit = self._on_log
        logging.getLogger().addHandler(handler)
        sys.excepthook = lambda _, error, __: self._on_unhandled(error)
        sys.unraisablehook = lambda args: self._on_unhandled(args.exc_value)
        threading.excepthook = lambda args: self._on_unhandled(args.exc_value)

    def on_loop_error(self, _: asyncio.AbstractEventLoop, context: Record) -> None:
        error = context.get("exception")
        if error is None:
            self._happen(kind="unhandled", **{"class": "asyncio", "message": context["message"]})
        else:
            self._on_unhandled(error)

    def _happen(self, **event: Any) -> None:
        self._happened.append(event)

    def _on_warning(self, message: Any, category: type, *_: Any) -> None:
        self._happen(kind="warning", category=category.__name__, message=str(message))

    def _on_log(self, record: logging.LogRecord) -> None:
        self._happen(kind="log", level=record.levelname, logger=record.name, message=record.getMessage())

    def _on_unhandled(self, error: BaseException | None) -> None:
        self._happen(kind="unhandled", **{"class": type(error).__name__, "message": str(error)})


def describe(error: BaseException) -> Record:
    """Describe an exception and its causes as the protocol says."""
    return {**describe_one(error), "cause": [describe_one(cause) for cause in causes(error)]}


def describe_one(error: BaseException) -> Record:
    kind = type(error)
    code, status, reason = code_status_reason(error)
    return {
        "class": kind.__name__,
        "qualified": f"{kind.__module__}.{kind.__qualname__}",
        "message": str(error),
        "code": code,
        "status": status,
        "reason": reason,
    }


def code_status_reason(error: BaseException) -> tuple[int | None, str | None, str | None]:
    if hasattr(error, "rcvd") and hasattr(error, "sent"):  # a closed WebSocket; its own `code` is deprecated
        close = error.rcvd
        return (close.code, None, close.reason) if close else (None, None, None)
    response = look(error, "response")
    code = first(int, look(error, "code"), look(response, "status_code"), look(error, "status_code"))
    return code, first(str, look(error, "status")), first(str, look(error, "reason"), look(error, "details"))


def look(thing: Any, name: str) -> Any:
    try:
        return getattr(thing, name, None)
    except Exception:  # a property may refuse, as `request` of httpx's errors does
        return None


def first(kind: type, *values: Any) -> Any:
    return next((value for value in values if isinstance(value, kind)), None)


def causes(error: BaseException) -> Iterator[BaseException]:
    seen = {id(error)}
    while True:
        following = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        if following is None or id(following) in seen:
            return
        seen.add(id(following))
        error = following
        yield error


# The verbs.


class Session(NamedTuple):
    """A connected session, and what keeps it alive."""

    sdk: Any
    stack: AsyncExitStack
    client: Any


class Verbs:
    """What the worker can be told to do with the SDK."""

    def __init__(self, genai: Any) -> None:
        self.genai = genai
        self._sessions: dict[str, Session] = {}
        self._last_session = 0

    def can(self) -> list[str]:
        live = hasattr(self.genai.client.AsyncClient, "live")
        tokens = hasattr(self.genai.Client, "auth_tokens")
        return ["create_token"] * tokens + ["connect", "send", "receive", "close"] * live

    async def create_token(self, params: Record) -> Record:
        set_environment(params)
        config = self._token_config(params)
        with sdk():
            client = self._client(params)
            if not hasattr(client, "auth_tokens"):
                raise Absent("client.auth_tokens")
            if params.get("async"):
                token = await warned_again(client.aio.auth_tokens.create)(**config)
            else:
                token = await in_thread(lambda: warned_again(client.auth_tokens.create)(**config))
        # `client` is still named here: newer versions close it when it is collected.
        return {"name": token.name, "fields": dump(token)}

    async def connect(self, params: Record) -> Record:
        set_environment(params)
        config = {**params.get("config", {}), **http_options(params.get("session"))}
        stack = AsyncExitStack()
        with sdk():
            client = self._client(params)
            if not hasattr(client.aio, "live"):
                raise Absent("client.aio.live")
            connecting = client.aio.live.connect(model=params["model"], **given(config=config))
            session = await stack.enter_async_context(connecting)
        self._last_session += 1
        name = f"s{self._last_session}"
        self._sessions[name] = Session(session, stack, client)
        return {"session": name, "setup_complete": dump(getattr(session, "setup_complete", None))}

    async def send(self, params: Record) -> Record:
        session, text = self._sessions[params["session"]].sdk, params["text"]
        with sdk():
            if hasattr(session, "send_client_content"):
                turn = {"role": "user", "parts": [{"text": text}]}
                await session.send_client_content(turns=turn, turn_complete=True)
                return {"through": "send_client_content"}
            await session.send(input=text, end_of_turn=True)
            return {"through": "send"}

    async def receive(self, params: Record) -> Record:
        session = self._sessions[params["session"]].sdk
        with sdk():
            messages = [message async for message in session.receive()]
        return summary(messages)

    async def close(self, params: Record) -> Record:
        session = self._sessions.pop(params["session"])
        with sdk():
            await session.stack.aclose()
        return {}

    def _client(self, params: Record) -> Any:
        return self.genai.Client(
            **given(api_key=params.get("api_key")),
            **http_options(params.get("client")),
            **params.get("options", {}),
        )

    def _token_config(self, params: Record) -> Record:
        asked = params.get("config", {})
        config = {name: value for name, value in asked.items() if name != "constraints"}
        for name in TIME_FIELDS:
            if isinstance(config.get(name), str):
                config[name] = datetime.fromisoformat(config[name].replace("Z", "+00:00"))
        if "constraints" in asked:
            config[self._constraints_field()] = asked["constraints"]
        return given(config={**config, **http_options(params.get("call"))})

    def _constraints_field(self) -> str:
        known = getattr(getattr(self.genai.types, "CreateAuthTokenConfig", None), "model_fields", {})
        for name in CONSTRAINT_FIELDS:
            if name in known:
                return name
        raise Absent("CreateAuthTokenConfig.live_connect_constraints")


def summary(messages: list[Any]) -> Record:
    """Sum up a turn of the model."""
    turns = [getattr(getattr(message, "server_content", None), "model_turn", None) for message in messages]
    parts = [part for turn in turns for part in getattr(turn, "parts", None) or ()]
    said = [part.text for part in parts if part.text and not getattr(part, "thought", None)]
    audio = [part.inline_data.data or b"" for part in parts if part.inline_data is not None]
    return {
        "text": "".join(said),
        "audio_bytes": sum(map(len, audio)),
        "messages": [sorted(dump(message)) for message in messages],
    }


def warned_again(method: Any) -> Any:
    """Make the SDK forget that it has warned: it warns once a process, and a worker lives for many cells."""
    function = getattr(method, "__func__", method)
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        if name == "warning_done":
            cell.cell_contents = False
    return method


def given(**options: Any) -> Record:
    """Keep only the options that were given: an SDK may tell `None` and `{}` from nothing."""
    return {name: value for name, value in options.items() if value is not None and value != {}}


def http_options(placed: Record | None) -> Record:
    return {"http_options": dict(placed)} if placed else {}


def set_environment(params: Record) -> None:
    for name, value in params.get("env", {}).items():
        os.environ.pop(name, None)
        if value is not None:
            os.environ[name] = value


def dump(model: Any) -> Any:
    """Show a model of the SDK as JSON with the names of the wire."""
    return None if model is None else model.model_dump(mode="json", by_alias=True, exclude_none=True)


def in_thread(function: Callable[[], Any]) -> "asyncio.Future[Any]":
    """Run a blocking call aside; an abandoned one keeps its thread, and `asyncio.to_thread` has few."""
    loop = asyncio.get_running_loop()
    future = loop.create_future()

    def settle(how: Callable[[Any], None], outcome: Any) -> None:
        if not future.done():
            how(outcome)

    def work() -> None:
        try:
            result = function()
        except Exception as error:
            loop.call_soon_threadsafe(settle, future.set_exception, error)
        else:
            loop.call_soon_threadsafe(settle, future.set_result, result)

    threading.Thread(target=work, daemon=True).start()
    return future


# The conversation with the engine.


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


def write(record: Record) -> None:
    sys.stdout.flush()  # what the SDK printed before stays before
    sys.stdout.buffer.write(b"\x1e" + json.dumps(record, default=str).encode() + b"\n")
    sys.stdout.buffer.flush()


def main() -> None:
    events = Events()
    events.watch()
    try:
        from google import genai

        verbs = Verbs(genai)
        can = verbs.can()
    except Exception as error:
        write({"broken": {"class": type(error).__name__, "message": str(error)}})
        leave(1)
    runtime = f"{platform.python_implementation()} {platform.python_version()}"
    hello = {"sdk": "python", "version": genai.__version__, "runtime": runtime, "can": can}
    write({"hello": {**hello, "events": events.drain()}})
    asyncio.run(Worker(verbs, events).serve())


def leave(exit_code: int) -> None:
    # Abandoned calls may still hang in the SDK, a tidy exit would wait for them.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(exit_code)


if __name__ == "__main__":
    main()
