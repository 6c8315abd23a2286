"""The matrix as Markdown, for a pull request comment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .table import TableCell, tables

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..model import Outcome
    from .run import Run
    from .table import Note, Table


def render(run: Run) -> str:
    """A table for each SDK and service date, with its notes; findings first."""
    counts = ", ".join(f"{count} {status.value}" for status, count in run.counts.items())
    parts = ["# Gemini Live compatibility", f"{len(run.outcomes)} cells: {counts}."]
    if run.findings:
        parts.append("## Findings")
        parts.append("\n".join(_findings(run.findings)))
    for table in tables(run.outcomes):
        parts += [f"## {table.title}", _table(table)]
        if table.notes:
            parts.append("\n".join(_note(note, table) for note in table.notes))
    return "\n\n".join(parts) + "\n"


def _findings(findings: Iterable[Outcome]) -> Iterator[str]:
    """A line for each reason, with the first of the cells that it is about."""
    alike: dict[tuple[str, str], list[str]] = {}
    for outcome in findings:
        alike.setdefault((outcome.status.value, _text(outcome.reason)), []).append(outcome.cell.id)
    for (status, reason), cells in alike.items():
        more = f" and {len(cells) - 1} more" if len(cells) > 1 else ""
        yield f"- `{cells[0]}`{more} **{status}**: {reason}"


def _table(table: Table) -> str:
    head = [*table.heads, *table.columns]
    lines = [_line(head), _line(["---"] * len(head))]
    lines += [_line([*map(_slugs, row.heads), *map(_cell, row.cells)]) for row in table.rows]
    return "\n".join(lines)


def _slugs(slugs: tuple[str, ...]) -> str:
    return "<br>".join(f"`{slug}`" for slug in slugs)


def _cell(cell: TableCell) -> str:
    note = f" <sup>{cell.note}</sup>" if cell.note else ""
    return f"**{cell.label}**{note}" if cell.finding else f"{cell.label}{note}"


def _note(note: Note, table: Table) -> str:
    fix = f" Fix: {_text(note.fix)}." if note.fix else ""
    return f"{note.number}. {_text(note.text(table.versions))}.{fix}"


def _line(columns: list[str]) -> str:
    return "| " + " | ".join(column.replace("|", "\\|") for column in columns) + " |"


def _text(text: str) -> str:
    return text.replace("<", "&lt;").replace("\n", " ")
