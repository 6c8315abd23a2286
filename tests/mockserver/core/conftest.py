"""A backend and its clients without an event loop: events and ``now`` in, effects out."""

from __future__ import annotations

import base64
import json
from array import array
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from mockserver.core.effects import Abort, Accept, Close, Effect, Reject, Respond, Send
from mockserver.core.options import Options
from mockserver.core.profiles import service_date
from mockserver.core.request import Request
from mockserver.core.script import ECHO, Script
from mockserver.core.service import Service

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockserver.core.journal import Entry

#: 2026-01-15T12:00:00Z
NOW = 1_768_478_400.0
KEY = "AIzaSyTheKeyOfTheseTests"
AUDIO_MODEL = "models/gemini-2.5-flash-native-audio-latest"
TEXT_MODEL = "models/gemini-3.5-transcribe-live"
SETUP_COMPLETE = b'{\n  "setupComplete": {}\n}\n'
UNREGISTERED = (
    "Method doesn't allow unregistered callers (callers without established identity). "
    "Please use API Key or other form of API c"
)
INVALID_KEY = "API key not valid. Please pass a valid API key."
MALFORMED = "Missing or malformed auth token"
SPENT = "Token has been used too many times"
TOO_LATE = "new_session_expire_time deadline exceeded"
EXPIRED = "Token has expired"
EXPIRED_IN_SESSION = "auth token has expired"
UNRESOLVABLE = "token-based requests cannot use project-scoped features such as tuned models"
INVALID_ARGUMENT = "Request contains an invalid argument."
SETUP_FIRST = "setup must be the first message and only the first"


def speech(seconds: float, rate_hz: int = 16_000, loudness: int = 8_000) -> dict[str, str]:
    """A blob of PCM in which somebody speaks; loudness 0 is silence."""
    samples = array("h", [loudness if n % 40 < 20 else -loudness for n in range(round(seconds * rate_hz))])
    data = base64.b64encode(samples.tobytes()).decode()
    return {"mimeType": f"audio/pcm;rate={rate_hz}", "data": data}


def path_of(method: str, version: str) -> str:
    """The path of a Live method."""
    return f"/ws/google.ai.generativelanguage.{version}.GenerativeService.{method}"


class Client:
    """One socket of a client, open or refused."""

    def __init__(self, backend: Backend, target: str, headers: tuple[tuple[str, str], ...]) -> None:
        self._backend = backend
        self.name, opening = backend.service.handshake(Request("GET", target, headers), backend.now)
        #: All that happened, without the 101.
        self.effects: list[Effect] = [effect for effect in opening if not isinstance(effect, Accept)]

    @property
    def transcript(self) -> str:
        """All that the model said, by its transcription."""
        contents = (message.get("serverContent", {}) for message in self.messages)
        return "".join(content.get("outputTranscription", {}).get("text", "") for content in contents)

    def send(self, message: dict[str, Any] | bytes) -> list[Effect]:
        """Send one message; what the service does at once."""
        payload = message if isinstance(message, bytes) else json.dumps(message).encode()
        done = self._backend.service.receive(self.name, payload, self._backend.now)
        self.effects += done
        return done

    def setup(self, model: str = AUDIO_MODEL, **fields: Any) -> list[Effect]:
        """Send a setup."""
        return self.send({"setup": {"model": model, **fields}})

    def say(self, text: str) -> list[Effect]:
        """Send one whole user turn."""
        turn = {"role": "user", "parts": [{"text": text}]}
        return self.send({"clientContent": {"turns": [turn], "turnComplete": True}})

    @property
    def messages(self) -> list[dict[str, Any]]:
        """All messages received so far, parsed."""
        return [json.loads(effect.payload) for effect in self.effects if isinstance(effect, Send)]

    @property
    def text(self) -> str:
        """All text the model wrote so far."""
        turns = [message.get("serverContent", {}).get("modelTurn", {}) for message in self.messages]
        return "".join(part.get("text", "") for turn in turns for part in turn.get("parts", []))

    @property
    def handle(self) -> str:
        """The newest resumption handle."""
        updates = [m["sessionResumptionUpdate"] for m in self.messages if "sessionResumptionUpdate" in m]
        return str(updates[-1]["newHandle"])

    @property
    def rejection(self) -> Respond | None:
        """The HTTP answer instead of 101."""
        return next((effect.response for effect in self.effects if isinstance(effect, Reject)), None)

    @property
    def close(self) -> tuple[int, str] | None:
        """Code and reason of the close the service sent."""
        closes = [effect for effect in self.effects if isinstance(effect, (Close, Abort))]
        assert len(closes) <= 1, "a socket is closed once"
        return (closes[0].code, closes[0].reason) if closes and isinstance(closes[0], Close) else None

    def expect_ready(self) -> None:
        """The session is open, and stands at its first or a later message."""
        assert self.close is None
        assert Send(SETUP_COMPLETE) in self.effects

    def expect_close(self, code: int, reason: str, fact: str = "") -> None:
        """The service closed with exactly this, and its journal says why."""
        assert self.close == (code, reason)
        refusal = self._backend.refusals[-1]
        assert refusal.connection == self.name
        assert refusal.hint
        if fact:
            assert refusal.fact == fact

    def expect_rejection(self, fact: str) -> None:
        """The handshake got an empty 404 that is not JSON, and the journal says why."""
        assert self.rejection is not None
        expect_no_such_method(self.rejection)
        assert self._backend.refusals[-1].fact == fact


