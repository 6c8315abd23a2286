"""Frames that went out together before: what they were on the wire is kept, not put together anew."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ..core.effects import Send

#: From so many frames on it is worth to look.
FEWEST: Final = 8
#: How many bursts are kept, and up to how many bytes each.
_KEPT: Final = 16
_LONGEST_BYTES: Final = 512 * 1024


class Bursts:
    """A memory for all connections of a server."""

    def __init__(self) -> None:
        #: By what is found at once; whether they are the same is looked at frame by frame.
        self._kept: dict[tuple[int, int, int], tuple[tuple[Send, ...], bytes]] = {}

    def find(self, frames: tuple[Send, ...]) -> bytes | None:
        """What these frames, in this order, were on the wire."""
        kept, data = self._kept.get(_key(frames), ((), b""))
        return data if kept == frames else None

    def keep(self, frames: tuple[Send, ...], data: bytes) -> None:
        """Keep it, unless it is long; what was kept first goes."""
        if len(data) <= _LONGEST_BYTES:
            self._kept[_key(frames)] = frames, data
            if len(self._kept) > _KEPT:
                del self._kept[next(iter(self._kept))]


def _key(frames: tuple[Send, ...]) -> tuple[int, int, int]:
    # No two live things have one id, and what is kept lives; all between them the comparison tells.
    return len(frames), id(frames[0]), id(frames[-1])
