"""The Python worker and program with real versions of google-genai, against the mock."""

from __future__ import annotations

import asyncio
import base64
import json
import math
import os
import socket
import struct
import subprocess
from typing import TYPE_CHECKING, Any, Final

import pytest

from mockserver import Close, MockServer, Rule, Script, Send
from suite.drivers import Worker, worker_environment
from suite.environments import cache_root, prepare

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from suite.drivers import Reply

    Calling = Callable[..., Awaitable[Reply]]

OFFLINE: Final = "GENAI_LIVE_COMPAT_OFFLINE"

pytestmark = [
    pytest.mark.network,
    pytest.mark.timeout(600),  # a cold cache waits for PyPI
    pytest.mark.skipif(os.environ.get(OFFLINE) == "1", reason=f"{OFFLINE}=1: real SDKs come from PyPI"),
]

ALL: Final = ("0.7.0", "1.5.0", "1.9.0", "1.16.1", "1.26.0", "2.23.0", "3.6.1")
WITH_TOKENS: Final = ALL[3:]
MODEL: Final = "gemini-2.0-flash-live-001"
TEXT: Final = {"response_modalities": ["TEXT"]}
TOOLS: Final = [{"function_declarations": [{"name": "get_weather", "description": "the weather"}]}]
#: A second of speech, and as much silence, after which it is answered with so many bytes.
WAVE: Final = (int(8_000 * math.sin(n * 0.2)) for n in range(16_000))
SPEECH: Final = {
    "data": base64.b64encode(b"".join(struct.pack("<h", value) for value in WAVE) + bytes(32_000)).decode(),
    "mime_type": "audio/pcm;rate=16000",
}
SPEECH_BYTES: Final = 60_480


def at(server: MockServer, **client: Any) -> dict[str, Any]:
    """What builds a client of the mock in every version, also those that read no variable."""
    return {"api_key": "k", "client": {"base_url": server.url, "api_version": "v1alpha", **client}}


def driving(version: str, server: MockServer, use: Callable[[Calling], Awaitable[Any]]) -> Any:
    """Use one worker with one version."""

    async def run() -> Any:
        environment = prepare("python", version, root=cache_root())
        worker = Worker()
        try:
            await worker.start(environment.command, worker_environment(server.env), environment.root)
            return await use(worker.call)
        finally:
            await worker.stop()

    return asyncio.run(run())


async def session(call: Calling, server: MockServer, **config: Any) -> str:
    """An open session."""
    reply = await call("connect", **at(server), model=MODEL, config={**TEXT, **config})
    assert reply.outcome == "returned", reply
    return str((reply.value or {})["session"])


async def value(replying: Awaitable[Reply]) -> dict[str, Any]:
    """What a call returned; it must have."""
    reply = await replying
    assert reply.outcome == "returned", reply
    return reply.value or {}


def frames(server: MockServer, kind: str = "in") -> list[Any]:
    """What clients sent: frames, or with ``request`` the bodies of requests."""
    return [json.loads(entry.payload or b"null") for entry in server.journal if entry.kind == kind]


# Sending and receiving, through each API.


@pytest.mark.parametrize("version", ALL)
@pytest.mark.parametrize("through", [None, "send"])
def test_a_tool_is_called_and_answered(server: MockServer, version: str, through: str | None) -> None:
    by = {"through": through} if through else {}

    async def use(call: Calling) -> None:
        name = await session(call, server, tools=TOOLS)
        old = through == "send" or version in ("0.7.0", "1.5.0")
        taken = await value(call("send", session=name, text="please call get_weather", **by))
        assert taken == {"through": "send" if old else "send_client_content"}
        told = await value(call("receive", session=name, until="tool_call"))
        [called] = told["tool_calls"]
        assert (called["name"], called["args"], told["messages"]) == ("get_weather", {}, [["toolCall"]])
        answer = {"id": called["id"], "name": called["name"], "response": {"sky": "blue"}}
        taken = await value(call("send", session=name, tool_response=answer, **by))
        assert taken == {"through": "send" if old else "send_tool_response"}
        assert (await value(call("receive", session=name)))["text"] == '{"sky": "blue"}'

    driving(version, server, use)


