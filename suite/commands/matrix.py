"""``matrix``: real SDK versions in every placement of the API version, against the mock."""

from __future__ import annotations

import asyncio
import sys
import time
from contextlib import aclosing
from typing import TYPE_CHECKING

from suite import facing, plan, versions
from suite.environments import cache_root
from suite.progress import progress
from suite.reports.run import Run

from . import facing as options
from .parser import add_report, command_line, reports_of

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from suite.facing import Service
    from suite.model import Cell, Outcome, Subject
    from suite.progress import Progress

    from .parser import Commands

#: As shells report a command that Ctrl-C ended.
INTERRUPTED = 130


def add(commands: Commands) -> None:
    """Add the command."""
    matrix = commands.add_parser(
        "matrix", help="run real SDK versions in every placement of the API version against the mock"
    )
    matrix.set_defaults(run=_run)
    matrix.add_argument(
        "--sdk", action="append", default=[], metavar="SPEC",
        help="python, js, web or reference, with versions of its own if you like: 'python==3.4.0', 'js>=2', "
        "js@my-build.tgz, python@installed; may be repeated (default: python and js)",
    )  # fmt: skip
    matrix.add_argument(
        "--versions", metavar="edges|latest|all|SPECIFIER",
        help="which versions of an SDK that comes without: both sides of every recorded change, the newest, "
        "every published one, or those that fit a specifier (default: edges; at a real service: latest)",
    )  # fmt: skip
    matrix.add_argument(
        "--tox-env", default="", metavar="NAME",
        help="take the SDK version from a tox environment's name: py311-genai-2.34, py3-genaijs-2.11",
    )  # fmt: skip
    matrix.add_argument(
        "--service-date", metavar="launch|latest|both|YYYY-MM-DD",
        help="how the service behaves (default: both), or is expected to (default: latest)",
    )  # fmt: skip
    options.add(matrix)
    add_report(matrix)
    matrix.add_argument(
        "--select",
        action="append",
        default=[],
        metavar="TEXT",
        help="only the cells whose id contains this text; may be repeated",
    )
    matrix.add_argument(
        "-j", "--jobs", type=plan.jobs, metavar="N",
        help=f"SDK versions measured side by side (default: {plan.JOBS}, by the processors; at a real "
        "service 1, so that one session is open at a time)",
    )  # fmt: skip


def _run(given: argparse.Namespace) -> int:
    wanted = reports_of(given)
    service = options.service(given)
    cells = facing.cells(service, _subjects(given, service), given.service_date, given.select)
    for report in wanted:
        report.check()
    started = time.monotonic()
    outcomes: dict[Cell, Outcome] = {}
    interrupted = False
    with progress(len(cells)) as shown:
        try:
            asyncio.run(_measure(cells, facing.jobs_of(service, given.jobs), service, shown, outcomes))
        except KeyboardInterrupt:
            interrupted = True
    measured = tuple(outcomes[cell] for cell in cells if cell in outcomes)
    run = Run(measured, facing.about(service, cells, command_line()), time.monotonic() - started)
    for report in wanted:
        report.write(run)
    if interrupted:
        sys.stderr.write(f"genai-live-compat: interrupted after {len(measured)} of {len(cells)} cells\n")
        return INTERRUPTED
    sys.stderr.write(f"{run.closing()}\n")
    return run.exit_code


def _subjects(given: argparse.Namespace, service: Service | None) -> tuple[Subject, ...]:
    if not given.tox_env:
        return versions.subjects(given.sdk, facing.versions_of(service, given.versions))
    subject = versions.of_factor(given.tox_env)
    if subject is None:
        raise ValueError(
            f"tox environment {given.tox_env!r} names no SDK: expected a name like py311-genai-2.34"
        )
    return (subject,)


async def _measure(
    cells: Sequence[Cell],
    jobs: int,
    service: Service | None,
    shown: Progress,
    outcomes: dict[Cell, Outcome],
) -> None:
    async with aclosing(facing.measure(cells, cache_root(), jobs, shown.note, service)) as measured:
        async for outcome in measured:
            outcomes[outcome.cell] = outcome
            shown.advance(outcome)
