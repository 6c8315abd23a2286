"""Programs that know nothing of this project: a ``websockets`` script and ``curl``, with and without TLS."""

from __future__ import annotations

import json
import os
import shutil
import socket
import ssl
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from .conftest import KEY

if TYPE_CHECKING:
    from mockserver import MockServer

PROGRAM: Final = Path(__file__).parent / "programs" / "plain_websockets.py"
#: An interpreter starts in a fraction of a second; a program that takes so long hangs.
LIMIT_S: Final = 30
EXPECTED: Final = {
    "text": {"said": "hello there, my friend"},
    "tool": {"called": "get_weather", "args": {"city": "sample"}, "said": '{"sky": "blue"}'},
    "audio": {"heard": "1.0 seconds of speech", "said": "1.0 seconds of speech", "bytes": 60_480},
}


def run(server: MockServer, url: str, method: str, query: str) -> Any:
    """Run the script as a user would: in a process of its own, told of nothing but the environment."""
    path = f"ws/google.ai.generativelanguage.v1alpha.GenerativeService.{method}?{query}"
    target = f"{url.replace('http', 'ws', 1)}/{path}"
    wanted = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    done = subprocess.run(
        [sys.executable, str(PROGRAM), target],
        env={**wanted, **server.env},
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("scheme", ["ws", "wss"])
def test_a_plain_script_does_its_turns_with_a_key(server: MockServer, scheme: str) -> None:
    url = server.tls_url if scheme == "wss" else server.url
    assert run(server, url, "BidiGenerateContent", f"key={KEY}") == EXPECTED


@pytest.mark.parametrize("scheme", ["ws", "wss"])
def test_a_plain_script_does_its_turns_with_a_token(server: MockServer, scheme: str) -> None:
    url = server.tls_url if scheme == "wss" else server.url
    token = server.mint(KEY, uses=3)
    assert run(server, url, "BidiGenerateContentConstrained", f"access_token={token}") == EXPECTED
    assert [token.uses_left for token in server.tokens] == [0]


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl on this machine")
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_curl_mints(server: MockServer, scheme: str) -> None:
    url, trust = (
        (server.tls_url, ["--cacert", str(server.ca_file)]) if scheme == "https" else (server.url, [])
    )
    command = ["curl", "--silent", "--show-error", "--fail-with-body", "--noproxy", "*", *trust]
    command += ["-H", f"x-goog-api-key: {KEY}", "-H", "Content-Type: application/json", "-d", '{"uses": 2}']
    done = subprocess.run(
        [*command, f"{url}/v1alpha/auth_tokens"], capture_output=True, timeout=LIMIT_S, check=False
    )
    assert done.returncode == 0, done.stderr
    [token] = server.tokens
    assert json.loads(done.stdout) == {"name": token.name}
    assert (token.owner, token.uses_left) == (KEY, 2)


def test_a_client_that_does_not_know_the_authority_gets_nowhere(server: MockServer) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        ssl_connect(server.port)


def ssl_connect(port: int) -> None:
    """Greet the server as a client that trusts nobody."""
    nobody = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    with (
        socket.create_connection(("127.0.0.1", port), LIMIT_S) as raw,
        nobody.wrap_socket(raw, server_hostname="localhost"),
    ):
        pass
