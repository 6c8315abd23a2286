"""Small projects, and nothing of this machine's environment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from suite.doctor.checks import CHECKS, Look
from suite.doctor.project import Project

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from suite.doctor.findings import Finding, Severity

TOKEN = "auth_tokens/" + 64 * "5"
KEY = "AIzaSy" + 33 * "k"
SERVER_JS = """import { GoogleGenAI } from '@google/genai';
const ai = new GoogleGenAI({ apiKey: process.env.KEY });
export const mint = () => ai.authTokens.create({ config: { uses: 1 } });
"""
CLIENT_JS = """import { GoogleGenAI } from '@google/genai';
export async function talk(token, callbacks) {
  const ai = new GoogleGenAI({ apiKey: token.name });
  return ai.live.connect({ model: 'm', callbacks });
}
"""


def severities(found: list[Finding]) -> list[Severity]:
    """How bad each finding is."""
    return [one.severity for one in found]


def of(found: list[Finding], severity: Severity) -> list[Finding]:
    """The findings that are so bad."""
    return [one for one in found if one.severity is severity]


class Patient:
    """A project in a folder, and what a check finds in it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.environ: dict[str, str] = {}

    def write(self, **files: str) -> Patient:
        """Write files; ``__`` stands for a slash, and ``_dot_`` for a dot."""
        for name, text in files.items():
            self.put(name.replace("__", "/").replace("_dot_", "."), text)
        return self

    def put(self, path: str, text: str = "") -> Patient:
        """Write one file."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
        return self

    def look(self, **more: Any) -> Look:
        """What checks look at."""
        return Look(Project(self.root), self.environ, **more)

    def find(self, number: int) -> list[Finding]:
        """What a check finds."""
        [check] = [check for check in CHECKS if check.number == number]
        return check.look(self.look())


@pytest.fixture
def patient(tmp_path: Path) -> Patient:
    """An empty project."""
    return Patient(tmp_path)


@pytest.fixture
def beside(monkeypatch: pytest.MonkeyPatch) -> Callable[[str | None], None]:
    """Set which google-genai is beside this tool."""
    from importlib import metadata

    def set_version(version: str | None) -> None:
        def answer(name: str) -> str:
            if version is None:
                raise metadata.PackageNotFoundError(name)
            return version

        monkeypatch.setattr("suite.doctor.installed.metadata.version", answer)

    set_version(None)
    return set_version
