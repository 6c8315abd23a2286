"""Several runs as one: of machines side by side, or of yesterday with some versions measured again today."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .run import Run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..model import Cell, Outcome


def merged(runs: Sequence[Run], command: str) -> Run:
    """All cells in the order in which they first come; a cell of several runs is as the last one has it."""
    outcomes: dict[Cell, Outcome] = {}
    for run in runs:
        outcomes.update((outcome.cell, outcome) for outcome in run.outcomes)
    about = {**runs[-1].about, "command": command, "sdks": _versions(runs), "service_dates": _dates(runs)}
    about["merged"] = [part for run in runs for part in run.about.get("merged", [_part(run)])]
    return Run(tuple(outcomes.values()), about, sum(run.seconds for run in runs))


def _part(run: Run) -> dict[str, Any]:
    return run.about | {"seconds": round(run.seconds, 1)}


def _versions(runs: Sequence[Run]) -> dict[str, list[str]]:
    found: dict[str, dict[str, None]] = {}
    for run in runs:
        for sdk, versions in run.about.get("sdks", {}).items():
            found.setdefault(sdk, {}).update(dict.fromkeys(versions))
    return {sdk: list(versions) for sdk, versions in found.items()}


def _dates(runs: Sequence[Run]) -> dict[str, str]:
    return {date: day for run in runs for date, day in run.about.get("service_dates", {}).items()}
