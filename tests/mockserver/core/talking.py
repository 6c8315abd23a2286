"""Words of a conversation: models, setups, refusals, and what the frames of a client say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockserver.core.script import Call, Rule, Say, Script

if TYPE_CHECKING:
    from .conftest import Client

HALF_CASCADE = "models/gemini-live-2.5-flash-preview"
NATIVE = "models/gemini-2.5-flash-native-audio-latest"
LIVE_31 = "models/gemini-3.1-flash-live-preview"
LIVE_38 = "models/gemini-3.8-live"
AUDIO = {"generationConfig": {"responseModalities": ["AUDIO"]}}
TEXT = {"generationConfig": {"responseModalities": ["TEXT"]}}
MANUAL = {"realtimeInputConfig": {"automaticActivityDetection": {"disabled": True}}}
UNINTERRUPTED = {"realtimeInputConfig": {"activityHandling": "NO_INTERRUPTION"}}
SEEDED = {"historyConfig": {"initialHistoryInClientContent": True}}
WEATHER = Script(
    "weather",
    (Rule("turn", (Call("get_weather"), Say("it is {response}")), nth=1), Rule("turn", (Say("{text}"),))),
)
UUID4 = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"


def unknown(name: str, path: str) -> tuple[int, str]:
    """The close for a field that does not exist, cut as on the wire."""
    text = f"Invalid JSON payload received. Unknown name \"{name}\" at '{path}': Cannot find field."
    return 1007, text[:123]


def told(client: Client) -> list[str]:
    """What each frame says, by its fields: ``turnComplete+usageMetadata``, ``toolCall`` …"""
    words = []
    for message in client.messages:
        content = message.get("serverContent")
        fields = [*(message if content is None else content)]
        fields += [name for name in message if content is not None and name != "serverContent"]
        words.append(
            "+".join(
                "audio" if "inlineData" in str(message.get("serverContent", {}).get(f)) else f for f in fields
            )
        )
    return words


def answer(id: str = "x", **response: Any) -> dict[str, Any]:
    """A tool response."""
    return {
        "toolResponse": {
            "functionResponses": [{"id": id, "name": "get_weather", "response": {"c": 3}, **response}]
        }
    }


def content(*turns: tuple[str, str], complete: bool = True) -> dict[str, Any]:
    """A clientContent of these roles and texts."""
    said = [{"role": role, "parts": [{"text": text}]} for role, text in turns]
    return {"clientContent": {"turns": said, "turnComplete": complete}}


def call_id(client: Client) -> str:
    """The id of the newest call."""
    calls = [message["toolCall"] for message in client.messages if "toolCall" in message]
    return str(calls[-1]["functionCalls"][0]["id"])
