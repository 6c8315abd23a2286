"""How far a run is: a bar on a terminal, a plain line for each version elsewhere; always on stderr."""

from __future__ import annotations

import os
import sys
from collections import Counter
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as RichProgress

from .model import FINDINGS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .model import Outcome


class Progress(Protocol):
    """Told what is being done, and of each outcome."""

    def note(self, text: str) -> None:
        """Something begins."""

    def advance(self, outcome: Outcome) -> None:
        """A cell is done."""

    def leave(self, text: str) -> None:
        """The process ends now; these are its last words."""


def say(text: str) -> None:
    """Tell a person something in a line. That nobody can read it is no reason to end a run."""
    tell(f"genai-live-compat: {text}\n")


def tell(text: str) -> None:
    """Write to standard error, if that can be."""
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except RuntimeError:
        # A signal came in the middle of another line; its buffer takes none in between.
        os.write(sys.stderr.fileno(), text.encode(errors="backslashreplace"))
    except OSError:
        # What is left in the buffer would fail once more as Python ends, and make its own status of it.
        with suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())


@contextmanager
def progress(total: int) -> Iterator[Progress]:
    """Show how far a run of ``total`` cells is."""
    if not sys.stderr.isatty():
        lines = _Lines()
        yield lines
        lines.close()
        return
    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
    with RichProgress(*columns, console=Console(stderr=True), transient=True) as bar:
        yield _Bar(bar, total)


class _Bar:
    def __init__(self, bar: RichProgress, total: int) -> None:
        self._bar = bar
        self._task = bar.add_task("", total=total)
        self._findings = 0

    def note(self, text: str) -> None:
        findings = f"[red]{self._findings} findings[/red] " if self._findings else ""
        self._bar.update(self._task, description=f"{findings}{text}")

    def advance(self, outcome: Outcome) -> None:
        self._findings += outcome.status in FINDINGS
        self._bar.advance(self._task)

    def leave(self, text: str) -> None:
        # Not by its own end, whose lock may be held just now; a terminal must not be left without a cursor.
        self._bar.console.file.write("\N{ESCAPE}[?25h\n")
        say(text)


class _Lines:
    def __init__(self) -> None:
        self._counts: dict[str, Counter[str]] = {}

    def note(self, text: str) -> None:
        tell(f"{text}\n")

    def advance(self, outcome: Outcome) -> None:
        self._counts.setdefault(str(outcome.cell.subject), Counter())[outcome.status.value] += 1

    def close(self) -> None:
        for subject, counts in self._counts.items():
            told = ", ".join(f"{count} {status}" for status, count in counts.items())
            tell(f"{subject}: {told}\n")

    def leave(self, text: str) -> None:
        say(text)
