"""``merge``: reports of several runs together."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from suite.progress import tell
from suite.reports import jsonfile, write_all
from suite.reports.merging import merged

from .parser import add_report, command_line, reports_of

if TYPE_CHECKING:
    import argparse

    from suite.reports.run import Run

    from .parser import Commands


def add(commands: Commands) -> None:
    """Add the command."""
    merge = commands.add_parser("merge", help="write reports of several JSON reports together")
    merge.set_defaults(run=_run)
    merge.add_argument(
        "files", nargs="+", type=Path, metavar="FILE",
        help="what --report json=FILE wrote; a cell of several files is as the last one has it",
    )  # fmt: skip
    add_report(merge)


def _run(given: argparse.Namespace) -> int:
    wanted = reports_of(given)
    for report in wanted:
        report.check()
    run = merged([_read(path) for path in given.files], " ".join(command_line()))
    write_all(wanted, run)
    tell(f"{run.closing()}\n")
    return run.exit_code


def _read(path: Path) -> Run:
    try:
        return jsonfile.read(path.read_text("utf-8"))
    except ValueError as error:  # as is a text that is not UTF-8
        raise ValueError(f"{path}: {error}") from error
