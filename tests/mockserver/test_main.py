"""``python -m mockserver``: what it prints, how it ends, and how it refuses to start."""

# ruff: noqa: E501  (recorded texts stay on one line)

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from .conftest import Live, Wire, live_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

CANARY = "AIzaSyCanaryCanaryCanaryCanaryCanary123"
COMMAND = [sys.executable, "-m", "mockserver"]


class Running:
    """A server in a process of its own."""

    def __init__(self, process: subprocess.Popen[str], about: dict[str, Any]) -> None:
        self.process, self.about = process, about
        self.port = int(about["url"].rpartition(":")[2])

    def end(self, number: int = signal.SIGTERM) -> tuple[int, str, str]:
        """Stop it: exit status, the rest of stdout, stderr."""
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=10)
        return self.process.returncode, out, err

    def mint(self, version: str = "v1alpha", body: bytes = b"{}", key: str = CANARY) -> Any:
        """Mint over HTTP; the answer."""
        with contextlib.closing(Wire(self.port)) as wire:
            return wire.request("POST", f"/{version}/auth_tokens", body, x_goog_api_key=key)


def start(*options: str, env: dict[str, str] | None = None) -> subprocess.Popen[str]:
    """Start the command."""
    return subprocess.Popen(
        [*COMMAND, *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **(env or {})},
    )


@pytest.fixture
def run(tls_dir: Path) -> Iterator[Callable[..., Running]]:
    """Start the command with ``--ready-json`` on a free port; it is killed after the test."""
    started: list[subprocess.Popen[str]] = []

    def run_it(*options: str, env: dict[str, str] | None = None) -> Running:
        given = ["--ready-json", "--tls-dir", str(tls_dir), *options]
        process = start("--port", "0", *given, env=env)
        started.append(process)
        assert process.stdout is not None
        return Running(process, json.loads(process.stdout.readline()))

    yield run_it
    for process in started:
        process.kill()
        process.communicate()


def fails(*options: str, env: dict[str, str] | None = None) -> str:
    """The one line with which the command refuses to start."""
    process = start(*options, env=env)
    out, err = process.communicate(timeout=20)
    assert (process.returncode, out) == (2, "")
    assert err.endswith("\n")
    assert err.count("\n") == 1, err
    assert err.startswith("mockserver: ")
    return err


def test_ready_json_is_one_line_with_five_keys(run: Callable[..., Running]) -> None:
    running = run()
    port = running.port
    assert set(running.about) == {"url", "tls_url", "ca_file", "env", "pid"}
    assert running.about["url"] == f"http://127.0.0.1:{port}"
    assert running.about["tls_url"] == f"https://localhost:{port}"
    assert running.about["pid"] == running.process.pid
    assert set(running.about["env"]) == {
        "GOOGLE_GEMINI_BASE_URL", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS",
    }  # fmt: skip
    assert running.about["env"]["GOOGLE_GEMINI_BASE_URL"] == running.about["url"]
    assert running.about["env"]["NODE_EXTRA_CA_CERTS"] == running.about["ca_file"]
    assert running.mint().status == 200, "it listens by the time it says so"
    assert running.end()[:2] == (0, "")


def test_the_bundle_keeps_the_public_roots_and_has_our_authority(run: Callable[..., Running]) -> None:
    running = run(env={"SSL_CERT_FILE": ""})
    bundle = running.about["env"]["SSL_CERT_FILE"]
    with open(bundle) as text:
        certificates = text.read()
    with open(running.about["ca_file"]) as text:
        assert text.read().strip() in certificates
    assert certificates.count("BEGIN CERTIFICATE") > 50
    trusting = ssl.create_default_context(cafile=bundle)
    with contextlib.closing(Wire(running.port, trusting)) as wire:
        assert wire.request("POST", f"/v1alpha/auth_tokens?key={CANARY}").status == 200


