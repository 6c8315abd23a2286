"""``explain``: why, without running anything: of a placement, a behaviour, or an error that somebody got."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from mockserver import API_VERSIONS
from suite import prose, versions
from suite.explain import causes, cells, telling

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from suite.model import Cell, Subject
    from suite.prose import Telling

    from .parser import Commands

_CELL_ID: Final = re.compile(r"\s*\w+(?:==|@)[^/\s]+/[\w-]+/[a-z-]+:.*\s*", re.DOTALL)
STDIN: Final = "-"


def add(commands: Commands) -> None:
    """Add the command."""
    explain = commands.add_parser(
        "explain", help="say why, without running anything: of a placement, a behaviour or an error text"
    )
    explain.set_defaults(run=_run)
    explain.add_argument(
        "text", nargs="*", metavar="TEXT",
        help="an error, a traceback or a console's text, - for standard input, or the id of a cell",
    )  # fmt: skip
    explain.add_argument("--file", type=Path, metavar="PATH", help="read the text from a file")
    explain.add_argument(
        "--sdk", action="append", default=[], metavar="SPEC",
        help="the SDK version it is about, as in python==3.4.0; alone: its newest",
    )  # fmt: skip
    explain.add_argument(
        "--create", metavar="PLACEMENT",
        help=f"where the backend sets the API version: none, {placed('call')}",
    )  # fmt: skip
    explain.add_argument(
        "--connect", metavar="PLACEMENT",
        help=f"where the frontend does: none, {placed('session')}",
    )  # fmt: skip
    explain.add_argument("--case", metavar="SLUG", help="a behaviour, such as handshake:404")
    explain.add_argument(
        "--service-date", default="both", metavar="launch|latest|both|YYYY-MM-DD",
        help="how the service behaves (default: %(default)s)",
    )  # fmt: skip
    explain.add_argument(
        "--report", action="append", default=[], metavar="KIND[=PATH]",
        help=f"one of {', '.join(prose.RENDERERS)}, to a file or to standard output; may be repeated "
        "(default: terminal)",
    )  # fmt: skip


def placed(near: str) -> str:
    """How placements are written."""
    one, other = API_VERSIONS[1:3]
    return f"client={one}, {near}={other} or client={one},{near}={other}"


def _run(given: argparse.Namespace) -> int:
    wanted = prose.outlets(given.report)
    told, status = _told(given)
    for outlet in wanted:
        outlet.write(told)
    return status


def _told(given: argparse.Namespace) -> tuple[Telling, int]:
    text = " ".join(given.text)
    placed = given.create is not None or given.connect is not None
    asked = [bool(text), given.file is not None, placed, given.case is not None]
    if sum(asked) != 1:
        raise ValueError(
            "expected one thing to explain: a text, --file, --create and --connect, --case, or a cell's id"
        )
    if text and _CELL_ID.fullmatch(text):
        return _of_cells(cells.read_cells(text))
    if text or given.file is not None:
        return _of_text(_read(given), _subject(given))
    if not given.sdk:
        raise ValueError("a placement and a behaviour need --sdk, such as --sdk python==3.4.0")
    if placed:
        case = cells.configuration(given.create or "none", given.connect or "none")
        return _of_cells(cells.cells(given.sdk, given.service_date, case))
    return _of_cells(cells.cells(given.sdk, given.service_date, cells.read_case(given.case)))


def _of_cells(found: Sequence[Cell]) -> tuple[Telling, int]:
    return telling.of_cells([cells.tell(cell) for cell in found]), 0


def _of_text(text: str, subject: Subject | None) -> tuple[Telling, int]:
    if not text.strip():
        raise ValueError("there is no text to explain")
    explanation = causes.explain(text, subject)
    return telling.of_text(explanation), 0 if explanation.causes else 1


def _read(given: argparse.Namespace) -> str:
    if given.file is not None:
        return str(given.file.read_bytes().decode(errors="replace"))
    if given.text == [STDIN]:
        return sys.stdin.read()
    return " ".join(given.text)


def _subject(given: argparse.Namespace) -> Subject | None:
    found = versions.subjects(given.sdk, "latest") if given.sdk else ()
    if len(found) > 1:
        raise ValueError(f"a text is of one version, not of {', '.join(map(str, found))}")
    return found[0] if found else None
