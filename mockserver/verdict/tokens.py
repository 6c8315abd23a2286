"""What clients do with keys and tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .rules import Sighting

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ..core.tokens import Token
    from ..traffic import Traffic


def sightings(traffic: Traffic, tokens: Mapping[str, Token]) -> Iterator[Sighting]:
    """All of it. Tokens that a test minted for its client have no request, and are not judged."""
    for exchange in (*traffic.calls, *traffic.sockets):
        entry = exchange.entries[0]
        if "?key=" in entry.placement and "key=auth_tokens" not in entry.what:
            yield Sighting("key-in-url", entry.connection, (entry.number,))
    for call in traffic.mints:
        token = tokens.get(call.token)
        if token is None:
            continue
        numbers = tuple(entry.number for entry in call.entries)
        locked = token.constraint.setup is not None
        yield Sighting("locked-token" if locked else "unlocked-token", call.request.connection, numbers)
        if token.uses_left is None:
            yield Sighting("unlimited-uses", call.request.connection, numbers)
