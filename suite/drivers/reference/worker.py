"""Worker with a correct minimal Live client: the proof that a case can pass (docs/worker-protocol.md).

Started with `--wrong NAME` it is wrong in that one way: the proof that a case can fail.
Needs no SDK: standard library and `websockets`, nothing of this repository.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import os
import platform
import re
import ssl
import sys
import threading
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

if TYPE_CHECKING:
    from collections.abc import Iterator

Record = dict[str, Any]

VERSION = "1.0.0"
DEFAULT_API_VERSION = "v1alpha"
VERBS = ("create_token", "connect", "send", "receive", "close")
SERVICE = "google.ai.generativelanguage.{}.GenerativeService.{}"

# Each mutation is asked for in exactly one place below.
MUTATIONS = {
    "ignores-call-version": "mints with the version of the client, whatever the call says",
    "ignores-session-version": "connects with the version of the client, whatever the session says",
    "default-v1beta": "uses v1beta when no version is given",
    "token-as-key": "connects with a token as if it were an ordinary key",
    "swallows-errors": "says that it is connected although it was refused",
    "hangs": "never answers a connect",
    "crashes": "ends with exit code 3 in a connect",
}

# What the service keeps inside `generationConfig`; every other setting stands beside it.
GENERATION_FIELD = re.compile(
    "enableAffectiveDialog|maxOutputTokens|mediaResolution|responseModalities|seed|speechConfig"
    "|temperature|thinkingConfig|topK|topP"
)


@dataclass
class ApiError(Exception):
    """The service refused or closed; shown like the errors of SDKs."""

    message: str
    code: int | None = None
    status: str | None = None
    reason: str | None = None

    def __str__(self) -> str:
        return self.message


class Client:
    """What one call says about where to go and with what credential; the nearer placement wins."""

    def __init__(self, params: Record, near: str, wrong: str | None) -> None:
        self._placements = [params.get(near) or {}, params.get("client") or {}]
        if wrong == {"call": "ignores-call-version", "session": "ignores-session-version"}[near]:
            self._placements[0] = {**self._placements[0], "api_version": None}
        default = "v1beta" if wrong == "default-v1beta" else DEFAULT_API_VERSION
        self.api_version: str = self._placed("api_version") or default
        base_url = self._placed("base_url") or os.environ["GOOGLE_GEMINI_BASE_URL"]
        self.base_url = urlsplit(base_url.rstrip("/"))
        self.api_key: str = params["api_key"]
        self.takes_key_for_token = wrong != "token-as-key" and self.api_key.startswith("auth_tokens/")

    def _placed(self, name: str) -> Any:
        return next((placed[name] for placed in self._placements if placed.get(name)), None)

    def mint_request(self, body: Record) -> urllib.request.Request:
        """Return the request that asks for a token."""
        return urllib.request.Request(
            f"{self.base_url.geturl()}/{self.api_version}/auth_tokens",
            data=json.dumps(body).encode(),
            headers={"content-type": "application/json", "x-goog-api-key": self.api_key},
        )

    def live_url(self) -> str:
        """Return where a session is opened: a token has a method of its own."""
        method, query = "BidiGenerateContent", "key"
        if self.takes_key_for_token:
            method, query = "BidiGenerateContentConstrained", "access_token"
        path = SERVICE.format(self.api_version, method)
        base = self.base_url._replace(scheme={"https": "wss", "http": "ws"}[self.base_url.scheme])
        return f"{base.geturl()}/ws/{path}?{query}={quote(self.api_key)}"

    def tls(self) -> ssl.SSLContext | None:
        """Return the trust for this base URL, from SSL_CERT_FILE where that is set."""
        return ssl.create_default_context() if self.base_url.scheme == "https" else None


# What goes over the wire.


def camel(name: str) -> str:
    return re.sub("_([a-z])", lambda found: found[1].upper(), name)


def spell(value: Any) -> Any:
    """Spell the protocol's names as the wire does, but not what an application names."""
    if isinstance(value, list):
        return [spell(inner) for inner in value]
    if not isinstance(value, dict):
        return value
    return {camel(name): value[name] if name == "properties" else spell(value[name]) for name in value}


def setup_of(model: str | None, config: Record) -> Record:
    """Return the setup for a model and its settings."""
    settings = spell(config)
    setup: Record = {"model": model if "/" in model else f"models/{model}"} if model else {}
    if generation := {name: settings.pop(name) for name in [*settings] if GENERATION_FIELD.fullmatch(name)}:
        setup["generationConfig"] = generation
    if isinstance(instruction := settings.get("systemInstruction"), str):
        settings["systemInstruction"] = {"parts": [{"text": instruction}]}
    return {**setup, **settings}


def mint_body(config: Record) -> Record:
    """Return the body of a mint: no mask locks the whole setup, a mask locks what it names."""
    plain = [name for name in config if name not in ("constraints", "lock_additional_fields")]
    body: Record = spell({name: config[name] for name in plain})
    constraints = config.get("constraints")
    setup = setup_of(constraints.get("model"), constraints.get("config", {})) if constraints else {}
    if setup:
        body["bidiGenerateContentSetup"] = setup
    locked = config.get("lock_additional_fields")
    if locked is not None and (mask := [*mask_of(setup), *map(mask_path, locked)]):
        body["fieldMask"] = ",".join(mask)
    return body


def mask_of(setup: Record) -> Iterator[str]:
    for name, value in setup.items():
        if isinstance(value, dict) and value:
            yield from (f"{name}.{inner}" for inner in value)
        else:
            yield name


