"""The verbs of the protocol, done with google-genai."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any, NamedTuple

import talking
from clients import build, default_base_url, given, http_options, set_environment
from errors import Absent, sdk
from events import forget_warnings, warned_again
from token_config import create_arguments

if TYPE_CHECKING:
    from copies import Copies

Record = dict[str, Any]

LIVE = ("connect", "send", "receive", "close")
VERBS = ("create_token", *LIVE, "rest", "program")

# What every call has, which is no part of a program's task.
CALL = ("id", "verb")

# Only the credential matters to those who ask.
ANY_MODEL = "gemini-2.5-flash"
REST = {
    "models.list": lambda client: client.models.list(),
    "interactions.create": lambda client: client.interactions.create(model=ANY_MODEL, input="hello"),
}


class Session(NamedTuple):
    """A connected session, and what keeps it alive."""

    sdk: Any
    stack: AsyncExitStack
    client: Any


class Verbs:
    """What the worker can be told to do with the SDK."""

    def __init__(self, genai: Any) -> None:
        self.genai = genai
        #: The line to a process that runs programs, where there is one.
        self.copying: Copies | None = None
        self._sessions: dict[str, Session] = {}
        self._last_session = 0

    def can(self) -> list[str]:
        tokens = hasattr(self.genai.Client, "auth_tokens")
        live = hasattr(self.genai.client.AsyncClient, "live")
        rest = hasattr(self.genai.Client, "models")
        return ["create_token"] * tokens + list(LIVE) * live + ["rest"] * rest

    async def create_token(self, params: Record) -> Record:
        set_environment(params)
        if not hasattr(self.genai.Client, "auth_tokens"):
            raise Absent("client.auth_tokens")
        arguments = create_arguments(self.genai.types, params)
        with sdk(), self._default_base_url(params):
            client = build(self.genai, params)
            if params.get("async"):
                token = await warned_again(client.aio.auth_tokens.create)(**arguments)
            else:
                token = await in_thread(lambda: warned_again(client.auth_tokens.create)(**arguments))
        # `client` is still named here: newer versions close it when it is collected.
        return {"name": token.name, "fields": talking.dump(token)}

    async def connect(self, params: Record) -> Record:
        set_environment(params)
        if not hasattr(self.genai.client.AsyncClient, "live"):
            raise Absent("client.aio.live")
        placed = http_options(self.genai.types, params.get("session"), "LiveConnectConfig")
        config = {**params.get("config", {}), **placed}
        stack = AsyncExitStack()
        with sdk(), self._default_base_url(params):
            client = build(self.genai, params)
            connect = warned_again(client.aio.live.connect)
            connecting = connect(model=params["model"], **given(config=config))
            session = await stack.enter_async_context(connecting)
        self._last_session += 1
        name = f"s{self._last_session}"
        self._sessions[name] = Session(session, stack, client)
        return {"session": name, "setup_complete": talking.dump(getattr(session, "setup_complete", None))}

    async def send(self, params: Record) -> Record:
        session = self._sessions[params["session"]].sdk
        return {"through": await talking.send(session, self.genai.types, params)}

    async def receive(self, params: Record) -> Record:
        session = self._sessions[params["session"]].sdk
        return talking.summary(await talking.receive(session, params.get("until", "turn")))

    async def rest(self, params: Record) -> Record:
        set_environment(params)
        ask = REST[params["method"]]
        owner = params["method"].partition(".")[0]
        if not hasattr(self.genai.Client, owner):
            raise Absent(f"client.{owner}")
        forget_warnings(self.genai.client)
        with sdk(), self._default_base_url(params):
            client = build(self.genai, params)
            await in_thread(lambda: ask(client))
        return {}

    async def program(self, params: Record) -> Record:
        if self.copying is None:
            raise Absent("os.fork")
        return await self.copying.run({name: params[name] for name in params if name not in CALL})

    async def close(self, params: Record) -> Record:
        session = self._sessions.pop(params["session"])
        with sdk():
            await session.stack.aclose()
        return {}

    def _default_base_url(self, params: Record) -> Any:
        return default_base_url(self.genai, params.get("default_base_url"))


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
