"""A text, a tool and an audio turn, as programs are written for today's google-genai.

Prints what came as one JSON object.
"""

from __future__ import annotations

import asyncio
import json
import math
import struct
import sys
from typing import TYPE_CHECKING, Any

from google import genai
from google.genai import types

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

TEXT_MODEL = "gemini-2.0-flash-live-001"
AUDIO_MODEL = sys.argv[1]
client = genai.Client(api_key="any", http_options={"api_version": "v1alpha"})


async def turn(model: str, config: dict[str, Any], begin: Callable[[Any], Awaitable[None]]) -> dict[str, Any]:
    """One session with one turn; what the model said and did in it."""
    seen: dict[str, Any] = {"said": "", "bytes": 0}
    async with client.aio.live.connect(model=model, config=config) as session:
        await begin(session)
        async for message in session.receive():
            if message.tool_call:
                call = message.tool_call.function_calls[0]
                seen |= {"called": call.name, "args": call.args}
                answer = types.FunctionResponse(id=call.id, name=call.name, response={"sky": "blue"})
                await session.send_tool_response(function_responses=[answer])
            content = message.server_content
            if content and content.input_transcription:
                seen["heard"] = content.input_transcription.text
            if content and content.output_transcription:
                seen["said"] += content.output_transcription.text
            for part in (content and content.model_turn and content.model_turn.parts) or []:
                seen["said"] += part.text or ""
                seen["bytes"] += len(part.inline_data.data) if part.inline_data else 0
    return seen


def say(text: str) -> Callable[[Any], Awaitable[None]]:
    """A whole turn of the user."""
    turns = {"role": "user", "parts": [{"text": text}]}
    return lambda session: session.send_client_content(turns=turns, turn_complete=True)


async def main() -> None:
    """Three sessions, one after the other."""
    text = {"response_modalities": ["TEXT"]}
    parameters = {"type": "OBJECT", "properties": {"city": {"type": "STRING"}}, "required": ["city"]}
    tools = [{"function_declarations": [{"name": "get_weather", "parameters": parameters}]}]
    voice = {
        "input_audio_transcription": {},
        "output_audio_transcription": {},
        "response_modalities": ["AUDIO"],
    }
    spoken = b"".join(struct.pack("<h", int(8_000 * math.sin(n * 0.2))) for n in range(16_000)) + bytes(
        32_000
    )
    blob = types.Blob(data=spoken, mime_type="audio/pcm;rate=16000")
    seen = {
        "text": await turn(TEXT_MODEL, text, say("hello there, my friend")),
        "tool": await turn(TEXT_MODEL, {**text, "tools": tools}, say("please call get_weather")),
        "audio": await turn(AUDIO_MODEL, voice, lambda session: session.send_realtime_input(audio=blob)),
    }
    sys.stdout.write(json.dumps(seen))


asyncio.run(main())
