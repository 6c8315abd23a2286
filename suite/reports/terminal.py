"""The matrix on a terminal."""

from __future__ import annotations

import io
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rich import box
from rich.console import Console, Group
from rich.table import Table as RichTable
from rich.text import Text

from .table import TableCell, tables

if TYPE_CHECKING:
    from rich.console import ConsoleOptions, RenderableType, RenderResult

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
#: What stands between two columns.
_GAP: Final = 3
_DIGITS: Final = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
#: Without a terminal, lines are as long as the widest table of the default set needs.
_PLAIN_WIDTH: Final = 165


def show(run: Run) -> None:
    """Print to standard output, in colour where it is a terminal."""
    if sys.stdout.isatty():
        Console().print(_report(run))
    else:
        out(render(run))  # a console would end the process where nobody reads any more


def render(run: Run) -> str:
    """The same as plain text."""
    console = Console(file=io.StringIO(), width=_PLAIN_WIDTH, no_color=True)
    console.print(_report(run))
    text = console.file.getvalue()  # type: ignore[attr-defined]  # it is the StringIO above
    return "\n".join(line.rstrip() for line in text.splitlines()) + "\n"


def out(text: str) -> None:
    """Print a report of another kind."""
    sys.stdout.write(text)
    sys.stdout.flush()


def _report(run: Run) -> RenderableType:
    parts: list[RenderableType] = []
    for table in tables(run.outcomes):
        parts += [_Bands(table), *_notes(table), Text("")]
    counts = ", ".join(f"{count} {status.value}" for status, count in run.counts.items())
    parts.append(Text(f"{len(run.outcomes)} cells in {run.seconds:.0f} s: {counts}"))
    return Group(*parts)


@dataclass(frozen=True, slots=True)
class _Bands:
    """A table with as many versions side by side as fit, and the others below."""

    table: Table

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        versions = self.table.columns
        left = sum(width + _GAP for width in _head_widths(self.table))
        column = _GAP + max(map(len, [*versions, *(_said(c) for row in self.table.rows for c in row.cells)]))
        fit = max(1, (options.max_width - left - _GAP) // column)
        for first in range(0, len(versions), fit):
            yield _band(self.table, slice(first, first + fit))


def _band(table: Table, shown: slice) -> RichTable:
    title = None if shown.start else table.title
    band = RichTable(
        title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False
    )
    for head, width in zip(table.heads, _head_widths(table), strict=True):
        band.add_column(head, overflow="fold", min_width=width)
    for version in table.columns[shown]:
        band.add_column(version, no_wrap=True)
    for row in table.rows:
        band.add_row(*map("\n".join, row.heads), *map(_cell, row.cells[shown]), end_section=True)
    return band


def _head_widths(table: Table) -> list[int]:
    """What the heads need at least: two placements in one line may be folded at the comma."""
    return [
        max(
            map(
                len,
                [head, *(part for row in table.rows for slug in row.heads[n] for part in slug.split(","))],
            )
        )
        for n, head in enumerate(table.heads)
    ]


def _cell(cell: TableCell) -> Text:
    style = "bold reverse red" if cell.finding else _STYLES.get(cell.label.partition(" ")[0], "")
    return Text(_said(cell), style=style)


def _said(cell: TableCell) -> str:
    note = str(cell.note).translate(_DIGITS) if cell.note else ""
    return f"{cell.label} {note}".rstrip()


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
