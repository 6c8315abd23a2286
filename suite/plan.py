"""From options to the cells of a run; the command line and pytest share it."""

from __future__ import annotations

import argparse
import os
import platform
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any, Final

from mockserver import service_date

from .cases import CASES
from .history import answer
from .model import Behaviour, Cell

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .model import Case, Subject

BOTH: Final = ("launch", "latest")
#: Versions measured side by side, unless told otherwise. Most of what one takes is waiting, so it takes many
#: to keep a processor busy; each is a process of some hundred megabytes, so there is an end to it.
JOBS: Final = min(32, 8 * (os.cpu_count() or 1))


def dates(text: str) -> tuple[str, ...]:
    """Read ``launch``, ``latest``, ``both`` or an ISO date.

    Raises:
        ValueError: anything else.
    """
    if text == "both":
        return BOTH
    try:
        service_date(text)
    except ValueError as error:
        raise ValueError(f"{error}, or both") from None
    return (text,)


def jobs(text: str) -> int:
    """Read how many SDK versions are measured side by side.

    Raises:
        ArgumentTypeError: no number from 1 up; both parsers of options know this error.
    """
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 up")
    return int(text)


def cells(
    wanted: Sequence[Subject],
    service_dates: Sequence[str],
    select: Sequence[str] = (),
    cases: Sequence[Case] = CASES,
) -> tuple[Cell, ...]:
    """Every case on every version, those whose id contains one of ``select``.

    Configurations are asked at every date. A behaviour is about the SDK alone: it is asked at the first.

    Raises:
        ValueError: nothing is left.
    """
    every = [
        Cell(subject, date, case)
        for date in service_dates
        for subject in wanted
        for case in cases
        if not isinstance(case, Behaviour) or (date == service_dates[0] and asked_of(subject, case))
    ]
    chosen = tuple(cell for cell in every if not select or any(text in cell.id for text in select))
    if not chosen:
        raise ValueError(
            f"no cell has {' or '.join(map(repr, select))} in its id; ids look like {every[0].id}"
        )
    return chosen


def asked_of(subject: Subject, behaviour: Behaviour) -> bool:
    """Whether the SDK has what the behaviour is about."""
    if subject.sdk not in behaviour.sdks:
        return False
    return all(_has(subject, *need.partition(": ")[::2]) for need in behaviour.needs)


def _has(subject: Subject, question: str, wanted: str) -> bool:
    row = answer(subject.sdk, subject.version, question)
    return row is not None and wanted in ("", row.answer)


def about(chosen: Sequence[Cell], command: Sequence[str]) -> dict[str, Any]:
    """What a reader needs to know to run it again."""
    return {
        "tool": "genai-live-compat",
        "tool_version": _own_version(),
        "command": " ".join(command),
        "python": platform.python_version(),
        "platform": platform.system().lower(),
        "sdks": {
            name: [c.shown for c in dict.fromkeys(cell.subject for cell in chosen) if c.sdk == name]
            for name in dict.fromkeys(cell.subject.sdk for cell in chosen)
        },
        "service_dates": {
            date: service_date(date).isoformat()
            for date in dict.fromkeys(cell.service_date for cell in chosen)
        },
    }


def _own_version() -> str:
    try:
        return version("genai-live-compat")
    except PackageNotFoundError:
        return "unknown"
