"""The JavaScript worker and its program with an SDK that says back what it was given: no network."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from suite.drivers import Reply, Worker, WorkerBroken, worker_environment
from suite.environments import cache_root, node, prepare

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from suite.drivers.process import Hello
    from suite.environments import Environment

FAKE_SDK: Final = Path(__file__).parent / "programs" / "fake_genai.mjs"
BASE: Final = "http://127.0.0.1:1"
SAID: Final = {"GOOGLE_GEMINI_BASE_URL": BASE}
#: A program of this SDK ends in 0.2 s.
LIMIT_S: Final = 30


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Environment:
    """A project that has the fake SDK installed."""
    if node.machine_node(os.environ.get("PATH", "")) is None:
        found = node.packaged_node(cache_root())
        monkeypatch.setattr(node, "machine_node", lambda _: found)
    package = tmp_path / "project" / "node_modules" / "@google" / "genai"
    package.mkdir(parents=True)
    shutil.copy(FAKE_SDK, package / "index.mjs")
    about = {"name": "@google/genai", "version": "9.9.9", "exports": "./index.mjs"}
    (package / "package.json").write_text(json.dumps(about))
    monkeypatch.chdir(tmp_path / "project")
    return prepare("js", "9.9.9", root=tmp_path / "cache", source="installed")


@asynccontextmanager
async def started(fake: Environment, **env: str) -> AsyncIterator[tuple[Worker, Hello]]:
    worker = Worker()
    try:
        yield worker, await worker.start(fake.command, worker_environment(env), fake.root)
    finally:
        await worker.stop()


def use(fake: Environment, what: Callable[[Worker], Awaitable[Any]], **env: str) -> Any:
    async def run() -> Any:
        async with started(fake, **env) as (worker, _):
            return await what(worker)

    return asyncio.run(run())


def value(reply: Reply) -> dict[str, Any]:
    assert reply.outcome == "returned", reply
    assert reply.value is not None
    return reply.value


def minted(fake: Environment, **params: Any) -> Any:
    """What the SDK was given for a token."""

    async def mint(worker: Worker) -> Any:
        return value(await worker.call("create_token", **params))["fields"]

    return use(fake, mint)


# What it says of itself


@pytest.mark.parametrize(
    ("kind", "can"),
    [
        ("new", {"create_token", "connect", "send", "receive", "close", "rest"}),
        ("old", {"connect", "send", "receive", "close"}),
    ],
)
def test_it_finds_out_what_the_sdk_can_do_by_looking(fake: Environment, kind: str, can: set[str]) -> None:
    async def run() -> None:
        async with started(fake, FAKE=kind) as (_, hello):
            assert (hello.sdk, hello.version, hello.can) == ("js", "9.9.9", can)

    asyncio.run(run())


def test_an_sdk_that_does_not_load_is_broken_with_the_cause(fake: Environment) -> None:
    async def run() -> None:
        with pytest.raises(WorkerBroken, match="SDK does not load: TypeError: cannot be loaded"):
            async with started(fake, FAKE="broken"):
                pass

    asyncio.run(run())


# Tokens


@pytest.mark.parametrize(
    ("params", "given"),
    [
        ({}, {}),
        ({"config": {"uses": 2}}, {"config": {"uses": 2}}),
        (
            {"config": {}, "call": {"api_version": "v9", "headers": {"x_y": "z"}, "timeout": 5}},
            {"config": {"httpOptions": {"apiVersion": "v9", "headers": {"x_y": "z"}, "timeout": 5}}},
        ),
        (
            {"config": {"lock_additional_fields": ["output_audio_transcription"]}},
            {"config": {"lockAdditionalFields": ["outputAudioTranscription"]}},
        ),
        ({"config": {"lock_additional_fields": []}}, {"config": {"lockAdditionalFields": []}}),
        ({"config": {"lock_additional_fields": None}}, {"config": {"lockAdditionalFields": None}}),
        ({"config": {"uses": 1}, "beside": True}, {"uses": 1}),
        (
            {"config": {"uses": 1}, "beside": True, "call": {"api_version": "v9"}},
            {"uses": 1, "config": {"httpOptions": {"apiVersion": "v9"}}},
        ),
    ],
    ids=["nothing", "uses", "call", "locked", "locked-none", "locked-null", "beside", "beside-with-call"],
)
def test_a_token_is_asked_for_as_it_was_said(
    fake: Environment, params: dict[str, Any], given: dict[str, Any]
) -> None:
    assert minted(fake, **params)["given"] == given


CONSTRAINED: Final = {"constraints": {"model": "m", "config": {"response_modalities": ["TEXT"]}}}
CAMEL: Final = {"model": "m", "config": {"responseModalities": ["TEXT"]}}


@pytest.mark.parametrize(
    ("spelled", "given"),
    [
        ({}, {"liveConnectConstraints": CAMEL}),
        ({"spelled": "camelCase"}, {"liveConnectConstraints": CAMEL}),
        ({"spelled": "live_connect_constraints"}, {"liveConnectConstraints": CAMEL}),
        ({"spelled": "live_ephemeral_parameters"}, {"liveEphemeralParameters": CAMEL}),
        (
            {"spelled": "snake_case", "call": {"api_version": "v9"}},
            {
                "live_connect_constraints": CONSTRAINED["constraints"],
                "http_options": {"api_version": "v9"},
            },
        ),
    ],
    ids=["as-is", "camelCase", "constraints", "parameters", "snake_case"],
)
def test_constraints_are_spelled_as_asked(
    fake: Environment, spelled: dict[str, Any], given: dict[str, Any]
) -> None:
    assert minted(fake, config=CONSTRAINED, **spelled)["given"] == {"config": given}


@pytest.mark.parametrize(
    ("time", "given"),
    [
        ("2026-11-25T10:00:00Z", "2026-11-25T10:00:00Z"),
        # Only a Date writes milliseconds.
        ({"time": "2026-11-25T10:00:00Z", "as": "aware"}, "2026-11-25T10:00:00.000Z"),
        ({"time": "2026-11-25T10:00:00Z", "as": "naive"}, "2026-11-25T10:00:00"),
        ({"time": "2026-11-25T10:00:00+01:00", "as": "naive"}, "2026-11-25T10:00:00"),
        ({"time": "tomorrow", "as": "string"}, "tomorrow"),
    ],
    ids=["plain", "aware", "naive", "naive-offset", "string"],
)
def test_a_time_has_the_form_that_was_asked_for(fake: Environment, time: Any, given: str) -> None:
    config = {"expire_time": time, "new_session_expire_time": time}
    assert minted(fake, config=config)["given"]["config"] == {
        "expireTime": given,
        "newSessionExpireTime": given,
    }


# What builds a client


@pytest.mark.parametrize(
    ("params", "client"),
    [
        ({}, {}),
        ({"api_key": "k", "client": {}}, {"apiKey": "k"}),
        (
            {"client": {"api_version": "v9", "headers": {"x_y": "z"}, "timeout": 7}},
            {"httpOptions": {"apiVersion": "v9", "headers": {"x_y": "z"}, "timeout": 7}},
        ),
        ({"options": {"api_version": "v9"}}, {"apiVersion": "v9"}),
    ],
    ids=["nothing", "key", "http-options", "options"],
)
def test_a_client_is_built_of_what_was_given(
    fake: Environment, params: dict[str, Any], client: dict[str, Any]
) -> None:
    asked = minted(fake, env=SAID, **params)
    assert (asked["client"], asked["base"], asked["defaults"]) == (client, BASE, {})


def test_a_default_base_url_counts_for_one_call(fake: Environment) -> None:
    async def two(worker: Worker) -> list[Any]:
        calls = [{"default_base_url": "http://d"}, {}]
        return [value(await worker.call("create_token", **call))["fields"]["defaults"] for call in calls]

    assert use(fake, two) == [{"geminiUrl": "http://d"}, {}]


def test_an_sdk_without_defaults_is_told_the_base_url_at_the_client(fake: Environment) -> None:
    async def three(worker: Worker) -> None:
        for client, base in (({}, BASE), ({"base_url": "http://c"}, "http://c")):
            got = value(await worker.call("connect", env=SAID, model="m", client=client))
            assert got["setup_complete"]["client"] == {"httpOptions": {"baseUrl": base}}
        reply = await worker.call("connect", model="m", default_base_url="http://d")
        assert (reply.outcome, reply.missing) == ("absent", "setDefaultBaseUrls")

    use(fake, three, FAKE="old")


# Sessions


@pytest.mark.parametrize(
    ("params", "config"),
    [
        ({}, None),
        ({"session": {}}, {"httpOptions": {}}),
        ({"session": {"api_version": "v9"}}, {"httpOptions": {"apiVersion": "v9"}}),
        (
            {"config": {"tools": [{"function_declarations": [{"parameters": {"properties": {"a_b": {}}}}]}]}},
            {"tools": [{"functionDeclarations": [{"parameters": {"properties": {"a_b": {}}}}]}]},
        ),
    ],
    ids=["nothing", "empty", "version", "config"],
)
def test_a_session_is_opened_with_what_was_given(
    fake: Environment, params: dict[str, Any], config: dict[str, Any] | None
) -> None:
    async def connect(worker: Worker) -> Any:
        return value(await worker.call("connect", model="m", **params))["setup_complete"]

    assert use(fake, connect).get("config") == config


SENDS: Final = [
    ({"realtime": {"audio": {"data": "AA==", "mime_type": "audio/pcm"}}}, "send_realtime_input",
     {"audio": {"data": "AA==", "mimeType": "audio/pcm"}}),
    ({"realtime": {"activity_start": {}}}, "send_realtime_input", {"activityStart": {}}),
    ({"realtime": {"audio_stream_end": True}}, "send_realtime_input", {"audioStreamEnd": True}),
    ({"text": "hi", "through": "send_realtime_input"}, "send_realtime_input", {"text": "hi"}),
    ({"tool_response": {"id": "1", "name": "f", "response": {"a_b": 1}}}, "send_tool_response",
     {"functionResponses": {"id": "1", "name": "f", "response": {"a_b": 1}}}),
]  # fmt: skip


def test_each_input_goes_through_its_api(fake: Environment) -> None:
    async def send(worker: Worker) -> None:
        session = value(await worker.call("connect", model="m"))["session"]
        for params, through, given in SENDS:
            assert value(await worker.call("send", session=session, **params)) == {"through": through}
            got = value(await worker.call("receive", session=session, until="message"))
            assert json.loads(got["text"]) == given
            assert got["messages"] == [["input", "serverContent"]]
        reply = await worker.call("send", session=session, text="hi", through="send")
        assert (reply.outcome, reply.missing) == ("absent", "session.send")
        with pytest.raises(WorkerBroken, match="tool_response cannot be sent through send_client_content"):
            await worker.call("send", session=session, tool_response={}, through="send_client_content")

    use(fake, send)


CALLED: Final = {"toolCall": {"functionCalls": [{"id": "1", "name": "f", "args": {"x": 1}}, {"name": "g"}]}}
PARTS: Final = [{"text": "th", "thought": True}, {"text": "He"}, {"inlineData": {"data": "AAAA_w=="}}]
ANSWER: Final = [
    {"goAway": {"timeLeft": "50s"}},
    {"sessionResumptionUpdate": {"newHandle": "h", "resumable": True}},
    CALLED,
    {"serverContent": {"modelTurn": {"parts": PARTS}}},
    {"serverContent": {"modelTurn": {"parts": [{"text": "llo"}]}, "turnComplete": True}, "usageMetadata": {}},
]


def test_what_was_received_is_summed_up_to_what_ends_it(fake: Environment) -> None:
    async def receive(worker: Worker) -> None:
        session = value(await worker.call("connect", model="m"))["session"]
        await worker.call("send", session=session, text=json.dumps(ANSWER))
        first, called, turn = [
            value(await worker.call("receive", session=session, **until))
            for until in ({"until": "message"}, {"until": "tool_call"}, {})
        ]
        assert (first["go_away"], first["messages"]) == (["50s"], [["goAway"]])
        assert called["handles"] == ["h"]
        assert called["tool_calls"] == [
            {"id": "1", "name": "f", "args": {"x": 1}},
            {"id": None, "name": "g", "args": None},
        ]
        assert (turn["text"], turn["audio_bytes"], turn["tool_calls"]) == ("Hello", 4, [])
        assert turn["messages"] == [["serverContent"], ["serverContent", "usageMetadata"]]
        with pytest.raises(WorkerBroken, match="until later: expected one of turn, tool_call, message"):
            await worker.call("receive", session=session, until="later")

    use(fake, receive)


def test_a_session_that_was_closed_ends_whoever_waits_for_it(fake: Environment) -> None:
    async def close(worker: Worker) -> None:
        session = value(await worker.call("connect", model="m"))["session"]
        waiting = worker.begin("receive", session=session)
        closed = await worker.call("close", session=session)
        reply = await waiting
        assert reply.error is not None
        assert (reply.error["code"], reply.error["reason"]) == (1000, "bye")
        told = [event for one in (closed, reply) for event in one.events]
        assert [event["name"] for event in told] == ["onclose"]

    use(fake, close)


# What goes wrong


def test_what_the_sdk_throws_is_told_with_its_cause(fake: Environment) -> None:
    async def fail(worker: Worker) -> None:
        error = (await worker.call("connect", model="throws")).error
        assert error is not None
        assert (error["class"], error["message"], error["code"]) == ("RangeError", "no", 418)
        assert [cause["message"] for cause in error["cause"]] == ["why"]
        error = (await worker.call("rest", method="models.list")).error
        assert error is not None
        assert error["message"] == "no models"
        reply = await worker.call("rest", method="interactions.create")
        assert (reply.outcome, reply.missing) == ("absent", "ai.interactions.create")

    use(fake, fail)


def test_a_call_that_never_settles_can_be_abandoned(fake: Environment) -> None:
    async def hang(worker: Worker) -> None:
        call = worker.begin("connect", model="never")
        assert value(await worker.call("create_token"))
        assert (await worker.abandon(call)).outcome == "pending"

    use(fake, hang)


def test_a_rejection_that_nobody_handles_is_an_event(fake: Environment) -> None:
    async def reject(worker: Worker) -> list[str]:
        session = value(await worker.call("connect", model="later"))["session"]
        waiting = worker.begin("receive", session=session)
        events: list[dict[str, Any]] = []
        while not events:
            events += (await worker.call("create_token")).events
        await worker.abandon(waiting)
        return [f"{event['kind']}: {event['message']}" for event in events]

    assert use(fake, reject) == ["unhandled: nobody waits"]


# Programs


def program(fake: Environment, **task: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*fake.program, json.dumps({"model": "m", **task})],
        env=worker_environment({}),
        cwd=fake.root,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )


@pytest.mark.parametrize(
    ("task", "code", "out", "err"),
    [
        ({"do": "create"}, 0, "did it\n", ""),
        ({"do": "connect"}, 0, "open\ndid it\n", ""),
        ({"do": "connect", "style": "await"}, 0, "open\ndid it\n", ""),
        ({"do": "connect", "model": "throws"}, 1, "", "RangeError: no"),
        ({"do": "connect", "model": "throws", "style": "await"}, 1, "", "RangeError: no"),
        ({"do": "turn", "model": "never"}, 0, "", ""),
        ({"do": "turn", "model": "never", "style": "await"}, 13, "", ""),
    ],
    ids=["create", "connect", "connect-await", "throws", "throws-await", "hangs", "hangs-await"],
)
def test_a_program_ends_as_node_ends_it(
    fake: Environment, task: dict[str, Any], code: int, out: str, err: str
) -> None:
    done = program(fake, **task)
    assert (done.returncode, done.stdout) == (code, out)
    assert err in done.stderr
