"""The matrix as a picture (SVG) for a README: no scripts, no fonts of its own, light and dark."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

from .table import tables

if TYPE_CHECKING:
    from .run import Run
    from .table import Row, Table, TableCell

_LINE: Final = 18
_CHAR: Final = 7.3
_PAD: Final = 10
_GAP: Final = 26

_STYLE: Final = """
text{font:12px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;fill:#1f2328}
.h{font-weight:600}.t{font-size:14px;font-weight:600}.n{font-size:9px}
.works{fill:#d7f3dc}.refused{fill:#fdeec4}.bad{fill:#fbd3d0}.absent{fill:#e7e9ec}.finding{fill:#e5484d}
.bg{fill:#ffffff}.rule{stroke:#d0d7de}
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.works{fill:#12402a}.refused{fill:#4a3a0b}.bad{fill:#5c1f1d}
.absent{fill:#2d333b}.finding{fill:#b62324}.bg{fill:#0d1117}.rule{stroke:#30363d}}
"""
_CLASS: Final = {"works": "works", "refused": "refused", "absent": "absent"}


def render(run: Run) -> str:
    """All tables below each other, without their notes."""
    parts: list[str] = []
    width, y = 0.0, float(_PAD)
    for table in tables(run.outcomes):
        drawn, table_width, height = _table(table, y)
        parts += drawn
        width, y = max(width, table_width), y + height + _GAP
    size = f'width="{width:.0f}" height="{y:.0f}" viewBox="0 0 {width:.0f} {y:.0f}"'
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="compatibility matrix">\n'
        f'<style>{_STYLE}</style>\n<rect class="bg" width="100%" height="100%"/>\n{body}\n</svg>\n'
    )


def _table(table: Table, top: float) -> tuple[list[str], float, float]:
    columns = _columns(table)
    parts = [_text(_PAD, top + 12, table.title, "t")]
    y = top + 30
    for x, head in zip(_lefts(columns), (*_heads(table), *table.columns), strict=True):
        parts.append(_text(x, y + 12, head, "h"))
    y += _LINE + 4
    width = _PAD * 2 + sum(columns)
    for row in table.rows:
        parts.append(f'<line class="rule" x1="{_PAD}" x2="{width - _PAD:.0f}" y1="{y:.0f}" y2="{y:.0f}"/>')
        lines = max(map(len, row.heads))
        parts += _row(row, _lefts(columns), columns, y, lines)
        y += lines * _LINE + 4
    return parts, width, y - top


def _row(row: Row, lefts: list[float], columns: list[float], y: float, lines: int) -> list[str]:
    parts = []
    for x, slugs in zip(lefts, row.heads, strict=False):
        parts += [_text(x, y + 14 + n * _LINE, slug) for n, slug in enumerate(slugs)]
    for x, width, cell in zip(lefts[len(row.heads) :], columns[len(row.heads) :], row.cells, strict=True):
        if cell.label:
            box = (
                f'x="{x - 4:.1f}" y="{y + 2:.1f}" width="{width - 4:.1f}" height="{lines * _LINE:.1f}" rx="3"'
            )
            parts.append(f'<rect class="{_class(cell)}" {box}/>')
            parts.append(_text(x, y + 14, cell.label))
    return parts


def _class(cell: TableCell) -> str:
    return "finding" if cell.finding else _CLASS.get(cell.label.partition(" ")[0], "bad")


def _columns(table: Table) -> list[float]:
    """Column widths: the heads of the rows, then the versions, as wide as what stands in them."""
    texts = [[head] for head in (*_heads(table), *table.columns)]
    for row in table.rows:
        for column, slugs in zip(texts, row.heads, strict=False):
            column += slugs
        for column, cell in zip(texts[len(row.heads) :], row.cells, strict=True):
            column.append(cell.label)
    return [max(map(len, column)) * _CHAR + _PAD + 4 for column in texts]


def _heads(table: Table) -> tuple[str, ...]:
    """Short names, where a picture has no room."""
    return ("create", "connect") if table.service_date else table.heads


def _lefts(columns: list[float]) -> list[float]:
    return [_PAD + sum(columns[:n]) for n in range(len(columns))]


def _text(x: float, y: float, text: str, style: str = "") -> str:
    mark = f' class="{style}"' if style else ""
    return f'<text x="{x:.1f}" y="{y:.1f}"{mark}>{escape(text)}</text>'
