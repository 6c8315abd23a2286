"""The verbs of the protocol, done by hand."""

from __future__ import annotations

import asyncio
import os
from typing import Any

from .bodies import mint_body, setup_of
from .client import Absent, ApiError, Client
from .live import Session, open_session, realtime_input, summary

Record = dict[str, Any]

VERBS = ("create_token", "connect", "send", "receive", "rest", "close")

# What can be said, and the API for it; there is no older one.
APIS = {
    "text": "send_client_content",
    "realtime": "send_realtime_input",
    "tool_response": "send_tool_response",
}


class Verbs:
    """What the worker can be told to do."""

    def __init__(self, wrong: str | None) -> None:
        self._wrong = wrong
        self._sessions: dict[str, Session] = {}
        self._last_session = 0

    async def create_token(self, params: Record) -> Record:
        client = Client(params, "call", self._wrong)
        token = await asyncio.to_thread(client.mint, mint_body(params, self._wrong))
        return {"name": token["name"], "fields": token}

    async def connect(self, params: Record) -> Record:
        if self._wrong == "crashes":
            os._exit(3)
        if self._wrong == "hangs":
            await asyncio.get_running_loop().create_future()
        if self._wrong == "rejects-no-options" and params.get("session") == {}:
            raise ApiError("expected options at the session, got none of them")
        client = Client(params, "session", self._wrong)
        setup = setup_of(params["model"], params.get("config") or {})
        try:
            session, setup_complete = await open_session(client, setup, self._wrong)
        except ApiError:
            if self._wrong != "swallows-errors":
                raise
            session, setup_complete = Session(None, self._wrong), {}
        self._last_session += 1
        name = f"s{self._last_session}"
        self._sessions[name] = session
        shown = None if self._wrong == "hides-setup-complete" else setup_complete
        return {"session": name, "setup_complete": shown}

    async def send(self, params: Record) -> Record:
        session = self._sessions[params["session"]]
        what = next(name for name in APIS if name in params)
        if not self._has(params.get("through"), APIS[what]):
            raise Absent(f"session.{params['through']}")
        if not self._loses(what):
            await session.say(_message(what, params[what]))
        return {"through": APIS[what]}

    def _has(self, through: str | None, own: str) -> bool:
        if through == "send" and self._wrong == "has-old-send":
            return True
        if through == "send_client_content" and self._wrong == "lacks-client-content":
            return False
        return through in (None, own)

    def _loses(self, what: str) -> bool:
        lost = {"realtime": "loses-realtime", "tool_response": "loses-tool-response"}
        return self._wrong is not None and self._wrong == lost.get(what)

    async def receive(self, params: Record) -> Record:
        session = self._sessions[params["session"]]
        return summary(await session.receive(params.get("until", "turn")), self._wrong)

    async def rest(self, params: Record) -> Record:
        client = Client(params, "", self._wrong)
        await asyncio.to_thread(client.rest, params["method"])
        return {}

    async def close(self, params: Record) -> Record:
        await self._sessions.pop(params["session"]).close()
        return {}


def _message(what: str, value: Any) -> Record:
    if what == "realtime":
        return realtime_input(value)
    if what == "tool_response":
        return {"toolResponse": {"functionResponses": [value]}}
    turn = {"role": "user", "parts": [{"text": value}]}
    return {"clientContent": {"turns": [turn], "turnComplete": True}}
