"""The reference client does each verb right against the mock, and each way to be wrong shows."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from mockserver import Close, MockServer, Rule, Script, Send, Silence
from suite.drivers import Worker, worker_environment
from suite.drivers.reference.client import Absent, ApiError
from suite.drivers.reference.verbs import Verbs
from suite.drivers.reference.worker import BEHAVIOUR_MUTATIONS, MUTATIONS
from suite.environments import prepare

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from mockserver import Entry

    Experiment = Callable[[Verbs, MockServer], Awaitable[Any]]

FOLDER: Final = Path(__file__).parents[2] / "suite" / "drivers" / "reference"
NOWHERE: Final = "http://127.0.0.1:9"
MODEL: Final = "gemini-2.0-flash-live-001"
TEXT: Final = {"response_modalities": ["TEXT"]}
TOOLS: Final = [{"function_declarations": [{"name": "get_weather", "description": "the weather"}]}]
SOUND: Final = {"data": "AAAA", "mime_type": "audio/pcm;rate=16000"}
#: Everything here is answered within milliseconds; what is not by then never will be.
PENDING_S: Final = 0.5


def at(server: MockServer, path: str = "", **client: Any) -> dict[str, Any]:
    """What builds a client of the mock."""
    return {"api_key": "k", "client": {"base_url": server.url + path, **client}}


def use(doing: Callable[[Verbs], Awaitable[Any]], wrong: str | None = None) -> Any:
    """Do something with the client's verbs, and close what it leaves open."""

    async def run() -> Any:
        verbs = Verbs(wrong)
        try:
            return await doing(verbs)
        finally:
            for name in [*verbs._sessions]:
                await verbs.close({"session": name})

    return asyncio.run(run())


async def outcome(doing: Awaitable[dict[str, Any]]) -> Any:
    """What a call came to: its value, its error, or that it never ends."""
    try:
        return await asyncio.wait_for(doing, PENDING_S)
    except ApiError as error:
        return error.message, error.code, error.reason
    except asyncio.TimeoutError:
        return "pending"


async def requests(server: MockServer, doing: Awaitable[dict[str, Any]]) -> list[Entry]:
    """The requests and handshakes that a call makes."""
    await outcome(doing)
    return [entry for entry in server.journal if entry.kind in ("request", "handshake")]


async def minted(verbs: Verbs, server: MockServer, config: Any, **params: Any) -> dict[str, Any]:
    """The body with which a token is asked for."""
    [entry] = await requests(server, verbs.create_token({**at(server), "config": config, **params}))
    body: dict[str, Any] = json.loads(entry.payload)
    return body


async def session(verbs: Verbs, server: MockServer, *answer: Any, **config: Any) -> str:
    """A session in which a turn is answered by these steps: frames are dictionaries."""
    steps = tuple(Send(json.dumps(step).encode()) if isinstance(step, dict) else step for step in answer)
    if steps:
        server.play(Script("answers", (Rule("turn", steps),)))
    connected = await verbs.connect({**at(server), "model": MODEL, "config": {**TEXT, **config}})
    return str(connected["session"])


async def answer(verbs: Verbs, server: MockServer, *steps: Any, until: str = "turn", **config: Any) -> Any:
    """What is received after a turn that is answered by these steps."""
    name = await session(verbs, server, *steps, **config)
    await verbs.send({"session": name, "text": "please call get_weather"})
    return await outcome(verbs.receive({"session": name, "until": until}))


async def sent(verbs: Verbs, server: MockServer, **params: Any) -> list[Any]:
    """The frames of a session in which one thing is sent."""
    name = await session(verbs, server)
    await verbs.send({"session": name, **params})
    await verbs.close({"session": name})
    frames = [json.loads(entry.payload) for entry in server.journal if entry.kind == "in"]
    return [frame for frame in frames if "setup" not in frame]


# Each way to be wrong, with what a right client shows instead.


async def client_headers(verbs: Verbs, server: MockServer) -> Any:
    params = at(server, headers={"x-goog-api-client": "mine"})
    return [entry.client for entry in await requests(server, verbs.create_token(params))]


