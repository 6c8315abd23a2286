"""What a person reads of an explanation or a check, as parts; terminal, Markdown and JSON show the same."""

from __future__ import annotations

import io
import json
import re
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from rich.console import Console, Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rich.console import RenderableType

Kind = Literal["head", "text", "fix", "code", "row", "small"]
#: Without a terminal, lines are this long.
_WIDTH: Final = 110
_LABEL: Final = 10
_INDENT: Final = 2


@dataclass(frozen=True, slots=True)
class Part:
    """One piece: a heading, a sentence, what to do, code, or a line with a label."""

    kind: Kind
    text: str
    label: str = ""
    #: Of a heading: how deep; of anything else: how far inside.
    depth: int = 0
    style: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Telling:
    """What a command tells: for a person and for a program."""

    parts: tuple[Part, ...]
    data: dict[str, Any] = field(default_factory=dict)


def terminal(telling: Telling) -> str:
    """As plain text."""
    console = Console(file=io.StringIO(), width=_WIDTH, no_color=True)
    console.print(_group(telling.parts))
    text = console.file.getvalue()  # type: ignore[attr-defined]  # it is the StringIO above
    return "\n".join(line.rstrip() for line in text.splitlines()) + "\n"


def _group(parts: Sequence[Part]) -> Group:
    return Group(*(_shown(part, first=number == 0) for number, part in enumerate(parts)))


def _shown(part: Part, *, first: bool) -> RenderableType:
    inside = part.depth * _INDENT
    if part.kind == "head":
        return Padding(Text(part.text, style=part.style or "bold"), (0 if first else 1, 0, 0, inside))
    if part.kind in ("row", "small"):
        grid = Table.grid(padding=(0, 1))
        grid.add_column(min_width=_LABEL, no_wrap=True, style="dim")
        grid.add_column()
        grid.add_row(part.label, Text(part.text, style=part.style or ("dim" if part.kind == "small" else "")))
        return Padding(grid, (0, 0, 0, inside))
    if part.kind == "code":
        return Padding(Text(part.text, style="cyan", no_wrap=True, overflow="ignore"), (0, 0, 0, inside + 2))
    arrow = "→ " if part.kind == "fix" else ""
    style = part.style or ("cyan" if arrow else "")
    return Padding(Text(f"{arrow}{part.text}", style=style), (0, 0, 0, inside))


def markdown(telling: Telling) -> str:
    """For a pull request, a ticket or a chat."""
    lines: list[str] = []
    for part in telling.parts:
        if part.kind == "head":
            lines += ["", f"{'#' * (part.depth + 3)} {_plain(part.text)}", ""]
        elif part.kind == "code":
            lines += ["", f"```{part.language}", part.text, "```", ""]
        elif part.kind == "fix":
            lines += ["", f"**→** {_plain(part.text)}", ""]
        elif part.kind in ("row", "small"):
            lines.append(f"- {f'*{_plain(part.label)}*: ' if part.label else ''}{_plain(part.text)}")
        else:
            lines += ["", _plain(part.text), ""]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n"


def _plain(text: str) -> str:
    """A text in which nothing is markup."""
    return re.sub(r"([\\`*_{}\[\]<>#|~])", r"\\\1", " ".join(text.split()))


def as_json(telling: Telling) -> str:
    """For a program."""
    return json.dumps(telling.data, indent=1, ensure_ascii=False) + "\n"


RENDERERS: Final[dict[str, Callable[[Telling], str]]] = {
    "terminal": terminal,
    "markdown": markdown,
    "json": as_json,
}


@dataclass(frozen=True, slots=True)
class Outlet:
    """A kind of report and the file it goes to; None: standard output."""

    kind: str
    path: Path | None = None

    def write(self, telling: Telling) -> None:
        """Write it.

        Raises:
            OSError: the file cannot be written.
        """
        if self.path is not None:
            with suppress(FileExistsError):  # a file in the way; writing says it better
                self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.write_text(RENDERERS[self.kind](telling), "utf-8", errors="backslashreplace")
        elif self.kind == "terminal" and sys.stdout.isatty():
            Console().print(_group(telling.parts))
        else:
            sys.stdout.write(RENDERERS[self.kind](telling))


def outlets(texts: Sequence[str]) -> list[Outlet]:
    """Read ``terminal``, ``json=PATH`` …; none: the terminal.

    Raises:
        ValueError: an unknown kind, or no path behind ``=``.
    """
    return [_outlet(text) for text in texts or ["terminal"]]


def _outlet(text: str) -> Outlet:
    kind, equals, name = text.partition("=")
    if kind not in RENDERERS or (equals and not name):
        raise ValueError(
            f"report {text!r} is not known: expected {', '.join(RENDERERS)}, with =PATH for a file"
        )
    return Outlet(kind, Path(name) if name else None)
