"""Same seed and same calls, same bytes: two services side by side, with nothing shared."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from mockserver.core.options import Options
from mockserver.core.profiles import LATEST
from mockserver.core.request import Request
from mockserver.core.service import Service

from .conftest import AUDIO_MODEL, KEY, TEXT_MODEL, live_path

if TYPE_CHECKING:
    from mockserver import Entry

NOW = 1_768_478_400.0
TOOL = {"functionDeclarations": [{"name": "get_weather"}]}


class Run:
    """One service under the script, and all it gave: answers, effects and the journal."""

    def __init__(self, seed: int) -> None:
        self.service = Service(Options(service_date=LATEST, seed=seed))
        self.now = NOW
        self.given: list[Any] = []
        until = "2026-01-15T14:00:00Z"
        first, second = (
            self.mint({"uses": 2, "expireTime": until, "newSessionExpireTime": until}) for _ in "12"
        )
        self.mint({"uses": "x"})
        self.talk(live_path(query=f"key={KEY}"), {"model": TEXT_MODEL, "tools": [TOOL]})
        self.talk(live_path("BidiGenerateContentConstrained", "v1beta", f"access_token={first}"), {})
        setup = {"model": AUDIO_MODEL, "sessionResumption": {}, "outputAudioTranscription": {}}
        handle = self.talk(live_path("BidiGenerateContentConstrained", query=f"access_token={second}"), setup)
        setup["sessionResumption"] = {"handle": handle}
        self.talk(live_path("BidiGenerateContentConstrained", query=f"access_token={second}"), setup)
        self.talk(live_path(version="v0"), {})
        self.service.reset()
        self.mint({})
        self.wait(600)
        self.given.append(tuple(self.service.journal))

    @property
    def secrets(self) -> set[str]:
        """Tokens, handles and call ids that were given out."""
        return {
            str(entry[name])
            for entry in walk([json.loads(data) for data in self.payloads if data])
            for name in ("name", "newHandle", "id")
            if str(entry.get(name, "get_weather")) != "get_weather"
        }

    @property
    def payloads(self) -> list[bytes]:
        """Bodies and frames."""
        bodies = [one.body for one in self.given if hasattr(one, "body")]
        return bodies + [
            effect.payload for one in self.given if isinstance(one, list) for effect in sent(one)
        ]

    def mint(self, body: dict[str, Any]) -> str:
        request = Request("POST", f"/v1beta/auth_tokens?key={KEY}", (), json.dumps(body).encode())
        self.given.append(self.service.request(request, self.now))
        name: str = json.loads(self.given[-1].body).get("name", "")
        return name

    def talk(self, target: str, setup: dict[str, Any]) -> str:
        """A session with a text and a tool turn; the last handle it gave."""
        name, effects = self.service.handshake(Request("GET", target), self.now)
        self.given.append(effects)
        said = [{"role": "user", "parts": [{"text": "tell me of get_weather"}]}]
        for message in (
            {"setup": setup},
            {"realtimeInput": {"text": "hello there"}},
            {"clientContent": {"turns": said, "turnComplete": True}},
            {"toolResponse": {"functionResponses": [{"id": "x", "name": "y", "response": {"ok": True}}]}},
        ):
            self.given.append(self.service.receive(name, json.dumps(message).encode(), self.now))
            self.wait(10)
        updates = [
            entry for entry in walk([json.loads(data) for data in self.payloads]) if "newHandle" in entry
        ]
        return str(updates[-1]["newHandle"]) if updates else ""

    def wait(self, seconds: float) -> None:
        self.now += seconds
        self.given += [effects for _, effects in self.service.wake(self.now)]


def sent(effects: list[Any]) -> list[Any]:
    """The effects that are frames."""
    return [effect for effect in effects if hasattr(effect, "payload")]


def walk(value: Any) -> list[dict[str, Any]]:
    """Every object in a JSON value."""
    inner = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    return ([value] if isinstance(value, dict) else []) + [found for item in inner for found in walk(item)]


def test_one_seed_gives_the_same_bytes_the_journal_included() -> None:
    one, other = Run(7), Run(7)
    assert one.given == other.given
    journal: tuple[Entry, ...] = one.given[-1]
    assert journal
    assert repr(journal) == repr(other.given[-1])


def test_another_seed_gives_other_tokens_handles_and_call_ids_and_nothing_else() -> None:
    one, other = Run(7), Run(8)
    assert len(one.secrets) == len(other.secrets) >= 6
    assert not one.secrets & other.secrets
    assert len(one.given) == len(other.given)
    assert [masked(data, one) for data in one.payloads] == [masked(data, other) for data in other.payloads]


def masked(data: bytes, run: Run) -> bytes:
    """A payload without what is drawn from the seed."""
    for secret in sorted(run.secrets, key=len, reverse=True):
        data = data.replace(secret.encode(), b"?")
    return data