async def near_headers(verbs: Verbs, server: MockServer) -> Any:
    params = {**at(server), "model": MODEL, "session": {"headers": {"x-goog-api-client": "mine"}}}
    return [entry.client for entry in await requests(server, verbs.connect(params))]


async def near_base_url(verbs: Verbs, server: MockServer) -> Any:
    params = {**at(server, "/not-here"), "model": MODEL, "session": {"base_url": server.url}}
    return [entry.what.split("?")[0][:9] for entry in await requests(server, verbs.connect(params))]


async def default_base_url(verbs: Verbs, server: MockServer) -> Any:
    params = {"api_key": "k", "default_base_url": server.url}
    try:
        return [entry.what for entry in await requests(server, verbs.create_token(params))]
    except OSError as error:
        return str(error)


async def url_path(verbs: Verbs, server: MockServer) -> Any:
    return [entry.what for entry in await requests(server, verbs.create_token(at(server, "/proxy/")))]


async def timeout(verbs: Verbs, server: MockServer) -> Any:
    server.play(Script("silence", (Rule("setup", (Silence(),)),)))
    return await outcome(verbs.connect({**at(server, timeout=50), "model": MODEL}))


def minting(config: Any, **params: Any) -> Experiment:
    """An experiment: what a token is asked for with."""
    return lambda verbs, server: minted(verbs, server, config, **params)


def answering(
    *steps: Any, until: str = "turn", **config: Any
) -> Callable[[Verbs, MockServer], Awaitable[Any]]:
    """An experiment: what is received."""
    return lambda verbs, server: answer(verbs, server, *steps, until=until, **config)


def sending(**params: Any) -> Experiment:
    """An experiment: what is sent."""
    return lambda verbs, server: sent(verbs, server, **params)


async def beside(verbs: Verbs, server: MockServer) -> Any:
    return await outcome(verbs.create_token({**at(server), "config": {"uses": 2}, "beside": True}))


async def tool_call(verbs: Verbs, server: MockServer) -> Any:
    told = await answer(verbs, server, until="tool_call", tools=TOOLS)
    return [(call["name"], call["args"]) for call in told["tool_calls"]]


async def token_on_rest(verbs: Verbs, server: MockServer) -> Any:
    params = {**at(server), "api_key": server.mint(), "method": "models.list"}
    return [entry.what for entry in await requests(server, verbs.rest(params))]


async def exit_code(verbs: Verbs, server: MockServer) -> Any:
    task = {"do": "create", "style": "main", "api_key": "k", "client": {"base_url": NOWHERE}}
    wrong = ("--wrong", verbs._wrong) if verbs._wrong else ()
    return program(server, task, *wrong).returncode


TIME: Final = "2030-01-01T10:00:00"
LOCK: Final = {"model": MODEL, "config": {"temperature": 0.5, "tools": []}}
SETUP: Final = {"model": f"models/{MODEL}", "generationConfig": {"temperature": 0.5}, "tools": []}
SET: Final = "model,generationConfig.temperature,tools"
IN_PROGRESS: Final = {"serverContent": {"turnComplete": True, "interactionStatus": "IN_PROGRESS"}}
IDLE: Final = {"serverContent": {"turnComplete": True, "interactionStatus": "IDLE"}}
DONE: Final = {"serverContent": {"turnComplete": True}}
GO_AWAY: Final = {"goAway": {"timeLeft": "50s"}}
HANDLE: Final = {"sessionResumptionUpdate": {"newHandle": "h1", "resumable": True}}
CLOSE: Final = Close(1011, "out of order")
NOTHING: Final = {"text": "", "audio_bytes": 0, "tool_calls": [], "go_away": [], "handles": []}
CLOSED: Final = ("closed with 1011: out of order", 1011, "out of order")
CONTENT: Final = ["serverContent"]
SOUND_FRAME: Final = {"realtimeInput": {"audio": {"data": "AAAA", "mimeType": "audio/pcm;rate=16000"}}}
ANSWER: Final = {"id": "c1", "name": "get_weather", "response": {"sky": "blue"}}

