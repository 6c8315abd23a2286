"""Scripts by name, and scripts of one's own out of YAML, JSON or Python.

A ready-made script is a table in Python, so that it needs no YAML library; ``python -m mockserver scripts``
prints it as YAML, to begin one's own with.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from . import answers, closes, faults

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ..core.script import Script
    from ..core.wav import Audio

__all__ = ["READY", "load"]


class _Ready(Mapping[str, "Script"]):
    """The scripts that come with the mock, by name; each is made of its table when it is first asked for."""

    def __init__(self) -> None:
        tables = (*answers.SCRIPTS, *faults.SCRIPTS, *closes.scripts())
        self._made = {answers.ECHO.name: answers.ECHO}
        self._tables: dict[str, dict[str, Any]] = {answers.ECHO.name: {}}
        self._tables |= {table["name"]: table for table in tables}

    def __getitem__(self, name: str) -> Script:
        if name not in self._made:
            self._made[name] = _made(self._tables[name])
        return self._made[name]

    def __contains__(self, name: object) -> bool:
        return name in self._tables

    def __iter__(self) -> Iterator[str]:
        return iter(self._tables)

    def __len__(self) -> int:
        return len(self._tables)


def _made(table: dict[str, Any]) -> Script:
    # Imported here: the grammar is the largest table of all, and most servers play the echo.
    from ..core.forms import read_script

    script, problems = read_script(table, _no_files)
    if script is None:
        raise RuntimeError(f"ready-made script {table['name']}: {problems[0]}")
    return script


def _no_files(name: str) -> Audio:
    raise ValueError(f"a ready-made script has no files, got {name!r}")


READY: Final[Mapping[str, Script]] = _Ready()


def load(source: Path | str | Mapping[str, Any]) -> Script:
    """A script: from a file, a text in YAML or JSON, a mapping, or a ready-made one by its name.

    A file may be a recording too.

    YAML needs PyYAML (``pip install genai-live-compat[yaml]``); JSON does not.

    Raises:
        ValueError: it is no script; the message has a line for each mistake.
        OSError: the file cannot be read.
    """
    if isinstance(source, str) and source in READY:
        return READY[source]
    # Imported here: it reads all that scripts can be written in.
    from .loading import loaded

    return loaded(source)
