"""A recording in a file: a header and a JSON line for each thing that crossed the boundary."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from ..core.forms import LINE
from ..core.grammar import BAD, Reading
from ..core.script import Script
from ..core.takes import Line, takes
from . import googles

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from ..core.wav import Audio

FORMAT: Final = "mockserver recording"
VERSION: Final = 1
SUFFIX: Final = ".jsonl"
#: Hours of a conversation; what is longer was recorded by mistake.
MAX_BYTES: Final = 256 * 1024 * 1024


@dataclass(frozen=True)
class Recording:
    """What a file holds.

    Attributes:
        target: what was recorded, as a base URL; empty where the file does not say.
        date: when, as the file says it.
        told: what is wrong with the file, and does no harm.
    """

    name: str
    target: str
    date: str
    lines: tuple[Line, ...]
    told: tuple[str, ...] = ()

    @property
    def about(self) -> str:
        """What it is, in a sentence."""
        return f"A recording{f' of {self.target}' if self.target else ''}: {summary(self.lines)}."

    def script(self) -> Script:
        """The recording as a script, which the mock plays."""
        return Script(self.name, about=self.about, recorded=self.lines)


def summary(lines: Iterable[Line]) -> str:
    """How much of what is in a recording: ``1 request, 2 sessions, 3 turns``."""
    found = tuple(lines)
    all_takes = takes(found)
    counts = {
        "request": sum(1 for one in all_takes if one.opening.kind == "request"),
        "session": sum(1 for one in all_takes if one.opening.kind == "handshake"),
        "turn": sum(1 for line in found if ends_turn(line)),
        "close": sum(1 for line in found if line.kind == "close"),
        "drop": sum(1 for line in found if line.kind == "drop"),
    }
    return ", ".join(f"{count} {name}{'' if count == 1 else 's'}" for name, count in counts.items() if count)


def ends_turn(line: Line) -> bool:
    """Whether the model has ended a turn here."""
    value = line.payload.get("json") if isinstance(line.payload, dict) else None
    content = value.get("serverContent") if isinstance(value, dict) else None
    return line.by == "service" and isinstance(content, dict) and content.get("turnComplete") is True


def header(target: str, tool: str, date: str) -> str:
    """The first line of a file."""
    return as_json({"format": FORMAT, "version": VERSION, "tool": tool, "target": target, "date": date})


def written(line: Line) -> str:
    """A line of a file."""
    return as_json(LINE.write(line))


def as_json(value: Any) -> str:
    """One line of JSON, as people read it; lone surrogates, which UTF-8 has not, are escaped."""
    text = json.dumps(value, ensure_ascii=False)
    return text if text.isprintable() else json.dumps(value)


def is_recording(path: Path) -> bool:
    """Whether a file is a recording, by its name or its beginning."""
    if path.name.endswith((SUFFIX, googles.SUFFIX)):
        return True
    with path.open("rb") as file:
        return FORMAT.encode() in file.readline(1000)


def read(path: Path) -> Recording:
    """Read a recording of ours, or one of google/test-server.

    Raises:
        ValueError: it is none; the message has a line for each mistake.
        OSError: the file cannot be read.
    """
    if path.stat().st_size > MAX_BYTES:
        raise ValueError(f"{path}: more than {MAX_BYTES} bytes, which is no recording")
    data = path.read_bytes()
    if path.name.endswith(googles.SUFFIX):
        name = path.name.removesuffix(googles.SUFFIX)
        lines, told = googles.read(data, str(path))
        return Recording(name, "", "", lines, told)
    return _read(data, path)


def _read(data: bytes, path: Path) -> Recording:
    texts = data.split(b"\n")
    cut = texts.pop()
    about = _header(texts.pop(0) if texts else cut, path)
    lines: list[Line] = []
    wrong: list[str] = []
    for number, text in enumerate(texts, 2):
        if not text.strip():
            continue
        reading = Reading(_no_files)
        try:
            line = LINE.read(json.loads(text), (), reading)
        except (ValueError, RecursionError) as error:
            wrong.append(f"{path}:{number}: this is no JSON: {error}")
            continue
        wrong += [f"{path}:{number}: {problem}" for problem in reading.problems]
        if line is not BAD:
            lines.append(line)
    if wrong:
        raise ValueError("\n".join(wrong))
    told = (f"{path}:{len(texts) + 2}: the last line is cut off, and left out",) if cut.strip() else ()
    return Recording(path.stem, str(about.get("target", "")), str(about.get("date", "")), tuple(lines), told)


def _header(text: bytes, path: Path) -> dict[str, Any]:
    try:
        about = json.loads(text)
    except (ValueError, RecursionError):
        about = None
    if not isinstance(about, dict) or about.get("format") != FORMAT:
        raise ValueError(f'{path}:1: this is no recording: expected {{"format": "{FORMAT}", …}}')
    if about.get("version") != VERSION:
        found = about.get("version")
        raise ValueError(
            f"{path}:1: version {found!r} is unknown, expected {VERSION}: take a newer mockserver"
        )
    return about


def in_order(lines: Iterable[Line]) -> tuple[Line, ...]:
    """Lines with times that never go back."""
    found: list[Line] = []
    for line in lines:
        found.append(replace(line, ms=max(line.ms, found[-1].ms if found else 0)))
    return tuple(found)


def _no_files(name: str) -> Audio:
    raise ValueError(f"a recording has no files, got {name!r}")
