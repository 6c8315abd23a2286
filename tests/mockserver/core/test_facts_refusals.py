"""Each refusal byte for byte: every fact that refuses has a scene, and a golden file of what is seen.

``<fact>.json`` is the body over HTTP, ``<fact>.empty`` stands for an empty 404, ``<fact>.close`` holds code
and reason of a close. ``python -m tests.mockserver.core.test_facts_refusals`` writes the files anew.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from mockserver.core.facts import FACTS
from mockserver.core.facts.not_emulated import NOT_EMULATED
from mockserver.core.request import Request
from mockserver.core.script import Refuse, Rule, Script

from .conftest import AUDIO_MODEL, KEY, TEXT_MODEL, Backend

if TYPE_CHECKING:
    from collections.abc import Callable

Scene = tuple[str, "Callable[[Backend], object]"]

GOLDEN: Final = Path(__file__).parent.parent / "golden" / "refusals"
OPEN, CONSTRAINED = "BidiGenerateContent", "BidiGenerateContentConstrained"
SLASHED = "/ws/google.ai.generativelanguage.v1beta.GenerativeService/BidiGenerateContent"
LIVE_31, LIVE_38 = "models/gemini-3.1-flash-live-preview", "models/gemini-3.8-live"
UNKNOWN = "auth_tokens/" + 64 * "0"
TEXT, AUDIO = {"responseModalities": ["TEXT"]}, {"responseModalities": ["AUDIO"]}
AFFECTIVE = {**AUDIO, "enableAffectiveDialog": True}
LANGUAGE = {**AUDIO, "speechConfig": {"languageCode": "sv"}}
LEVEL = {**AUDIO, "thinkingConfig": {"thinkingLevel": "LOW"}}
HELLO = {"clientContent": {"turns": [{"role": "user", "parts": [{"text": "hello"}]}], "turnComplete": True}}


def mint(body: Any = None, version: str = "v1beta", key: str | None = KEY, date: str = "latest") -> Scene:
    """Ask for a token."""
    return date, lambda backend: backend.post_token(body, version, key)


def ask(method: str, path: str, date: str = "latest", **headers: str) -> Scene:
    """Make any request."""
    return date, lambda backend: backend.request(method, path, **(headers or {"x_goog_api_key": KEY}))


def knock(method: str, version: str, date: str = "latest") -> Scene:
    """Ask for a socket that is not there."""
    return date, lambda backend: backend.connect(method, version)


def enter(method: str = OPEN, query: str = "", **headers: str) -> Scene:
    """Open a socket with this credential, and send a setup."""
    return "latest", lambda backend: backend.connect(method, "v1beta", query, **headers).setup()


def first(*messages: Any, date: str = "latest", version: str = "v1beta") -> Scene:
    """Open a socket with a key, and send these messages."""

    def play(backend: Backend) -> None:
        client = backend.connect(OPEN, version, f"key={KEY}")
        for message in messages:
            client.send(message)

    return date, play


def setup(model: str = AUDIO_MODEL, *messages: Any, date: str = "latest", **fields: Any) -> Scene:
    """Send a setup, and then these messages."""
    return first({"setup": {"model": model, **fields}}, *messages, date=date)


def content(**turn: Any) -> dict[str, Any]:
    """One turn of the user."""
    return {"clientContent": {"turns": [turn], "turnComplete": True}}


def token(backend: Backend, *, waits_s: float = 0, sessions: int = 1) -> None:
    """Mint, wait, and open sessions."""
    name = backend.mint()
    backend.advance(waits_s)
    for _ in range(sessions):
        backend.with_token(name)


def stay(backend: Backend) -> None:
    """Stay in a session until its token expires."""
    backend.with_token(backend.mint(expireTime="2026-01-15T12:01:00Z"))
    backend.advance(60)


def resume(backend: Backend, *, waits_s: float = 0) -> None:
    """Have a session on a token, and resume it on the same token."""
    name = backend.mint()
    client = backend.with_token(name, sessionResumption={})
    client.say("remember me")
    backend.advance(waits_s)
    backend.with_token(name, sessionResumption={"handle": client.handle})


def played(fact: str) -> Scene:
    """What depends on the account, the weather or the past is refused by a script."""

    def play(backend: Backend) -> None:
        backend.service.play(Script("refuses", (Rule("setup", (Refuse(fact),)),)))
        backend.with_key()

    return "latest", play


SCENES: Final[dict[str, Scene]] = {
    "TOK-002": mint(date="launch"),
    "TOK-004": mint(version="v1", date="launch"),
    "TOK-004B": mint(version="v1"),
    "TOK-005": ask("POST", "/v1beta/authTokens"),
    "TOK-006": ask("GET", "/v1beta/auth_tokens/abc"),
    "TOK-007": ask("POST", "/v1beta/auth_tokens:create"),
    "TOK-009": ask("GET", "/favicon.ico"),
    "TOK-040": mint(key=None),
    "TOK-041": mint(key="wrong"),
    "TOK-042": mint(key="mock-expired"),
    "TOK-043": mint(key="mock-region"),
    "TOK-044": ask("POST", "/v1beta/auth_tokens", authorization="Bearer x"),
    "TOK-045": mint({"liveConnectConstraints": {"model": LIVE_38}, "lockAdditionalFields": []}),
    "TOK-046": mint({"authToken": {"uses": 1}}),
    "TOK-047": mint({"bidiGenerateContentSetup": {"config": {}}}),
    "TOK-048": mint({"bidiGenerateContentSetup": {"proactivity": {}}}),
    "TOK-051": mint({"expireTime": "2026-01-17T00:00:00Z"}),
    "TOK-052": mint({"newSessionExpireTime": "2026-01-17T00:00:00Z"}),
    "TOK-053": mint({"expireTime": "2026-01-01T00:00:00Z"}),
    "TOK-053B": mint({"newSessionExpireTime": "2026-01-01T00:00:00Z"}),
    "TOK-053C": mint({"uses": -1}),
    "TOK-053D": mint({"fieldMask": "tools.0"}),
    "TOK-054": mint({"uses": "x"}),
    "TOK-055": mint({"expireTime": "tomorrow"}),
    "TOK-056": mint(b'{"uses": two}'),
    "TOK-057": mint(key="mock-leaked"),
    "TOK-058": mint(key="mock-quota"),
    "TOK-060": ask("POST", "/v1beta/models/x:generateContent", x_goog_api_key=UNKNOWN),
    "TOK-061": mint({"bidiGenerateContentSetup": {"generationConfig": {"responseModalities": ["SMELL"]}}}),
    "TOK-062": mint(key="mock-blocked"),
    "WS-015": knock(CONSTRAINED, "v1beta", date="launch"),
    "WS-016": knock(OPEN, "v1", date="launch"),
    "WS-018": knock("Nonsense", "v1beta"),
    "WS-019": ("latest", lambda backend: backend.service.handshake(Request("GET", SLASHED), backend.now)),
    "WS-029B": knock(CONSTRAINED, "v1"),
    "CLS-001": enter(query="key=wrong"),
    "CLS-001B": enter(query="key=mock-expired"),
    "CLS-002": enter(),
    "CLS-003": enter(query=f"access_token={UNKNOWN}"),
    "CLS-004": enter(query=f"key={UNKNOWN}"),
    "CLS-005": enter(CONSTRAINED, query=f"key={KEY}"),
    "CLS-005B": enter(CONSTRAINED, x_goog_api_key=KEY),
    "CLS-005C": enter(CONSTRAINED, authorization=f"Bearer {UNKNOWN}"),
    "CLS-006": enter(CONSTRAINED, query=f"access_token={UNKNOWN}"),
    "CLS-007": ("latest", partial(token, sessions=2)),
    "CLS-008": ("latest", partial(token, waits_s=60)),
    "CLS-009": ("latest", stay),
    "CLS-010": ("latest", partial(token, waits_s=1800)),
    "CLS-011": enter(query="key=mock-leaked"),
    "CLS-012": played("CLS-012"),
    "CLS-013": enter(authorization="Bearer x"),
    "CLS-014": enter(query="key=mock-region"),
    "CLS-015": enter(query="key=mock-quota"),
    "CLS-016": played("CLS-016"),
    "CLS-018": enter(query="key=mock-blocked"),
    "CLS-030": setup("models/gemini-nope-live"),
    "CLS-030B": setup("models/gemini-nope-live", date="launch"),
    "CLS-031": setup("gemini-2.0-flash-exp"),
    "CLS-032": ("latest", lambda backend: backend.with_token(backend.mint(), model="models/none")),
    "CLS-034": setup(bogusField=1),
    "CLS-034B": first({"nonsense": {}}),
    "CLS-035": setup(sessionResumption={"transparent": True}),
    "CLS-036": setup(realtimeInputConfig={"turnCoverage": "ALL"}),
    "CLS-037": setup(proactivity={}),
    "CLS-038": setup(responseModalities=["AUDIO"]),
    "CLS-039": first(HELLO),
    "CLS-040": setup(AUDIO_MODEL, {"setup": {}}),
    "CLS-041": setup(contextWindowCompression={}),
    "CLS-042": setup(generationConfig=TEXT, date="2026-04-01"),
    "CLS-043": setup(LIVE_31, generationConfig=TEXT),
    "CLS-044": setup(TEXT_MODEL, generationConfig=AUDIO),
    "CLS-045": setup(generationConfig={"responseModalities": ["AUDIO", "TEXT"]}),
    "CLS-046": setup(generationConfig=LANGUAGE),
    "CLS-047": setup("models/gemini-3.8-live-extended-thinking", generationConfig=AUDIO),
    "CLS-047B": setup(LIVE_38, generationConfig=LEVEL),
    "CLS-048": setup(LIVE_31),
    "CLS-049": setup(sessionResumption={"handle": "never-given"}),
    "CLS-049B": setup(LIVE_38, sessionResumption={"handle": "never-given"}),
    "CLS-049C": setup(sessionResumption={"handle": "no handle!"}),
    "CLS-060": setup(AUDIO_MODEL, content(parts=[{"text": "hello"}])),
    "CLS-061": setup(AUDIO_MODEL, {"clientContent": {"contents": []}}),
    "CLS-062": setup(LIVE_31, HELLO, HELLO, generationConfig=AUDIO),
    "CLS-063": setup(AUDIO_MODEL, content(role="user", parts=[{"inlineData": {"mimeType": "audio/pcm"}}])),
    "CLS-064": setup(AUDIO_MODEL, {"realtimeInput": {"activityStart": {}}}),
    "CLS-065": setup(
        AUDIO_MODEL,
        {"realtimeInput": {"activityStart": {}}},
        {"realtimeInput": {"activityEnd": {}}},
        realtimeInputConfig={"automaticActivityDetection": {"disabled": True}},
    ),
    "CLS-066": setup(LIVE_38, HELLO, generationConfig=AFFECTIVE),
    "CLS-066B": setup(LIVE_31, generationConfig=AFFECTIVE),
    "CLS-067": ("latest", lambda backend: (backend.with_key(), backend.advance(590))),
    "CLS-068": played("CLS-068"),
    "CLS-069": played("CLS-069"),
    "CLS-069B": played("CLS-069B"),
    "CLS-069C": played("CLS-069C"),
    "CLS-069D": played("CLS-069D"),
    "CLS-069E": played("CLS-069E"),
    "CLS-070": setup(AUDIO_MODEL, content(role="user", parts=[{"text": "x" * 600_000}])),
    "CLS-071": setup(
        AUDIO_MODEL,
        content(role="model", parts=[{"functionCall": {"name": "f"}}]),
        historyConfig={"initialHistoryInClientContent": True},
    ),
    "CLS-072": played("CLS-072"),
    "CLS-073": first({"setup": {}, "clientContent": {}}),
    "CLS-074": first(b"hello"),
    "CON-007B": ("launch", resume),
    "CON-009": ("latest", partial(resume, waits_s=60)),
    "PRO-050B": setup(generationConfig=AFFECTIVE, date="launch"),
}


def seen(fact: str) -> tuple[str, bytes]:
    """Play a scene; the name of its golden file, and what must stand in it."""
    date, play = SCENES[fact]
    backend = Backend(date, api_keys=(KEY,))
    play(backend)
    assert backend.refusals[-1].fact == fact
    last = [one for one in backend.service.journal if one.kind in ("response", "rejected", "close")][-1]
    if last.kind == "close":
        return f"{fact}.close", last.what.encode()
    if not last.payload:
        assert last.status == 404
    return f"{fact}.{'json' if last.payload else 'empty'}", last.payload


@pytest.mark.parametrize("fact", SCENES)
def test_a_refusal_is_that_of_its_golden_file(fact: str) -> None:
    name, said = seen(fact)
    assert said == (GOLDEN / name).read_bytes()


def test_every_fact_that_refuses_has_its_scene_and_its_golden_file() -> None:
    refusing = {id for id, row in FACTS.items() if not isinstance(row.seen, str)} - set(NOT_EMULATED)
    assert set(SCENES) == refusing
    assert {path.stem for path in GOLDEN.iterdir()} == refusing


if __name__ == "__main__":
    for scene in SCENES:
        file, said = seen(scene)
        (GOLDEN / file).write_bytes(said)
