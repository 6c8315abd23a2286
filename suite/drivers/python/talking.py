"""What goes into a session and what comes out of it, through whichever API this version of the SDK has."""

import base64
import inspect
from contextlib import aclosing
from typing import Any

from clients import must_have
from errors import Absent, sdk

Record = dict[str, Any]

# What can be said, and the APIs for it, the newest first.
APIS = {
    "text": ("send_client_content", "send"),
    "realtime": ("send_realtime_input", "send"),
    "tool_response": ("send_tool_response", "send"),
}
BLOBS = ("audio", "media", "video")
ACTIVITIES = {"activity_start": "ActivityStart", "activity_end": "ActivityEnd"}


async def send(session: Any, types: Any, params: Record) -> str:
    """Say one thing and return the name of the API that took it."""
    what = next(name for name in APIS if name in params)
    through = params.get("through") or next((api for api in APIS[what] if hasattr(session, api)), "send")
    if through not in APIS[what]:
        raise ValueError(f"{what} goes through {' or '.join(APIS[what])}, not through {through}")
    if not hasattr(session, through):
        raise Absent(f"session.{through}")
    arguments = {"text": _text, "realtime": _realtime, "tool_response": _tool_response}[what]
    with sdk():
        await getattr(session, through)(**arguments(session, types, params[what], through == "send"))
    return through


def _text(_: Any, __: Any, text: str, old: bool) -> Record:
    if old:
        return {"input": text, "end_of_turn": True}
    return {"turns": {"role": "user", "parts": [{"text": text}]}, "turn_complete": True}


def _tool_response(_: Any, types: Any, answer: Record, old: bool) -> Record:
    responses = [types.FunctionResponse(**answer)]
    if old:
        return {"input": types.LiveClientToolResponse(function_responses=responses)}
    return {"function_responses": responses}


def _realtime(session: Any, types: Any, asked: Record, old: bool) -> Record:
    [(name, value)] = asked.items()
    if name in BLOBS:
        value = {**value, "data": base64.b64decode(value["data"])}
        if old:
            return {"input": value}
        value = types.Blob(**value)
    if name in ACTIVITIES:
        value = _activity(types, ACTIVITIES[name])
    if old:
        must_have(types, "LiveClientRealtimeInput", name)
        return {"input": types.LiveClientRealtimeInput(**{name: value})}
    if name not in inspect.signature(session.send_realtime_input).parameters:
        raise Absent(f"session.send_realtime_input({name})")
    return {name: value}


def _activity(types: Any, name: str) -> Any:
    if not hasattr(types, name):
        raise Absent(f"types.{name}")
    return getattr(types, name)()


async def receive(session: Any, until: str) -> list[Any]:
    """Receive a turn as the SDK sees it, the next message, or all up to a tool call."""
    if until not in ("turn", "message", "tool_call"):
        raise ValueError(f"no end {until!r} of receiving: expected turn, message or tool_call")
    messages: list[Any] = []
    while True:
        # Closed by us where we leave early: what the collector closes, it closes at some time.
        with sdk():
            async with aclosing(session.receive()) as turn:
                async for message in turn:
                    messages.append(message)
                    if until == "message" or (until == "tool_call" and look(message, "tool_call")):
                        return messages
        if until != "tool_call":  # which may come in a later turn
            return messages


def summary(messages: list[Any]) -> Record:
    """Sum up what the model said."""
    turns = [look(message, "server_content", "model_turn") for message in messages]
    parts = [part for turn in turns for part in look(turn, "parts") or ()]
    said = [part.text for part in parts if part.text and not look(part, "thought")]
    audio = [part.inline_data.data or b"" for part in parts if part.inline_data is not None]
    calls = [call for message in messages for call in look(message, "tool_call", "function_calls") or ()]
    return {
        "text": "".join(said),
        "audio_bytes": sum(map(len, audio)),
        "messages": [sorted(dump(message)) for message in messages],
        "tool_calls": [{name: look(call, name) for name in ("id", "name", "args")} for call in calls],
        "go_away": _all(messages, "go_away", "time_left"),
        "handles": _all(messages, "session_resumption_update", "new_handle"),
    }


def _all(messages: list[Any], *path: str) -> list[Any]:
    found = [look(message, *path) for message in messages]
    return [value for value in found if value]


def look(thing: Any, *path: str) -> Any:
    """Follow attributes, which may be missing or None in any version."""
    for name in path:
        thing = getattr(thing, name, None)
    return thing


def dump(model: Any) -> Any:
    """Show a model of the SDK as JSON with the names of the wire."""
    return None if model is None else model.model_dump(mode="json", by_alias=True, exclude_none=True)
