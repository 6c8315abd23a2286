"""A run as a small badge (SVG): green as predicted, red with findings, grey where nothing was measured."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from .run import Run

_NAME: Final = "live-compat"
#: Width of a character, about; the text is told to fit what it is given.
_CHAR: Final = 6.6
_PAD: Final = 7
#: Dark enough for white letters (4.5 to 1 and better).
_GREEN, _RED, _GREY, _NAMED = "#1a7f37", "#c2272d", "#656d76", "#3d444d"


def render(run: Run) -> str:
    """One line of text, the tool's name on the left, what became of it on the right."""
    text, colour = _said(run)
    left, right = _width(_NAME), _width(text)
    title = escape(f"{_NAME}: {text}")
    font = "Verdana,Geneva,DejaVu Sans,sans-serif"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="20" role="img" '
        f'aria-label="{title}">\n<title>{title}</title>\n'
        f'<clipPath id="r"><rect width="{left + right}" height="20" rx="3"/></clipPath>\n'
        f'<g clip-path="url(#r)"><rect width="{left}" height="20" fill="{_NAMED}"/>'
        f'<rect x="{left}" width="{right}" height="20" fill="{colour}"/></g>\n'
        f'<g fill="#fff" font-family="{font}" font-size="11" text-anchor="middle">\n'
        f"{_text(0, left, _NAME)}\n{_text(left, right, text)}\n</g>\n</svg>\n"
    )


def _said(run: Run) -> tuple[str, str]:
    if run.exit_code == 2:
        return "not measured", _GREY
    found = len(run.findings)
    if found:
        return f"{found:,} finding{'s' * (found != 1)}", _RED
    return f"{len(run.outcomes):,} pass", _GREEN


def _width(text: str) -> int:
    return round(len(text) * _CHAR) + 2 * _PAD


def _text(x: int, width: int, text: str) -> str:
    place = f'x="{x + width / 2:.1f}" y="14" textLength="{width - 2 * _PAD}" lengthAdjust="spacingAndGlyphs"'
    return f"<text {place}>{escape(text)}</text>"
