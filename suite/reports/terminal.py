"""The matrix on a terminal."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING, Final

from rich import box
from rich.console import Console, Group
from rich.table import Table as RichTable
from rich.text import Text

from ..sdks import SDKS
from .table import TableCell, tables

if TYPE_CHECKING:
    from rich.console import RenderableType

    from .run import Run
    from .table import Table

_STYLES: Final = {
    "works": "green",
    "refused": "yellow",
    "hangs": "red",
    "silent": "red",
    "crashes": "red",
    "absent": "dim",
}
_DIGITS: Final = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
#: Without a terminal, lines are as long as the widest table of the default set needs.
_PLAIN_WIDTH: Final = 150


def show(run: Run) -> None:
    """Print to standard output, in colour where it is a terminal."""
    console = Console() if sys.stdout.isatty() else Console(width=_PLAIN_WIDTH, no_color=True)
    console.print(_report(run))


def render(run: Run) -> str:
    """The same as plain text."""
    console = Console(file=io.StringIO(), width=_PLAIN_WIDTH, no_color=True)
    console.print(_report(run))
    text = console.file.getvalue()  # type: ignore[attr-defined]  # it is the StringIO above
    return "\n".join(line.rstrip() for line in text.splitlines()) + "\n"


def out(text: str) -> None:
    """Print a report of another kind."""
    sys.stdout.write(text)


def _report(run: Run) -> RenderableType:
    parts: list[RenderableType] = []
    for table in tables(run.outcomes):
        parts += [_table(table), *_notes(table), Text("")]
    counts = ", ".join(f"{count} {status.value}" for status, count in run.counts.items())
    parts.append(Text(f"{len(run.outcomes)} cells in {run.seconds:.0f} s: {counts}"))
    return Group(*parts)


def _table(table: Table) -> RenderableType:
    title = f"{SDKS[table.sdk].package}, service date {table.service_date}"
    shown = RichTable(
        title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False
    )
    shown.add_column("API version at create", overflow="fold")
    shown.add_column("at connect", overflow="fold")
    for version in table.versions:
        shown.add_column(version, no_wrap=True)
    for row in table.rows:
        shown.add_row("\n".join(row.create), "\n".join(row.connect_shown), *map(_cell, row.cells), end_section=True)
    return shown


def _cell(cell: TableCell) -> Text:
    style = "bold reverse red" if cell.finding else _STYLES.get(cell.label.partition(" ")[0], "")
    note = str(cell.note).translate(_DIGITS) if cell.note else ""
    return Text(f"{cell.label} {note}".rstrip(), style=style)


def _notes(table: Table) -> list[RenderableType]:
    lines: list[RenderableType] = []
    for note in table.notes:
        grid = RichTable.grid(padding=(0, 1))
        grid.add_column(justify="right", width=3)
        grid.add_column()
        grid.add_row(str(note.number).translate(_DIGITS), Text(note.text(table.versions)))
        if note.fix:
            grid.add_row("", Text(f"→ {note.fix}", style="cyan"))
        lines.append(grid)
    return lines
