"""``doctor``: what is wrong with this machine and this project, by looking at both."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from suite import prose
from suite.doctor import checks, telling
from suite.doctor.project import Project

if TYPE_CHECKING:
    import argparse

    from .parser import Commands


def add(commands: Commands) -> None:
    """Add the command."""
    doctor = commands.add_parser(
        "doctor", help="look at this machine and a project for what will break, and say what to write instead"
    )
    doctor.set_defaults(run=_run)
    doctor.add_argument(
        "path", nargs="?", type=Path, default=Path(), metavar="PATH",
        help="the project's folder (default: the working directory)",
    )  # fmt: skip
    doctor.add_argument(
        "--online",
        action="store_true",
        help="compare the clock with that of Google's server; nothing else is asked",
    )
    doctor.add_argument(
        "--report", action="append", default=[], metavar="KIND[=PATH]",
        help=f"one of {', '.join(prose.RENDERERS)}, to a file or to standard output; may be repeated "
        "(default: terminal)",
    )  # fmt: skip


def _run(given: argparse.Namespace) -> int:
    wanted = prose.outlets(given.report)
    if not given.path.is_dir():
        kind = "a file" if given.path.exists() else "not there"
        raise ValueError(f"{given.path} is {kind}: expected the folder of a project")
    checked = checks.run(checks.Look(Project(given.path), os.environ, given.online))
    told = telling.of(checked, str(given.path.resolve()))
    for outlet in wanted:
        outlet.write(told)
    return 1 if any(one.fails for one in checked) else 0