@pytest.mark.parametrize(
    ("version", "field"),
    [("0.7.0", "audio"), ("1.5.0", "media"), ("1.9.0", "media")]
    + [(version, "audio") for version in WITH_TOKENS],
)
def test_speech_is_heard(server: MockServer, version: str, field: str) -> None:
    async def use(call: Calling) -> None:
        name = await session(call, server, response_modalities=["AUDIO"])
        for by in ({}, {"through": "send"}):
            await value(call("send", session=name, realtime={field: SPEECH}, **by))
            assert (await value(call("receive", session=name)))["audio_bytes"] == SPEECH_BYTES

    driving(version, server, use)


@pytest.mark.parametrize("version", ALL)
def test_the_next_message_is_taken_and_the_rest_stays(server: MockServer, version: str) -> None:
    async def use(call: Calling) -> None:
        name = await session(call, server)
        await value(call("send", session=name, text="hello there, my friend"))
        first = await call("receive", session=name, until="message")
        rest = await call("receive", session=name)
        texts = [(reply.value or {})["text"] for reply in (first, rest)]
        assert texts == ["hello there,", " my friend"]
        assert (first.events, rest.events) == ((), ())

    driving(version, server, use)


@pytest.mark.parametrize(
    ("version", "realtime", "missing"),
    [
        ("0.7.0", {"activity_start": {}}, "types.ActivityStart"),
        ("1.5.0", {"text": "hi"}, "LiveClientRealtimeInput.text"),
        ("1.9.0", {"audio": SPEECH}, "session.send_realtime_input(audio)"),
    ],
)
def test_input_a_version_does_not_have_is_absent(
    server: MockServer, version: str, realtime: dict[str, Any], missing: str
) -> None:
    async def use(call: Calling) -> Reply:
        return await call("send", session=await session(call, server), realtime=realtime)

    reply = driving(version, server, use)
    assert (reply.outcome, reply.missing) == ("absent", missing)


@pytest.mark.parametrize("version", ALL[4:])
def test_each_realtime_input_has_its_frame(server: MockServer, version: str) -> None:
    inputs = ({"text": "hi"}, {"activity_start": {}}, {"activity_end": {}}, {"audio_stream_end": True})

    async def use(call: Calling) -> None:
        for realtime in inputs:
            name = await session(call, server)
            await value(call("send", session=name, realtime=realtime))
            await call("close", session=name)

    driving(version, server, use)
    sent = [frame["realtime_input"] for frame in frames(server) if "realtime_input" in frame]
    assert sent == [{"text": "hi"}, {"activityStart": {}}, {"activityEnd": {}}, {"audioStreamEnd": True}]


@pytest.mark.parametrize(("version", "sees"), [("0.7.0", False), ("1.16.1", True), ("3.6.1", True)])
def test_go_away_and_handles_are_told(server: MockServer, version: str, sees: bool) -> None:
    told = (
        {"goAway": {"timeLeft": "50s"}},
        {"sessionResumptionUpdate": {"newHandle": "h1", "resumable": True}},
        {"serverContent": {"turnComplete": True}},
    )
    server.play(Script("told", (Rule("turn", tuple(Send(json.dumps(one).encode()) for one in told)),)))

    async def use(call: Calling) -> dict[str, Any]:
        name = await session(call, server)
        await value(call("send", session=name, text="hello"))
        return await value(call("receive", session=name))

    got = driving(version, server, use)
    assert (got["go_away"], got["handles"]) == ((["50s"], ["h1"]) if sees else ([], []))


@pytest.mark.parametrize(("version", "error"), [("1.26.0", "ConnectionClosedError"), ("3.6.1", "APIError")])
def test_a_close_in_a_turn_is_raised_with_its_code_and_reason(
    server: MockServer, version: str, error: str
) -> None:
    server.play(Script("close", (Rule("turn", (Close(1011, "out of order"),)),)))

    async def use(call: Calling) -> Reply:
        name = await session(call, server)
        await value(call("send", session=name, text="hello"))
        return await call("receive", session=name)

    raised = driving(version, server, use).error
    assert (raised["class"], raised["code"], raised["reason"]) == (error, 1011, "out of order")


