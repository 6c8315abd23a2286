"""``python -m mockserver relay``: what it prints, how it ends, and how it refuses to start."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from mockserver.recordings import read

from ..conftest import Live, Wire, live_path
from .conftest import REAL, STAND_IN

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mockserver import MockServer

COMMAND = [sys.executable, "-m", "mockserver", "relay"]


def begin(*words: str, **env: str) -> subprocess.Popen[str]:
    """Start the command."""
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen([*COMMAND, *words], text=True, env={**os.environ, **env}, **streams)  # type: ignore[call-overload,no-any-return]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_session_passes_and_is_recorded(
    number: int, serve: Callable[..., MockServer], tls_dir: Path, tmp_path: Path
) -> None:
    server, path = serve(api_keys=(REAL,)), tmp_path / "session.jsonl"
    words = [
        "--to",
        server.url,
        "--record",
        str(path),
        "--key-from-env",
        "MY_KEY",
        "--port",
        "0",
        "--ready-json",
    ]
    process = begin(*words, "--tls-dir", str(tls_dir), MY_KEY=REAL)
    assert process.stdout is not None
    about = json.loads(process.stdout.readline())
    assert set(about) == {"url", "tls_url", "ca_file", "to", "env", "pid"}
    assert about["to"] == server.url
    port = int(about["url"].rpartition(":")[2])
    token = Wire(port).request("POST", "/v1alpha/auth_tokens", b"{}", x_goog_api_key=STAND_IN).json["name"]
    live = Live(port, live_path("BidiGenerateContentConstrained", query=f"access_token={token}"))
    live.setup().expect_ready().say("hi").expect_turn()
    live.close()
    process.send_signal(number)
    out, err = process.communicate(timeout=10)
    assert (process.returncode, out) == (0, "")
    assert "http-1  request   POST /v1alpha/auth_tokens" in err
    assert "ws-1  lost      by the client: 1000" in err
    for text in (err, path.read_text()):
        assert REAL not in text
        assert token.partition("/")[2] not in text
    assert [line.kind for line in read(path).lines][:4] == ["request", "response", "handshake", "accepted"]


def test_a_person_gets_lines_to_paste(tls_dir: Path, tmp_path: Path) -> None:
    process = begin("--port", "0", "--tls-dir", str(tls_dir), "--record", str(tmp_path / "a.jsonl"))
    assert process.stdout is not None
    lines = [process.stdout.readline() for _ in range(9)]
    process.terminate()
    process.communicate(timeout=10)
    assert lines[0].startswith("relay listens on http://127.0.0.1:")
    assert lines[1].startswith(
        "It passes everything on to https://generativelanguage.googleapis.com, with clients'"
    )
    assert lines[2] == f"It records into {tmp_path / 'a.jsonl'}.\n"
    assert lines[4].startswith("  export GOOGLE_GEMINI_BASE_URL=http://127.0.0.1:")
    assert lines[8] == "Stop with Ctrl-C.\n"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--to", "nowhere"], "'nowhere' is no base URL: expected http://HOST[:PORT]"),
        (["--key-from-env", "NO_SUCH_KEY"], "NO_SUCH_KEY is not set: export it, or name another"),
        (["--record", "{there}"], "{there} exists, and is not written over: name a new file with --record"),
        (
            ["--record", "{folder}/no/a.jsonl"],
            "{folder}/no/a.jsonl: No such file or directory; name another file",
        ),
        (["--to", "https://x", "--to-ca-file", "{there}"], "{there}: no certificate in PEM"),
        (["--to", "https://x", "--to-ca-file", "{folder}/no.pem"], "No such file or directory"),
        (["--port", "70000"], "'70000' is no port"),
        (["--log", "loud"], "invalid choice: 'loud'"),
        (["--unknown"], "unrecognized arguments: --unknown"),
    ],
)
def test_bad_input_is_one_line_and_2(words: list[str], says: str, tmp_path: Path) -> None:
    there = tmp_path / "there.jsonl"
    there.write_text("something")
    filled = [word.format(there=there, folder=tmp_path) for word in words]
    process = begin(*filled)
    out, err = process.communicate(timeout=20)
    assert (process.returncode, out) == (2, "")
    assert err.count("\n") == 1, err
    assert says.format(there=there, folder=tmp_path) in err
    assert there.read_text() == "something"


def test_a_port_in_use_is_one_line_and_2(serve: Callable[..., MockServer], tls_dir: Path) -> None:
    process = begin("--port", str(serve().port), "--tls-dir", str(tls_dir))
    out, err = process.communicate(timeout=20)
    assert (process.returncode, out) == (2, "")
    assert "Address already in use; free it, or name another with --port (0 takes any)\n" in err
    assert err.count("\n") == 1
