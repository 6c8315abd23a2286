"""What is measured: this mock, the peer, the floor below both, and nginx for TLS; each a process of its own.

The peer is ``@copilotkit/aimock``, which plays Live sessions on v1beta, and no tokens; ``peer/`` pins it.
What a server says in its own way stands in its ``Dialect``, so that one client loads them all.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from benchmarks import wire
from benchmarks.processes import SERVER_CORE, pin
from mockserver import tls

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HERE: Final = Path(__file__).parent
#: Frames of the model in one turn, and the size of each.
BURST: Final = 64
FRAME_BYTES: Final = 4_096

_LIVE: Final = "/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent?key=any"
MODEL: Final = "models/gemini-2.0-flash-live-001"
SETUP: Final = {
    "setup": {
        "model": MODEL,
        "generationConfig": {"responseModalities": ["TEXT"], "temperature": 0.7},
        # A text of megabytes is said in a session: else its history would be full.
        "contextWindowCompression": {"slidingWindow": {}},
    }
}
TURN: Final = {
    "clientContent": {"turns": [{"role": "user", "parts": [{"text": "go"}]}], "turnComplete": True}
}
_WISHES: Final = {
    "uses": 1,
    "bidiGenerateContentSetup": {"model": MODEL, "generationConfig": {"responseModalities": ["TEXT"]}},
}


@dataclass(frozen=True)
class Dialect:
    """What is sent to a server and comes back from it, where servers differ."""

    #: A request for a token; for a server that has none, the nearest that it has.
    mint: bytes
    #: What the answer to it holds.
    minted: bytes
    #: The same request by number, no two alike.
    mint_anew: Callable[[int], bytes]
    #: The frames to a turn, one by one, without its end.
    frame: bytes
    #: What each message with audio is answered with.
    audio_answer: bytes = b""
    upgrade: bytes = wire.upgrade(_LIVE)
    setup: bytes = wire.frame(wire.packed(SETUP))
    turn: bytes = wire.frame(wire.packed(TURN))


@dataclass
class Server:
    """A running server."""

    name: str
    process: subprocess.Popen[str]
    port: int
    dialect: Dialect
    #: The process that does the work, where it is a child.
    pid: int = 0
    burst: int = BURST
    about: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.pid = self.pid or self.process.pid
        pin(SERVER_CORE, self.pid)


def _framed(payload: bytes) -> bytes:
    return b"\x82\x7e" + len(payload).to_bytes(2, "big") + payload


def _said(before: str, behind: str) -> tuple[str, bytes]:
    """A text that makes a frame of ``FRAME_BYTES``, and the payload of that frame."""
    text = "a" * (FRAME_BYTES - len(before) - len(behind))
    return text, f"{before}{text}{behind}".encode()


_OURS: Final = _said(
    '{\n  "serverContent": {\n    "modelTurn": {\n      "parts": [\n        {\n          "text": "',
    '"\n        }\n      ]\n    }\n  }\n}\n',
)
_PEERS: Final = _said('{"serverContent":{"modelTurn":{"parts":[{"text":"', '"}]}}}')
#: What the peer answers at once; it has no fixtures by itself.
HEALTH: Final = b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
_REFUSED: Final = wire.packed(
    {
        "error": {
            "code": 3,
            "message": "Expected clientContent or toolResponse",
            "status": "INVALID_ARGUMENT",
        }
    }
)


def _mint(**more: Any) -> bytes:
    return wire.post("/v1alpha/auth_tokens?key=any", {**_WISHES, **more})


def _mint_until(number: int) -> bytes:
    """A token with times of its own, as a backend asks for that counts them from now."""
    until = datetime.now(timezone.utc) + timedelta(minutes=30, microseconds=number)
    return _mint(expireTime=until.isoformat().replace("+00:00", "Z"))


def _ask_peer(**more: Any) -> bytes:
    contents = [{"role": "user", "parts": [{"text": "mint"}]}]
    return wire.post(
        "/v1beta/models/gemini-2.0-flash:generateContent?key=any", {"contents": contents, **more}
    )


MOCK: Final = Dialect(_mint(), b'"name": "auth_tokens/', _mint_until, _framed(_OURS[1]))
PEER: Final = Dialect(
    _ask_peer(),
    b'"candidates":[',
    lambda number: _ask_peer(generationConfig={"seed": number}),
    b"\x81" + _framed(_PEERS[1])[1:],
    b"\x81" + bytes([len(_REFUSED)]) + _REFUSED,
)


@contextlib.contextmanager
def _running(command: list[str], **options: Any) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(command, text=True, **options)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(wire.TIMEOUT_S)
        except subprocess.TimeoutExpired:  # it has a queue of work before it looks at the signal
            process.kill()
            process.wait()
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                stream.close()


def free_port() -> int:
    """A port on which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def _listening(process: subprocess.Popen[str], port: int) -> None:
    """Wait until a server accepts connections."""
    until = time.monotonic() + wire.TIMEOUT_S
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            if process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"{process.args!r} does not listen on port {port}") from None
            time.sleep(0.005)


