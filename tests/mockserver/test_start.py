"""A start waits for nothing that only others need: what is imported by the time a server could listen."""

from __future__ import annotations

import subprocess
import sys

import pytest

#: What other commands need, a control request, a script of one's own, a certificate that is not there yet.
LATER = (
    "mockserver.telling", "mockserver.fidelity", "mockserver.relay", "mockserver.recordings",
    "mockserver.core.forms", "mockserver.core.grammar",
    "mockserver.scripts.loading", "mockserver.scripts.commands",
    "mockserver.admin.answering", "mockserver.admin.actions", "mockserver.admin.routes",
    "mockserver.verdict", "mockserver.traffic", "mockserver.workers.crew", "mockserver.stores.sqlite",
    "trustme", "cryptography", "websockets", "yaml", "redis", "sqlite3",
    "difflib", "email", "http", "importlib.metadata", "importlib.resources", "zipfile",
)  # fmt: skip


def imported(code: str) -> set[str]:
    """All modules that a new Python has after some code."""
    show = "import sys; print(*sys.modules, sep='\\n')"
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\n{show}"], capture_output=True, text=True, check=True, timeout=60
    )
    return set(done.stdout.split())


@pytest.fixture(scope="module")
def bare() -> set[str]:
    """What Python brings itself, and what the environment has it import at its start."""
    return imported("")


@pytest.mark.parametrize("code", ["import mockserver.command", "from mockserver import MockServer"])
def test_what_others_need_is_not_there(code: str, bare: set[str]) -> None:
    there = imported(code)
    assert "mockserver.core.service" in there
    assert sorted(there.intersection(LATER) - bare) == []


def test_the_package_alone_brings_nothing(bare: set[str]) -> None:
    there = imported("import mockserver")
    assert {name for name in there if name.startswith("mockserver.")} == set()


def test_the_check_sees_what_is_there(bare: set[str]) -> None:
    there = imported("import mockserver; mockserver.READY['greeting']; mockserver.Verdict")
    assert {"mockserver.core.forms", "mockserver.verdict"} <= there.intersection(LATER) - bare
