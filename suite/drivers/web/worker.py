"""Worker for @google/genai in a browser: opens a page that holds one version of it (docs/worker-protocol.md).

    python worker.py PAGE.JS CHROMIUM

Runs in the suite's own Python, with Playwright and nothing of this repository. The page does what it is told
and tells what happened; what only devtools know is added here.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import sys
import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

from devtools import Devtools  # type: ignore[import-not-found]  # beside this file, in no package
from playwright.async_api import Error, async_playwright

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from playwright.async_api import CDPSession

Record = dict[str, Any]

ARGUMENTS = (
    "--headless",
    "--no-sandbox",  # runs as root in containers
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# The browser has certificates of its own. Who trusts the mock in a process trusts it here.
TRUST_VARIABLE = "NODE_EXTRA_CA_CERTS"
BINDING = "tellWorker"
CHUNK_BYTES = 64 * 1024
# A browser ends within a second.
END_S = 5.0
PAGE = (
    b'<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,">'
    b'<script type="module" src="/page.js"></script>'
)


def serve(script: bytes) -> str:
    """Serve the page, and return its address: loopback, as the mock's, so that no permission is asked for."""
    files = {"/": ("text/html", PAGE), "/page.js": ("text/javascript", script)}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            kind, content = files.get(self.path, ("text/plain", b""))
            self.send_response(200 if self.path in files else 404)
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}/"


def write(record: Record) -> None:
    sys.stdout.write("\x1e" + json.dumps(record) + "\n")
    sys.stdout.flush()


class Worker:
    """Stands between the engine and the page; ``ending`` becomes the exit code."""

    def __init__(
        self, runtime: str, cdp: CDPSession, lines: asyncio.Queue[bytes], ending: asyncio.Future[int]
    ) -> None:
        self._runtime = runtime
        self._cdp = cdp
        self._lines = lines
        self._ending = ending
        self._events: list[Record] = []
        self._devtools = Devtools(self._events.append, self._events.remove)
        self._greeted = False
        self._tasks: set[asyncio.Future[Any]] = set()

    async def open(self, url: str) -> None:
        """Open the page, all of whose doings are followed."""
        handlers = {
            "Runtime.bindingCalled": self._on_told,
            "Runtime.exceptionThrown": self._on_exception,
            **self._devtools.handlers,
        }
        for name, handler in handlers.items():
            self._cdp.on(name, handler)
        enabling = [self._cdp.send(f"{domain}.enable") for domain in ("Runtime", "Log", "Network", "Page")]
        await asyncio.gather(*enabling, self._cdp.send("Runtime.addBinding", {"name": BINDING}))
        await self._cdp.send("Page.navigate", {"url": url})

    def end(self, code: int, last_words: str = "") -> None:
        """Leave; what is said first stands."""
        if not self._ending.done():
            if last_words:
                sys.stderr.write(last_words + "\n")
            self._ending.set_result(code)

    async def _obey(self) -> None:
        """Hand the calls to the page, which never waits for one; leaving is not for the page to do."""
        while not self._ending.done():
            call = json.loads(await self._lines.get())
            if call["verb"] == "quit":
                write({"id": call["id"], "outcome": "returned", "value": {}, **self._drained(), "seconds": 0})
                self.end(0)
            else:
                done = await self._cdp.send("Runtime.evaluate", {"expression": f"obey({json.dumps(call)})"})
                if "exceptionDetails" in done:
                    self.end(1, f"the page does not obey: {_said(done['exceptionDetails'])}")

    def _start(self, doing: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(doing)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Future[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            self.end(1, f"{type(error).__name__}: {error}")

    def _on_told(self, told: Record) -> None:
        record = json.loads(told["payload"])
        if "event" in record:
            self._events.append(record["event"])
        else:
            self._start(self._answer(record))

    async def _answer(self, record: Record) -> None:
        """Write a record, once all is here that devtools told before it: there and back again is enough."""
        await self._cdp.send("Runtime.evaluate", {"expression": "0"})
        if "hello" in record:
            record["hello"] |= {"runtime": self._runtime, **self._drained()}
            write(record)
            self._greeted = True
            self._start(self._obey())
        elif "broken" in record:
            self._break(record)
        else:
            write(record | self._drained())

    def _break(self, record: Record) -> None:
        if not self._ending.done():
            write(record)
            self.end(1)

    def _drained(self) -> Record:
        self._devtools.settled()
        drained = {"events": self._events.copy()}
        self._events.clear()
        return drained

    def _on_exception(self, told: Record) -> None:
        """Where the page has not greeted, its script does not run; later the page tells of them itself."""
        if not self._greeted:
            kind, _, text = _said(told["exceptionDetails"]).partition(": ")
            self._break({"broken": {"class": kind, "message": text}})


def _said(details: Record) -> str:
    """The first line of what an exception of the page says: its class and its message."""
    text: str = details.get("exception", {}).get("description") or details["text"]
    return text.partition("\n")[0]


def read_stdin(on_line: Callable[[bytes], None], on_end: Callable[[], None]) -> None:
    """Hand the lines of stdin to the running loop; not by Python's buffer, which would be locked at exit."""
    loop = asyncio.get_running_loop()

    def read() -> None:
        rest = b""
        while chunk := os.read(0, CHUNK_BYTES):
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                loop.call_soon_threadsafe(on_line, line)
        loop.call_soon_threadsafe(on_end)
        # Whoever listened is gone; a browser that does not end goes with its driver.
        time.sleep(END_S)
        os._exit(0)

    threading.Thread(target=read, daemon=True).start()


def why_no_browser(chromium: str, error: Error) -> str:
    """What the browser itself complained of, among all that Playwright tells of its start; or that."""
    said = re.findall(r"\[err\] (.+)", error.message) or error.message.splitlines()
    return f"{chromium} does not start: {said[0]}; run it by hand to see why"


async def work(script: bytes, chromium: str, lines: asyncio.Queue[bytes], ending: asyncio.Future[int]) -> int:
    """Work until something ends it; the browser ends in any case, with its driver at the latest."""
    async with async_playwright() as playwright:
        try:
            browser = await playwright.chromium.launch(
                executable_path=chromium, headless=True, args=list(ARGUMENTS)
            )
        except Error as error:
            write({"broken": {"class": type(error).__name__, "message": why_no_browser(chromium, error)}})
            return 1
        try:
            context = await browser.new_context(ignore_https_errors=TRUST_VARIABLE in os.environ)
            page = await context.new_page()
            cdp = await context.new_cdp_session(page)
            worker = Worker(f"Chromium {browser.version}", cdp, lines, ending)
            page.on("crash", lambda _: worker.end(1, "the page crashed"))
            browser.on("disconnected", lambda _: worker.end(1, "the browser ended"))
            await worker.open(serve(script))
            return await ending
        finally:
            ending.cancel()  # if it is not done
            await browser.close()


async def main(script: bytes, chromium: str) -> int:
    loop = asyncio.get_running_loop()
    lines: asyncio.Queue[bytes] = asyncio.Queue()
    ending: asyncio.Future[int] = loop.create_future()
    working = asyncio.ensure_future(work(script, chromium, lines, ending))

    def leave() -> None:
        if not ending.done():  # else it is leaving already
            working.cancel()

    read_stdin(lines.put_nowait, leave)
    for number in (signal.SIGTERM, signal.SIGINT):
        with suppress(NotImplementedError):  # on Windows
            loop.add_signal_handler(number, leave)
    try:
        return await working
    except asyncio.CancelledError:
        return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(Path(sys.argv[1]).read_bytes(), sys.argv[2])))
