"""What the Python worker sends and makes of answers, with the SDK in its process: respx, pytest-httpx2."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest
from uv import find_uv_bin

from suite import platforms
from suite.environments import cache_root, python, tools
from suite.environments.cache import Stamp, built

OFFLINE: Final = "GENAI_LIVE_COMPAT_OFFLINE"
pytestmark = [
    pytest.mark.network,
    pytest.mark.timeout(600),  # a cold cache waits for PyPI
    pytest.mark.skipif(os.environ.get(OFFLINE) == "1", reason=f"{OFFLINE}=1: SDKs come from PyPI"),
]

PROGRAM: Final = Path(__file__).parent / "programs" / "sent_in_process.py"
#: An SDK of each HTTP library, and what answers that.
LIBRARIES: Final = {"2.34.0": "respx==0.23.1", "3.6.1": "pytest-httpx2==1.0.0"}
LIMIT_S: Final = 300
each = pytest.mark.parametrize("version", LIBRARIES)


def interpreter(version: str) -> str:
    """The Python of an environment with an SDK, pytest and what answers HTTP."""
    wanted = [f"{python.PACKAGE}=={version}", "pytest>=8.2", LIBRARIES[version]]
    folder = cache_root() / f"sent-{sys.implementation.cache_tag}" / version
    place = str(folder / platforms.interpreter())

    def build() -> Stamp:
        stamp = python.install(folder, wanted[0], sys.executable)
        tools.run([find_uv_bin(), "pip", "install", "--python", place, *wanted], cwd=folder)
        return replace(stamp, name=" ".join(wanted))

    built(folder, " ".join(wanted), str(platforms.interpreter()), build)
    return place


def said_of(version: str, driver: Path) -> str:
    """Run the tests beside the modules of a driver; what pytest says last."""
    alone = ["--noconftest", "-c", os.devnull, "--rootdir", str(PROGRAM.parent)]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GOOGLE_", "GEMINI_"))}
    done = subprocess.run(
        [interpreter(version), "-m", "pytest", "-q", "-p", "no:cacheprovider", *alone, str(PROGRAM)],
        env={**kept, "PYTHONPATH": str(driver)},
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    return done.stdout + done.stderr


@each
def test_the_worker_sends_and_tells_what_it_should(version: str) -> None:
    said = said_of(version, python.DRIVER)
    assert re.search(r"^\d+ passed", said, re.MULTILINE), said


#: Each way in which the worker could be wrong, and the tests that say so.
WRONG: Final = {
    "the call's version is lost": (
        "token_config.py",
        'options = http_options(types, params.get("call") or None)',
        "options = {}",
        "test_a_placement_is_where_the_request_goes",
    ),
    "the client's version is lost": (
        "clients.py",
        'placed = params.get("client") or None',
        "placed = None",
        "test_a_404_without_a_word_is_told_with_its_code",
    ),
    "the code is not read": (
        "errors.py",
        'code = first(int, look(error, "code")',
        'code = first(str, look(error, "code")',
        "test_a_service_that_is_unwell_is_told",
    ),
    "the class is told without its module": (
        "errors.py",
        '"qualified": f"{kind.__module__}.{kind.__qualname__}"',
        '"qualified": kind.__qualname__',
        "test_a_connection_that_fails_is_told_as_the_library_names_it",
    ),
}


@pytest.mark.parametrize("way", WRONG)
def test_a_wrong_worker_is_found_out(tmp_path: Path, way: str) -> None:
    file, before, after, test = WRONG[way]
    driver = tmp_path / "driver"
    shutil.copytree(python.DRIVER, driver, ignore=shutil.ignore_patterns("__pycache__"))
    text = (driver / file).read_text("utf-8")
    assert text.count(before) == 1
    (driver / file).write_text(text.replace(before, after), "utf-8")
    said = said_of("2.34.0", driver)
    assert f"{PROGRAM.name}::{test}" in said
    assert re.search(r"\d+ failed", said), said
