"""What the parsers of the commands share."""

from __future__ import annotations

import argparse
import shlex
import sys
from typing import TYPE_CHECKING, NoReturn

from suite import reports

if TYPE_CHECKING:
    from typing import TypeAlias

    from suite.reports import Report

    #: What a command adds its parser to.
    Commands: TypeAlias = "argparse._SubParsersAction[Parser]"


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        """End with status 2."""
        self.exit(2, f"{self.prog}: {message}; see --help\n")


def add_report(command: Parser) -> None:
    """Add ``--report``."""
    command.add_argument(
        "--report", action="append", default=[], metavar="KIND[=PATH]",
        help=f"one of {', '.join(reports.RENDERERS)}, to a file or to standard output; may be repeated "
        "(default: terminal)",
    )  # fmt: skip


def reports_of(given: argparse.Namespace) -> list[Report]:
    """The reports asked for.

    Raises:
        ValueError: an unknown kind.
    """
    return [reports.read(text) for text in given.report or ["terminal"]]


def command_line() -> list[str]:
    """This run, as the words one would type."""
    return ["genai-live-compat", *map(shlex.quote, sys.argv[1:])]
