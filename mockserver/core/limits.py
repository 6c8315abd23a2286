"""How much is taken, and for how long: a row for each limit, with what is answered beyond it.

All are settings of a server. What the service itself does beyond them is known for few; the others are
choices, wide enough that no honest client meets one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields
from typing import Any, Final, Literal

KIB: Final = 1024
MIB: Final = 1024 * KIB

Unit = Literal[
    "bytes", "seconds", "requests", "headers", "sockets", "connections", "entries", "tokens", "handles",
    "sessions",
]  # fmt: skip


def _limit(default: float | None, unit: Unit, what: str, answer: str, *, fact: str = "") -> Any:
    """A row: what is limited, and what is answered beyond it; ``fact`` where the service does so."""
    about: dict[str, Any] = {"help": what, "unit": unit, "answer": answer}
    return field(default=default, metadata={**about, "fact": fact} if fact else about)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The limits of one server."""

    # -- requests
    target_bytes: int = _limit(
        16 * KIB, "bytes", "path and query of a request", "414, and the connection ends"
    )
    head_bytes: int = _limit(
        64 * KIB, "bytes", "request line and headers, names and values", "431, and the connection ends"
    )
    head_fields: int = _limit(200, "headers", "headers of a request", "431, and the connection ends")
    body_bytes: int = _limit(
        20 * MIB, "bytes", "body of a request; its chunks' own lines may be as much again",
        "413, and the connection ends",
    )  # fmt: skip
    head_s: float = _limit(
        30.0, "seconds", "time for the head of a request, from the connection on",
        "408, and the connection ends; without an answer where nothing came",
    )  # fmt: skip
    body_s: float = _limit(300.0, "seconds", "time for the body of a request", "408, and the connection ends")
    idle_s: float = _limit(
        600.0, "seconds", "time between two requests on a kept connection", "the connection ends"
    )
    waiting_requests: int = _limit(
        100,
        "requests",
        "requests behind one whose answer is held back",
        "no more is read until it is answered",
    )
    # -- connections
    connections: int = _limit(
        40_000, "connections", "TCP connections at once", "the new one is closed at once"
    )
    tls_s: float = _limit(10.0, "seconds", "time for the TLS handshake", "the connection is dropped")
    keepalive_s: float = _limit(
        60.0, "seconds", "silence before TCP asks, five times, whether the peer is there",
        "the socket is lost (1006)",
    )  # fmt: skip
    unsent_bytes: int = _limit(
        64 * MIB, "bytes", "what waits for a client that does not read; from 64 KiB on it is not read either",
        "the connection is dropped (1006)",
    )  # fmt: skip
    all_unsent_bytes: int = _limit(
        512 * MIB, "bytes", "the same for all clients together",
        "the connection with most of it is dropped (1006)",
    )  # fmt: skip
    stalled_s: float = _limit(
        300.0,
        "seconds",
        "time in which a client takes nothing of what waits for it",
        "the connection is dropped (1006)",
    )
    # -- sockets
    sockets: int = _limit(20_000, "sockets", "Live sockets open at once", "503 to the handshake")
    message_bytes: int = _limit(20 * MIB, "bytes", "a message, all its frames together", "close 1009")
    unanswered_bytes: int = _limit(
        64 * MIB, "bytes", "messages of a session in which nothing is said to the client",
        "close 1009",
    )  # fmt: skip
    close_s: float = _limit(
        5.0, "seconds", "time for the client's part of a close", "the connection is dropped"
    )
    max_sessions: int | None = _limit(
        None, "sessions", "sessions one key may have open at once (free accounts: about 3)",
        "close 1011: You exceeded your current quota, …",
        fact="CLS-015",
    )  # fmt: skip
    # -- memory
    journal_entries: int = _limit(
        100_000, "entries", "entries of the journal that are kept", "the oldest are dropped and counted"
    )
    journal_bytes: int = _limit(
        256 * MIB, "bytes", "what these entries hold, bodies and messages above all",
        "the oldest are dropped and counted; the newest stays",
    )  # fmt: skip
    tokens: int = _limit(
        100_000,
        "tokens",
        "minted tokens that are known",
        "the oldest is forgotten: as one that was never minted",
    )
    handles: int = _limit(
        100_000,
        "handles",
        "resumption handles that are known",
        "the oldest is forgotten: as one that was never given",
    )

    def __post_init__(self) -> None:
        """Refuse what is no limit.

        Raises:
            ValueError: with what was got and what is allowed.
        """
        for row in fields(Limits):
            value = getattr(self, row.name)
            if not _fits(value, row.metadata["unit"]) and not (value is None and row.default is None):
                whole = (
                    "a number of seconds over 0"
                    if row.metadata["unit"] == "seconds"
                    else "a whole number from 1 up"
                )
                raise ValueError(f"{row.name} is {value!r}: expected {whole}")


def _fits(value: Any, unit: Unit) -> bool:
    if isinstance(value, bool):
        return False
    if unit == "seconds":
        return isinstance(value, (int, float)) and 0 < value < math.inf
    return isinstance(value, int) and value > 0