# What a token is asked for with.

LOCK: Final = {"model": MODEL, "config": {"temperature": 0.5}}
SETUP: Final = {"model": f"models/{MODEL}", "generationConfig": {"temperature": 0.5}}
TIME: Final = "2030-01-01T10:00:00"
MASK: Final = {"bidiGenerateContentSetup": SETUP, "fieldMask": "model,generationConfig.temperature"}


@pytest.mark.parametrize("version", WITH_TOKENS)
def test_each_form_of_a_token_config_reaches_the_sdk(server: MockServer, version: str) -> None:
    forms: list[tuple[dict[str, Any], Any]] = [
        ({"config": {"constraints": LOCK}}, {"bidiGenerateContentSetup": SETUP}),
        ({"config": {"constraints": LOCK}, "spelled": "camelCase"}, {"bidiGenerateContentSetup": SETUP}),
        ({"config": {"constraints": LOCK}, "spelled": "snake_case"}, {"bidiGenerateContentSetup": SETUP}),
        ({"config": {"constraints": LOCK, "lock_additional_fields": []}}, MASK),
        (
            {"config": {"constraints": LOCK, "lock_additional_fields": None}},
            {"bidiGenerateContentSetup": SETUP},
        ),
        ({"config": {"expire_time": f"{TIME}Z"}}, {"expireTime": f"{TIME}+00:00"}),
        ({"config": {"expire_time": {"time": TIME, "as": "aware"}}}, {"expireTime": f"{TIME}+00:00"}),
        ({"config": {"expire_time": {"time": f"{TIME}Z", "as": "naive"}}}, {"expireTime": TIME}),
        ({"config": {"expire_time": {"time": f"{TIME}Z", "as": "string"}}}, {"expireTime": f"{TIME}+00:00"}),
    ]

    async def use(call: Calling) -> list[Any]:
        for params, _ in forms:
            await call("create_token", **at(server), **params)
        return frames(server, "request")

    assert driving(version, server, use) == [body for _, body in forms]


@pytest.mark.parametrize("version", WITH_TOKENS)
def test_constraints_go_by_the_name_that_is_asked_for(server: MockServer, version: str) -> None:
    async def use(call: Calling) -> list[str]:
        names = ("live_ephemeral_parameters", "live_connect_constraints")
        config = {"constraints": LOCK}
        return [(await call("create_token", **at(server), config=config, spelled=n)).outcome for n in names]

    right = ["returned", "raised"] if version == "1.16.1" else ["raised", "returned"]
    assert driving(version, server, use) == right


@pytest.mark.parametrize("version", ["1.16.1", "3.6.1"])
def test_fields_beside_the_config_are_what_python_says_they_are(server: MockServer, version: str) -> None:
    async def use(call: Calling) -> Reply:
        return await call("create_token", **at(server), config={"uses": 2}, beside=True)

    raised = driving(version, server, use).error
    assert raised["class"] == "TypeError"
    assert "unexpected keyword argument 'uses'" in raised["message"]


# What builds a client.


@pytest.mark.parametrize("version", WITH_TOKENS)
def test_a_default_base_url_is_given_and_taken_back(server: MockServer, version: str) -> None:
    async def use(call: Calling) -> None:
        away = {"env": {"GOOGLE_GEMINI_BASE_URL": "http://127.0.0.1:9"}, "api_key": "k"}
        asked = {**away, "client": {"api_version": "v1alpha"}, "config": {}}
        assert (await call("create_token", **asked, default_base_url=server.url)).outcome == "returned"
        assert (await call("create_token", **asked)).outcome == "raised"

    driving(version, server, use)
    assert len(frames(server, "request")) == 1


