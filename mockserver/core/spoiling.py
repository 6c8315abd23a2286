"""How a rule spoils what it sends: half of it, in fragments, masked …, or drop by drop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from . import frames
from .agenda import Note
from .effects import Abort, Accept, Close, Pause, Raw, Send
from .errors import cut
from .journal import summary
from .steps import Drip, Garble

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .agenda import Item
    from .effects import Effect

#: Most pieces that one frame drips in; what is longer drips in larger drops.
MAX_DROPS: Final = 10_000


@dataclass(slots=True)
class Spoiler:
    """What has become of the rest of one rule."""

    how: str = ""
    drip: Drip | None = None
    #: After half of something nothing more can come.
    halved: bool = False

    def take(self, step: Garble | Drip) -> None:
        """From here on, do this too."""
        if isinstance(step, Garble):
            self.how = step.how
        else:
            self.drip = step

    def spoil(self, items: Iterable[Item]) -> list[Item]:
        """What goes out instead."""
        if not self.how and self.drip is None:
            return list(items)
        return [spoiled for item in items for spoiled in self._spoil(item)]

    def _spoil(self, item: Item) -> Iterator[Item]:
        match item:
            case Send(payload, text):
                if self.halved:
                    return
                yield Note("out", f"{summary(payload)} ({self.words})", payload)
                yield from self._bytes(self._frame(payload, text))
            case Close() if self.halved:
                yield Abort()
            case Close(code, reason) if self.how == "half":
                yield from self._bytes(frames.close_frame(code, cut(reason)))
            case Accept(head):
                # Nobody can speak on a socket whose 101 is not out.
                yield from self._bytes(head)
                if not self.halved:
                    yield Accept(b"")
            case _:
                yield item

    def answer(self, data: bytes) -> list[Effect]:
        """An HTTP answer, or the half of it."""
        return list(self._bytes(data))

    @property
    def words(self) -> str:
        """What is done, for the journal."""
        dripped = [f"{self.drip.bytes} bytes every {self.drip.every:g} s"] if self.drip is not None else []
        return ", ".join([*([self.how] if self.how else []), *dripped])

    def _bytes(self, data: bytes) -> Iterator[Effect]:
        if self.how == "half":
            data, self.halved = data[: len(data) // 2], True
        if self.drip is None:
            yield Raw(data)
            return
        size = max(self.drip.bytes, -(-len(data) // MAX_DROPS))
        for start in range(0, len(data), size):
            yield Raw(data[start : start + size])
            yield Pause(self.drip.every)

    def _frame(self, payload: bytes, text: bool) -> bytes:
        kind = frames.TEXT if text else frames.BINARY
        match self.how:
            case "fragments":
                return b"".join(frames.fragments(payload, kind))
            case "masked":
                return frames.frame(kind, payload, masked=True)
            case "reserved_bits":
                return frames.frame(kind, payload, reserved=0b111)
            case "oversized":
                return frames.frame(kind, payload, announced=frames.OVERSIZED)
            case "text":
                return frames.frame(frames.TEXT, payload)
            case "bad_utf8":
                # The payload, then half of a character.
                return frames.frame(frames.TEXT, payload + b"\xe2\x82")
            case _:
                return frames.frame(kind, payload)
