"""An HTTP answer whose body goes on, as server-sent events do: bytes out, and word of when there is room."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from ..core.effects import Headers


class Pipe:
    """The body of such an answer; whoever writes keeps within bounds."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        #: Called when the client has taken most of what waited.
        self.drained: Callable[[], None] = _nothing
        #: Called when the connection is gone.
        self.lost: Callable[[], None] = _nothing

    @property
    def waiting(self) -> int:
        """Bytes that the client has not taken yet."""
        return self._transport.get_write_buffer_size()

    def write(self, data: bytes) -> None:
        """Send, or queue behind what waits; harmless when the connection is gone."""
        if not self._transport.is_closing():
            self._transport.write(data)


@dataclass(frozen=True, slots=True)
class Stream:
    """Answer with these headers, then let ``begin`` write until the connection is gone."""

    headers: Headers
    begin: Callable[[Pipe], None]

    @property
    def head(self) -> bytes:
        """What goes out first; of no length that could be told: the body ends with the connection."""
        lines = ["HTTP/1.1 200 OK", *(f"{name}: {value}" for name, value in self.headers)]
        return "\r\n".join([*lines, "Connection: close", "", ""]).encode("latin-1")


def _nothing() -> None:
    """Nobody wants to know."""
