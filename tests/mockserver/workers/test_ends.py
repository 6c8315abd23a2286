"""How workers start and end, and what they leave behind: nothing."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from mockserver.recordings.files import header

from ..test_main import COMMAND, fails
from .conftest import is_gone

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .conftest import Workers


@pytest.fixture
def temporary(tmp_path: Path) -> Path:
    """Where temporary files of the server go."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    return folder


def stores_in(folder: Path) -> list[Path]:
    """Stores of workers that are there."""
    return list(folder.glob("mockserver-*"))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_all_and_the_verdict_is_on_all(
    workers: Callable[..., Workers], temporary: Path, number: int
) -> None:
    server = workers("--verdict", env={"TMPDIR": str(temporary)})
    assert len(server.workers) == 2
    assert [path.stat().st_mode & 0o777 for path in stores_in(temporary)] == [0o700]
    for _ in range(8):
        server.name()
    started = server.pids
    status, out, err = server.end(number)
    assert (status, err) == (0, "")
    assert out.count("minted a token that locks nothing") == 1
    assert "(entries 1, 2, 3, 4, 5, 6 …)" in out
    assert all(is_gone(pid) for pid in started)
    assert stores_in(temporary) == []


def test_a_signal_to_the_workers_alone_ends_nothing(workers: Callable[..., Workers]) -> None:
    server = workers()
    for pid in server.workers:
        os.kill(pid, signal.SIGTERM)
        os.kill(pid, signal.SIGINT)
    assert all(server.name() for _ in range(8))
    assert server.end()[0] == 0


def test_a_lost_worker_ends_all_with_a_line(workers: Callable[..., Workers]) -> None:
    server = workers()
    started = server.pids
    os.kill(server.workers[1], signal.SIGKILL)
    out, err = server.process.communicate(timeout=20)
    assert (server.process.returncode, out) == (1, "")
    gone = "was ended by SIGKILL; its sessions and its part of the journal are gone, so all end: start again"
    assert err in [f"mockserver: worker {number} {gone}\n" for number in (1, 2)]
    assert all(is_gone(pid) for pid in started)


def test_a_killed_parent_leaves_nothing(workers: Callable[..., Workers], temporary: Path) -> None:
    server = workers(env={"TMPDIR": str(temporary)})
    started = server.pids
    assert len(stores_in(temporary)) == 1
    server.process.kill()
    assert all(is_gone(pid) for pid in started)
    assert stores_in(temporary) == []


def test_two_servers_do_not_share_a_port_by_mistake(workers: Callable[..., Workers], tls_dir: Path) -> None:
    port = str(workers().port)
    for count in ("1", "2"):
        told = fails("--workers", count, "--port", port, "--tls-dir", str(tls_dir))
        assert told.startswith(f"mockserver: cannot listen on 127.0.0.1:{port}: Address already in use")


def test_a_command_runs_against_workers_and_its_status_counts(tls_dir: Path) -> None:
    program = (
        "import os, urllib.request; "
        "urllib.request.urlopen(os.environ['GOOGLE_GEMINI_BASE_URL'] + '/_mock/health').read(); "
        "raise SystemExit(7)"
    )
    words = [*COMMAND, "--workers", "2", "--tls-dir", str(tls_dir), "--", sys.executable, "-c", program]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (7, "", "")


def test_a_program_that_is_not_there_is_told_as_ever(tls_dir: Path) -> None:
    line = fails("--workers", "2", "--tls-dir", str(tls_dir), "--", "no-such-program")
    assert line.startswith(
        "mockserver: cannot run no-such-program: No such file or directory; expected a program"
    )


def test_servers_that_name_one_store_share_tokens(workers: Callable[..., Workers], tmp_path: Path) -> None:
    store = f"sqlite:///{tmp_path / 'tokens.db'}"
    one, other = workers("--store", store), workers("--workers", "1", env={"MOCKSERVER_STORE": store})
    names = {one.name(), other.name()}
    assert len(names) == 2
    for server in (one, other):
        assert len(server.call("GET", "/_mock/tokens")[1]["tokens"]) == 2
    one.end()
    other.end()
    assert (tmp_path / "tokens.db").stat().st_mode & 0o777 == 0o600, "it stays, for nobody else to read"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--workers", "0"], "'0': expected a number of processes from 1 to 64"),
        (["--workers", "2.5"], "'2.5': expected a number of processes from 1 to 64"),
        (
            ["--workers", "2", "--set", "max-sessions=3"],
            "max_sessions came with --workers, expected one of them",
        ),
        (["--store", "tokens.db"], "the store is no URL, expected sqlite:///FILE, redis://HOST:PORT/NUMBER"),
        (["--store", "mysql://user:canary@db"], "the store is mysql://…, expected sqlite:///FILE"),
        (["--store", "sqlite://"], "the store is a sqlite:// without a file, expected sqlite:///FILE"),
        (["--store", "sqlite:////no/such/folder/tokens.db"], "the store /no/such/folder/tokens.db failed: "),
        (["--store", "redis://:canary@127.0.0.1:1/0"], "the store redis://127.0.0.1:1/0 failed: "),
    ],
)
@pytest.mark.parametrize("count", [[], ["--workers", "2"]])
def test_what_cannot_be_is_refused_at_the_start(
    words: list[str], told: str, count: list[str], tls_dir: Path
) -> None:
    line = fails(*count, "--port", "0", "--tls-dir", str(tls_dir), *words)
    assert told in line
    assert "canary" not in line


def test_a_recording_is_for_one(tls_dir: Path, tmp_path: Path) -> None:
    recording = tmp_path / "session.jsonl"
    asked = {"ms": 0, "on": "http-1", "by": "client", "kind": "request", "what": "POST /v1alpha/auth_tokens"}
    recording.write_text(f"{header('', 'this test', '')}\n{json.dumps(asked)}\n")
    line = fails("--workers", "2", "--port", "0", "--tls-dir", str(tls_dir), "--script", str(recording))
    assert "--script is a recording, expected a script of rules with --workers" in line
