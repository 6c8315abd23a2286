"""The JavaScript workers with real SDKs, in Node and in Chromium, against a mock: what each verb does."""

from __future__ import annotations

import asyncio
import base64
import math
import os
import struct
import tarfile
from typing import TYPE_CHECKING, Any, Final

import pytest

from mockserver import ECHO, Call, MockServer, Rule, Say, Script
from suite.drivers import Reply, Worker, worker_environment
from suite.environments import cache_root, prepare

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator
    from pathlib import Path

OFFLINE: Final = "GENAI_LIVE_COMPAT_OFFLINE"
pytestmark = [
    pytest.mark.network,
    pytest.mark.timeout(600),  # a cold cache waits for npm
    pytest.mark.skipif(
        os.environ.get(OFFLINE) == "1",
        reason=f"{OFFLINE}=1: real SDKs come from npm, Chromium from the system",
    ),
]

TEXT_MODEL: Final = "models/gemini-2.0-flash-live-001"
AUDIO_MODEL: Final = "models/gemini-2.5-flash-native-audio-latest"
V1ALPHA: Final = {"api_version": "v1alpha"}
#: Nothing is served there: a handshake is refused with 404.
NOWHERE: Final = {"api_version": "v9"}
#: A refused handshake is known within milliseconds; an SDK that is still waiting then waits for ever.
REFUSED_S: Final = 2.0
REFUSED: Final = "Error during WebSocket handshake: Unexpected response code: 404"

NODE: Final = ("js==0.2.0", "js==1.3.0", "js==2.32.0", "js==3.3.0")
WEB: Final = ("web==1.3.0", "web==3.3.0")
every = pytest.mark.parametrize("subject", [*NODE, *WEB])
with_tokens = pytest.mark.parametrize("subject", [*NODE[1:], *WEB])


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MockServer]:
    with MockServer(tls_dir=tmp_path_factory.mktemp("tls"), pace=0) as running:
        yield running


class Driven:
    """A worker that holds one SDK version and knows where the mock is."""

    def __init__(self, worker: Worker, server: MockServer) -> None:
        self._worker = worker
        self._env = {"GOOGLE_GEMINI_BASE_URL": server.url}
        self.server = server

    async def client(self, verb: str, **params: Any) -> Reply:
        """Make a call that builds a client; one that does not settle is abandoned."""
        defaults = {"env": self._env, "api_key": "any", "client": V1ALPHA}
        call = self._worker.begin(verb, **(defaults | params))
        try:
            return await asyncio.wait_for(call, REFUSED_S)
        except asyncio.TimeoutError:
            return await self._worker.abandon(call)

    async def do(self, verb: str, **params: Any) -> dict[str, Any]:
        """Make a call that returns."""
        return returned(await self._worker.call(verb, **params))

    async def session(self, model: str, modality: str, **params: Any) -> str:
        """Open a session."""
        config = {"response_modalities": [modality], **params.pop("config", {})}
        reply = await self.client("connect", model=model, config=config, **params)
        return str(returned(reply)["session"])


def returned(reply: Reply) -> dict[str, Any]:
    assert reply.outcome == "returned", reply
    assert reply.value is not None
    return reply.value


def drive(
    subject: str,
    server: MockServer,
    what: Callable[[Driven], Awaitable[None]],
    root: Path | None = None,
    source: str = "",
) -> None:
    """Start the worker of a subject and use it."""
    sdk, _, version = subject.partition("==")
    environment = prepare(sdk, version, root=root or cache_root(), source=source)

    async def run() -> None:
        worker = Worker()
        try:
            env = worker_environment(server.env)
            hello = await worker.start(environment.command, env, environment.root)
            assert (hello.sdk, hello.version) == (sdk, version)
            await what(Driven(worker, server))
        finally:
            await worker.stop()

    asyncio.run(run())


@with_tokens
def test_a_token_is_minted_and_opens_a_session(subject: str, server: MockServer) -> None:
    async def mint(it: Driven) -> None:
        config = {"uses": 3, "constraints": {"model": AUDIO_MODEL}}
        token = returned(await it.client("create_token", config=config))["name"]
        minted = {one.name: one for one in server.tokens}
        assert minted[token].uses_left == 3
        session = await it.session(AUDIO_MODEL, "AUDIO", api_key=token)
        await it.do("send", session=session, text="hello")
        turn = await it.do("receive", session=session)
        assert turn["audio_bytes"] > 0
        assert "serverContent" in turn["messages"][-1]
        await it.do("close", session=session)

    drive(subject, server, mint)


@every
def test_a_text_is_said_back(subject: str, server: MockServer) -> None:
    async def turn(it: Driven) -> None:
        session = await it.session(TEXT_MODEL, "TEXT")
        sent = await it.do("send", session=session, text="hello there")
        assert sent == {"through": "send_client_content"}
        assert (await it.do("receive", session=session))["text"] == "hello there"

    drive(subject, server, turn)


