"""One thing done as a short script does it, with no error handling (docs/worker-protocol.md, "Programs")."""

import asyncio
import json
import sys
from typing import Any

from clients import build, given
from google import genai
from token_config import create_arguments

TEXT = "hello"


def do(task: dict[str, Any]) -> None:
    """Do the whole task."""
    if task["do"] == "create":
        create(task)
    else:
        asyncio.run(connect(task))
    print("did it")


def create(task: dict[str, Any]) -> None:
    """Mint a token."""
    client = build(genai, task)
    client.auth_tokens.create(**create_arguments(genai.types, task))


async def connect(task: dict[str, Any]) -> None:
    """Open a session, and take a turn if that is the task."""
    client = build(genai, task)
    async with client.aio.live.connect(model=task["model"], **given(config=task.get("config"))) as session:
        print("open", flush=True)
        if task["do"] == "connect":
            return
        if hasattr(session, "send_client_content"):
            turn = {"role": "user", "parts": [{"text": TEXT}]}
            await session.send_client_content(turns=turn, turn_complete=True)
        else:
            await session.send(input=TEXT, end_of_turn=True)
        async for _ in session.receive():
            pass


if __name__ == "__main__":
    do(json.loads(sys.argv[1]))
