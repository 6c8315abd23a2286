"""A text, a tool and an audio turn, as programs were written for the first google-genai with Live.

Prints what came as one JSON object. The server's address is given by hand, as this SDK reads no variable.
"""

from __future__ import annotations

import asyncio
import json
import math
import os
import struct
import sys
from typing import Any

from google import genai
from google.genai import types

MODEL = "gemini-2.0-flash-live-001"
client = genai.Client(
    api_key="any", http_options={"api_version": "v1alpha", "base_url": os.environ["GOOGLE_GEMINI_BASE_URL"]}
)


async def turn(config: dict[str, Any], said: Any, *, end_of_turn: bool = False) -> dict[str, Any]:
    """One session with one turn; what the model said and did in it."""
    seen: dict[str, Any] = {"said": "", "bytes": 0}
    async with client.aio.live.connect(model=MODEL, config=config) as session:
        await session.send(input=said, end_of_turn=end_of_turn)
        async for message in session.receive():
            if message.tool_call:
                call = message.tool_call.function_calls[0]
                seen["called"] = call.name
                answer = types.FunctionResponse(id=call.id, name=call.name, response={"sky": "blue"})
                await session.send(input=types.LiveClientToolResponse(function_responses=[answer]))
            seen["said"] += message.text or ""
            seen["bytes"] += len(message.data or b"")
    return seen


async def main() -> None:
    """Three sessions, one after the other."""
    text = {"response_modalities": ["TEXT"]}
    tools = [{"function_declarations": [{"name": "get_weather", "description": "the weather"}]}]
    spoken = b"".join(struct.pack("<h", int(8_000 * math.sin(n * 0.2))) for n in range(16_000)) + bytes(
        32_000
    )
    seen = {
        "text": await turn(text, "hello there, my friend", end_of_turn=True),
        "tool": await turn({**text, "tools": tools}, "please call get_weather", end_of_turn=True),
        "audio": await turn(
            {"response_modalities": ["AUDIO"]}, {"data": spoken, "mime_type": "audio/pcm;rate=16000"}
        ),
    }
    sys.stdout.write(json.dumps(seen))


asyncio.run(main())
