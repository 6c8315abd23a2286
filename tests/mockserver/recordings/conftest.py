"""Sessions that are recorded, and played again."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from websockets.exceptions import InvalidStatus
from websockets.frames import Opcode

from mockserver import MockServer, Relay
from mockserver.edge.sockets import Assembly
from mockserver.recordings import read

from ..conftest import AUDIO_MODEL, Live, Wire, live_path
from ..relay.conftest import tidy  # noqa: F401 - closes what clients left open

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mockserver import Entry
    from mockserver.core.takes import Line

REAL = "AIzaSyTheRealKeyThatNobodyMaySee0123456"
STAND_IN = "stand-in-of-team-a"
#: Half a second of a tone that is heard, and one of silence that ends it.
SPEECH = b"\x00\x40\x00\xc0" * 4_000 + bytes(32_000)


def a_session(port: int, turns: int = 2, model: str = AUDIO_MODEL, *, is_greeted: bool = False) -> None:
    """Mint, connect with the token, talk, answer tools, speak, close; each step waits for the last one.

    Args:
        is_greeted: the model speaks first, and the client waits for it.
    """
    wire = Wire(port)
    token = wire.request("POST", "/v1alpha/auth_tokens", b'{"uses": 3}', x_goog_api_key=STAND_IN)
    wire.close()
    query = f"access_token={token.json['name']}" if token.status == 200 else f"key={STAND_IN}"
    method = "BidiGenerateContentConstrained" if token.status == 200 else "BidiGenerateContent"
    try:
        live = Live(port, live_path(method, query=query))
    except (InvalidStatus, ConnectionError):
        return
    tools = [{"functionDeclarations": [{"name": "get_weather"}]}]
    live.setup(model, tools=tools, inputAudioTranscription={}, sessionResumption={})
    _talk(live, turns, is_greeted)
    live.close()


def _talk(live: Live, turns: int, is_greeted: bool) -> None:
    said, assembly = -is_greeted, Assembly()
    while (frame := live._next()) is not None and frame.opcode is not Opcode.CLOSE:
        whole = assembly.add(frame)
        if whole is None:
            continue
        payload, text = whole
        if text and payload.decode(errors="replace").encode() != payload:
            live.close(1007)
            return
        message = _object(payload)
        if "toolCall" in message:
            calls = message["toolCall"]["functionCalls"]
            told = [{"id": one["id"], "name": one["name"], "response": {"c": 20}} for one in calls]
            live.send({"toolResponse": {"functionResponses": told}})
        elif "setupComplete" in message or "turnComplete" in message.get("serverContent", {}):
            said += 1
            if said > turns:
                return
            if said > 0:
                _say(live, said)


def _say(live: Live, number: int) -> None:
    if number % 2:
        live.say(f"turn {number}")
    else:
        data = base64.b64encode(SPEECH).decode()
        live.send({"realtimeInput": {"audio": {"data": data, "mimeType": "audio/pcm;rate=16000"}}})


def _object(data: bytes) -> dict[str, Any]:
    try:
        value = json.loads(data)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def untimed(path: Path) -> list[Line]:
    """What a recording holds, without its times."""
    return [replace(line, ms=0) for line in read(path).lines]


@pytest.fixture
def record(
    serve: Callable[..., MockServer], tls_dir: Path, tmp_path: Path
) -> Callable[..., tuple[Path, tuple[Entry, ...]]]:
    """Record what a client does with a mock that plays a script; the file, and the mock's journal."""

    def run(script: Any, client: Callable[[int], None] = a_session, **options: Any) -> Any:
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.jsonl"
        server = serve(script=script, **options)
        with Relay(server.url, key=REAL, record=path, tls_dir=tls_dir) as relay:
            client(relay.port)
        return path, server.journal

    return run