def test_the_bundle_keeps_the_roots_a_user_has_chosen(run: Callable[..., Running], tmp_path: Path) -> None:
    own = tmp_path / "own.pem"
    own.write_text("# the roots of our company\n")
    running = run(env={"SSL_CERT_FILE": str(own)})
    with open(running.about["env"]["SSL_CERT_FILE"]) as text:
        assert text.read().startswith("# the roots of our company\n")


def test_the_case_the_project_starts_from(run: Callable[..., Running]) -> None:
    running = run()
    assert (running.mint("v1beta").status, running.mint("v1beta").body) == (404, b"")
    token = running.mint("v1alpha").json["name"]
    path = live_path("BidiGenerateContentConstrained", "v1alpha", f"access_token={token}")
    live = Live(running.port, path)
    live.setup().expect_ready()
    live.close()


def test_a_service_date_is_chosen(run: Callable[..., Running]) -> None:
    assert run("--service-date", "latest").mint("v1beta").status == 200
    assert run("--service-date", "2026-07-02").mint("v1beta").status == 404


def test_keys_are_limited(run: Callable[..., Running]) -> None:
    running = run("--api-key", "one", "--api-key", "two")
    assert [running.mint(key=key).status for key in ("one", "two", "three")] == [200, 200, 400]


def test_a_guess_is_set(run: Callable[..., Running]) -> None:
    running = run("--set", 'instead={"CLS-006": "CLS-049B"}', "--set", "pace=0")
    path = live_path("BidiGenerateContentConstrained", query="access_token=auth_tokens/" + 64 * "0")
    live = Live(running.port, path)
    live.setup().expect_close(1008, "Requested entity was not found.")
    live.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_with_0(run: Callable[..., Running], number: int) -> None:
    running = run()
    live = Live(running.port, live_path())
    live.setup().expect_ready()
    status, out, err = running.end(number)
    assert (status, out) == (0, "")
    assert "Traceback" not in err
    live.expect_drop()
    live.close()


def test_a_signal_right_after_the_ready_line_ends_it_with_0(run: Callable[..., Running]) -> None:
    for _ in range(3):
        assert run().end()[0] == 0


def test_a_person_gets_lines_to_paste(tls_dir: Path) -> None:
    process = start("--port", "0", "--tls-dir", str(tls_dir))
    assert process.stdout is not None
    lines = []
    while not lines or not lines[-1].startswith("Stop with"):
        lines.append(process.stdout.readline())
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=10)
    assert process.returncode == 0
    assert re.fullmatch(
        r"mockserver listens on (http://127\.0\.0\.1:\d+) \(also https, ws and wss; https://localhost:\d+\)\n",
        lines[0],
    )
    assert lines[1] == "service date: launch, 2025-05-20\n"
    exports = [line.strip() for line in lines if line.startswith("  export ")]
    assert [line.split("=")[0] for line in exports] == [
        f"export {name}"
        for name in ("GOOGLE_GEMINI_BASE_URL", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")
    ]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--nonsense",), "unrecognized arguments: --nonsense; see --help"),
        (("--port", "70000"), "argument --port: '70000' is no port: expected a number from 0 to 65535"),
        (("--port", "-1"), "argument --port: "),
        (("--port", "abc"), "argument --port: 'abc' is no port"),
        (("--port", "²"), "is no port"),
        (("--service-date", "tomorrow"), "argument --service-date: service date 'tomorrow' is not known: expected launch, latest or a date"),
        (("--service-date", "2026-02-30"), "expected launch, latest or a date like 2026-07-03"),
        (("--log", "loud"), "argument --log: invalid choice: 'loud'"),
        (("--set", "nonsense=1"), "--set 'nonsense=1': expected NAME=VALUE with a name of "),
        (("--set", "pace"), "--set 'pace': expected NAME=VALUE"),
        (("--set", "pace=-1"), "pace is -1: expected a number of 0 or more"),
        (("--set", "pace=abc"), "pace is 'abc': expected a number of 0 or more"),
        (("--set", "pace=NaN"), "pace is nan: expected a number of 0 or more"),
        (("--set", "instead=x"), "instead is 'x': expected an object of fact ids"),
        (("--set", 'instead={"CLS-006": [1]}'), "expected two facts that both answer or both close"),
        (("--set", "rejected-setup-spends-use=maybe"), "expected true or false"),
        (("--set", "serve=x"), "--set 'serve=x': expected NAME=VALUE with a name of"),
        (("--set", "service_date=latest"), "--set 'service_date=latest': expected NAME=VALUE"),
        (("--host", "nowhere.invalid", "--port", "0"), "cannot listen on nowhere.invalid:0: "),
        (("--host", "192.0.2.1", "--port", "0"), "cannot listen on 192.0.2.1:0: "),
        (("--port", "0", "--tls-dir", "/dev/null/x"), "cannot keep certificates in /dev/null/x: "),
    ],
)  # fmt: skip
def test_bad_input_is_one_line_and_2(options: tuple[str, ...], says: str, tls_dir: Path) -> None:
    given = options if "--tls-dir" in options else (*options, "--tls-dir", str(tls_dir))
    assert says in fails(*given)