def test_the_first_versions_have_no_tokens(server: MockServer) -> None:
    async def look(it: Driven) -> None:
        reply = await it.client("create_token")
        assert (reply.outcome, reply.missing) == ("absent", "ai.authTokens.create")

    drive("js==0.2.0", server, look)


@every
def test_a_refused_handshake_is_heard_by_the_callbacks(subject: str, server: MockServer) -> None:
    async def refuse(it: Driven) -> None:
        reply = await it.client("connect", model=AUDIO_MODEL, client=NOWHERE)
        assert reply.outcome == ("raised" if subject.endswith("==3.3.0") else "pending")
        callbacks = {event["name"]: event["detail"] for event in reply.events if event["kind"] == "callback"}
        assert callbacks["onclose"]["code"] == 1006
        devtools = [event["message"] for event in reply.events if event["kind"] == "devtools"]
        if subject in NODE:
            assert callbacks["onerror"]["message"] == "Unexpected server response: 404"
            assert devtools == []
        else:
            assert callbacks["onerror"] == {"type": "error", "message": None}
            (message,) = devtools
            assert message.startswith("WebSocket connection to 'ws://127.0.0.1:")
            assert message.endswith(f"failed: {REFUSED}")

    drive(subject, server, refuse)


def speech() -> dict[str, str]:
    """One second of a tone, as an application would send it."""
    samples = [round(8_000 * math.sin(n * 0.2)) for n in range(16_000)]
    data = base64.b64encode(struct.pack(f"<{len(samples)}h", *samples)).decode()
    return {"data": data, "mime_type": "audio/pcm;rate=16000"}


@every
def test_audio_is_heard_and_answered_in_audio(subject: str, server: MockServer) -> None:
    field = "media" if subject == "js==0.2.0" else "audio"

    async def speak(it: Driven) -> None:
        session = await it.session(AUDIO_MODEL, "AUDIO")
        sent = await it.do("send", session=session, realtime={field: speech()})
        assert sent == {"through": "send_realtime_input"}
        assert (await it.do("receive", session=session))["audio_bytes"] > 0

    drive(subject, server, speak)


@every
def test_a_tool_is_called_and_its_response_heard(subject: str, server: MockServer) -> None:
    tools = [{"function_declarations": [{"name": "look_up", "parameters": {"type": "OBJECT"}}]}]

    async def call_tool(it: Driven) -> None:
        server.play(Script("tool", (Rule("turn", (Call("look_up", {"some_key": 1}), Say("{response}"))),)))
        session = await it.session(TEXT_MODEL, "TEXT", config={"tools": tools})
        await it.do("send", session=session, text="look it up")
        (called,) = (await it.do("receive", session=session, until="tool_call"))["tool_calls"]
        assert (called["name"], called["args"]) == ("look_up", {"some_key": 1})
        response = {"id": called["id"], "name": "look_up", "response": {"some_key": 2}}
        sent = await it.do("send", session=session, tool_response=response)
        assert sent == {"through": "send_tool_response"}
        assert "some_key" in (await it.do("receive", session=session))["text"]

    try:
        drive(subject, server, call_tool)
    finally:
        server.play(ECHO)


@pytest.mark.parametrize("subject", [NODE[-1], WEB[-1]])
def test_a_default_base_url_reaches_the_mock(subject: str, server: MockServer) -> None:
    async def connect(it: Driven) -> None:
        elsewhere = {"GOOGLE_GEMINI_BASE_URL": "http://127.0.0.1:1"}
        reply = await it.client("create_token", env=elsewhere, default_base_url=server.url)
        assert returned(reply)["name"].startswith("auth_tokens/")
        assert (await it.client("create_token", env=elsewhere)).outcome == "raised"

    drive(subject, server, connect)


async def mint(it: Driven) -> None:
    assert returned(await it.client("create_token"))["name"].startswith("auth_tokens/")


@pytest.mark.parametrize("sdk", ["js", "web"])
def test_what_a_project_has_installed_is_driven_where_it_is(
    sdk: str, server: MockServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = prepare("js", "3.3.0", root=cache_root()).root
    monkeypatch.chdir(project / "node_modules")
    drive(f"{sdk}==3.3.0", server, mint, source="installed")


def test_a_packed_sdk_is_installed_and_driven(server: MockServer, tmp_path: Path) -> None:
    package = prepare("js", "3.3.0", root=cache_root()).root / "node_modules" / "@google" / "genai"
    source = tmp_path / "google-genai-3.3.0.tgz"
    with tarfile.open(source, "w:gz") as archive:
        archive.add(package, "package")
    drive("js==3.3.0", server, mint, tmp_path / "cache", str(source))
