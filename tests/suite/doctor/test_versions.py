"""Which versions a project has: installed, locked or asked for."""

# ruff: noqa: E501  (examples stay on one line)

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING

import pytest

from suite.doctor import manifests
from suite.doctor.findings import Severity
from suite.doctor.manifests import Pin

from .conftest import of, severities

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import Patient

LOCKED = [
    ("uv.lock", '[[package]]\nname = "google-genai"\nversion = "3.4.0"\n', 3),
    ("poetry.lock", '[[package]]\nname = "google-genai"\nversion = "3.4.0"\n', 3),
    ("Pipfile.lock", '{"default": {"google-genai": {"hashes": ["sha256:1"],\n"version": "==3.4.0"}}}', 2),
    ("package-lock.json", '{"packages": {\n"node_modules/@google/genai": {\n"version": "2.32.0"}}}', 3),
    ("package-lock.json", '{"dependencies": {"@google/genai": {"version": "2.32.0"}}}', 1),
    ("pnpm-lock.yaml", "packages:\n\n  '@google/genai@2.32.0(x@1)':\n    resolution: {}\n", 3),
    ("pnpm-lock.yaml", "packages:\n  /@google/genai/2.32.0:\n    dev: false\n", 2),
    ("yarn.lock", '"@google/genai@^2.0.0":\n  version "2.32.0"\n', 2),
    ("yarn.lock", '"@google/genai@npm:^2.0.0":\n  version: 2.32.0\n', 2),
    ("bun.lock", '{"packages": {"@google/genai": ["@google/genai@2.32.0", "", {}]}}', 1),
]
ASKED = [
    ("requirements.txt", "# google-genai==9\ngoogle-genai[aiohttp] >=3,<4 ; python_version > '3'\n", ">=3,<4", 2),
    ("requirements-dev.txt", "google_genai==3.4.0 \\\n --hash=sha256:1\n", "==3.4.0", 1),
    ("requirements/live.txt", "google-genai\n", None, 1),
    ("pyproject.toml", '[project]\ndependencies = [\n "google-genai>=3.1",\n]\n', ">=3.1", 3),
    ("pyproject.toml", '[tool.poetry.dependencies]\ngoogle-genai = "^3.4"\n', "^3.4", 2),
    ("pyproject.toml", '[x]\ngoogle-genai = {version = "~3.4", extras = []}\n', "~3.4", 2),
    ("package.json", '{"dependencies": {\n"@google/genai": "^2.32.0"}}', "^2.32.0", 2),
]  # fmt: skip


@pytest.mark.parametrize(("path", "text", "line"), LOCKED)
def test_a_lock_file_says_the_version(path: str, text: str, line: int) -> None:
    [pin] = manifests.pins(path, text)
    assert pin.version in ("3.4.0", "2.32.0")
    assert (pin.rank, pin.where) == (1, f"{path}:{line}")


@pytest.mark.parametrize(("path", "text", "spec", "line"), ASKED)
def test_a_manifest_says_what_may_be(path: str, text: str, spec: str | None, line: int) -> None:
    found = list(manifests.pins(path, text))
    if path == "requirements/live.txt":
        assert not found, "its name does not say that it is one"
        return
    assert [(pin.spec, pin.where) for pin in found] == [(spec, f"{path}:{line}")]
    assert found[0].newest


def test_other_packages_are_not_taken_for_an_sdk() -> None:
    for path, text in {
        "requirements.txt": "google-genai-extra==1\nmy-google-genai==2\n",
        "package.json": '{"@google/genai-tools": "1.0.0", "x@google/genai": "1"}',
        "uv.lock": 'name = "google-genai-x"\nversion = "1"\n',
    }.items():
        assert not list(manifests.pins(path, text)), path


@pytest.mark.parametrize(
    ("spec", "fits", "not_"),
    [
        ("^2.3.0", "2.32.0", "3.0.0"), ("~2.3.0", "2.3.1", "2.4.0"), ("^0.14.0", "0.14.1", "0.15.0"),
        (">=1,<2", "1.30.0", "2.0.0"), (">=1.0 <3", "2.32.0", "3.0.0"), ("^2", "2.32.0", "3.0.0"),
        ("~=3.4", "3.5.0", "4.0.0"), (">=20.0.0", "22.1.0", "18.0.0"),
    ],
)  # fmt: skip
def test_specifiers_of_pip_npm_and_poetry(spec: str, fits: str, not_: str) -> None:
    allowed = manifests.specifiers(spec)
    assert allowed is not None
    assert fits in allowed
    assert not_ not in allowed


