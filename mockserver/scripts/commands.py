"""``python -m mockserver validate``, ``scripts`` and ``schema``: each gives its text and an exit status."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from .. import recordings
from ..core.forms import json_schema
from ..core.matching import near
from ..recordings import command as recordings_command
from . import READY
from .loading import check
from .reading import Unreadable
from .writing import as_yaml

if TYPE_CHECKING:
    from collections.abc import Sequence


def validate(files: Sequence[str]) -> tuple[str, int]:
    """Every mistake in some files. Exit status: 0 none, 1 some, 2 a file cannot be read."""
    lines: list[str] = []
    status = 0
    for file in files:
        try:
            if Path(file).is_file() and recordings.is_recording(Path(file)):
                told, wrong = recordings_command.validate(Path(file))
                lines += told
                status = max(status, wrong)
                continue
            script, problems = check(Path(file))
        except OSError as error:
            lines.append(f"{file}: cannot be read: {error.strerror}")
            status = 2
        except Unreadable as error:
            lines.append(str(error))
            status = 2
        else:
            lines += problems
            if script is None:
                status = max(status, 1)
            else:
                lines.append(f"{file}: script {script.name!r}, {len(script.rules)} rules, no mistakes")
    return "\n".join(lines), status


def scripts(names: Sequence[str]) -> tuple[str, int]:
    """The ready-made scripts, or some of them as YAML. Exit status: 2 if one is unknown."""
    if not names:
        width = max(map(len, READY))
        return "\n".join(f"{name:<{width}}  {script.about}" for name, script in READY.items()), 0
    for name in names:
        if name not in READY:
            return f"no ready-made script {name!r}{near(name, READY)}", 2
    return "---\n".join(as_yaml(READY[name]) for name in names).rstrip(), 0


def schema() -> tuple[str, int]:
    """The JSON Schema of a script, for editors."""
    return json.dumps(json_schema(), indent=2), 0
