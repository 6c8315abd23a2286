"""uv and npm replaced by a fake that writes what they would."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from suite.environments import EnvironmentBroken, prepare
from suite.environments.tools import ToolFailed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


class FakeTools:
    """Does what uv and npm do to a folder, or what `says` tells for a word of the command."""

    def __init__(self) -> None:
        self.commands: list[str] = []
        self.says: dict[str, str | ToolFailed] = {}

    def fail(self, word: str, stderr: str) -> None:
        self.says[word] = ToolFailed(["tool", word], stderr)

    def count(self, word: str) -> int:
        return sum(word in command for command in self.commands)

    def run(self, command: Sequence[str], *, cwd: Path, stdin: str = "", downloads: str = "never") -> str:
        line = " ".join([*command, stdin])
        self.commands.append(line)
        for word, answer in self.says.items():
            if word in line:
                if isinstance(answer, ToolFailed):
                    raise answer
                return answer
        if "venv" in command:
            (cwd / "bin").mkdir()
            (cwd / "bin" / "python").touch()
            (cwd / "pyvenv.cfg").write_text("implementation = CPython\nversion_info = 3.12.1\n")
        if "freeze" in command:
            return "google-genai==1.26.0\nwebsockets==15.0.1\n"
        if "npm" in command[0]:
            modules = cwd / "node_modules"
            modules.mkdir()
            packages = {
                "node_modules/@google/genai": {"version": "1.3.0"},
                "node_modules/a/node_modules/ws": {"version": "8"},
            }
            (modules / ".package-lock.json").write_text(json.dumps({"packages": packages}))
        return ""


def executables(folder: Path, *names: str) -> str:
    folder.mkdir(parents=True)
    for name in names:
        (folder / name).write_text("#!/bin/sh\n")
        (folder / name).chmod(0o755)
    return str(folder)


def cause_of(sdk: str, version: str, root: Path) -> str:
    with pytest.raises(EnvironmentBroken) as broken:
        prepare(sdk, version, root=root)
    assert "\n" not in broken.value.cause
    return broken.value.cause
