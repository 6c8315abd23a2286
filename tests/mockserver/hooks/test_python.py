"""What Python asks of a host that is led reaches the server, whatever the client; nothing else does."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest
from uv import find_uv_bin

from mockserver import SERVICE_HOST, MockServer, hooks
from suite import platforms
from suite.environments import cache_root, tools
from suite.environments import python as environments
from suite.environments.cache import Stamp, built

from .conftest import HOST, LIMIT_S, MARK, asked, python, said, without_base_url

HOOK: Final = Path(hooks.__file__).parent / "python"
#: What needs nothing but this project's own libraries, and what each gets.
HERE: Final = {
    "urllib": 200,
    "http_client": 200,
    "streams": 200,
    "websockets": "setupComplete",
    "websockets_sync": "setupComplete",
}
LIBRARIES: Final = ("aiohttp", "httpx", "httpx2", "requests", "trio", "uvloop", "websockets")
THERE: Final = {
    "requests": 200,
    "httpx": 200,
    "httpx2": 200,
    **{
        f"{loop}{name}": got
        for loop in ("", "uvloop:")
        for name, got in {
            "async_httpx": 200, "async_httpx2": 200, "aiohttp": 200, "streams": 200,
            "websockets": "setupComplete",
        }.items()
    },
    "trio:async_httpx": 200,
    "trio:async_httpx2": 200,
}  # fmt: skip


@pytest.mark.parametrize("host", [HOST, SERVICE_HOST])
def test_clients_reach_it_by_the_hosts_own_name(server: MockServer, host: str) -> None:
    assert python(without_base_url(server), *HERE, host=host) == HERE
    assert asked(server) == [(host, True)] * len(HERE)


def test_a_name_is_read_as_the_network_reads_it(server: MockServer) -> None:
    code = (
        "import json, socket\n"
        f"names = [{HOST!r}, {HOST.upper()!r}, '{HOST}.', b'{HOST}']\n"
        "print(json.dumps([socket.getaddrinfo(name, 443)[0][4][0] for name in names]"
        f" + [socket.gethostbyname({HOST!r}), socket.gethostbyname_ex({HOST!r})[2][0]]))"
    )
    assert said([sys.executable, "-c", code], without_base_url(server)) == [MARK] * 6


@pytest.mark.parametrize("host", [f"sub.{HOST}", f"x{HOST}", f"{HOST}.elsewhere.invalid"])
def test_names_near_it_are_led_nowhere(server: MockServer, host: str) -> None:
    got = python(without_base_url(server), "urllib", "streams", host=host)
    assert got == {"urllib": "URLError", "streams": "gaierror"}
    assert server.journal == ()


def test_every_other_host_is_untouched(server: MockServer, tmp_path: Path) -> None:
    with MockServer(tls_dir=tmp_path) as other:
        code = f"import urllib.request; print(urllib.request.urlopen('{other.url}/_mock/health').status)"
        assert said([sys.executable, "-c", code], without_base_url(server)) == 200
    assert server.journal == ()


def test_without_the_hook_nobody_gets_there(server: MockServer) -> None:
    env = {**without_base_url(server), "PYTHONPATH": ""}
    assert set(python(env, *HERE).values()) <= {"URLError", "gaierror", "TimeoutError"}


def test_a_server_on_ipv6_is_reached(tmp_path: Path) -> None:
    if not socket.has_ipv6:
        pytest.skip("this machine has no IPv6")
    try:
        server = MockServer(host="::1", tls_dir=tmp_path, redirect=(HOST,)).start()
    except OSError:
        pytest.skip("this machine has no IPv6 on loopback")
    try:
        wanted = {"urllib": 200, "streams": 200}
        assert python(without_base_url(server), *wanted) == wanted
    finally:
        server.stop()


def test_a_sitecustomize_of_the_users_own_runs_too(server: MockServer, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("import builtins\nbuiltins.OWN = 'ran'\n")
    code = "import json, sitecustomize, socket; print(json.dumps([OWN, sitecustomize.__file__,"
    code += f" socket.gethostbyname({HOST!r})]))"
    env = without_base_url(server, PYTHONPATH=str(tmp_path))
    assert said([sys.executable, "-c", code], env) == ["ran", str(tmp_path / "sitecustomize.py"), MARK]


def test_an_error_in_the_users_own_is_told_as_ever(server: MockServer, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("raise KeyError('own')\n")
    env = without_base_url(server, PYTHONPATH=str(tmp_path))
    assert python(env, "urllib") == {"urllib": 200}


def test_the_guard_lets_a_led_host_pass(server: MockServer, tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(
        "import urllib.request\n\n"
        "def test_it():\n"
        f"    request = urllib.request.Request('https://{HOST}/v1alpha/auth_tokens', b'{{}}',"
        " {'x-goog-api-key': 'any'})\n"
        "    assert urllib.request.urlopen(request).status == 200\n"
    )
    env = {**without_base_url(server), "PYTEST_ADDOPTS": ""}
    options = ["-p", "no:cacheprovider", "-p", "mockserver.pytest_plugin", "--mock-gemini-block-network"]
    command = [sys.executable, "-m", "pytest", "-q", *options, str(tmp_path)]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    assert done.returncode == 0, done.stdout
    assert asked(server) == [(HOST, True)]


#: Each way in which the hook could be wrong, and the clients that then no longer get there.
WRONG: Final = {
    "no names": ('"getaddrinfo", "gethostbyname", "gethostbyname_ex"', "", set(HERE)),
    "no connections": ('for name in ("connect", "connect_ex")', "for name in ()", set(HERE)),
    "another port": ("return SERVER", "return (SERVER[0], 9)", set(HERE)),
    "no hosts": ('host.lower().rstrip(".") in HOSTS', "False", set(HERE)),
}


@pytest.mark.parametrize("way", WRONG)
def test_a_wrong_hook_is_found_out(server: MockServer, tmp_path: Path, way: str) -> None:
    before, after, failing = WRONG[way]
    assert {name for name, got in python(_wrong(server, tmp_path, before, after), *HERE).items()
            if got != HERE[name]} == failing  # fmt: skip


def _wrong(server: MockServer, folder: Path, before: str, after: str) -> dict[str, str]:
    """An environment with a hook that is wrong in one place."""
    text = (HOOK / "sitecustomize.py").read_text("utf-8")
    assert text.count(before) == 1
    (folder / "sitecustomize.py").write_text(text.replace(before, after), "utf-8")
    return {**without_base_url(server), "PYTHONPATH": str(folder)}


# -- libraries of PyPI ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def libraries() -> str:
    """The Python of an environment with them."""
    folder = cache_root() / f"clients-{sys.implementation.cache_tag}"
    python = folder / platforms.interpreter()

    def build() -> Stamp:
        stamp = environments.install(folder, LIBRARIES[0], sys.executable)
        tools.run([find_uv_bin(), "pip", "install", "--python", str(python), *LIBRARIES], cwd=folder)
        return replace(stamp, name=" ".join(LIBRARIES))

    built(folder, " ".join(LIBRARIES), str(platforms.interpreter()), build)
    return str(python)


@pytest.mark.network
@pytest.mark.timeout(600)
@pytest.mark.skipif(os.environ.get("GENAI_LIVE_COMPAT_OFFLINE") == "1", reason="libraries come from PyPI")
class TestLibraries:
    def test_each_reaches_it_in_every_loop(self, server: MockServer, libraries: str) -> None:
        assert python(without_base_url(server), *THERE, interpreter=libraries) == THERE
        assert asked(server) == [(HOST, True)] * len(THERE)

    def test_a_hook_that_forgets_uvloop_is_found_out(
        self, server: MockServer, libraries: str, tmp_path: Path
    ) -> None:
        env = _wrong(server, tmp_path, '"uvloop": "Loop", ', "")
        got = python(env, *THERE, interpreter=libraries)
        assert {name for name in THERE if got[name] != THERE[name]} == {
            name for name in THERE if name.startswith("uvloop:")
        }
