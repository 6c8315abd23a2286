"""The wheel in an environment of its own does what the pages say, away from the tree it was made of."""

from __future__ import annotations

import json
import re
import subprocess
from importlib import metadata
from typing import TYPE_CHECKING, Any, Final

import pytest

from .building import LIMIT_S

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .conftest import Installed

#: Built and installed with what PyPI has.
pytestmark = [pytest.mark.network, pytest.mark.timeout(600)]
#: What the server itself imports.
RUNTIME: Final = {"httptools", "trustme", "websockets"}
#: What the wheel asks for.
REQUIRES: Final = """
from importlib.metadata import requires
print(*requires("genai-live-compat"), sep="\\n")
"""
#: Each module of both packages by its name, those of workers aside, which are programs.
IMPORT_ALL: Final = """
import importlib, pkgutil, sys
import mockserver
for module in pkgutil.walk_packages(mockserver.__path__, "mockserver."):
    if module.name.rpartition(".")[2] != "__main__" and "pytest_plugin" not in module.name:
        importlib.import_module(module.name)
print(mockserver.__file__)
"""
#: A client that has nothing but what the wheel brings.
CLIENT: Final = """
import json, sys
from websockets.sync.client import connect
url = sys.argv[1].replace("http", "ws", 1)
path = "/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent?key=any"
with connect(url + path) as socket:
    socket.send(json.dumps({"setup": {"model": "models/gemini-2.0-flash-live-001"}}))
    print(json.loads(socket.recv()))
"""
TYPED: Final = """
from mockserver import MockServer
from suite.model import Verdict

def port() -> int:
    with MockServer() as server:
        return server.port

works: str = Verdict.WORKS.value
"""
#: An SDK that ends whoever imports it, and a test that uses the mock beside it.
SDK: Final = "raise SystemExit('the SDK was imported')"
TEST: Final = """
import sys

def test_the_mock_is_there(mock_gemini):
    assert mock_gemini.url.startswith("http")
    assert not [name for name in sys.modules if name.startswith(("google", "suite"))]
"""


@pytest.fixture(scope="module")
def whole(installed: Callable[..., Installed]) -> Installed:
    """The wheel with all that users can ask for, and with mypy."""
    return installed("mypy", extras="suite,yaml,web,doctor")


def curl(url: str, *words: str) -> str:
    """Ask as a person would."""
    command = ["curl", "--silent", "--show-error", "--fail", "--noproxy", "*", *words, url]
    done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_three_libraries_are_asked_for_and_they_are_enough(plain: Installed) -> None:
    asked = plain.run(
        "python",
        "-c",
        "from importlib.metadata import requires; print(*requires('genai-live-compat'), sep='\\n')",
    )
    named = {re.split(r"[^\w.-]", line)[0] for line in asked.splitlines() if "extra ==" not in line}
    assert named == RUNTIME
    where = plain.run("python", "-c", IMPORT_ALL)
    assert str(plain.cwd) in where


def test_the_mock_answers_http_https_and_a_session(plain: Installed) -> None:
    command = [plain.program("python"), "-m", "mockserver", "--port", "0", "--ready-json", "--log", "none"]
    with subprocess.Popen(command, cwd=plain.cwd, stdout=subprocess.PIPE, text=True) as mock:
        try:
            assert mock.stdout is not None
            ready: dict[str, Any] = json.loads(mock.stdout.readline())
            url = ready["url"]
            minted = curl(f"{url}/v1alpha/auth_tokens", "-H", "x-goog-api-key: any", "-d", "{}")
            assert json.loads(minted)["name"].startswith("auth_tokens/")
            page = curl(f"{ready['tls_url']}/_mock/", "--cacert", ready["ca_file"])
            assert "<script" in page
            assert "setupComplete" in plain.run("python", "-c", CLIENT, url)
        finally:
            mock.terminate()


def test_the_command_says_what_it_needs_where_only_the_mock_is(plain: Installed) -> None:
    command = [plain.program("genai-live-compat"), "--help"]
    done = subprocess.run(
        command, cwd=plain.cwd, capture_output=True, text=True, timeout=LIMIT_S, check=False
    )
    assert done.returncode == 2
    assert "install genai-live-compat[suite]" in done.stderr


def test_the_command_helps_explains_and_measures(whole: Installed) -> None:
    told = whole.run("genai-live-compat", "--help")
    for command in ("matrix", "explain", "doctor"):
        assert command in told
    assert "uses" in whole.run("genai-live-compat", "explain", "1011 Token has been used too many times")
    measured = whole.run("genai-live-compat", "matrix", "--sdk", "reference", "--select", "create:none")
    assert re.search(r"\b([1-9]\d*) cells .*: \1 PASS\n", measured)


def test_types_reach_a_program_that_is_checked_strictly(whole: Installed, tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(TYPED, "utf-8")
    assert "no issues found" in whole.run("mypy", "--strict", "program.py", cwd=tmp_path)
    program.write_text(TYPED.replace("-> int", "-> str"), "utf-8")
    with pytest.raises(AssertionError, match=r'got "int", expected "str"'):
        whole.run("mypy", "--strict", "program.py", cwd=tmp_path)


def test_the_plugin_is_there_in_pytest_and_imports_no_sdk(
    installed: Callable[..., Installed], tmp_path: Path
) -> None:
    environment = installed(f"pytest=={metadata.version('pytest')}")
    (tmp_path / "google" / "genai").mkdir(parents=True)
    (tmp_path / "google" / "genai" / "__init__.py").write_text(SDK, "utf-8")
    test = tmp_path / "test_product.py"
    test.write_text(TEST, "utf-8")
    checked = ("python", "-m", "pytest", "-q", "-W", "error", test)
    assert "1 passed" in environment.run(*checked, cwd=tmp_path)
    test.write_text("import google.genai\n" + TEST, "utf-8")
    with pytest.raises(AssertionError, match="the SDK was imported"):
        environment.run(*checked, cwd=tmp_path)