# -- this mock --------------------------------------------------------------------------------------------


def script(folder: Path, burst: int = BURST) -> Path:
    """The script by which a turn is answered with so many frames of 4 KiB."""
    path = folder / "frames.json"
    rule = {"on": "turn", "then": [{"say": _OURS[0]}] * burst}
    path.write_text(json.dumps({"name": "frames", "rules": [rule]}), "utf-8")
    return path


#: The same command on another event loop.
#: As where the extra ``fast`` is not installed.
_WITHOUT_FAST: Final = (
    "import sys; sys.modules['pybase64'] = None; from mockserver.__main__ import main; main()"
)


@contextlib.contextmanager
def mock(
    name: str = "mock", *options: str, fast: bool = False, burst: int = BURST, python: str = sys.executable
) -> Iterator[Server]:
    """This mock, as its command starts it, with nothing turned off but the log; with the extra ``fast``?"""
    with tempfile.TemporaryDirectory() as folder:
        command = [python, *(["-m", "mockserver"] if fast else ["-c", _WITHOUT_FAST])]
        command += ["--port", "0", "--ready-json", "--log", "none"]
        command += ["--script", str(script(Path(folder), burst)), *options]
        environment = {**os.environ, "PYTHONPATH": str(HERE.parent)}
        with _running(command, stdout=subprocess.PIPE, env=environment) as process:
            assert process.stdout is not None
            about = json.loads(process.stdout.readline())
            port = int(about["url"].rpartition(":")[2])
            yield Server(name, process, port, MOCK, burst=burst, about=about)


# -- the peer ---------------------------------------------------------------------------------------------


def peer_program() -> Path | None:
    """The peer's program, installed if it is not yet; None where there is no Node."""
    if shutil.which("npm") is None:
        return None
    lock = (HERE / "peer/package-lock.json").read_bytes()
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "genai-live-compat/benchmarks" / hashlib.sha256(lock).hexdigest()[:12]
    program = folder / "node_modules/@copilotkit/aimock/dist/cli.js"
    if not program.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / "peer" / name, folder)
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=folder, check=True, stdout=sys.stderr)
    return program


@contextlib.contextmanager
def peer(program: Path, burst: int = BURST) -> Iterator[Server]:
    """The peer, silent, with one fixture: its text turn of as many frames as ours."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        fixtures = Path(folder) / "fixtures.json"
        answers = {"go": _PEERS[0] * burst, "mint": "auth_tokens/" + 64 * "0"}
        told = [
            {"match": {"userMessage": key}, "response": {"content": text}} for key, text in answers.items()
        ]
        fixtures.write_text(json.dumps({"fixtures": told}), "utf-8")
        command = ["node", str(program), "--port", str(port), "--fixtures", str(fixtures)]
        command += ["--chunk-size", str(len(_PEERS[0])), "--log-level", "silent"]
        with _running(command, stdout=subprocess.DEVNULL) as process:
            _listening(process, port)
            yield Server("peer", process, port, PEER, burst=burst)


# -- the floor --------------------------------------------------------------------------------------------


@contextlib.contextmanager
def floor(burst: int = BURST, *options: str) -> Iterator[Server]:
    """The same bytes from a C program that checks nothing."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        program, answer = Path(folder) / "floor", Path(folder) / "answer"
        subprocess.run(["cc", "-O2", "-o", str(program), str(HERE / "floor.c")], check=True)
        end = b'{"serverContent":{"turnComplete":true}}'
        answer.write_bytes(MOCK.frame * burst + b"\x82" + bytes([len(end)]) + end)
        with _running([str(program), str(port), str(answer), *options]) as process:
            _listening(process, port)
            yield Server("floor", process, port, MOCK, burst=burst)


# -- nginx ------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def nginx() -> Iterator[Server]:
    """One worker of nginx with our certificate, which answers any request with a word."""
    port = free_port()
    certificates = tls.ensure()
    with tempfile.TemporaryDirectory() as folder:
        settings = Path(folder) / "nginx.conf"
        settings.write_text(
            f"daemon off; master_process off; pid {folder}/pid; error_log {folder}/log; worker_processes 1;\n"
            "events { worker_connections 4096; }\n"
            f"http {{ access_log off; server {{ listen 127.0.0.1:{port} ssl backlog=1024;\n"
            f"ssl_certificate {certificates.chain_file}; ssl_certificate_key {certificates.chain_file};\n"
            "ssl_session_cache off; location / { return 200 'ok'; } } }\n",
            "utf-8",
        )
        command = ["nginx", "-p", folder, "-c", str(settings)]
        with _running(command, stderr=subprocess.DEVNULL) as process:
            _listening(process, port)
            yield Server("nginx", process, port, MOCK)
