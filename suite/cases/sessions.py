"""The session's own API: what can be sent, and what is seen of it, version by version."""

from __future__ import annotations

import base64
from typing import Any, Final

from mockserver import Call, Rule, Say, Script

from ..model import Behaviour
from .connecting import AUDIO, opening, playing, turn

#: A tenth of a second of silence: nobody has spoken, so nothing is answered.
_PCM: Final = {"data": base64.b64encode(bytes(3200)).decode(), "mime_type": "audio/pcm;rate=16000"}
_JPEG: Final = {"data": base64.b64encode(b"\xff\xd8\xff\xd9").decode(), "mime_type": "image/jpeg"}
#: A model that hands out a handle as soon as a session is open.
_TELLS_HANDLES: Final = "models/gemini-3.8-live"
_MANUAL: Final = {
    **AUDIO,
    "realtime_input_config": {"automatic_activity_detection": {"disabled": True}},
}
_WEATHER: Final = {
    "name": "get_weather",
    "parameters": {"type": "OBJECT", "properties": {"city": {"type": "STRING"}}},
}
_TOOLS: Final = {**AUDIO, "tools": [{"function_declarations": [_WEATHER]}]}


def _text(slug: str, title: str, through: str, **more: Any) -> Behaviour:
    calls = (*opening(), ("send", {"text": "hello", "through": through}), ("receive", {}))
    return Behaviour(f"api:{slug}", title, calls=calls, asks=slug, ends_in="send", **more)


def _realtime(slug: str, title: str, realtime: dict[str, Any], **more: Any) -> Behaviour:
    """One realtime input, and a turn behind it, so that it has surely arrived."""
    config = more.pop("config", AUDIO)
    calls = (*opening(config=config), ("send", {"realtime": realtime}), *turn())
    return Behaviour(
        f"api:{slug}",
        title,
        calls=calls,
        asks=f"{slug} input",
        ends_in="send",
        looks=("realtime input",),
        **more,
    )


_TOOL_SCRIPT: Final[Script] = playing(
    "a tool", Rule("turn", (Call("get_weather", {"city": "here"}), Say("{response}")))
)

SESSIONS: Final = (
    _text("send", "a turn is sent by session.send", "send"),
    _text("send_client_content", "a turn is sent by send_client_content", "send_client_content"),
    _realtime("audio", "realtime audio is sent as audio", {"audio": _PCM}),
    _realtime("media", "realtime audio is sent as media", {"media": _PCM}),
    _realtime("video", "a picture is sent as video", {"video": _JPEG}),
    _realtime("text", "a text is sent as realtime input", {"text": "hello"}),
    _realtime("audio-stream-end", "the end of an audio stream is told", {"audio_stream_end": True}),
    _realtime("activity-start", "the start of an activity is told", {"activity_start": {}}, config=_MANUAL),
    Behaviour(
        "api:tool-round",
        "the model calls a tool, and the application answers",
        calls=(
            *opening(config=_TOOLS),
            ("send", {"text": "weather?"}),
            ("receive", {"until": "tool_call"}),
            ("send", {"tool_response": {"name": "get_weather", "response": {"sky": "blue"}}}),
            ("receive", {}),
        ),
        script=_TOOL_SCRIPT,
        asks="tool round",
        ends_in="send",
        looks=("tool response",),
    ),
    Behaviour(
        "api:setup-complete",
        "the application looks at the setupComplete message",
        calls=(*opening(), *turn()),
        asks="setupComplete",
        looks=("setupComplete",),
    ),
    Behaviour(
        "api:resume",
        "a session is resumed with the handle of another",
        calls=(
            *opening(model=_TELLS_HANDLES, config={**AUDIO, "session_resumption": {}}),
            *turn(),
            ("close", {}),
            *opening(model=_TELLS_HANDLES, config={**AUDIO, "session_resumption": {"handle": "{handle}"}}),
            *turn(),
        ),
        needs=("resumption: returns | handle: shown",),
        looks=("resumed with",),
        asks="a resumed session",
        ends_in="connect",
    ),
    Behaviour(
        "api:handles",
        "the server hands out a resumption handle",
        calls=(
            *opening(model=_TELLS_HANDLES, config={**AUDIO, "session_resumption": {}}),
            ("send", {"text": "hello"}),
            ("receive", {}),
        ),
        asks="resumption",
        ends_in="connect",
        looks=("handle",),
    ),
)