def mask_path(field: str) -> str:
    name = camel(field)
    return f"generationConfig.{name}" if GENERATION_FIELD.fullmatch(name) else name


def mint(client: Client, body: Record) -> Record:
    """Ask for a token; blocks."""
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=client.tls())
    )
    try:
        with opener.open(client.mint_request(body)) as response:
            token: Record = json.load(response)
            return token
    except urllib.error.HTTPError as refused:
        raise api_error(refused.code, refused.read()) from refused


def api_error(code: int, body: bytes) -> ApiError:
    """Read the service's account of an error; what is not JSON is the account."""
    try:
        told = json.loads(body)["error"]
        return ApiError(f"{code} {told['status']}: {told['message']}", code, told["status"])
    except (ValueError, KeyError, TypeError):
        return ApiError(f"{code}: {body.decode('utf-8', 'replace')}", code)


# The verbs.


class Verbs:
    """The protocol's verbs, done by hand."""

    def __init__(self, wrong: str | None) -> None:
        self._wrong = wrong
        self._sessions: dict[str, ClientConnection | Nowhere] = {}
        self._last_session = 0

    async def create_token(self, params: Record) -> Record:
        client = Client(params, "call", self._wrong)
        body = mint_body(params.get("config") or {})
        token = await asyncio.to_thread(mint, client, body)
        return {"name": token["name"], "fields": token}

    async def connect(self, params: Record) -> Record:
        if self._wrong == "crashes":
            os._exit(3)
        if self._wrong == "hangs":
            await asyncio.get_running_loop().create_future()
        client = Client(params, "session", self._wrong)
        setup = setup_of(params["model"], params.get("config") or {})
        session: ClientConnection | Nowhere
        try:
            session, setup_complete = await open_session(client, setup)
        except ApiError:
            if self._wrong != "swallows-errors":
                raise
            session, setup_complete = Nowhere(), {}
        self._last_session += 1
        name = f"s{self._last_session}"
        self._sessions[name] = session
        return {"session": name, "setup_complete": setup_complete}

    async def send(self, params: Record) -> Record:
        turn = {"role": "user", "parts": [{"text": params["text"]}]}
        content = {"clientContent": {"turns": [turn], "turnComplete": True}}
        await say(self._sessions[params["session"]], content)
        return {"through": "clientContent"}

    async def receive(self, params: Record) -> Record:
        messages = [await hear(self._sessions[params["session"]])]
        while not messages[-1].get("serverContent", {}).get("turnComplete"):
            messages.append(await hear(self._sessions[params["session"]]))
        return summary(messages)

    async def close(self, params: Record) -> Record:
        await self._sessions.pop(params["session"]).close()
        return {}


class Nowhere:
    """The dead session of a client that swallows errors: what is sent is lost, nothing is heard."""

    async def send(self, message: str) -> None:
        """Lose a message."""

    async def recv(self) -> str:
        """Wait for ever."""
        return await asyncio.get_running_loop().create_future()  # type: ignore[no-any-return]

    async def close(self) -> None:
        """Do nothing."""


async def open_session(client: Client, setup: Record) -> tuple[ClientConnection, Record]:
    """Open a session and wait until the service has accepted its setup."""
    try:
        socket = await connect(client.live_url(), ssl=client.tls(), max_size=None)
    except InvalidStatus as refused:
        raise api_error(refused.response.status_code, bytes(refused.response.body or b"")) from refused
    try:
        await say(socket, {"setup": setup})
        first = await hear(socket)
        if "setupComplete" not in first:
            raise ApiError(f"expected setupComplete first, got {', '.join(first)}")
    except BaseException:
        socket.transport.abort()  # no closing handshake: an abandoned call must not wait for one
        raise
    return socket, first["setupComplete"]


async def say(session: ClientConnection | Nowhere, message: Record) -> None:
    with closes_told():
        await session.send(json.dumps(message))


async def hear(session: ClientConnection | Nowhere) -> Record:
    with closes_told():
        message: Record = json.loads(await session.recv())
    return message


@contextmanager
def closes_told() -> Iterator[None]:
    """Turn a close into the error of this client."""
    try:
        yield
    except ConnectionClosed as closed:
        close = closed.rcvd
        if close is None:
            raise ApiError("connection lost") from closed
        raise ApiError(
            f"closed with {close.code}: {close.reason}", close.code, None, close.reason
        ) from closed


def summary(messages: list[Record]) -> Record:
    contents = [message.get("serverContent", {}) for message in messages]
    parts = [part for content in contents for part in content.get("modelTurn", {}).get("parts", ())]
    audio = [base64.b64decode(part["inlineData"]["data"]) for part in parts if "inlineData" in part]
    return {
        "text": "".join(part.get("text", "") for part in parts if not part.get("thought")),
        "audio_bytes": sum(map(len, audio)),
        "messages": [sorted(message) for message in messages],
    }


# The conversation with the engine.


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


def write(record: Record) -> None:
    sys.stdout.buffer.write(b"\x1e" + json.dumps(record, default=str).encode() + b"\n")
    sys.stdout.buffer.flush()


def main() -> None:
    parser = argparse.ArgumentParser(description="reference client behind the worker protocol")
    parser.add_argument("--wrong", choices=sorted(MUTATIONS), help="be wrong in this one way")
    wrong = parser.parse_args().wrong
    runtime = f"{platform.python_implementation()} {platform.python_version()}"
    hello = {"sdk": "reference", "version": VERSION, "runtime": runtime, "can": list(VERBS)}
    write({"hello": {**hello, "events": []}})
    asyncio.run(Worker(Verbs(wrong)).serve())


if __name__ == "__main__":
    main()
