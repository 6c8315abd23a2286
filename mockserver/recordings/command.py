"""``python -m mockserver recordings``: what is in a recording, and those of others as ours."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import terminal
from ..core.forms import LINE
from ..core.takes import takes
from .files import FORMAT, VERSION, ends_turn, header, read, summary, written

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..core.takes import Take
    from .files import Recording


def run(words: Sequence[str]) -> int:
    """Run the command. Exit status: 0 done, 1 mistakes in a file, 2 it cannot be read or written."""
    parser = terminal.Parser(
        prog="python -m mockserver recordings",
        description="Tell what is in recordings, of ours (.jsonl) or google/test-server (.websocket.log). "
        "recordings convert FILE writes one of ours out of one of those, recordings schema prints the JSON "
        "Schema of a line.",
    )
    parser.add_argument("file", nargs="+", metavar="FILE", help="a recording")
    parser.add_argument(
        "--output", type=Path, metavar="FILE", help="with convert: a new file, instead of stdout"
    )
    given = parser.parse_args(words)
    if given.file == ["schema"]:
        return terminal.told(json.dumps(schema(), indent=2), 0)
    converts, files = given.file[0] == "convert", [Path(file) for file in given.file if file != "convert"]
    if converts and len(files) != 1:
        parser.error(f"convert takes one recording, got {len(files)}")
    if given.output is not None and not converts:
        parser.error("--output is for convert")
    if converts:
        return _convert(files[0], given.output)
    return max(_describe(file) for file in files)


def validate(path: Path) -> tuple[list[str], int]:
    """What is wrong with a recording, and an exit status.

    Raises:
        OSError: the file cannot be read.
    """
    try:
        recording = read(path)
    except ValueError as error:
        return str(error).splitlines(), 1
    return [*recording.told, f"{path}: recording, {summary(recording.lines)}, no mistakes"], 0


def schema() -> dict[str, Any]:
    """The JSON Schema of a line: the header, or one thing that crossed the boundary."""
    text = {"type": "string"}
    about = {"format": {"const": FORMAT}, "version": {"const": VERSION}}
    head = {"type": "object", "properties": {**about, "tool": text, "target": text, "date": text}}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A line of a recording of mockserver",
        "anyOf": [{**head, "required": ["format", "version"]}, LINE.schema()],
    }


def _read(path: Path) -> Recording | int:
    """A recording, or the exit status of a command that cannot read it."""
    try:
        return read(path)
    except OSError as error:
        return terminal.fail(f"{path}: cannot be read: {error.strerror}")
    except ValueError as error:
        return terminal.told(str(error), 1)


def _describe(path: Path) -> int:
    recording = _read(path)
    if isinstance(recording, int):
        return recording
    of = f" of {recording.target}" if recording.target else ""
    on = f" on {recording.date}" if recording.date else ""
    terminal.show(f"{path}: a recording{of}{on}: {summary(recording.lines)}")
    for line in (*map(_line, takes(recording.lines)), *recording.told):
        terminal.show(line)
    return 0


def _line(take: Take) -> str:
    """A request or a socket in one line."""
    opening, end = take.opening, take.lines[-1]
    line = f"{opening.on:>8}  {take.path}"
    if opening.kind == "request":
        answer = take.answer
        return f"{line}: {'no answer' if answer is None else answer.status or answer.kind}"
    if take.answer is None or take.answer.kind != "accepted":
        return f"{line}: {'no answer' if take.answer is None else take.answer.status or 'drop'}"
    turns = sum(1 for one in take.lines if ends_turn(one))
    frames = sum(1 for one in take.lines if one.kind in ("text", "binary"))
    ends = {"close": f"closed by the {end.by}: {end.status or 'no code'} {end.reason}".rstrip()}
    ends["drop"] = f"dropped by the {end.by}"
    return f"{line}: {turns} turns, {frames} messages, {ends.get(end.kind, 'still open')}"


def _convert(path: Path, output: Path | None) -> int:
    recording = _read(path)
    if isinstance(recording, int):
        return recording
    for line in recording.told:
        terminal.fail(line)
    lines = [header(recording.target, "", recording.date), *map(written, recording.lines)]
    if output is None:
        terminal.show_all("\n".join(lines))
        return 0
    try:
        with output.open("x", encoding="utf-8", newline="\n") as file:
            file.write("".join(f"{line}\n" for line in lines))
    except OSError as error:
        return terminal.fail(f"{output}: cannot be written: {error.strerror}; name a new file")
    return terminal.told(f"{output}: {summary(recording.lines)}", 0)
