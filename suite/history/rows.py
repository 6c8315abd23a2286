"""How a table of an SDK's history is written: a row is (since, question, answer, where to look)."""

from __future__ import annotations

from typing import Final

from ..model import Change

#: An answer that is another one each time, such as a text with an address in it.
VARIES: Final = "varies"
#: Every release was run against the mock, or a server that serves what it serves at launch.
_RUN: Final = "measured 2026-11-25"


def rows(sdk: str, repository: str, table: tuple[tuple[str, str, str, str], ...]) -> tuple[Change, ...]:
    """Rows with their sources: the file at the tag, and the day on which it was measured."""
    return tuple(
        Change(sdk, since, question, answer, f"{repository}@v{since} {where}; {_RUN}")
        for since, question, answer, where in table
    )