@pytest.mark.parametrize("spec", ["git+ssh://host/x", "file:../x", "workspace:*", "1.x || 2.x"])
def test_what_cannot_be_read_is_no_version(spec: str) -> None:
    pin = Pin("js", spec, "package.json:1", 2)
    assert (pin.version, pin.newest) == (None, None)


def test_installed_wins_over_locked_over_asked_for(
    patient: Patient, beside: Callable[[str | None], None]
) -> None:
    beside("3.5.0")
    patient.put("requirements.txt", "google-genai>=1\n")
    patient.put("uv.lock", 'name = "google-genai"\nversion = "3.3.0"\n')
    assert str(patient.look().subjects[0]) == "python==3.3.0"
    patient.put(".venv/lib/python3.11/site-packages/google_genai-3.4.0.dist-info/METADATA")
    assert str(patient.look().subjects[0]) == "python==3.4.0"
    [clash] = of(patient.find(1), Severity.MAY)
    assert "3.4.0" in clash.what
    assert "3.3.0 (uv.lock:2): they disagree" in clash.what


def test_what_is_beside_this_tool_counts_only_where_the_project_has_none(
    patient: Patient, beside: Callable[[str | None], None]
) -> None:
    assert severities(patient.find(1)) == [Severity.UNSEEN]
    beside("3.5.0")
    assert str(patient.look().subjects[0]) == "python==3.5.0"
    patient.put("requirements.txt", "google-genai==3.4.0\n")
    assert [str(one) for one in patient.look().subjects] == ["python==3.4.0"]


def test_a_lock_that_the_manifest_allows_does_not_disagree(patient: Patient) -> None:
    patient.put("package.json", '{"dependencies": {"@google/genai": "^2.0.0"}}')
    patient.put("yarn.lock", '"@google/genai@^2.0.0":\n  version "2.32.0"\n')
    assert not of(patient.find(1), Severity.MAY)
    patient.put("package.json", '{"dependencies": {"@google/genai": "^3.0.0"}}')
    assert of(patient.find(1), Severity.MAY)


@pytest.mark.usefixtures("beside")
def test_packages_of_before(patient: Patient) -> None:
    assert not patient.find(2)
    patient.put("requirements.txt", "google-generativeai==0.8\n")
    patient.put("package.json", '{"dependencies": {"@google/generative-ai": "^0.24.0"}}')
    assert severities(patient.find(2)) == [Severity.BREAKS, Severity.BREAKS]


def test_libraries_and_runtimes(patient: Patient) -> None:
    packages = ".venv/lib/python3.11/site-packages"
    patient.put(f"{packages}/httpx-0.28.1.dist-info/METADATA")
    patient.put(f"{packages}/google_genai-3.4.0.dist-info/METADATA", "Name: x\nRequires-Python: >=99.0\n")
    assert "httpx 0.28.1" in patient.find(3)[0].what
    python = patient.root / ".venv/bin/python"
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    assert severities(patient.find(4)) == [Severity.BREAKS]
    patient.put(f"{packages}/google_genai-3.4.0.dist-info/METADATA", "Requires-Python: >=3.9\n")
    assert severities(patient.find(4)) == [Severity.NOTE]


def test_a_node_that_is_too_old_or_missing(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    about = {"version": "2.32.0", "engines": {"node": ">=20.0.0"}}
    patient.put("node_modules/@google/genai/package.json", json.dumps(about))
    node = patient.put("bin/node", "#!/bin/sh\necho v18.20.0\n").root / "bin/node"
    node.chmod(0o755)
    monkeypatch.setenv("PATH", str(node.parent), prepend=os.pathsep)
    [finding] = patient.find(4)
    assert finding.severity is Severity.BREAKS
    assert "needs Node >=20.0.0" in finding.what
    monkeypatch.setattr("shutil.which", lambda _: None)
    assert severities(patient.find(4)) == [Severity.UNSEEN]
