"""Worker for @google/genai in a browser: opens a page that holds one version of it (docs/worker-protocol.md).

    python worker.py PAGE.JS CHROMIUM

Runs in the suite's own Python, with Playwright and nothing of this repository. The page does what it is told and
tells what happened; what only devtools know is added here.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

from devtools import Devtools
from playwright.async_api import async_playwright

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.async_api import Browser, CDPSession, Playwright

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
PAGE = b'<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><script type="module" src="/page.js">'


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
    """Stands between the engine and the page; `ending` becomes the exit code."""

    def __init__(self, runtime: str, cdp: CDPSession) -> None:
        self._runtime = runtime
        self._cdp = cdp
        self._events: list[Record] = []
        self._devtools = Devtools(self._events.append, self._events.remove)
        self._greeted = False
        self._tasks: set[asyncio.Task[Any]] = set()
        self.ending: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def open(self, url: str) -> None:
        """Open the page, all of whose doings are followed."""
        handlers = {
            "Runtime.bindingCalled": self._on_told,
            "Runtime.exceptionThrown": self._on_exception,
            "Inspector.targetCrashed": lambda _: self.end(1, "the page crashed"),
            **self._devtools.handlers,
        }
        for name, handler in handlers.items():
            self._cdp.on(name, handler)
        commands = [self._cdp.send(f"{domain}.enable") for domain in ("Runtime", "Log", "Network", "Page")]
        await asyncio.gather(*commands, self._cdp.send("Runtime.addBinding", {"name": BINDING}))
        await self._cdp.send("Page.navigate", {"url": url})

    def obey(self, line: bytes) -> None:
        """Hand a call to the page; leaving is not for the page to do."""
        call = json.loads(line)
        if call["verb"] == "quit":
            write({"id": call["id"], "outcome": "returned", "value": {}, **self._drained(), "seconds": 0})
            self.end(0)
        else:
            self._start(self._cdp.send("Runtime.evaluate", {"expression": f"obey({json.dumps(call)})"}))

    def end(self, code: int, last_words: str = "") -> None:
        if not self.ending.done():
            if last_words:
                print(last_words, file=sys.stderr, flush=True)
            self.ending.set_result(code)

    def _start(self, doing: Any) -> None:
        task = asyncio.ensure_future(doing)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[Any]) -> None:
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
        """Write a record, once all has arrived that devtools told before this: one way there and back."""
        await self._cdp.send("Runtime.evaluate", {"expression": "0"})
        if "broken" in record:
            write(record)
            self.end(1)
            return
        if "hello" in record:
            self._greeted = True
            record["hello"] |= {"runtime": self._runtime, **self._drained()}
        write(record | ({} if "hello" in record else self._drained()))

    def _drained(self) -> Record:
        self._devtools.settled()
        drained = {"events": self._events.copy()}
        self._events.clear()
        return drained

    def _on_exception(self, told: Record) -> None:
        """Where the page has not greeted, its script does not run; later the page tells of exceptions itself."""
        if not self._greeted:
            details = told["exceptionDetails"]
            text = details.get("exception", {}).get("description") or details["text"]
            write({"broken": {"class": details["text"], "message": text.partition("\n")[0]}})
            self.end(1)


def read_stdin(on_line: Callable[[bytes], None], on_end: Callable[[], None]) -> None:
    """Hand the lines of stdin to the running loop. Not buffered by Python, which would lock it at the exit."""
    loop = asyncio.get_running_loop()

    def read() -> None:
        rest = b""
        while chunk := os.read(0, 65536):
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                loop.call_soon_threadsafe(on_line, line)
        loop.call_soon_threadsafe(on_end)

    threading.Thread(target=read, daemon=True).start()


async def launch(playwright: Playwright, chromium: str) -> Browser:
    return await playwright.chromium.launch(executable_path=chromium, headless=True, args=list(ARGUMENTS))


async def work(script: Path, chromium: str) -> int:
    async with async_playwright() as playwright:
        browser = await launch(playwright, chromium)
        context = await browser.new_context(ignore_https_errors=TRUST_VARIABLE in os.environ)
        page = await context.new_page()
        worker = Worker(f"Chromium {browser.version}", await context.new_cdp_session(page))
        browser.on("disconnected", lambda _: worker.end(1, "the browser ended"))
        await worker.open(serve(script.read_bytes()))
        read_stdin(worker.obey, lambda: worker.end(0))
        code = await worker.ending
        await browser.close()
        return code


async def main() -> int:
    loop = asyncio.get_running_loop()
    working = asyncio.ensure_future(work(Path(sys.argv[1]), sys.argv[2]))
    for number in (signal.SIGTERM, signal.SIGINT):
        with suppress(NotImplementedError):  # on Windows
            loop.add_signal_handler(number, working.cancel)
    try:
        return await working
    except asyncio.CancelledError:
        return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
