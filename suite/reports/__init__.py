"""Reports: every one is a function of the same outcomes."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from . import badge, github, html, jsonfile, junit, markdown, picture, rows, terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .run import Run

#: Each takes a finished run and gives the report's text.
RENDERERS: Final[dict[str, Callable[[Run], str]]] = {
    "terminal": terminal.render,
    "json": jsonfile.render,
    "junit": junit.render,
    "markdown": markdown.render,
    "svg": picture.render,
    "html": html.render,
    "badge": badge.render,
    "github": github.render,
    "rows": rows.render,
}


@dataclass(frozen=True, slots=True)
class Report:
    """A kind of report and the file it goes to; None: standard output."""

    kind: str
    path: Path | None

    def check(self) -> None:
        """Find out before a run whether the file can be written.

        Raises:
            OSError: it cannot.
        """
        if self.path is not None:
            with suppress(FileExistsError):  # a file in the way; opening says it better
                self.path.parent.mkdir(parents=True, exist_ok=True)
            new = not self.path.exists()
            self.path.open("a").close()
            if new:
                self.path.unlink()

    def write(self, run: Run) -> None:
        """Write it.

        Raises:
            OSError: the file cannot be written.
        """
        if self.kind == "terminal" and self.path is None:
            terminal.show(run)
        elif self.path is None:
            terminal.out(RENDERERS[self.kind](run))
        else:
            # What an SDK says may hold half a surrogate pair, which UTF-8 has no bytes for.
            _put(self.path, RENDERERS[self.kind](run).encode("utf-8", errors="backslashreplace"))


def write_all(reports: Sequence[Report], run: Run) -> None:
    """Write all that can be written.

    Raises:
        OSError: the first that cannot, with its path.
    """
    failed: OSError | None = None
    for report in reports:
        try:
            report.write(run)
        except BrokenPipeError:
            # Whoever read our output has seen enough; Python would complain again at its exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        except OSError as error:
            failed = failed or OSError(error.errno, error.strerror, str(report.path or "standard output"))
    if failed is not None:
        raise failed


def _put(path: Path, content: bytes) -> None:
    """Write a file in one step, so that neither half a report is left nor an older one lost."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and not path.is_file():  # a device or a pipe, which has no place beside it
        path.write_bytes(content)
        return
    path = path.resolve()  # behind a link
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        unfinished.write_bytes(content)
        unfinished.replace(path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise


def read(text: str) -> Report:
    """Read ``terminal``, ``json=PATH`` …

    Raises:
        ValueError: an unknown kind, or a path that cannot be a file.
    """
    kind, equals, name = text.partition("=")
    if kind not in RENDERERS or (equals and not name):
        raise ValueError(
            f"report {text!r} is not known: expected {', '.join(RENDERERS)}, with =PATH for a file"
        )
    path = Path(name) if name else None
    if path is not None and path.is_dir():
        raise ValueError(f"report {text!r}: {path} is a folder, expected a file")
    return Report(kind, path)
