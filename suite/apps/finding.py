"""Where a program makes the clients that a fix is about, as far as its source tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..doctor.checks import Look
from ..doctor.project import Project
from ..doctor.sources.values import Client

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ..model import Step


def places(folder: Path, environ: Mapping[str, str]) -> dict[Step, str]:
    """For each side the lines where its client is made; a side that cannot be seen is left out."""
    found: dict[Step, dict[str, None]] = {}
    for site in Look(Project(folder), environ).sites:
        if isinstance(site.client, Client):
            found.setdefault(site.step, {})[str(site.client.place)] = None
    return {step: ", ".join(lines) for step, lines in found.items()}
