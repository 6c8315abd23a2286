"""Small programs with real SDKs do a text, a tool and an audio turn, with no special handling."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from mockserver import MockServer
from suite.drivers.process import worker_environment
from suite.environments import cache_root, prepare

if TYPE_CHECKING:
    from collections.abc import Iterator

PROGRAMS: Final = Path(__file__).parent / "programs"
OFFLINE: Final = "GENAI_LIVE_COMPAT_OFFLINE"
#: Three short sessions; an SDK takes a few seconds to load on a busy machine.
LIMIT_S: Final = 60

pytestmark = [
    pytest.mark.network,
    pytest.mark.timeout(600),  # a cold cache waits for PyPI and npm
    pytest.mark.skipif(
        os.environ.get(OFFLINE) == "1", reason=f"{OFFLINE}=1: real SDKs come from PyPI and npm"
    ),
]

NATIVE_AUDIO: Final = "gemini-2.5-flash-native-audio-latest"
#: One second of speech, said back: 21 characters, each 0.06 s of 24 kHz PCM16.
SPEECH: Final = "1.0 seconds of speech"
SPEECH_BYTES: Final = 60_480


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MockServer]:
    """A server at launch that speaks as slowly as the service."""
    with MockServer(tls_dir=tmp_path_factory.mktemp("tls")) as running:
        yield running


def run(server: MockServer, command: tuple[str, ...], program: Path, *args: str) -> Any:
    """Run a program in a process of its own, as a user would beside ``python -m mockserver``."""
    done = subprocess.run(
        [*command, str(program), *args],
        env=worker_environment(server.env),
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def expect_turns(seen: Any) -> None:
    """All three went as they go with the service."""
    assert seen["text"] == {"said": "hello there, my friend", "bytes": 0}
    assert seen["tool"] == {
        "said": '{"sky": "blue"}',
        "bytes": 0,
        "called": "get_weather",
        "args": {"city": "sample"},
    }
    assert seen["audio"] == {"said": SPEECH, "bytes": SPEECH_BYTES, "heard": SPEECH}


def test_the_oldest_python_sdk_with_live(server: MockServer) -> None:
    environment = prepare("python", "0.7.0", root=cache_root())
    seen = run(server, environment.command[:1], PROGRAMS / "turns_old.py")
    assert seen == {
        "text": {"said": "hello there, my friend", "bytes": 0},
        "tool": {"said": '{"sky": "blue"}', "bytes": 0, "called": "get_weather"},
        "audio": {"said": "", "bytes": SPEECH_BYTES},
    }


@pytest.mark.parametrize("model", [NATIVE_AUDIO, "gemini-3.8-live", "gemini-3.1-flash-live-preview"])
def test_the_newest_python_sdk(server: MockServer, model: str) -> None:
    environment = prepare("python", "3.4.0", root=cache_root())
    expect_turns(run(server, environment.command[:1], PROGRAMS / "turns_new.py", model))


@pytest.mark.parametrize(("version", "field"), [("1.3.0", "media"), ("3.1.0", "audio")])
def test_the_javascript_sdk(server: MockServer, tmp_path: Path, version: str, field: str) -> None:
    environment = prepare("js", version, root=cache_root())
    # A module finds its packages beside itself: the program and a link to them stand in one folder.
    program = shutil.copy(PROGRAMS / "turns.mjs", tmp_path)
    (tmp_path / "node_modules").symlink_to(environment.root / "node_modules", target_is_directory=True)
    expect_turns(run(server, environment.command[:1], Path(program), NATIVE_AUDIO, field))
