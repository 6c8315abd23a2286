"""``matrix``: real SDK versions in every placement of the API version, against the mock."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from suite import facing, plan, versions

from . import facing as options
from . import running
from .parser import add_report, reports_of

if TYPE_CHECKING:
    import argparse

    from suite.facing import Service
    from suite.model import Subject

    from .parser import Commands


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
    matrix.add_argument(
        running.RESUME, action="store_true",
        help="take what an earlier run has measured that was broken off, and measure the rest",
    )  # fmt: skip
    matrix.add_argument(
        "--state", type=Path, metavar="FILE",
        help="keep what is measured in this file until all of it is (default: a file in the cache for each "
        "choice of cells)",
    )  # fmt: skip


def _run(given: argparse.Namespace) -> int:
    wanted = reports_of(given)
    service = options.service(given)
    cells = facing.cells(service, _subjects(given, service), given.service_date, given.select)
    jobs = facing.jobs_of(service, given.jobs)
    return running.run(running.Asked(cells, jobs, service, wanted, given.state, given.resume))


def _subjects(given: argparse.Namespace, service: Service | None) -> tuple[Subject, ...]:
    if not given.tox_env:
        return versions.subjects(given.sdk, facing.versions_of(service, given.versions))
    subject = versions.of_factor(given.tox_env)
    if subject is None:
        raise ValueError(
            f"tox environment {given.tox_env!r} names no SDK: expected a name like py311-genai-2.34"
        )
    return (subject,)
