"""A registry that cannot be reached: what is there is measured, the rest is BROKEN, and nobody waits long."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Final

import pytest

from suite.environments.cache import NETWORK, advice
from suite.environments.preparation import AWAY, Preparation

from .processes import go_on

if TYPE_CHECKING:
    from pathlib import Path

    from .processes import Command

VERSIONS: Final = ("1.30.0", "1.43.0", "2.10.0", "2.11.0", "2.32.0", "3.1.0", "3.3.0")
CAUSE: Final = "npm error network request to https://registry failed, reason: getaddrinfo ENOTFOUND registry"


@pytest.mark.parametrize(
    "cause",
    [
        "Request failed after 3 retries in 12.5s: failed to lookup address information: Name or service …",
        "Request failed after 3 retries in 6.1s: Connection refused (os error 111)",
        "FetchError: request to http://127.0.0.1:9/@google%2fgenai failed, reason: connect ECONNREFUSED",
        "request to http://nowhere.invalid failed, reason: getaddrinfo ENOTFOUND nowhere.invalid",
    ],
)
def test_what_the_tools_say_of_a_dead_network_is_known(cause: str) -> None:
    """As uv 0.13 and npm 11 said it."""
    assert advice(cause) == NETWORK


def test_after_some_vain_tries_nobody_is_asked_any_more_and_the_run_says_how_to_go_on(
    command: Command, tmp_path: Path
) -> None:
    programs, asked = tmp_path / "programs", tmp_path / "asked"
    programs.mkdir()
    for name, text in {
        "node": "echo v22.0.0",
        "npm": f"echo x >> {asked}; echo '{CAUSE}' >&2; exit 1",
    }.items():
        (programs / name).write_text(f"#!/bin/sh\n{text}\n")
        (programs / name).chmod(0o755)
    report = tmp_path / "report.json"
    wanted = [word for version in VERSIONS for word in ("--sdk", f"js=={version}")]
    arguments = ("matrix", *wanted, "--sdk", "reference", "--select", "/rest:", "--report", f"json={report}")
    done = command.run(*arguments, PATH=f"{programs}{os.pathsep}{os.environ['PATH']}")
    cells = json.loads(report.read_text("utf-8"))["cells"]
    assert {cell["status"] for cell in cells if cell["sdk"] == "js"} == {"BROKEN"}
    assert all(
        cell["reason"].endswith(f"ENOTFOUND registry; {NETWORK}") for cell in cells if cell["sdk"] == "js"
    )
    assert {cell["status"] for cell in cells if cell["sdk"] == "reference"} == {"PASS"}
    # Two are installed at once, so one more may be on its way.
    assert AWAY <= len(asked.read_text().split()) <= AWAY + 1
    assert sum("not tried, the network was away 3 times" in cell["reason"] for cell in cells) > 0
    assert done.returncode == 1
    assert go_on(done.stderr) == [*arguments, "--resume"]


def test_a_registry_that_is_reached_again_is_asked_again() -> None:
    preparation = Preparation()
    for _ in range(AWAY - 1):
        preparation.missed("npm", "no network")
    preparation.reached("npm")
    preparation.missed("npm", "no network")
    assert preparation.away("npm") == ""
    for _ in range(AWAY - 1):
        preparation.missed("npm", "no network")
    assert preparation.away("npm") == "no network"
    assert preparation.away("uv") == ""
