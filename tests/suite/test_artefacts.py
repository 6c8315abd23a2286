"""SDKs that come from a file or are installed: what is read of them, and what becomes of them."""

from __future__ import annotations

import importlib.metadata
import io
import json
import tarfile
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from suite.environments import EnvironmentBroken, node, prepare, tools, version_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

JS = "@google/genai"
PYTHON = "google-genai"


def tar(path: Path, files: dict[str, str]) -> str:
    with tarfile.open(path, "w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content.encode()))
    return str(path)


def packed(path: Path, name: str = JS, version: str = "9.1.0") -> str:
    """What ``npm pack`` writes, with a dependency that brings a ``package.json`` of its own."""
    about = [{"name": "other", "version": "1.0.0"}, {"name": name, "version": version}]
    folders = ("package/node_modules/other", "package")
    files = {f"{folder}/package.json": json.dumps(it) for folder, it in zip(folders, about, strict=True)}
    return tar(path, files)


def sdist(path: Path, name: str = PYTHON) -> str:
    """What ``python -m build`` writes, with the same file once more further down."""
    metadata = f"Metadata-Version: 2.4\nName: {name}\nVersion: 9.2.0rc1\n\nVersion: of the text\n"
    other = "Name: other\nVersion: 1\n"
    return tar(path, {"genai-9/genai.egg-info/PKG-INFO": other, "genai-9/PKG-INFO": metadata})


def wheel(path: Path, name: str = "google_genai") -> str:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("google/genai/__init__.py", "")
        archive.writestr("genai.dist-info/METADATA", f"Name: {name}\nVersion: 9.3.0\n")
    return str(path)


def install_js(project: Path, version: str = "9.4.0") -> Path:
    """What ``npm install`` leaves in a project."""
    package = project / "node_modules" / JS
    package.mkdir(parents=True)
    (package / "package.json").write_text(json.dumps({"name": JS, "version": version}))
    return package


# What is read


@pytest.mark.parametrize(
    ("sdk", "write", "name", "version"),
    [
        ("js", packed, "genai.tgz", "9.1.0"),
        ("web", packed, "genai.tar.gz", "9.1.0"),
        ("python", sdist, "genai.tar.gz", "9.2.0rc1"),
        ("python", wheel, "genai-9-py3-none-any.whl", "9.3.0"),
    ],
    ids=["npm", "npm-for-web", "sdist", "wheel"],
)
def test_a_file_says_its_version(
    tmp_path: Path, sdk: str, write: Callable[[Path], str], name: str, version: str
) -> None:
    assert version_of(sdk, write(tmp_path / name)) == version


def test_the_installed_package_is_the_one_that_node_would_find(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install_js(tmp_path, "1.0.0")
    install_js(tmp_path / "project", "9.4.0")
    below = tmp_path / "project" / "src" / "app"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    assert version_of("js", "installed") == version_of("web", "installed") == "9.4.0"


def test_the_installed_python_sdk_is_this_interpreters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.metadata, "version", {PYTHON: "9.5.0"}.__getitem__)
    assert version_of("python", "installed") == "9.5.0"


def rubbish(path: Path) -> str:
    path.write_bytes(b"rubbish")
    return str(path)


@pytest.mark.parametrize(
    ("sdk", "write", "name", "said"),
    [
        ("js", packed, "genai.zip", r"genai.zip: expected a file that ends in .tgz or .tar.gz.*npm pack"),
        ("python", sdist, "genai.tgz", r"expected a file that ends in .whl or .tar.gz.*python -m build"),
        ("js", str, "genai.tgz", r"genai.tgz: no such file, expected @google/genai"),
        ("js", rubbish, "genai.tgz", r"not a readable package \(.+\), expected @google/genai; make it"),
        ("python", rubbish, "genai.whl", r"not a readable package \(.+\), expected google-genai; make it"),
        ("js", sdist, "genai.tgz", r"no package.json in it"),
        ("js", lambda path: packed(path, "ws"), "ws.tgz", r"ws.tgz: holds ws, expected @google/genai"),
        ("python", lambda path: wheel(path, "six"), "six.whl", r"six.whl: holds six, expected google-genai"),
        ("reference", str, "x.whl", r"expected one of the SDKs python, js, web"),
    ],
    ids=["ending", "other-ending", "missing", "no-tar", "no-zip", "empty", "other", "other-wheel", "no-sdk"],
)
def test_what_is_no_sdk_is_refused_with_the_way_out(
    tmp_path: Path, sdk: str, write: Callable[[Path], str], name: str, said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        version_of(sdk, write(tmp_path / name))


def test_nothing_installed_is_said_with_the_way_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match=r"no node_modules/@google/genai in .*; run npm install"):
        version_of("js", "installed")

    def nothing(name: str) -> str:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "version", nothing)
    with pytest.raises(ValueError, match=r"no google-genai is installed.*; run: python -m pip install"):
        version_of("python", "installed")


# What becomes of it


class FakeNpm:
    """Keeps the commands, and writes what npm would."""

    def __init__(self) -> None:
        self.commands: list[str] = []

    def run(self, command: Sequence[str], *, cwd: Path, **_: Any) -> str:
        self.commands.append(" ".join(command))
        (cwd / "node_modules").mkdir()
        (cwd / "node_modules" / ".package-lock.json").write_text('{"packages": {}}')
        return ""


@pytest.fixture
def npm(monkeypatch: pytest.MonkeyPatch) -> FakeNpm:
    fake = FakeNpm()
    monkeypatch.setattr(tools, "run", fake.run)
    monkeypatch.setattr(node, "machine_node", lambda path: node.Node("/node", ("/npm",), "20.1.0"))
    return fake


def test_a_file_is_installed_once_by_what_is_in_it(npm: FakeNpm, tmp_path: Path) -> None:
    source = packed(tmp_path / "genai.tgz")
    first = prepare("js", "9.1.0", root=tmp_path / "cache", source=source)
    assert first == prepare("js", "9.1.0", root=tmp_path / "cache", source=source)
    assert len(npm.commands) == 1
    assert npm.commands[0].endswith(source)
    assert first.root.name.startswith("local-")
    assert first.root.parent.name == "js"
    packed(tmp_path / "genai.tgz", version="9.1.1")
    assert prepare("js", "9.1.1", root=tmp_path / "cache", source=source).root != first.root


def test_what_is_installed_is_used_where_it_is(
    npm: FakeNpm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = install_js(tmp_path / "project")
    before = sorted((tmp_path / "project").rglob("*"))
    monkeypatch.chdir(tmp_path / "project")
    environments = [prepare("js", "9.4.0", root=tmp_path / "cache", source="installed") for _ in range(2)]
    assert environments[0] == environments[1]
    assert (environments[0].root / "node_modules" / JS).resolve() == package
    assert environments[0].root.is_relative_to(tmp_path / "cache")
    assert sorted((tmp_path / "project").rglob("*")) == before
    assert npm.commands == []


@pytest.mark.usefixtures("npm")
@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("genai.tgz", "holds js 9.1.0, expected 1.0.0; ask for 9.1.0"),
        ("other.zip", "expected a file that ends in"),
    ],
)
def test_a_file_that_does_not_hold_the_version_is_broken(tmp_path: Path, source: str, said: str) -> None:
    packed(tmp_path / source)
    with pytest.raises(EnvironmentBroken, match=said):
        prepare("js", "1.0.0", root=tmp_path / "cache", source=str(tmp_path / source))