class Backend:
    """A service at a moment; ``now`` moves only by ``advance``."""

    def __init__(self, date: str = "launch", script: Script = ECHO, **options: Any) -> None:
        # Audio takes no time unless a test is about that.
        self.service = Service(Options(service_date=service_date(date), **{"pace": 0, **options}), script)
        self.now = NOW
        self._clients: dict[str, Client] = {}

    @property
    def refusals(self) -> list[Entry]:
        """The refusals in the journal."""
        return [entry for entry in self.service.journal if entry.kind == "refusal"]

    def request(self, method: str, target: str, body: bytes = b"", **headers: str) -> Respond:
        """Make an HTTP request; header names are written with underscores."""
        named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
        return self.service.request(Request(method, target, named, body), self.now)

    def post_token(self, body: Any = None, version: str = "v1alpha", key: str | None = KEY) -> Respond:
        """Ask for a token; the answer."""
        payload = body if isinstance(body, bytes) else json.dumps(body or {}).encode()
        headers = {} if key is None else {"x_goog_api_key": key}
        return self.request("POST", f"/{version}/auth_tokens", payload, **headers)

    def mint(self, version: str = "v1alpha", **body: Any) -> str:
        """Mint a token; its name."""
        response = self.post_token(body, version)
        assert response.status == 200, response.body
        name: str = json.loads(response.body)["name"]
        return name

    def connect(
        self, method: str = "BidiGenerateContent", version: str = "v1alpha", query: str = "", **headers: str
    ) -> Client:
        """Open a socket; header names are written with underscores."""
        named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
        target = path_of(method, version) + (f"?{query}" if query else "")
        client = Client(self, target, named)
        self._clients[client.name] = client
        return client

    def with_key(self, version: str = "v1alpha", **setup: Any) -> Client:
        """Open a session with an API key."""
        client = self.connect(version=version, query=f"key={KEY}")
        client.setup(**setup)
        return client

    def with_token(self, token: str, version: str = "v1alpha", **setup: Any) -> Client:
        """Open a session with a token."""
        query = f"access_token={quote(token, safe='/')}"
        client = self.connect("BidiGenerateContentConstrained", version, query)
        client.setup(**setup)
        return client

    def advance(self, seconds: float) -> None:
        """Move the clock, and let each socket see what has become due."""
        self.now += seconds
        for name, effects in self.service.wake(self.now):
            self._clients[name].effects += effects


def expect_no_such_method(response: Respond) -> None:
    """An empty 404 whose content type is not JSON: what SDKs show as "Not Found"."""
    assert (response.status, response.body) == (404, b"")
    assert "json" not in dict(response.headers)["Content-Type"]


def error_of(response: Respond) -> tuple[int, str, str]:
    """Code, status and message of a refusal, which must agree with the HTTP status."""
    error = json.loads(response.body)["error"]
    assert error["code"] == response.status
    return error["code"], error["status"], error["message"]


@pytest.fixture
def fact(request: pytest.FixtureRequest) -> str:
    """The fact that the parameters of this test are about."""
    mark = request.node.get_closest_marker("fact")
    assert mark is not None, "pytest.param(…, marks=pytest.mark.fact(…))"
    return str(mark.args[0])


@pytest.fixture
def backend() -> Backend:
    """A service at launch."""
    return Backend()


@pytest.fixture
def latest() -> Backend:
    """A service as it is now."""
    return Backend("latest")


@pytest.fixture
def make_backend() -> Callable[..., Backend]:
    """A service with options of its own."""
    return Backend
