"""What the commands share: how they read words, print lines and end."""

from __future__ import annotations

import argparse
import contextlib
import json
import shlex
import sys
from typing import TYPE_CHECKING, NoReturn, TextIO

from .core.journal import hide_secrets

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .core.journal import Entry


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        """Say it, and end with 2."""
        self.exit(2, f"mockserver: {message}; see --help\n")


def port(text: str) -> int:
    """A port that one can listen on."""
    if not text.isascii() or not text.isdigit() or int(text) > 65_535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port: expected a number from 0 to 65535")
    return int(text)


def show(text: str, stream: TextIO | None = None) -> None:
    """Print a line without secrets, on stdout or on another stream."""
    show_all(hide_secrets(text), stream)


def show_all(text: str, stream: TextIO | None = None) -> None:
    """Print a line as it is: one in which there can be no secret."""
    stream = stream or sys.stdout
    with contextlib.suppress(BrokenPipeError):
        stream.write(f"{text}\n")
        stream.flush()


def fail(text: str) -> int:
    """Say why it could not be done; exit status 2."""
    sys.stderr.write(f"mockserver: {hide_secrets(text)}\n")
    return 2


def told(text: str, status: int) -> int:
    """Print what a command has to say, mistakes on stderr; its exit status."""
    show(text, sys.stdout if status == 0 else sys.stderr)
    return status


def busy(host: str, number: int, error: Exception) -> str:
    """Why one cannot listen somewhere."""
    # Without what newer Pythons add: the address, once more.
    reason = str(getattr(error, "strerror", None) or error).partition(" (while ")[0]
    return f"cannot listen on {host}:{number}: {reason}; free it, or name another with --port (0 takes any)"


def exports(env: Mapping[str, str]) -> str:
    """The lines with which a shell sets an environment."""
    return "\n".join(f"  export {name}={shlex.quote(value)}" for name, value in env.items())


def log(watch: Callable[[Callable[[Entry], None]], None], form: str) -> None:
    """Print what happens on stderr from now on: as text, as JSON, or not at all."""

    def write(entry: Entry) -> None:
        show(entry.line() if form == "text" else json.dumps(entry.shown(), ensure_ascii=False), sys.stderr)

    if form != "none":
        watch(write)
