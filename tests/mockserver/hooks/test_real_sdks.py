"""Real SDKs are led as well, also those that have no base URL option, or heed none."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest

from suite.environments import cache_root, prepare

from .conftest import PROGRAMS, SERVICE_HOST, asked, said, without_base_url

if TYPE_CHECKING:
    from pathlib import Path

    from mockserver import MockServer

pytestmark = [
    pytest.mark.network,
    pytest.mark.timeout(600),  # a cold cache waits for PyPI and npm
    pytest.mark.skipif(os.environ.get("GENAI_LIVE_COMPAT_OFFLINE") == "1", reason="real SDKs come from PyPI"),
]


@pytest.mark.parametrize("version", ["0.7.0", "1.5.0", "1.12.1", "2.34.0", "3.4.0"])
def test_google_genai_is_led(server: MockServer, version: str) -> None:
    environment = prepare("python", version, root=cache_root())
    env = {**without_base_url(server), "PYTHONWARNINGS": "ignore"}
    program = [environment.command[0], str(PROGRAMS / "sdk_session.py")]
    assert said(program, env) == {"said": "hello there"}
    assert asked(server) == [(SERVICE_HOST, True)]


@pytest.mark.parametrize("version", ["0.2.0", "1.3.0", "2.32.0", "3.3.0"])
def test_google_genai_in_node_is_led(server: MockServer, tmp_path: Path, version: str) -> None:
    environment = prepare("js", version, root=cache_root())
    (tmp_path / "node_modules").symlink_to(environment.root / "node_modules")
    shutil.copy(PROGRAMS / "sdk_session.mjs", tmp_path)
    program = [environment.command[0], str(tmp_path / "sdk_session.mjs")]
    assert said(program, without_base_url(server)) == {"said": "hello there"}
    assert asked(server) == [(SERVICE_HOST, True)]
