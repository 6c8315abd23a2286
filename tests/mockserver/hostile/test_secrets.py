"""Canaries: keys and tokens in every place where a client can put them, and nowhere in what people read.

A key that looks like one of Google's is hidden wherever it stands; any other key, where it was used as one.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import urllib.parse
from typing import TYPE_CHECKING, Any, Final

import pytest

from mockserver import MockServer, Relay
from mockserver.core.journal import text
from mockserver.recordings import command as recordings_command
from mockserver.verdict import judge

from ..conftest import AUDIO_MODEL, Live, Wire, live_path

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mockserver import Entry

#: As Google's look, and as anybody's may look.
GOOGLES: Final = "AIzaSyCanaryCanaryCanaryCanaryCanary123"
PLAIN: Final = "canary-in-a-coal-mine-4711"
#: No part of a secret that is long enough to use may be seen.
SEEN: Final = 8

LIVE: Final = "/ws/google.ai.generativelanguage.v1alpha.GenerativeService.BidiGenerateContent"
MINT: Final = "/v1alpha/auth_tokens"


def leaks(where: str, seen: str, secrets: list[str]) -> list[str]:
    """The secrets that are seen, with what stands around them."""
    found = []
    for secret in secrets:
        for form in {secret, urllib.parse.quote(secret, safe=""), json.dumps(secret)[1:-1]}:
            at = seen.find(form)
            if at >= 0:
                found.append(f"{where}: …{seen[max(0, at - 60) : at + len(form) + 20]}…")
    return found


class Canaries:
    """A client that puts its secrets everywhere."""

    def __init__(self, port: int, key: str) -> None:
        self.port = port
        self.key = key
        #: Tokens that were minted, whole: they are secrets too.
        self.tokens: list[str] = []

    def everywhere(self) -> None:
        """Requests, handshakes and sessions, good ones and bad ones."""
        self.requests()
        self.handshakes()
        self.sessions()

    def requests(self) -> None:
        key = self.key
        body = json.dumps({"uses": 5}).encode()
        lock = {"model": AUDIO_MODEL, "systemInstruction": {"parts": [{"text": f"say {key}"}]}}
        with contextlib.closing(Wire(self.port)) as wire:
            for target, headers, sent in (
                (f"{MINT}?key={key}", {}, body),
                (f"{MINT}?alt=json&key={urllib.parse.quote(key)}", {}, body),
                (f"{MINT}?%6bey={key}", {}, body),
                (MINT, {"x_goog_api_key": key}, json.dumps({"bidiGenerateContentSetup": lock}).encode()),
            ):
                answer = wire.request("POST", target, sent, **headers)
                assert answer.status == 200, target
                self.tokens.append(answer.json["name"])
            for target, headers, sent in (
                (f"{MINT}?key={key}", {}, json.dumps({key if key == GOOGLES else "x": "y"}).encode()),
                (f"{MINT}?key={key}", {}, f"not JSON: {key}".encode()),
                (f"{MINT}?key={key}", {}, json.dumps({"uses": key}).encode()),
                (f"{MINT}?key={key}", {}, json.dumps({"expireTime": key}).encode()),
                (MINT, {"authorization": f"Bearer {key}"}, b""),
                (MINT, {"authorization": f"Token {self.tokens[0]}"}, b""),
                (f"{MINT}?key={self.tokens[0]}", {}, b""),
                (f"/v1alpha/{self.tokens[0]}?key={key}", {}, b""),
                (f"/v1beta/models/x:generateContent?key={key}", {}, b"{}"),
                (f"/nowhere?key={key}", {"referer": f"https://app/?key={key}", "cookie": f"key={key}"}, b""),
                (
                    f"/nowhere?key={key}",
                    {"user_agent": f"curl ({key})", "proxy_authorization": f"Basic {key}"},
                    b"",
                ),
            ):
                wire.request("POST", target, sent, **headers)
            if key == GOOGLES:
                for target in (
                    f"/{key}",
                    f"/v1alpha/{key}/x",
                    f"/x?other={key}",
                    f"/?q=auth_tokens%2F{'f' * 64}",
                ):
                    wire.request("GET", target)
        with contextlib.closing(Wire(self.port)) as wire:
            wire.send(f"GET /x?key={key} HTTP/9.9\r\nX: {key}\r\n\r\n").rest()

    def handshakes(self) -> None:
        key, token = self.key, self.tokens[0]
        for target, *headers in (
            (f"{LIVE}?key={key}", f"Sec-WebSocket-Protocol: {GOOGLES}"),
            (f"{LIVE}?key={token}",),
            (f"{LIVE}Constrained?key={key}",),
            (f"{LIVE}Constrained?access_token={token}&access_token={token}",),
            (f"{LIVE}Constrained?access_token=auth_tokens%2F{token.partition('/')[2]}",),
            (f"{LIVE}Constrained?access_token=auth_tokens/{'a' * 64}",),
            (f"{LIVE}Nonsense?key={key}",),
            (f"/ws/{GOOGLES}?key={key}",),
            (LIVE, f"x-goog-api-key: {key}", f"Authorization: Token {token}"),
        ):
            with contextlib.closing(Wire(self.port)) as wire:
                if wire.upgrade(target, *headers).status == 101:
                    wire.frame(1, json.dumps({"setup": {"model": AUDIO_MODEL}}).encode())
                    wire.read_frame()

    def sessions(self) -> None:
        with contextlib.closing(Live(self.port, live_path(query=f"key={self.key}"))) as live:
            live.setup(systemInstruction={"parts": [{"text": f"my key is {self.key}"}]}).expect_ready()
            live.say(f"the key is {self.key}, the token {self.tokens[0]}").expect_turn()
            live.close(3000, self.key)
        for message in ({"setup": {"model": self.key}}, {self.key: 1}, f"nonsense {self.key}"):
            with contextlib.closing(Live(self.port, live_path(query=f"key={self.key}"))) as live:
                live.send(message)._drain()
        token = self.tokens[1]
        with contextlib.closing(
            Live(self.port, live_path("BidiGenerateContentConstrained", query=f"access_token={token}"))
        ) as live:
            live.setup().expect_ready().say("hello").expect_turn()

    @property
    def secrets(self) -> list[str]:
        """All that nobody may see; of tokens the part that tells one from another."""
        return [self.key, *(token.partition("/")[2] for token in self.tokens)]


@pytest.fixture(params=[GOOGLES, PLAIN], ids=["google's", "plain"])
def key(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def planted(server: MockServer, key: str) -> Canaries:
    """A server that has seen them all."""
    canaries = Canaries(server.port, key)
    canaries.everywhere()
    return canaries


def assert_none(where: str, seen: str, planted: Canaries) -> None:
    assert len(seen) > 20, f"{where} shows nothing"
    assert leaks(where, seen, planted.secrets) == []


def test_a_canary_that_is_seen_is_told() -> None:
    assert leaks("log", f"key={GOOGLES}", [GOOGLES])
    assert leaks("log", "key=a%2Fb-and-more", ["a/b-and-more"])


def test_the_log_has_none(server: MockServer, planted: Canaries) -> None:
    assert_none("text", text(server.journal), planted)
    assert_none("JSON", json.dumps([entry.shown() for entry in server.journal], ensure_ascii=False), planted)


def test_the_verdict_has_none(server: MockServer, planted: Canaries) -> None:
    verdict = judge(server.journal, server.tokens)
    assert verdict.findings
    assert_none("verdict", f"{verdict}{json.dumps(verdict.shown())}", planted)


@pytest.mark.parametrize(
    "path", ["journal", "journal?kind=refusal", "verdict", "tokens", "script", "rules", "health", "", "clock"]
)
def test_the_control_api_has_none(server: MockServer, planted: Canaries, path: str) -> None:
    rule = {"on": "turn", "then": [{"say": f"the key is {GOOGLES}"}]}
    server.play({"name": "mine", "rules": [rule]}, planted.key)
    with contextlib.closing(Wire(server.port)) as wire:
        answer = wire.request("GET", f"/_mock/{path}")
    assert answer.status == 200
    assert_none(path, answer.body.decode(), planted)


def test_who_follows_the_journal_sees_none(server: MockServer, planted: Canaries) -> None:
    count = len(server.journal)
    with contextlib.closing(Wire(server.port)) as wire:
        wire.send("GET /_mock/journal?follow=true HTTP/1.1\r\nHost: localhost\r\n\r\n")
        events = b"".join(wire.until(b"\n\n") for _ in range(count + 1))
    assert_none("events", events.decode(), planted)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/_mock/clock", {"advance": GOOGLES}),
        ("POST", "/_mock/rules", {"on": GOOGLES, "then": ["abort"]}),
        ("PUT", "/_mock/script", {"name": "x", "rules": [{"on": "turn", "then": [{GOOGLES: 1}]}]}),
        ("GET", f"/_mock/facts/{GOOGLES}", None),
        ("GET", f"/_mock/{GOOGLES}", None),
        ("POST", f"/_mock/reset?{GOOGLES}=1", None),
        ("PUT", f"/_mock/script?name={GOOGLES}", None),
        ("POST", "/_mock/tokens", {"apiKey": GOOGLES, GOOGLES: 1}),
        ("GET", "/_mock/health", {"x": GOOGLES}),
    ],
)
def test_errors_of_the_control_api_have_none(
    wire: Callable[..., Wire], method: str, path: str, body: Any
) -> None:
    answer = wire().request(method, path, json.dumps(body).encode() if body is not None else b"")
    assert answer.status in (400, 404)
    assert leaks(path, answer.body.decode(), [GOOGLES]) == []


@pytest.mark.parametrize("form", ["text", "json"])
def test_the_output_of_a_server_has_none(tls_dir: Path, tmp_path: Path, key: str, form: str) -> None:
    command = [
        sys.executable, "-X", "dev", "-m", "mockserver", "--port", "0", "--ready-json", "--log", form,
        "--verdict", "--tls-dir", str(tls_dir), "--set", "pace=0",
    ]  # fmt: skip
    environment = {**os.environ, "PYTHONASYNCIODEBUG": "1"}
    log = tmp_path / "log"
    with (
        log.open("w") as stderr,
        subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=stderr, env=environment, text=True
        ) as process,
    ):
        assert process.stdout is not None
        about = json.loads(process.stdout.readline())
        canaries = Canaries(int(about["url"].rpartition(":")[2]), key)
        canaries.everywhere()
        process.terminate()
        out, _ = process.communicate(timeout=20)
    assert_none("output", out + log.read_text("utf-8"), canaries)


def test_a_recording_and_the_relay_s_log_have_none(
    server: MockServer, key: str, tmp_path: Path, tls_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    real = "AIzaSyTheRealKeyTheRealKeyTheRealKey99"
    path = tmp_path / "recording.jsonl"
    seen: list[Entry] = []
    with Relay(server.url, key=real, record=path, tls_dir=tls_dir) as relay:
        relay.watch(seen.append)
        canaries = Canaries(relay.port, key)
        canaries.everywhere()
    canaries.tokens.append(f"auth_tokens/{real}")
    assert_none("recording", path.read_text("utf-8"), canaries)
    assert_none("relay's text", text(seen), canaries)
    assert_none("relay's JSON", json.dumps([entry.shown() for entry in seen]), canaries)
    recordings_command.run([str(path)])
    assert_none("description", capsys.readouterr().out, canaries)


def test_the_report_of_a_failed_test_has_none(
    pytester: pytest.Pytester, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CANARY", key)
    pytester.makepyfile(
        test_canary="""
        import os
        import urllib.request

        def test_canary(mock_gemini):
            for query in ("key={}", "alt=json&key={}", "%6bey={}"):
                url = f"{mock_gemini.url}/v1alpha/auth_tokens?{query.format(os.environ['CANARY'])}"
                urllib.request.urlopen(urllib.request.Request(url, b"{}")).close()
            assert 0
        """
    )
    # In a process of its own, with the plugin as it is installed.
    shown = pytester.runpytest_subprocess("--tb=short").stdout.str()
    assert "mock gemini journal" in shown
    assert leaks("report", shown, [key]) == []
