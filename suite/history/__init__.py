"""What changed in which SDK version: each row a question, its answer from a version on, and the source.

The newest row at or below a version answers for it; no row means the feature is not there yet. Rows are
executable: every answer shows in a cell of the matrix, and one that measurement contradicts fails there.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from packaging.version import Version

from ..sdks import SDKS
from .js import JS, WEB
from .python import PYTHON
from .reference import REFERENCE
from .rows import VARIES

if TYPE_CHECKING:
    from ..model import Change

__all__ = ["CHANGES", "VARIES", "answer", "at_most", "changed", "first", "later", "rows_of"]

CHANGES: Final[tuple[Change, ...]] = (*PYTHON, *JS, *WEB, *REFERENCE)


@cache
def rows_of(sdk: str, question: str) -> tuple[Change, ...]:
    """All answers to a question, oldest first: an SDK's own, else those of the one it is like."""
    own = [row for row in CHANGES if (row.sdk, row.question) == (sdk, question)]
    like = SDKS[sdk].like if sdk in SDKS else None
    if not own and like is not None:
        return rows_of(like, question)
    return tuple(sorted(own, key=lambda row: Version(row.since)))


@cache
def answer(sdk: str, version: str, question: str) -> Change | None:
    """The row that answers a question for a version; None where the SDK has no row that old."""
    return next((row for row in reversed(rows_of(sdk, question)) if at_most(row.since, version)), None)


@cache
def at_most(since: str, version: str) -> bool:
    """The one place where versions are compared."""
    return Version(since) <= Version(version)


def first(sdk: str, question: str, wanted: str) -> str | None:
    """The first version in which a question has an answer."""
    return next((row.since for row in rows_of(sdk, question) if row.answer == wanted), None)


def later(sdk: str, version: str, question: str) -> tuple[Change, ...]:
    """The answers that newer versions have."""
    return tuple(row for row in rows_of(sdk, question) if not at_most(row.since, version))


def changed(sdk: str) -> tuple[str, ...]:
    """Every version in which a row begins."""
    own = {row.since for row in CHANGES if row.sdk in (sdk, SDKS[sdk].like)}
    return tuple(sorted(own, key=Version))