SHOWS: Final[dict[str, tuple[Experiment, Any]]] = {
    "ignores-client-headers": (client_headers, ["mine"]),
    "ignores-near-headers": (near_headers, ["mine"]),
    "ignores-near-base-url": (near_base_url, ["GET /ws/g"]),
    "ignores-default-base-url": (default_base_url, ["POST /v1alpha/auth_tokens"]),
    "ignores-url-path": (url_path, ["POST /proxy/v1alpha/auth_tokens"]),
    "ignores-timeout": (timeout, ("no session within 0.05 s", None, None)),
    "drops-lock": (minting({"constraints": LOCK}), {"bidiGenerateContentSetup": SETUP}),
    "drops-uses": (minting({"uses": 3}), {"uses": 3}),
    "drops-times": (
        minting({"expire_time": f"{TIME}Z", "new_session_expire_time": {"time": TIME, "as": "string"}}),
        {"expireTime": f"{TIME}Z", "newSessionExpireTime": TIME},
    ),
    "sends-naive-times": (
        minting({"expire_time": {"time": TIME, "as": "naive"}}),
        {"expireTime": f"{TIME}Z"},
    ),
    "shifts-times": (
        minting({"expire_time": {"time": "2030-01-01T12:00:00+02:00", "as": "aware"}}),
        {"expireTime": f"{TIME}Z"},
    ),
    "coarse-mask": (
        minting({"constraints": LOCK, "lock_additional_fields": []}),
        {"bidiGenerateContentSetup": SETUP, "fieldMask": SET},
    ),
    "ignores-extra-locks": (
        minting({"constraints": LOCK, "lock_additional_fields": ["top_k", "session_resumption"]}),
        {"bidiGenerateContentSetup": SETUP, "fieldMask": f"{SET},generationConfig.topK,sessionResumption"},
    ),
    "null-as-empty": (
        minting({"constraints": LOCK, "lock_additional_fields": None}),
        {"bidiGenerateContentSetup": SETUP},
    ),
    "loses-camel-case": (
        minting({"constraints": LOCK}, spelled="camelCase"),
        {"bidiGenerateContentSetup": SETUP},
    ),
    "takes-beside": (beside, ("unexpected arguments uses: put them into config", None, None)),
    "loses-realtime": (sending(realtime={"audio": SOUND}), [SOUND_FRAME]),
    "loses-tool-response": (
        sending(tool_response=ANSWER),
        [{"toolResponse": {"functionResponses": [ANSWER]}}],
    ),
    "ends-turns-early": (answering(IN_PROGRESS, IDLE), {**NOTHING, "messages": [CONTENT, CONTENT]}),
    "reads-ahead": (answering(DONE, until="message"), {**NOTHING, "messages": [CONTENT]}),
    "ignores-tool-calls": (tool_call, [("get_weather", {})]),
    "ignores-go-away": (
        answering(GO_AWAY, until="message"),
        {**NOTHING, "messages": [["goAway"]], "go_away": ["50s"]},
    ),
    "ignores-handles": (
        answering(HANDLE, DONE),
        {**NOTHING, "messages": [["sessionResumptionUpdate"], CONTENT], "handles": ["h1"]},
    ),
    "swallows-close": (answering(CLOSE), CLOSED),
    "other-close-code": (answering(CLOSE), CLOSED),
    "loses-close-reason": (answering(CLOSE), CLOSED),
    "sends-token-on-rest": (token_on_rest, []),
    "exits-0": (exit_code, 1),
}