def test_a_port_in_use_is_one_line_and_2(tls_dir: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        line = fails("--port", str(port), "--tls-dir", str(tls_dir))
    assert (
        f"cannot listen on 127.0.0.1:{port}: Address already in use; free it, or name another with --port"
        in line
    )


def test_broken_certificates_are_made_anew(run: Callable[..., Running], tmp_path: Path) -> None:
    from mockserver import tls

    made = tls.ensure(tmp_path)
    for file in (made.ca_file, made.chain_file):
        file.write_text("broken")
    tls.ensure(tmp_path).context()
    made.ca_file.unlink()
    assert tls.ensure(tmp_path).ca_file.read_text().startswith("-----BEGIN CERTIFICATE-----")


@pytest.mark.parametrize("form", ["text", "json", "none"])
def test_every_refusal_in_the_log_says_why_and_no_secret_is_whole(
    run: Callable[..., Running], form: str
) -> None:
    running = run("--log", form)
    token = running.mint().json["name"]
    running.mint("v1beta")
    running.mint(body=b'{"liveConnectConstraints": {}}')
    for method, query in (
        ("BidiGenerateContent", f"key={CANARY}"),
        ("BidiGenerateContent", f"access_token={token}"),
        ("BidiGenerateContentConstrained", f"access_token={token.replace('/', '%2F')}"),
        ("BidiGenerateContentConstrained", f"access_token={token}&access_token={token}"),
        ("BidiGenerateContentConstrained", f"key={CANARY}"),
    ):
        live = Live(running.port, live_path(method, query=query), {"x-goog-api-key": token})
        live.setup()
        live.close()
    status, out, log = running.end()
    assert (status, out) == (0, "")
    for secret in (CANARY, CANARY[6:], token, token.removeprefix("auth_tokens/")):
        assert secret not in log
    if form == "none":
        assert log == ""
    elif form == "text":
        lines = log.splitlines()
        refusals = [n for n, line in enumerate(lines) if re.search(r"^ +\S+  refusal  ", line)]
        assert len(refusals) == 5
        for n in refusals:
            assert re.search(r"\[[A-Z]{3}-\d{3}[A-Z]?(, a guess)?\]$", lines[n])
            assert re.search(r"^ +→ \w+", lines[n + 1])
        assert "set http_options={'api_version': 'v1alpha'} (Python)" in log
    else:
        entries = [json.loads(line) for line in log.splitlines()]
        refused = [entry for entry in entries if entry["kind"] == "refusal"]
        assert [entry["fact"] for entry in refused] == [
            "TOK-002",
            "TOK-045",
            "CLS-004",
            "CLS-005",
            "CLS-005B",
        ]
        assert all(entry["hint"] for entry in refused)


def test_a_ready_made_script_is_played(run: Callable[..., Running]) -> None:
    running = run("--script", "rate-limited-mint")
    assert [running.mint().status for _ in range(3)] == [429, 429, 200]


def test_a_script_of_a_file_is_played(run: Callable[..., Running], tmp_path: Path) -> None:
    file = tmp_path / "busy.json"
    file.write_text('{"name": "busy", "rules": [{"on": "mint", "then": [{"respond": 503}]}]}')
    running = run("--script", str(file), "--log", "json")
    assert running.mint().status == 503
    logged = [json.loads(line) for line in running.end()[2].splitlines()]
    assert [(one["script"], one["what"]) for one in logged if one["kind"] == "fault"] == [
        ("busy", "answer 503")
    ]


def test_a_client_chooses_a_ready_made_script_by_its_key(run: Callable[..., Running]) -> None:
    assert run().mint(key="mock-script-failing-mint").status == 500


def test_a_script_that_cannot_be_played_is_one_line_and_2(tmp_path: Path) -> None:
    file = tmp_path / "bad.json"
    file.write_text('{"name": 1, "rules": [], "x": 0}')
    assert f"{file}:1:2: expected a text, got 1 (and 1 more: python -m mockserver validate" in fails(
        "--script", str(file)
    )
    assert "cannot read gretting: No such file or directory; did you mean greeting?" in fails(
        "--script", "gretting"
    )


def command(*words: str) -> tuple[int, str, str]:
    """Run a command to its end: exit status, stdout, stderr."""
    done = subprocess.run([*COMMAND, *words], capture_output=True, text=True, timeout=20, check=False)
    return done.returncode, done.stdout, done.stderr


def test_validate_tells_every_mistake_and_ends_with_1_or_2(tmp_path: Path) -> None:
    good, bad, broken = (tmp_path / f"{name}.yaml" for name in ("good", "bad", "broken"))
    good.write_text("name: fine\n")
    bad.write_text("name: x\nrules:\n  - on: turn\n    then:\n      - sya: hi\n      - pause: -1\n")
    broken.write_text("name: [\n")
    assert command("validate", str(good)) == (0, f"{good}: script 'fine', 0 rules, no mistakes\n", "")
    status, out, err = command("validate", str(good), str(bad))
    assert (status, out) == (1, "")
    _, first, second = err.splitlines()
    assert first.startswith(f"{bad}:5:9: no step 'sya', expected one of say, ")
    assert first.endswith("; did you mean say?")
    assert second == f"{bad}:6:9: expected a number from 0 to 3.1536e+07, got -1"
    assert command("validate", str(bad), str(broken))[0] == 2
    status, _, err = command("validate", str(tmp_path / "none.yaml"))
    assert (status, err) == (2, f"{tmp_path / 'none.yaml'}: cannot be read: No such file or directory\n")


def test_scripts_lists_and_prints() -> None:
    status, out, _ = command("scripts")
    assert status == 0
    assert "\ndrop-in-turn " in out
    status, out, _ = command("scripts", "greeting", "echo")
    assert out.split("---\n")[1] == (
        'name: echo\nabout: "The model says back what it was told, and calls a declared tool that a turn names."\n'
        "rules:\n  - on: turn\n    then:\n      - echo\n"
    )
    assert command("scripts", "gretting") == (
        2,
        "",
        "no ready-made script 'gretting'; did you mean greeting?\n",
    )


def test_schema_is_json_schema() -> None:
    status, out, _ = command("schema")
    assert status == 0
    assert json.loads(out)["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_ready_json_is_the_only_thing_on_stdout(run: Callable[..., Running]) -> None:
    running = run("--log", "json")
    running.mint()
    status, out, err = running.end()
    assert (status, out) == (0, "")
    assert [json.loads(line)["kind"] for line in err.splitlines()] == ["request", "response"]
