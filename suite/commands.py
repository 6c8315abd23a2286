"""``genai-live-compat``: run the matrix, merge its reports, refresh the list of releases."""

from __future__ import annotations

import argparse
import asyncio
import io
import os
import shlex
import sys
import time
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from . import plan, releases, reports, versions
from .engine import Engine
from .environments import cache_root
from .environments.usage import clear, usage
from .progress import progress
from .reports import jsonfile
from .reports.merging import merged
from .reports.run import Run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .model import Cell, Outcome
    from .progress import Progress

#: As shells report a command that Ctrl-C ended.
INTERRUPTED = 130


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}; see --help\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command. Exit status: 0 all agree, 1 findings, 2 could not run or nothing was checked."""
    parser = _parser()
    if isinstance(sys.stdout, io.TextIOWrapper):  # a pipe may be of an encoding without arrows
        sys.stdout.reconfigure(errors="backslashreplace")
    given = parser.parse_args(arguments)
    try:
        status: int = given.run(given)
    except ValueError as error:
        return _fail(f"{error}")
    except BrokenPipeError:
        # Whoever read our output has seen enough; Python would complain again at its exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        return _fail(f"{where}{error.strerror or error}")
    return status


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="genai-live-compat",
        description="Does your Gemini Live client configuration work, with which SDK version, and why not?",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=_Parser)
    matrix = commands.add_parser(
        "matrix", help="run real SDK versions in every placement of the API version against the mock"
    )
    matrix.set_defaults(run=_matrix)
    matrix.add_argument(
        "--sdk", action="append", default=[], metavar="SPEC",
        help="python, js, web or reference, with versions of its own if you like: 'python==3.4.0', 'js>=2', "
        "js@my-build.tgz, python@installed; may be repeated (default: python and js)",
    )  # fmt: skip
    matrix.add_argument(
        "--versions", default="edges", metavar="edges|latest|all|SPECIFIER",
        help="which versions of an SDK that comes without: both sides of every recorded change, the newest, "
        "every published one, or those that fit a specifier (default: %(default)s)",
    )  # fmt: skip
    matrix.add_argument(
        "--tox-env", default="", metavar="NAME",
        help="take the SDK version from a tox environment's name: py311-genai-2.34, py3-genaijs-2.11",
    )  # fmt: skip
    matrix.add_argument(
        "--service-date", default="both", metavar="launch|latest|both|YYYY-MM-DD",
        help="how the service behaves (default: %(default)s)",
    )  # fmt: skip
    _add_report(matrix)
    matrix.add_argument(
        "--select",
        action="append",
        default=[],
        metavar="TEXT",
        help="only the cells whose id contains this text; may be repeated",
    )
    matrix.add_argument(
        "-j", "--jobs", type=plan.jobs, default=plan.JOBS, metavar="N",
        help="SDK versions measured side by side (default: %(default)s, four for each processor)",
    )  # fmt: skip
    merge = commands.add_parser("merge", help="write reports of several JSON reports together")
    merge.set_defaults(run=_merge)
    merge.add_argument(
        "files", nargs="+", type=Path, metavar="FILE",
        help="what --report json=FILE wrote; a cell of several files is as the last one has it",
    )  # fmt: skip
    _add_report(merge)
    listed = commands.add_parser("releases", help="list the published versions this tool knows")
    listed.set_defaults(run=_releases)
    listed.add_argument("--refresh", action="store_true", help="ask PyPI and npm, and write the list anew")
    kept = commands.add_parser(
        "cache", help="say how much room the installed SDK versions take; give it back"
    )
    kept.set_defaults(run=_cache)
    kept.add_argument(
        "--clear", nargs="*", default=None, metavar="KIND",
        help="remove these kinds of environments, as listed; without a name all of them",
    )  # fmt: skip
    return parser


def _add_report(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--report", action="append", default=[], metavar="KIND[=PATH]",
        help=f"one of {', '.join(reports.RENDERERS)}, to a file or to standard output; may be repeated "
        "(default: terminal)",
    )  # fmt: skip


def _matrix(given: argparse.Namespace) -> int:
    wanted = [reports.read(text) for text in given.report or ["terminal"]]
    subject = versions.of_factor(given.tox_env) if given.tox_env else None
    if given.tox_env and subject is None:
        raise ValueError(
            f"tox environment {given.tox_env!r} names no SDK: expected a name like py311-genai-2.34"
        )
    subjects = (subject,) if subject is not None else versions.subjects(given.sdk, given.versions)
    cells = plan.cells(subjects, plan.dates(given.service_date), given.select)
    for report in wanted:
        report.check()
    started = time.monotonic()
    outcomes: dict[Cell, Outcome] = {}
    interrupted = False
    with progress(len(cells)) as shown:
        try:
            asyncio.run(_measure(cells, given.jobs, shown, outcomes))
        except KeyboardInterrupt:
            interrupted = True
    measured = tuple(outcomes[cell] for cell in cells if cell in outcomes)
    run = Run(measured, plan.about(cells, _command()), time.monotonic() - started)
    for report in wanted:
        report.write(run)
    if interrupted:
        sys.stderr.write(f"genai-live-compat: interrupted after {len(measured)} of {len(cells)} cells\n")
        return INTERRUPTED
    sys.stderr.write(f"{run.closing()}\n")
    return run.exit_code


def _command() -> list[str]:
    return ["genai-live-compat", *map(shlex.quote, sys.argv[1:])]


def _merge(given: argparse.Namespace) -> int:
    wanted = [reports.read(text) for text in given.report or ["terminal"]]
    for report in wanted:
        report.check()
    run = merged([_read(path) for path in given.files], " ".join(_command()))
    for report in wanted:
        report.write(run)
    sys.stderr.write(f"{run.closing()}\n")
    return run.exit_code


def _read(path: Path) -> Run:
    try:
        return jsonfile.read(path.read_text("utf-8"))
    except ValueError as error:  # as is a text that is not UTF-8
        raise ValueError(f"{path}: {error}") from error


async def _measure(cells: Sequence[Cell], jobs: int, shown: Progress, outcomes: dict[Cell, Outcome]) -> None:
    async with aclosing(Engine(cache_root(), jobs, shown.note).run(cells)) as measured:
        async for outcome in measured:
            outcomes[outcome.cell] = outcome
            shown.advance(outcome)


def _releases(given: argparse.Namespace) -> int:
    if given.refresh:
        counts = releases.refresh(Path(__file__).with_name("releases.json"))
        sys.stdout.write(", ".join(f"{sdk}: {count} releases" for sdk, count in counts.items()) + "\n")
        return 0
    for sdk in ("python", "js"):
        for release in releases.releases(sdk):
            sys.stdout.write(f"{sdk}=={release.version}\t{release.published}{' yanked' * release.yanked}\n")
    return 0


def _cache(given: argparse.Namespace) -> int:
    root = cache_root()
    if given.clear is not None:
        left = clear(root, given.clear)
        sys.stdout.write("".join(f"left alone, it is being built: {name}\n" for name in left))
        return 1 if left else 0
    found = usage(root)
    for entry in found:
        sys.stdout.write(f"{entry.kind}\t{entry.environments} environments\t{entry.bytes / 1e6:.0f} MB\n")
    sys.stdout.write(f"{root}\t{sum(entry.bytes for entry in found) / 1e6:.0f} MB\n")
    return 0


def _fail(text: str) -> int:
    sys.stderr.write(f"genai-live-compat: {text}\n")
    return 2
