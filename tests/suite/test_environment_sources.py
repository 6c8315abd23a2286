"""Environments of google-genai that do not come from the registry, and preparing several at once."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import zipfile
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from suite.drivers import Worker, worker_environment
from suite.environments import EnvironmentBroken, python

if TYPE_CHECKING:
    from suite.environments import Environment

ROOT = Path(__file__).parents[2]

#: As much of an SDK as the worker looks at before it greets.
SDK = """
from . import client, types
from .client import Client
__version__ = {version!r}
"""


def wheel(folder: Path, version: str) -> Path:
    """Write a wheel of a package that calls itself google-genai and does nothing."""
    folder.mkdir(parents=True)
    file = folder / f"google_genai-{version}-py3-none-any.whl"
    about = f"google_genai-{version}.dist-info"
    members = {
        "google/genai/__init__.py": SDK.format(version=version),
        "google/genai/client.py": "class Client: ...\nclass AsyncClient: ...\n",
        "google/genai/types.py": "",
        f"{about}/METADATA": f"Metadata-Version: 2.1\nName: google-genai\nVersion: {version}\n",
        f"{about}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{name},,\n" for name in (*members, f"{about}/RECORD"))
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in {**members, f"{about}/RECORD": record}.items():
            archive.writestr(name, content)
    return file


def greeting(environment: Environment) -> str:
    """The version of which the worker of an environment tells."""

    async def run() -> str:
        worker = Worker()
        hello = await worker.start(environment.command, worker_environment({}), environment.root)
        await worker.stop()
        return hello.version

    return asyncio.run(run())


def test_a_file_is_installed_and_greets(tmp_path: Path) -> None:
    file = wheel(tmp_path / "dist", "9.9.9")
    environment = python.prepare("9.9.9", tmp_path / "cache", False, str(file))
    assert environment.root.name.startswith("local-")
    assert environment.packages == ("google-genai==9.9.9",)
    assert greeting(environment) == "9.9.9"


def test_a_file_is_known_by_what_is_in_it(tmp_path: Path) -> None:
    root = tmp_path / "cache"
    here, there = wheel(tmp_path / "a", "9.9.9"), tmp_path / "b" / "google_genai-9.9.9-py3-none-any.whl"
    there.parent.mkdir()
    there.write_bytes(here.read_bytes())
    first = python.prepare("9.9.9", root, False, str(here))
    (first.root / "kept").touch()
    assert python.prepare("9.9.9", root, False, str(there)) == first
    assert (first.root / "kept").exists(), "the same file was installed twice"
    other = python.prepare("9.9.8", root, False, str(wheel(tmp_path / "c", "9.9.8")))
    assert other.root != first.root


@pytest.mark.parametrize(
    ("name", "cause"),
    [("no.whl", "no.whl is not there: build google-genai first"), ("source", "expected a file that ends in")],
)
def test_what_cannot_be_installed_is_said(tmp_path: Path, name: str, cause: str) -> None:
    with pytest.raises(EnvironmentBroken, match=cause):
        python.prepare("9.9.9", tmp_path, False, str(tmp_path / name))
    assert not list(tmp_path.iterdir())


def test_a_file_that_is_no_package_is_said(tmp_path: Path) -> None:
    file = tmp_path / "google_genai-9.9.9-py3-none-any.whl"
    file.write_text("rubbish")
    with pytest.raises(EnvironmentBroken, match=r"install .*google_genai-9\.9\.9-py3-none-any\.whl: "):
        python.prepare("9.9.9", tmp_path / "cache", False, str(file))


def test_what_is_installed_beside_the_suite_is_used_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    about = tmp_path / "google_genai-9.9.9.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: google-genai\nVersion: 9.9.9\n")
    monkeypatch.syspath_prepend(tmp_path)
    environment = python.prepare("9.9.9", tmp_path / "cache", False, "installed")
    assert (environment.command[0], environment.program[0]) == (sys.executable, sys.executable)
    assert "google-genai==9.9.9" in environment.packages
    assert environment.root.is_dir()
    assert not list(environment.root.iterdir())


def test_where_none_is_installed_that_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", none)
    with pytest.raises(EnvironmentBroken, match=r"no google-genai is installed for .*: install one with"):
        python.prepare("9.9.9", tmp_path, False, "installed")


#: Threads that change places as often as they can; without the cure the first of them spoils the others.
RACE = """
import sys, threading
from suite.environments import python

sys.setswitchinterval(1e-6)
start, failed = threading.Barrier(8), []

def find():
    start.wait()
    try:
        python.find_uv_bin()
    except Exception as error:
        failed.append(error)

threads = [threading.Thread(target=find) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
sys.exit(f"{len(failed)} failed: {failed[0]!r}" if failed else 0)
"""


def test_several_threads_at_once_find_uv() -> None:
    # In a process of its own: in this one `sysconfig` has long set itself up.
    done = subprocess.run(
        [sys.executable, "-c", RACE], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
