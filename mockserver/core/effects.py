"""All that the core may ask of the edge."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

#: RFC 6455: never sent, what a close frame without a code is taken for.
NO_CODE: Final = 1005

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Respond:
    """Answer an HTTP request; the edge adds ``Content-Length`` and nothing else."""

    status: int
    headers: Headers
    body: bytes


@dataclass(frozen=True, slots=True)
class Reject:
    """Answer a WebSocket handshake with an HTTP answer instead of 101."""

    response: Respond


@dataclass(frozen=True, slots=True)
class Accept:
    """Open the WebSocket: ``head`` is the 101, or what of it is not out yet."""

    head: bytes


@dataclass(frozen=True, slots=True)
class Send:
    """Send one frame: a binary one, as the service does, or a text frame, as it never does."""

    payload: bytes
    text: bool = False


@dataclass(frozen=True, slots=True)
class Close:
    """Close the socket; ``reason`` is already cut to what a close frame carries.

    With 1005, which stands for no code, the close frame is empty.
    """

    code: int = NO_CODE
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Abort:
    """Drop the TCP connection without a close frame: in order (FIN), or by a reset (RST)."""

    reset: bool = False


@dataclass(frozen=True, slots=True)
class Raw:
    """Write bytes as they are, past every protocol; an HTTP connection stays as it is."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Pause:
    """Hold back what follows for ``seconds`` on the mock's clock.

    The core keeps what follows on its agenda, so that moving the clock releases it; the edge never waits.
    """

    seconds: float


@dataclass(frozen=True, slots=True)
class Delay:
    """Hold back what follows on this connection for ``seconds`` of real time, not of the mock's clock."""

    seconds: float


Effect = Respond | Reject | Accept | Send | Close | Abort | Raw | Pause | Delay
