"""Scripts of one's own: out of files and texts in YAML or JSON, out of mappings, and out of recordings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from .. import recordings
from ..core.forms import read_script
from ..core.matching import near
from ..core.wav import Audio
from . import READY
from .reading import MAX_BYTES, Unreadable, read_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..core.script import Script
    from .reading import Source

#: Half an hour at the service's rate.
MAX_AUDIO_BYTES: Final = 100_000_000


def loaded(source: Path | str | Mapping[str, Any]) -> Script:
    """What ``load`` gives, where it is no ready-made script.

    Raises:
        ValueError: it is no script; the message has a line for each mistake.
        OSError: the file cannot be read.
    """
    if isinstance(source, (Path, str)):
        script, problems = check(source)
    else:
        script, found = read_script(dict(source), _files(Path()))
        problems = [str(problem) for problem in found]
    if script is None:
        raise ValueError("\n".join(problems))
    return script


def check(source: Path | str) -> tuple[Script | None, list[str]]:
    """A script, and all that is wrong with it, each as ``FILE:LINE:COLUMN: message``.

    Raises:
        Unreadable: the text is not even YAML or JSON, or there is no such file; a ValueError.
        OSError: the file cannot be read.
    """
    path = Path(source) if isinstance(source, Path) or not _is_text(source) else None
    if path is not None and path.is_file() and recordings.is_recording(path):
        try:
            return recordings.read(path).script(), []  # one that is cut off is one all the same
        except ValueError as error:
            return None, str(error).splitlines()
    text, name, folder = _text(source)
    read: Source = read_text(text, name)
    script, problems = read_script(read.data, _files(folder))
    lines = [*read.doubled, *(f"{read.at(problem.place)}: {problem.message}" for problem in problems)]
    return (None if lines else script), lines


def _is_text(source: str) -> bool:
    return "\n" in source or source.lstrip().startswith("{")


def _text(source: Path | str) -> tuple[str, str, Path]:
    """A text, what to call it, and where its files are."""
    if isinstance(source, str) and _is_text(source):
        return source, "script", Path()
    path = Path(source)
    if not path.is_file() and isinstance(source, str):
        raise Unreadable(
            f"{source}: no such file, and no ready-made script{near(source, READY)}; "
            "python -m mockserver scripts lists them"
        )
    data = path.read_bytes()[: MAX_BYTES + 1]
    try:
        return data.decode("utf-8-sig"), str(source), path.parent
    except UnicodeDecodeError as error:
        raise Unreadable(f"{source}: expected UTF-8, got other bytes at offset {error.start}") from None


def _files(folder: Path) -> Callable[[str], Audio]:
    def audio(name: str) -> Audio:
        path = folder / name
        try:
            if path.exists() and not path.is_file():
                raise ValueError(f"{path} is no file, expected a WAV file")
            if path.stat().st_size > MAX_AUDIO_BYTES:
                raise ValueError(f"{path} is over {MAX_AUDIO_BYTES} bytes, expected some minutes of audio")
            return Audio.wav(path.read_bytes(), name)
        except OSError as error:
            raise ValueError(f"cannot read {path}: {error.strerror}") from None

    return audio
