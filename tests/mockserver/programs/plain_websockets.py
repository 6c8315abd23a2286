"""A text, a tool and an audio turn by ``websockets`` alone: ``python plain_websockets.py URL``.

Prints what came as one JSON object. Nothing in here knows that the service is a mock.
"""

from __future__ import annotations

import base64
import json
import math
import struct
import sys
from typing import Any

from websockets.sync.client import ClientConnection, connect

TEXT_MODEL = "models/gemini-2.0-flash-live-001"
AUDIO_MODEL = "models/gemini-2.5-flash-native-audio-latest"
TOOL = {
    "name": "get_weather",
    "parameters": {"type": "OBJECT", "properties": {"city": {"type": "STRING"}}, "required": ["city"]},
}


def turn(url: str, setup: dict[str, Any], message: dict[str, Any]) -> dict[str, Any]:
    """One session with one turn; what the model said and did in it."""
    with connect(url) as socket:
        socket.send(json.dumps({"setup": setup}))
        assert "setupComplete" in json.loads(socket.recv())
        socket.send(json.dumps(message))
        return receive(socket)


def receive(socket: ClientConnection) -> dict[str, Any]:
    """All up to turnComplete; a tool call is answered."""
    seen: dict[str, Any] = {"said": ""}
    pcm = 0
    for frame in socket:
        message = json.loads(frame)
        for call in message.get("toolCall", {}).get("functionCalls", []):
            seen |= {"called": call["name"], "args": call["args"]}
            answer = {"id": call["id"], "name": call["name"], "response": {"sky": "blue"}}
            socket.send(json.dumps({"toolResponse": {"functionResponses": [answer]}}))
        content = message.get("serverContent", {})
        if "inputTranscription" in content:
            seen["heard"] = content["inputTranscription"]["text"]
        seen["said"] += content.get("outputTranscription", {}).get("text", "")
        for part in content.get("modelTurn", {}).get("parts", []):
            seen["said"] += part.get("text", "")
            pcm += len(base64.b64decode(part.get("inlineData", {}).get("data", "")))
        if content.get("turnComplete"):
            break
    return {**seen, "bytes": pcm} if pcm else seen


def say(text: str) -> dict[str, Any]:
    """A whole turn of the user."""
    return {"clientContent": {"turns": [{"role": "user", "parts": [{"text": text}]}], "turnComplete": True}}


def main(url: str) -> None:
    """Three sessions, one after the other."""
    text = {"model": TEXT_MODEL, "generationConfig": {"responseModalities": ["TEXT"]}}
    voice = {
        "model": AUDIO_MODEL,
        "generationConfig": {"responseModalities": ["AUDIO"]},
        "inputAudioTranscription": {},
        "outputAudioTranscription": {},
    }
    spoken = b"".join(struct.pack("<h", int(8_000 * math.sin(n * 0.2))) for n in range(16_000)) + bytes(
        32_000
    )
    blob = {"mimeType": "audio/pcm;rate=16000", "data": base64.b64encode(spoken).decode()}
    seen = {
        "text": turn(url, text, say("hello there, my friend")),
        "tool": turn(
            url, {**text, "tools": [{"functionDeclarations": [TOOL]}]}, say("please call get_weather")
        ),
        "audio": turn(url, voice, {"realtimeInput": {"audio": blob}}),
    }
    sys.stdout.write(json.dumps(seen))


if __name__ == "__main__":
    main(sys.argv[1])
