"""``genai-live-compat``: one module a command; each adds its parser and says what runs it."""

from __future__ import annotations

import errno
import io
import os
import sys
from typing import TYPE_CHECKING, Final

from suite.drivers.process import TOO_MANY_FILES

from . import bisect, cache, doctor, explain, matrix, merge, program, releases, upgrade
from .parser import Parser
from .running import INTERRUPTED

if TYPE_CHECKING:
    from collections.abc import Sequence

#: In the order of the help.
COMMANDS: Final = (matrix, merge, upgrade, bisect, explain, doctor, releases, cache)


def parser() -> Parser:
    """The parser of all commands."""
    every = Parser(
        prog="genai-live-compat",
        description="Does your Gemini Live client configuration work, with which SDK version, and why not?",
    )
    added = every.add_subparsers(required=True, metavar="COMMAND", parser_class=Parser)
    for command in COMMANDS:
        command.add(added)
    return every


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command. Exit status: 0 all agree, 1 findings, 2 could not run or nothing was checked."""
    if isinstance(sys.stdout, io.TextIOWrapper):  # a pipe may be of an encoding without arrows
        sys.stdout.reconfigure(errors="backslashreplace")
    words = sys.argv[1:] if arguments is None else list(arguments)
    words, command = program.split(words) if words[:1] == [upgrade.NAME] else (words, None)
    given = parser().parse_args(words)
    given.command = command
    try:
        status: int = given.run(given)
    except ValueError as error:
        return _fail(f"{error}")
    except KeyboardInterrupt:
        sys.stderr.write("genai-live-compat: interrupted\n")
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has seen enough; Python would complain again at its exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        advice = TOO_MANY_FILES if error.errno == errno.EMFILE else ""
        return _fail(f"{where}{error.strerror or str(error) or type(error).__name__}{advice}")
    return status


def _fail(text: str) -> int:
    sys.stderr.write(f"genai-live-compat: {text}\n")
    return 2
