"""The worker that opens a page in Chromium: what only devtools show, and that nothing of it stays behind."""

from __future__ import annotations

import asyncio
import os
import select
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from mockserver import ECHO, Abort, MockServer, Rule, Script
from suite.drivers import Worker, WorkerBroken, WorkerDied, worker_environment
from suite.drivers.web.devtools import Devtools
from suite.environments import web

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

OFFLINE: Final = "GENAI_LIVE_COMPAT_OFFLINE"
FAKE_PAGE: Final = Path(__file__).parent / "programs" / "fake_page.js"
#: A browser ends within a second of its driver; the rest is for a busy machine.
GONE_S: Final = 20.0

#: Tells a browser from the tools around it.
BROWSER: Final = "--remote-debugging-pipe"

knows_the_end = pytest.mark.skipif(
    not hasattr(os, "pidfd_open"), reason="only Linux tells when another's process ends"
)
in_chromium = [
    pytest.mark.network,
    pytest.mark.skipif(
        os.environ.get(OFFLINE) == "1", reason=f"{OFFLINE}=1: Chromium is not part of this project"
    ),
]


# What devtools tell, without a browser


class Told:
    """What a page's devtools would say, and the events that become of it."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self._devtools = Devtools(self.events.append, self.events.remove)
        self.settled = self._devtools.settled

    def say(self, name: str, **told: Any) -> None:
        self._devtools.handlers[name](told)

    def log(self, text: str, **entry: Any) -> None:
        self.say("Log.entryAdded", entry={"source": "network", "level": "error", "text": text, **entry})

    @property
    def messages(self) -> list[tuple[str | None, str]]:
        return [(event["url"], event["message"]) for event in self.events]


SOCKET: Final = "ws://127.0.0.1:1/x"
REASON: Final = "Error during WebSocket handshake: Unexpected response code: 404"
LOGGED: Final = f"WebSocket connection to '{SOCKET}' failed: {REASON}"


@pytest.mark.parametrize("first", ["network", "log"])
def test_what_devtools_tell_twice_is_one_event(first: str) -> None:
    told = Told()
    told.say("Network.webSocketCreated", requestId="1", url=SOCKET)
    ways = [
        lambda: told.say("Network.webSocketFrameError", requestId="1", errorMessage=REASON),
        lambda: told.log(LOGGED, url="http://127.0.0.1:2/page.js"),
    ]
    for way in ways if first == "network" else reversed(ways):
        way()
    assert [event["message"] for event in told.events] == [LOGGED]
    assert told.events[0]["kind"] == "devtools"
    assert told.events[0]["source"] == "network"


def test_the_same_failure_of_another_call_is_another_event() -> None:
    told = Told()
    for request in ("1", "2"):
        told.say("Network.webSocketCreated", requestId=request, url=SOCKET)
        told.say("Network.webSocketFrameError", requestId=request, errorMessage=REASON)
        told.log(LOGGED)
        told.settled()
    assert told.messages == [(SOCKET, LOGGED)] * 2


def test_what_only_the_network_tells_is_kept_and_what_the_page_did_itself_is_not() -> None:
    told = Told()
    for request, cancelled in (("1", False), ("2", True)):
        told.say("Network.requestWillBeSent", requestId=request, request={"url": f"http://h/{request}"})
        told.say("Network.loadingFailed", requestId=request, errorText="net::ERR_X", canceled=cancelled)
    assert told.messages == [("http://h/1", "net::ERR_X")]


def test_an_entry_about_a_request_has_its_url() -> None:
    told = Told()
    told.say("Network.requestWillBeSent", requestId="1", request={"url": "http://h/1"})
    told.log("Failed to load resource: 404", networkRequestId="1", url="http://other")
    told.log("a remark of the page", source="javascript")
    assert told.messages == [("http://h/1", "Failed to load resource: 404"), (None, "a remark of the page")]


# In Chromium


def command(page: Path = FAKE_PAGE) -> list[str]:
    return [sys.executable, str(web.WORKER), str(page), web.find_chromium()]


def use(what: Callable[[Worker], Awaitable[Any]], trust: dict[str, str] | None = None) -> Any:
    async def run() -> Any:
        worker = Worker()
        try:
            await worker.start(command(), worker_environment(trust or {}), Path.cwd())
            return await what(worker)
        finally:
            await worker.stop()

    return asyncio.run(run())


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MockServer]:
    with MockServer(tls_dir=tmp_path_factory.mktemp("tls")) as running:
        yield running


class TestInChromium:
    pytestmark = in_chromium

    def test_it_greets_with_the_browser_it_runs_in(self) -> None:
        async def run() -> None:
            worker = Worker()
            try:
                hello = await worker.start(command(), worker_environment({}), Path.cwd())
            finally:
                await worker.stop()
            assert (hello.sdk, hello.version) == ("web", "1.2.3")
            assert hello.runtime.startswith("Chromium ")
            assert hello.events == ()

        asyncio.run(run())

    def test_the_page_is_loopback_as_the_mock_is(self) -> None:
        async def say(worker: Worker) -> None:
            assert ((await worker.call("say")).value or {})["at"] == "127.0.0.1"

        use(say)

    def test_a_refused_handshake_is_told_before_the_page_hears_of_it(self, server: MockServer) -> None:
        url = f"ws://127.0.0.1:{server.port}/nothing/here"

        async def twice(worker: Worker) -> None:
            for _ in range(2):
                reply = await worker.call("open", url=url)
                assert reply.value == {"open": False}
                assert [event["kind"] for event in reply.events] == ["devtools", "callback"]
                assert reply.events[0]["url"] == url
                assert reply.events[0]["message"] == (f"WebSocket connection to '{url}' failed: {REASON}")

        use(twice)

    def test_a_connection_that_was_dropped_is_told(self, server: MockServer) -> None:
        server.play(Script("drop", (Rule("handshake", (Abort(),)),)))
        path = "ws/google.ai.generativelanguage.v1alpha.GenerativeService.BidiGenerateContent?key=k"

        async def drop(worker: Worker) -> None:
            reply = await worker.call("open", url=f"ws://127.0.0.1:{server.port}/{path}")
            (told,) = [event for event in reply.events if event["kind"] == "devtools"]
            assert told["message"].endswith("Connection closed before receiving a handshake response")

        try:
            use(drop)
        finally:
            server.play(ECHO)

    def test_a_request_that_fails_is_told_once(self, server: MockServer) -> None:
        async def get(worker: Worker) -> None:
            reply = await worker.call("get", url=f"{server.url}/v1alpha/nothing?key=k")
            (told,) = reply.events
            assert told["message"] == (
                "Failed to load resource: the server responded with a status of 404 (Not Found)"
            )
            assert told["url"] == f"{server.url}/v1alpha/nothing?key=k"

        use(get)

    @pytest.mark.parametrize("trusted", [True, False], ids=["trusted", "unknown"])
    def test_the_certificate_is_trusted_where_the_environment_says_so(
        self, server: MockServer, trusted: bool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("NODE_EXTRA_CA_CERTS", raising=False)

        async def get(worker: Worker) -> None:
            reply = await worker.call("get", url=f"{server.tls_url}/v1alpha/nothing?key=k")
            assert reply.value == ({"status": 404} if trusted else {"error": "Failed to fetch"})
            (told,) = reply.events
            assert ("ERR_CERT" in told["message"]) == (not trusted)

        use(get, dict(server.env) if trusted else None)

    @pytest.mark.parametrize(
        ("script", "said"),
        [
            ("this is no script", "SyntaxError: Unexpected identifier"),
            ("throw new RangeError('out of it')", "RangeError: out of it"),
            ("tellWorker(JSON.stringify({broken: {class: 'E', message: 'no'}}))", "E: no"),
        ],
        ids=["no-script", "throws", "says-so"],
    )
    def test_a_page_that_does_not_run_is_broken_with_the_cause(
        self, tmp_path: Path, script: str, said: str
    ) -> None:
        page = tmp_path / "page.js"
        page.write_text(script)

        async def run() -> None:
            worker = Worker()
            with pytest.raises(WorkerBroken, match=f"SDK does not load: {said}"):
                await worker.start(command(page), worker_environment({}), tmp_path)

        asyncio.run(run())

    def test_a_page_that_does_not_obey_ends_the_worker_with_the_reason(self) -> None:
        async def crash(worker: Worker) -> None:
            with pytest.raises(WorkerDied, match="the page does not obey: Error: no such thing"):
                await worker.call("crash")

        use(crash)

    @knows_the_end
    @pytest.mark.parametrize("end", ["quit", "stdin", "TERM", "INT", "KILL", "browser", "page"])
    def test_whatever_ends_it_no_process_stays_behind(self, end: str, tmp_path: Path) -> None:
        async def run() -> int:
            process = await start(command(), tmp_path)
            await process.stdout.readline()
            family = descendants(process.pid)
            finish(process, end, family)
            return await all_gone(process, family)

        assert asyncio.run(run()) == {"KILL": -signal.SIGKILL, "browser": 1, "page": 1}.get(end, 0)

    @knows_the_end
    @pytest.mark.parametrize("end", ["stdin", "TERM", "INT"])
    def test_a_browser_that_never_starts_does_not_keep_it(self, end: str, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "started")
        chromium = tmp_path / "chromium"
        chromium.write_text(f"#!/bin/sh\necho > {tmp_path}/started\nexec sleep 600\n")
        chromium.chmod(0o755)

        async def run() -> int:
            process = await start([*command()[:-1], str(chromium)], tmp_path)
            await asyncio.to_thread((tmp_path / "started").read_text)
            family = descendants(process.pid)
            assert len(family) == 2, "Playwright and what it takes for a browser"
            finish(process, end, family)
            return await all_gone(process, family)

        assert asyncio.run(run()) == 0

    def test_a_browser_that_does_not_start_is_broken_with_its_complaint(self, tmp_path: Path) -> None:
        chromium = tmp_path / "chromium"
        chromium.write_text("#!/bin/sh\necho libnss3.so: cannot open >&2\nexit 127\n")
        chromium.chmod(0o755)

        async def run() -> None:
            worker = Worker()
            with pytest.raises(WorkerBroken, match=r"does not start: libnss3.so: cannot open; run it"):
                await worker.start([*command()[:-1], str(chromium)], worker_environment({}), tmp_path)

        asyncio.run(run())


async def start(command: list[str], folder: Path) -> Any:
    """Start a worker whose temporary files are in a folder: who is killed leaves them there."""
    pipe, env = asyncio.subprocess.PIPE, worker_environment({"TMPDIR": str(folder)})
    return await asyncio.create_subprocess_exec(
        *command, stdin=pipe, stdout=pipe, stderr=asyncio.subprocess.DEVNULL, env=env
    )


def finish(process: Any, end: str, family: dict[int, int]) -> None:
    match end:
        case "quit":
            process.stdin.write(b'{"id": 1, "verb": "quit"}\n')
        case "stdin":
            process.stdin.close()
        case "browser":
            (browser,) = (
                pid for pid in family if BROWSER in arguments(pid) and "--type=" not in arguments(pid)
            )
            os.kill(browser, signal.SIGKILL)
        case "page":
            for page in [pid for pid in family if "--type=renderer" in arguments(pid)]:
                os.kill(page, signal.SIGKILL)
        case _:
            process.send_signal(getattr(signal, f"SIG{end}"))


async def all_gone(process: Any, family: dict[int, int]) -> int:
    code: int = await asyncio.wait_for(process.wait(), GONE_S)
    for process_id, handle in family.items():
        assert ends(handle), f"process {process_id} is still there"
    return code


def arguments(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def descendants(root: int) -> dict[int, int]:
    """All processes that a process has started, with a handle for each: its number may be given away."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError):
            continue
    found, fresh = set[int](), {root}
    while fresh:
        fresh = {pid for pid, parent in parents.items() if parent in fresh}
        found |= fresh
    handles = {}
    for pid in found:
        try:
            handles[pid] = os.pidfd_open(pid)
        except ProcessLookupError:
            continue
    return handles


def ends(handle: int) -> bool:
    ready, _, _ = select.select([handle], [], [], GONE_S)
    os.close(handle)
    return bool(ready)
