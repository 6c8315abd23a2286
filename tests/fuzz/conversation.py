"""A client of the service alone, which looks at all that it is told."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from mockserver.core.effects import Accept, Close, Reject, Respond, Send
from mockserver.core.options import Options
from mockserver.core.request import Request
from mockserver.core.service import Service
from mockserver.scripts import READY

if TYPE_CHECKING:
    from mockserver.core.effects import Effect
    from mockserver.core.script import Script

NOW: Final = 1_768_478_400.0
KEY: Final = "AIzaSyTheKeyOfTheFuzzers"
LIVE: Final = "/ws/google.ai.generativelanguage.v1alpha.GenerativeService.BidiGenerateContent"
SETUP: Final = {"setup": {"model": "models/gemini-2.5-flash-native-audio-latest"}}
_OPTIONS: Final = Options(pace=0, journal_entries=200)


class Conversation:
    """A client of a service without an edge."""

    def __init__(self, script: Script | None = None) -> None:
        self.service = Service(_OPTIONS, script or READY["echo"], READY)
        self.is_scripted = script is not None
        self.now = NOW

    def mint(self, body: bytes, version: str = "v1alpha") -> str:
        """Ask for a token: its name, or an empty one where it is refused."""
        target = f"/{version}/auth_tokens?key={KEY}"
        _, effects = self.service.exchange(Request("POST", target, (), body), self.now)
        answer = next((effect for effect in effects if isinstance(effect, Respond)), None)
        if answer is None:
            return ""  # a script has it
        if self.is_scripted:
            return ""
        assert answer.status in (200, 400), answer
        return str(json.loads(answer.body)["name"]) if answer.status == 200 else ""

    def connect(self, token: str = "") -> str:
        """Open a socket; its name."""
        method = f"{LIVE}Constrained?access_token={token}" if token else f"{LIVE}?key={KEY}"
        key = (("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),)
        name, effects = self.service.handshake(Request("GET", method, key), self.now)
        self.look_at([effect for effect in effects if not isinstance(effect, (Accept, Reject, Respond))])
        return name

    def say(self, name: str, payload: bytes) -> None:
        """Send one message, and a moment later look what else comes."""
        self.look_at(self.service.receive(name, payload, self.now))
        for _ in range(50):
            due = self.service.due
            if due is None or due > self.now + 30:
                return
            self.now = max(self.now, due)
            for _, effects in self.service.wake(self.now):
                self.look_at(effects)

    def look_at(self, effects: list[Effect]) -> None:
        """What goes out is of the service's form."""
        for effect in effects:
            if (
                isinstance(effect, Send)
                and not effect.text
                and self.service.performances[None].script.name == "echo"
            ):
                json.loads(effect.payload)
            if isinstance(effect, Close):
                assert len(effect.reason.encode()) <= 123, effect

    def end(self, name: str) -> None:
        """The client goes: nothing of it is left."""
        self.service.lost(name, 1000, "", self.now)
        assert self.service.open_connections == 0
        assert self.service.due is None
        for entry in self.service.journal:
            if len(entry.payload) < 10_000:  # a minute of audio says nothing more
                json.dumps(entry.shown())
            assert "\n" not in entry.line().partition("→")[0].rstrip(), entry.line()


def play(script: Script) -> None:
    """Let a client meet a script."""
    one = Conversation(script)
    one.mint(b"{}")
    name = one.connect()
    turn = {"clientContent": {"turns": [{"role": "user", "parts": [{"text": "hi"}]}], "turnComplete": True}}
    for message in (
        SETUP,
        turn,
        {"realtimeInput": {"text": "go"}},
        {"toolResponse": {"functionResponses": []}},
    ):
        one.say(name, json.dumps(message).encode())
    one.end(name)
