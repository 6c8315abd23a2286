"""Known deviations: cells that are not as the tables say, or cannot be measured, each with its reason.

A row that no longer deviates is FIXED, which fails until the row goes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

from .history import at_most

if TYPE_CHECKING:
    from .model import Cell


@dataclass(frozen=True, slots=True)
class Deviation:
    """Cells that deviate.

    Attributes:
        sdks: the SDK lines it speaks of.
        first, last: the versions from the one to the other, both included.
        cases: a pattern of case slugs.
        cause: a pattern for the cause of a cell that could not be measured; any other, such as a network
            that is down, is BROKEN all the same.
        reason: a sentence for a reader of the report.
        source: where that can be seen.
    """

    sdks: tuple[str, ...]
    first: str
    last: str
    cases: str
    cause: str
    reason: str
    source: str

    def covers(self, cell: Cell) -> bool:
        """Whether it speaks of this cell. A local artefact is nobody's release."""
        subject = cell.subject
        return (
            not subject.source
            and subject.sdk in self.sdks
            and at_most(self.first, subject.version)
            and at_most(subject.version, self.last)
            and fnmatchcase(cell.case.slug, self.cases)
        )

    def explains(self, cause: str) -> bool:
        """Whether this is why the cell could not be measured."""
        return re.search(self.cause, cause) is not None


KNOWN: Final = (
    Deviation(
        ("js", "web"),
        "0.5.0",
        "0.5.0",
        "*",
        r"Cannot find module .*dist|Could not resolve \"@google/genai\"",
        "published without its dist folder: it can be neither imported nor bundled; take 0.6.0",
        "the package on npm: @google/genai@0.5.0 has no dist/",
    ),
    Deviation(
        ("js", "web"),
        "1.5.0",
        "1.5.0",
        "*",
        "@modelcontextprotocol/sdk",
        "imports @modelcontextprotocol/sdk, which is an optional peer that npm does not install; take 1.5.1",
        "the package on npm: dist/node/index.mjs of @google/genai@1.5.0",
    ),
)


def deviation(cell: Cell) -> Deviation | None:
    """The row that speaks of a cell."""
    return next((row for row in KNOWN if row.covers(cell)), None)