@pytest.mark.parametrize(
    ("version", "params", "missing"),
    [
        ("1.9.0", {"default_base_url": "http://127.0.0.1:9"}, "set_default_base_urls"),
        ("1.9.0", {"session": {}}, "LiveConnectConfig.http_options"),
        ("1.9.0", {"client": {"retry_options": {}}}, "HttpOptions.retry_options"),
    ],
)
def test_an_option_a_version_does_not_have_is_absent(
    server: MockServer, version: str, params: dict[str, Any], missing: str
) -> None:
    async def use(call: Calling) -> Reply:
        return await call("connect", **{**at(server), "model": MODEL, **params})

    reply = driving(version, server, use)
    assert (reply.outcome, reply.missing) == ("absent", missing)


@pytest.mark.parametrize("version", ALL)
def test_headers_and_timeout_of_the_client_are_its_own(server: MockServer, version: str) -> None:
    async def use(call: Calling) -> Reply:
        headers = {"x-goog-api-client": "mine/1.0"}
        await call("rest", **at(server, headers=headers), method="models.list")
        with socket.create_server(("127.0.0.1", 0)) as deaf:
            there = f"http://127.0.0.1:{deaf.getsockname()[1]}"
            return await call("rest", **at(server, base_url=there, timeout=200), method="models.list")

    reply = driving(version, server, use)
    assert "mine/1.0" in server.journal[0].client
    assert "timed out" in reply.error["message"]


@pytest.mark.parametrize(
    ("version", "right"), [(v, "raised") for v in WITH_TOKENS[:3]] + [("3.6.1", "returned")]
)
def test_an_empty_object_of_options_at_the_session_is_passed(
    server: MockServer, version: str, right: str
) -> None:
    async def use(call: Calling) -> Reply:
        return await call("connect", **at(server), model=MODEL, config=TEXT, session={})

    assert driving(version, server, use).outcome == ("returned" if version == "3.6.1" else "raised")


# Beside Live.


@pytest.mark.parametrize("version", ALL)
def test_rest_goes_out_with_a_key_and_a_token_where_the_sdk_lets_it(server: MockServer, version: str) -> None:
    async def use(call: Calling) -> None:
        for credential in ("k", server.mint()):
            await call("rest", **{**at(server), "api_key": credential}, method="models.list")

    driving(version, server, use)
    guarded = version in WITH_TOKENS[1:]
    assert len([entry for entry in server.journal if entry.kind == "request"]) == (1 if guarded else 2)


def test_interactions_warn_in_each_cell_where_they_warn(server: MockServer) -> None:
    async def use(call: Calling) -> list[Any]:
        # A key that is refused: what the mock does not play is asked for again, for seconds.
        asked = {**at(server), "api_key": "mock-invalid", "method": "interactions.create"}
        return [(await call("rest", **asked)).events for _ in range(2)]

    first, second = driving("2.8.0", server, use)
    assert first
    assert first == second
    assert [entry.what for entry in server.journal if entry.kind == "request"] == [
        "POST /v1alpha/interactions"
    ] * 2


# As a program.


def program(server: MockServer, version: str, do: str, **task: Any) -> subprocess.CompletedProcess[str]:
    """Run the one-shot program of a version."""
    environment = prepare("python", version, root=cache_root())
    return subprocess.run(
        [*environment.program, json.dumps({"do": do, "style": "main", "model": MODEL, **at(server), **task})],
        env=worker_environment(server.env),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("version", ALL)
@pytest.mark.parametrize("do", ["connect", "turn", "create"])
def test_a_program_says_that_it_did_it(server: MockServer, version: str, do: str) -> None:
    done = program(server, version, do, config={"uses": 2} if do == "create" else TEXT)
    if do == "create" and version not in WITH_TOKENS:
        assert done.returncode == 1
        assert "has no attribute 'auth_tokens'" in done.stderr
        return
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "did it"
    assert len(server.tokens) == (do == "create")


@pytest.mark.parametrize("version", ["0.7.0", "3.6.1"])
def test_a_program_that_fails_ends_as_python_does(server: MockServer, version: str) -> None:
    server.play(Script("bad", (Rule("turn", (Close(1011, "out of order"),)),)))
    done = program(server, version, "turn", config=TEXT)
    assert done.returncode == 1
    assert "did it" not in done.stdout
    assert "out of order" in done.stderr.splitlines()[-1]
