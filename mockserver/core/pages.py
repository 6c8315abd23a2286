"""What journals hold at one moment, as values: fit to be sent to another process, and to be put together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from heapq import merge
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .journal import Entry


@dataclass(frozen=True, slots=True)
class Pages:
    """The entries of a journal, which to its readers is as the journal itself."""

    entries: tuple[Entry, ...]
    #: How many entries there were before the first of these, dropped or forgotten.
    before: int
    #: How many of those the ring has let go, and about how many bytes they held.
    dropped: int
    dropped_bytes: int

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    @property
    def loss(self) -> str:
        """What a report says of what is gone, in a sentence; empty where nothing is."""
        return loss(self.dropped, self.dropped_bytes)

    def of(self, owner: str) -> list[Entry]:
        """All entries behind one API key."""
        return [entry for entry in self.entries if entry.owner == owner]


def loss(dropped: int, dropped_bytes: int) -> str:
    """What a report says of what is gone, in a sentence; empty where nothing is."""
    if not dropped:
        return ""
    return (
        f"the journal dropped {dropped} older entries of about {dropped_bytes} bytes: "
        "reset it between tests, or raise journal_entries and journal_bytes"
    )


def together(parts: Sequence[Pages], until: float) -> Pages:
    """The journals of several servers as one, in the order of time, numbered anew.

    Args:
        until: leave out what is not older. With the earliest time at which one of the parts was written down,
            nothing that is still to come has its place before an entry told here; so a number that was told
            once is told again, as long as nothing older is dropped elsewhere.
    """
    old = ([entry for entry in part if entry.at < until] for part in parts)
    before = sum(part.before for part in parts)
    in_order = merge(*old, key=lambda entry: entry.at)
    entries = tuple(replace(entry, number=number) for number, entry in enumerate(in_order, before + 1))
    dropped = sum(part.dropped for part in parts)
    return Pages(entries, before, dropped, sum(part.dropped_bytes for part in parts))