@pytest.mark.parametrize("mutation", SHOWS)
def test_a_wrong_client_shows_and_the_right_one_is_right(
    mutation: str, server: MockServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", NOWHERE)
    experiment, right = SHOWS[mutation]

    def seen(wrong: str | None) -> Any:
        server.reset()
        return use(lambda verbs: experiment(verbs, server), wrong)

    assert seen(None) == right
    assert seen(mutation) != right


def test_only_ways_to_be_wrong_that_there_are_are_shown() -> None:
    """Those that are not shown here are found end to end, by the behaviours that they break."""
    assert set(SHOWS) <= set(BEHAVIOUR_MUTATIONS)


def test_each_way_to_be_wrong_is_asked_for_in_one_place() -> None:
    sources = [path.read_text("utf-8") for path in FOLDER.glob("*.py") if path.name != "worker.py"]
    found = Counter({name: sum(text.count(f'"{name}"') for text in sources) for name in MUTATIONS})
    assert found == dict.fromkeys(MUTATIONS, 1)


# What else it can say and do.


@pytest.mark.parametrize(
    ("realtime", "wire"),
    [
        ({"media": SOUND}, {"mediaChunks": [{"data": "AAAA", "mimeType": "audio/pcm;rate=16000"}]}),
        ({"text": "hi"}, {"text": "hi"}),
        ({"activity_start": {}}, {"activityStart": {}}),
        ({"activity_end": {}}, {"activityEnd": {}}),
        ({"audio_stream_end": True}, {"audioStreamEnd": True}),
    ],
    ids=lambda value: next(iter(value)),
)
def test_each_realtime_input_has_its_frame(server: MockServer, realtime: Any, wire: Any) -> None:
    assert use(lambda verbs: sent(verbs, server, realtime=realtime)) == [{"realtimeInput": wire}]


def test_next_messages_are_taken_one_by_one(server: MockServer) -> None:
    async def three(verbs: Verbs) -> list[Any]:
        name = await session(verbs, server, GO_AWAY, HANDLE, DONE)
        await verbs.send({"session": name, "text": "hello"})
        return [(await verbs.receive({"session": name, "until": "message"}))["messages"] for _ in range(3)]

    assert use(three) == [[["goAway"]], [["sessionResumptionUpdate"]], [CONTENT]]


@pytest.mark.parametrize(
    ("method", "line"),
    [("models.list", "GET /v1alpha/models"), ("interactions.create", "POST /v1alpha/interactions")],
)
def test_a_key_is_sent_on_rest(server: MockServer, method: str, line: str) -> None:
    [entry] = use(lambda verbs: requests(server, verbs.rest({**at(server), "method": method})))
    assert (entry.what, entry.placement) == (line, ("x-goog-api-key",))


def test_an_api_it_does_not_have_is_absent(server: MockServer, tmp_path: Path) -> None:
    with pytest.raises(Absent):
        use(lambda verbs: sent(verbs, server, text="hello", through="send"))

    async def run() -> None:
        worker = Worker()
        try:
            await worker.start(prepare("reference", "1.0.0", root=tmp_path).command, {}, tmp_path)
            connected = await worker.call("connect", **at(server), model=MODEL, config=TEXT)
            assert connected.value is not None
            reply = await worker.call("send", session=connected.value["session"], text="x", through="send")
            assert (reply.outcome, reply.missing) == ("absent", "session.send")
        finally:
            await worker.stop()

    asyncio.run(run())


# As a program.


def program(server: MockServer, task: dict[str, Any], *options: str) -> subprocess.CompletedProcess[str]:
    """Run the program once, from a folder that is not its own."""
    command = prepare("reference", "1.0.0", root=Path.cwd()).program
    assert command[0] == sys.executable
    return subprocess.run(
        [*command, *options, json.dumps(task)],
        env=worker_environment(server.env),
        cwd="/",
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )


@pytest.mark.parametrize("do", ["create", "connect", "turn"])
def test_a_program_says_that_it_did_it(server: MockServer, do: str) -> None:
    done = program(server, {"do": do, "style": "main", "api_key": "k", "model": MODEL, "config": {}})
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "did it"
    assert server.journal


def test_a_program_that_fails_ends_as_python_does(server: MockServer) -> None:
    server.play(Script("bad", (Rule("turn", (CLOSE,)),)))
    done = program(server, {"do": "turn", "style": "main", "api_key": "k", "model": MODEL, "config": TEXT})
    assert done.returncode == 1
    assert "did it" not in done.stdout
    assert done.stderr.splitlines()[-1].endswith("ApiError: closed with 1011: out of order")
