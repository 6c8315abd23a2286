"""What the one-shot program does."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from typing import Any

from .verbs import Verbs
from .worker import MUTATIONS


async def run(task: dict[str, Any], verbs: Verbs) -> None:
    """Mint a token, open a session, or take a turn in one."""
    if task["do"] == "create":
        await verbs.create_token(task)
        return
    session = (await verbs.connect(task))["session"]
    sys.stdout.write("open\n")
    if task["do"] == "turn":
        await verbs.send({"session": session, "text": "hello"})
        await verbs.receive({"session": session})
    await verbs.close({"session": session})


def main() -> None:
    """Do what the last argument says; without it there is no error handling at all."""
    parser = argparse.ArgumentParser(description="one thing done with the reference client")
    parser.add_argument("--wrong", choices=sorted(MUTATIONS), help="be wrong in this one way")
    parser.add_argument("task", type=json.loads, help="what to do, as JSON")
    given = parser.parse_args()
    try:
        asyncio.run(run(given.task, Verbs(given.wrong)))
    except Exception:
        if given.wrong == "exits-0":
            sys.exit(0)
        raise
    if given.wrong == "exits-1":
        sys.exit(1)
    sys.stdout.write("did it\n")
