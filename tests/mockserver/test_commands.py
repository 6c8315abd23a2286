"""``python -m mockserver -- COMMAND``, its verdict, and how the control API is kept to those who may."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import ssl
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from mockserver import SERVICE_HOST

from .conftest import Wire
from .test_main import Running, fails, run, start

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["run"]  # a fixture


def test_a_command_runs_with_the_mock_in_its_environment(tls_dir: Path) -> None:
    code = (
        "import json, os, sys, urllib.request\n"
        "url = os.environ['GOOGLE_GEMINI_BASE_URL'] + '/v1alpha/auth_tokens'\n"
        "given = {'x-goog-api-key': os.environ['GEMINI_API_KEY']}\n"
        "urllib.request.urlopen(urllib.request.Request(url, b'{\"uses\": 0}', given)).close()\n"
        "assert not [name for name in os.environ if 'VERTEX' in name]\n"
        "print(os.environ['GOOGLE_API_KEY'], sys.argv[1:])\n"
        "sys.exit(7)\n"
    )
    own = ["--tls-dir", str(tls_dir), "--verdict", "--"]
    process = start(*own, sys.executable, "-c", code, "--", "x", env={"GOOGLE_GENAI_USE_VERTEXAI": "true"})
    out, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (7, "")
    assert out.startswith("mock-gemini-key ['--', 'x']\nrisky  unlimited-uses: http-1 minted a token")


def test_a_command_keeps_its_own_key_and_is_asked_to_end(tls_dir: Path) -> None:
    code = "import os, sys, time; print(os.environ['GEMINI_API_KEY'], flush=True); time.sleep(60)"
    own = ["--tls-dir", str(tls_dir), "--"]
    process = start(*own, sys.executable, "-c", code, env={"GOOGLE_API_KEY": "mine", "GEMINI_API_KEY": ""})
    assert process.stdout is not None
    assert process.stdout.readline() == "mine\n"
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=20)
    assert process.returncode == 128 + signal.SIGTERM


def test_a_command_that_does_not_exist_is_told(tls_dir: Path) -> None:
    said = fails("--tls-dir", str(tls_dir), "--", "no-such-program")
    assert said == (
        "mockserver: cannot run no-such-program: No such file or directory; "
        "expected a program and arguments behind --\n"
    )


#: Asks the service by its name for a token, and prints the status, or what went wrong.
BY_NAME = (
    "import sys, urllib.request\n"
    "url = f'https://{sys.argv[1]}/v1alpha/auth_tokens'\n"
    "wanted = urllib.request.Request(url, b'{}', {'x-goog-api-key': 'k'})\n"
    "try:\n"
    "    print(urllib.request.urlopen(wanted, timeout=5).status)\n"
    "except OSError as error:\n"
    "    print(type(error).__name__)\n"
)


@pytest.mark.parametrize(
    ("options", "host", "said"),
    [
        ([], SERVICE_HOST, "200"),
        (["--redirect", "Gateway.Invalid"], SERVICE_HOST, "200"),
        (["--redirect", "Gateway.Invalid"], "gateway.invalid", "200"),
        ([], "gateway.invalid", "URLError"),
        (["--no-redirect", "--log", "none"], "gateway.invalid", "URLError"),
    ],
)
def test_a_command_that_asks_the_service_by_name_reaches_the_mock(
    tls_dir: Path, options: list[str], host: str, said: str
) -> None:
    process = start("--tls-dir", str(tls_dir), *options, "--", sys.executable, "-c", BY_NAME, host)
    assert process.communicate(timeout=20) == (f"{said}\n", "")


def test_no_redirect_leaves_a_command_as_it_is(tls_dir: Path) -> None:
    code = "import os; print(sorted(name for name in os.environ if name.startswith('MOCKSERVER')))"
    process = start("--tls-dir", str(tls_dir), "--no-redirect", "--", sys.executable, "-c", code)
    assert process.communicate(timeout=20) == ("[]\n", "")


def test_a_server_without_a_command_redirects_when_it_is_asked_to(run: Callable[..., Running]) -> None:
    assert "MOCKSERVER_REDIRECT" not in run().about["env"]
    env = run("--redirect", "gateway.invalid").about["env"]
    assert env["MOCKSERVER_REDIRECT"] == "gateway.invalid"
    done = subprocess.run(
        [sys.executable, "-c", BY_NAME, "gateway.invalid"],
        env={**os.environ, **env}, capture_output=True, text=True, timeout=20, check=False,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("200\n", "")


def test_what_is_no_host_is_told() -> None:
    assert fails("--redirect", "https://a.example/") == (
        "mockserver: argument --redirect: 'https://a.example/' is no host: expected a name such as "
        "generativelanguage.googleapis.com; see --help\n"
    )


def test_without_being_asked_nothing_is_said_of_clients(run: Callable[..., Running]) -> None:
    running = run()
    running.mint()
    assert running.end()[1] == ""


def test_the_verdict_is_printed_on_request(run: Callable[..., Running]) -> None:
    running = run("--verdict", "--log", "none")
    running.mint()
    status, out, err = running.end()
    assert (status, err) == (0, "")
    assert out.startswith(
        "risky  unlocked-token: http-1 minted a token that locks nothing (entries 1, 2) [TOK-013]"
    )


@pytest.mark.parametrize("by", ["option", "variable"])
def test_a_control_token_is_named(run: Callable[..., Running], by: str) -> None:
    if by == "option":
        running = run("--control-token", "open-sesame")
    else:
        running = run(env={"MOCKSERVER_CONTROL_TOKEN": "open-sesame"})
    assert running.about["live_page"].endswith("/_mock/?token=open-sesame")
    assert running.about["env"]["MOCKSERVER_CONTROL_TOKEN"] == "open-sesame"
    with contextlib.closing(Wire(running.port)) as wire:
        assert wire.request("GET", "/_mock/health").status == 401
        assert wire.request("GET", "/_mock/health?token=open-sesame").status == 200


def test_a_server_for_others_prints_the_token_that_it_made_up(run: Callable[..., Running]) -> None:
    running = run("--host", "0.0.0.0", "--name", "mock.test")
    token = running.about["env"]["MOCKSERVER_CONTROL_TOKEN"]
    assert running.about["live_page"] == f"{running.about['url']}/_mock/?token={token}"
    trusting = ssl.create_default_context(cafile=running.about["ca_file"])
    with socket.create_connection(("127.0.0.1", running.port)) as plain:
        trusting.wrap_socket(plain, server_hostname="mock.test").close()
