"""Test runs of their own, with a way to mint and certificates of this run."""

from __future__ import annotations

import pytest

CLIENT = """
    import json, os, urllib.error, urllib.request
    from websockets.sync.client import connect

    MODEL = "models/gemini-3.8-live"
    LIVE = "/ws/google.ai.generativelanguage.{}.GenerativeService.BidiGenerateContent"

    def mint(server, key="some-key", version="v1alpha", **fields):
        url = f"{server.url}/{version}/auth_tokens?key={key}"
        try:
            request = urllib.request.Request(url, json.dumps(fields).encode())
            with urllib.request.urlopen(request, timeout=5) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            error.close()
            return error.code

    def open_socket(server, version="v1alpha", query="key=some-key", **setup):
        method = "Constrained" if "access_token" in query else ""
        url = server.url.replace("http", "ws", 1)
        socket = connect(f"{url}{LIVE.format(version)}{method}?{query}").__enter__()
        socket.send(json.dumps({"setup": {"model": MODEL, **setup}}))
        return socket

    def say(socket, text):
        turn = {"role": "user", "parts": [{"text": text}]}
        socket.send(json.dumps({"client_content": {"turns": [turn], "turn_complete": True}}))

    def ready(server, **given):
        socket = open_socket(server, **given)
        socket.recv()
        return socket
"""


@pytest.fixture(autouse=True)
def surroundings(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A client to test with, and certificates in a folder of this run."""
    pytester.makepyfile(minting=CLIENT)
    monkeypatch.setenv("PYTEST_ADDOPTS", "-p no:asyncio")  # it warns where it is not configured
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))
