"""``upgrade``: what changes for an application when it takes another version of an SDK."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from suite import plan, prose
from suite.environments import cache_root
from suite.explain.cells import configuration
from suite.progress import progress
from suite.sdks import SDKS
from suite.upgrade import asking, measuring, project, telling
from suite.upgrade.model import NOBODYS, Own
from suite.upgrade.shifts import compare

from . import program
from .explain import placed

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from suite.model import Configuration, Subject

    from .parser import Commands, Parser

INTERRUPTED = 130
NAME: Final = "upgrade"
#: The service dates at which versions are measured, if nothing else is said.
BOTH: Final = "both"


def add(commands: Commands) -> None:
    """Add the command."""
    upgrade = commands.add_parser(
        NAME, help="measure two versions of an SDK and say what changes, and what to write instead"
    )
    upgrade.set_defaults(run=_run)
    upgrade.add_argument("sdk", choices=tuple(SDKS), metavar="SDK", help=f"one of {', '.join(SDKS)}")
    upgrade.add_argument(
        "versions", nargs="*", metavar="VERSION",
        help="the version you have and the one you want: 2.34.0, 3 for its newest, latest, installed, "
        "or a file that holds one (default: from installed to latest)",
    )  # fmt: skip
    add_span(upgrade)
    add_placements(upgrade)
    upgrade.add_argument(
        "--project", type=Path, metavar="PATH",
        help="read both, and the version you have, from a project's source, as doctor does",
    )  # fmt: skip
    upgrade.add_argument(
        "--topic", action="append", default=[], metavar="NAME",
        help="only this topic, such as placement, token or handshake; may be repeated (default: all)",
    )  # fmt: skip
    upgrade.add_argument(
        "--service-date", metavar="launch|latest|both|YYYY-MM-DD",
        help=f"how the service behaves (default: both; with a command {program.DATE})",
    )  # fmt: skip
    program.add(upgrade)
    add_report(upgrade)
    upgrade.add_argument(
        "-j", "--jobs", type=plan.jobs, default=plan.JOBS, metavar="N",
        help="SDK versions measured side by side (default: %(default)s, by the processors)",
    )  # fmt: skip


def add_span(command: Parser) -> None:
    """Add ``--from`` and ``--to``."""
    command.add_argument("--from", dest="before", metavar="VERSION", help="the version you have")
    command.add_argument("--to", dest="after", metavar="VERSION", help="the version you want")


def add_placements(command: Parser) -> None:
    """Add ``--create`` and ``--connect``."""
    command.add_argument(
        "--create", metavar="PLACEMENT",
        help=f"where your backend sets the API version: none, {placed('call')}",
    )  # fmt: skip
    command.add_argument(
        "--connect", metavar="PLACEMENT",
        help=f"where your frontend does: none, {placed('session')}",
    )  # fmt: skip


def add_report(command: Parser) -> None:
    """Add ``--report``."""
    command.add_argument(
        "--report", action="append", default=[], metavar="KIND[=PATH]",
        help=f"one of {', '.join(prose.RENDERERS)}, to a file or to standard output; may be repeated "
        "(default: terminal)",
    )  # fmt: skip


def placement(given: argparse.Namespace) -> Configuration | None:
    """The application's own configuration, where it is given; a side that is not sets nothing.

    Raises:
        ValueError: a placement cannot be read.
    """
    if given.create is None and given.connect is None:
        return None
    return configuration(given.create or "none", given.connect or "none")


def named(given: argparse.Namespace, before: str, after: str) -> tuple[str, str]:
    """What the two versions are called; ``before`` and ``after`` where none is given.

    Raises:
        ValueError: there are more.
    """
    words = list(getattr(given, "versions", ()))
    first = given.before or (words.pop(0) if words else before)
    second = given.after or (words.pop(0) if words else after)
    if words:
        raise ValueError(
            f"expected two versions, the one you have and the one you want; got also {words[0]!r}"
        )
    return first, second


def span(given: argparse.Namespace, before: str, after: str) -> tuple[Subject, Subject]:
    """The two versions.

    Raises:
        ValueError: too many, or no such version.
    """
    first, second = named(given, before, after)
    return asking.subject(given.sdk, first), asking.subject(given.sdk, second)


def _own(given: argparse.Namespace) -> Own:
    """What is the application's own: from its source, or as it was said.

    Raises:
        ValueError: both were given, or nothing was seen.
    """
    said = placement(given)
    if given.project is None:
        return Own((said,)) if said is not None else NOBODYS
    if said is not None:
        raise ValueError("--project says where the API version is set: expected no --create and --connect")
    return project.own(given.project, given.sdk, os.environ)


def _run(given: argparse.Namespace) -> int:
    wanted = prose.outlets(given.report)
    if given.command is not None or given.lock:
        return _with_program(given, wanted)
    own = _own(given)
    before, after = span(given, own.version or asking.INSTALLED, asking.LATEST)
    asked = asking.cases(given.topic, own.configurations)
    cells = asking.cells(before, after, plan.dates(given.service_date or BOTH), asked)
    with progress(len(cells)) as shown:
        try:
            sides = asyncio.run(
                measuring.sides(before, after, cells, cache_root(), given.jobs, shown.note, shown.advance)
            )
        except KeyboardInterrupt:
            sys.stderr.write("genai-live-compat: interrupted; nothing is compared\n")
            return INTERRUPTED
    comparison = compare(before, after, sides, own, asked)
    told = telling.of(comparison)
    for outlet in wanted:
        outlet.write(told)
    return comparison.exit_code


def _with_program(given: argparse.Namespace, wanted: Sequence[prose.Outlet]) -> int:
    """Ask a program in place of our own cases."""
    program.check(given)
    [date] = plan.dates(given.service_date or program.DATE)
    words = named(given, asking.INSTALLED, asking.LATEST)
    subjects = None if given.lock else program.versions(given.sdk, words)
    try:
        told, status = program.compare(given, subjects, date)
    except KeyboardInterrupt:
        return INTERRUPTED
    for outlet in wanted:
        outlet.write(told)
    return status
