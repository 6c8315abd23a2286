"""The ratios to the peer as a picture (SVG), each beside its aim; light and dark, no scripts."""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from benchmarks.figures import Compared, Figures

_WIDTH: Final = 760
_LEFT: Final = 270
_LINE: Final = 34
_BAR: Final = 18
#: Times as fast as the peer, at the edges of the picture: the scale is logarithmic.
_LEAST: Final = 0.25
_MOST: Final = 64.0

_STYLE: Final = """
text{font:12px ui-sans-serif,system-ui,sans-serif;fill:#1f2328}.t{font-size:14px;font-weight:600}
.bg{fill:#ffffff}.bar{fill:#4c8bf5}.aim{stroke:#d1242f;stroke-width:2}.grid{stroke:#d0d7de}.one{stroke:#656d76}
.figure{paint-order:stroke;stroke:#ffffff;stroke-width:4px}
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.bg{fill:#0d1117}.bar{fill:#3d6fc4}.grid{stroke:#30363d}
.one{stroke:#8b949e}.figure{stroke:#0d1117}}
"""
#: No digit of the font is wider.
_CHARACTER: Final = 7
_GAP: Final = 6


def render(figures: Figures) -> str:
    """A bar for each rate, from 1 (as fast as the peer) to what was measured, and a line where the aim is."""
    rows = [row for row in figures.compared if row.times("mock", "peer") is not None]
    height = 60 + _LINE * len(rows) + 26
    parts = [_text(10, 24, "This mock, times as fast as the peer (one core each); red: the aim", "t")]
    for times in (0.25, 0.5, 1, 2, 4, 8, 16, 32, 64):
        x, kind = _x(times), "one" if times == 1 else "grid"
        parts.append(f'<line class="{kind}" x1="{x:.1f}" x2="{x:.1f}" y1="44" y2="{height - 26}"/>')
        parts.append(_text(x, height - 10, f"{times:g}\u00d7", anchor="middle"))
    for number, row in enumerate(rows):
        parts += _bar(row, 52 + _LINE * number)
    size = f'width="{_WIDTH}" height="{height}" viewBox="0 0 {_WIDTH} {height}"'
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="rates beside the peer">\n'
        f'<style>{_STYLE}</style>\n<rect class="bg" width="100%" height="100%"/>\n{body}\n</svg>\n'
    )


def _bar(row: Compared, y: float) -> list[str]:
    ratio = row.times("mock", "peer")
    assert ratio is not None, "rows without a ratio are left out"
    left, right = sorted((_x(1), _x(ratio)))
    parts = [
        _text(10, y + 14, row.what),
        f'<rect class="bar" x="{left:.1f}" y="{y}" width="{right - left:.1f}" height="{_BAR}"/>',
    ]
    if row.aim is not None:
        x = _x(row.aim.value)
        parts.append(f'<line class="aim" x1="{x:.1f}" x2="{x:.1f}" y1="{y - 3}" y2="{y + _BAR + 3}"/>')
    label = _label(ratio)
    left = _beside(right, len(label) * _CHARACTER, None if row.aim is None else _x(row.aim.value))
    return [*parts, _text(left, y + 14, label, "figure")]


def _beside(right: float, width: float, mark: float | None) -> float:
    """Where a label begins: behind its bar, and behind the mark where that would be in it."""
    left = right + _GAP
    return mark + _GAP if mark is not None and left - _GAP <= mark <= left + width + _GAP else left


def _label(ratio: float) -> str:
    """A ratio in seven characters at most, which is what there is room for behind the longest bar."""
    return f"{ratio:.2f}" if ratio < 100 else f"{ratio:.0f}" if ratio < 999_999 else f"{ratio:.1e}"


def _x(times: float) -> float:
    share = math.log(min(max(times, _LEAST), _MOST) / _LEAST) / math.log(_MOST / _LEAST)
    return _LEFT + share * (_WIDTH - _LEFT - 60)


def _text(x: float, y: float, text: str, style: str = "", anchor: str = "start") -> str:
    kind = f' class="{style}"' if style else ""
    return f'<text{kind} x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'
