"""The first version in which a cell changes, in about log2 steps: pure; whoever asks it measures.

As long as both ends differ, there is a place between them where it changes. Of several places one is found.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Generic, Literal, TypeVar

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Boundary(Generic[T]):
    """Where it changes.

    Attributes:
        before, after: what was measured on both sides, neighbours but for what could not be measured.
        between: the versions between them, none of which could be measured.
        others: whether more than one change lies between the ends.
    """

    before: T
    after: T
    between: tuple[T, ...]
    others: bool


Like = Literal["as at the start", "as at the end", "like neither", "not measured"]
#: What a step says of a version.
OLD: Final[Like] = "as at the start"
NEW: Final[Like] = "as at the end"
THIRD: Final[Like] = "like neither"
UNKNOWN: Final[Like] = "not measured"


def search(versions: Sequence[T]) -> Generator[T, Like, Boundary[T]]:
    """Ask for versions one after the other, and be told what each is like.

    The first is the old end and the last the new one; both were measured and differ. What is like neither
    counts as changed, so that what is found is where the old behaviour ends. What could not be measured is
    skipped, and its neighbours are asked.
    """
    low, high = 0, len(versions) - 1
    unknown: set[int] = set()
    third = False
    while (middle := _middle(low, high, unknown)) is not None:
        said = yield versions[middle]
        if said == UNKNOWN:
            unknown.add(middle)
        elif said == OLD:
            low = middle
        else:
            third = third or said == THIRD
            high = middle
    return Boundary(versions[low], versions[high], tuple(versions[low + 1 : high]), third)


def _middle(low: int, high: int, unknown: set[int]) -> int | None:
    """The version nearest to the middle that may be asked."""
    left = [place for place in range(low + 1, high) if place not in unknown]
    return min(left, key=lambda place: abs(2 * place - low - high), default=None)
