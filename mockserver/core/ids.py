"""Names that look random and are not: same seed, same names."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Ids:
    """A seeded source of token names, handles and call ids; ``count`` gives the next number of a kind."""

    def __init__(self, seed: int, count: Callable[[str], int]) -> None:
        self._seed = seed
        self._count = count

    def _next(self, kind: str) -> str:
        return sha256(f"{self._seed}/{kind}/{self._count(kind)}".encode()).hexdigest()

    def token(self) -> str:
        """``auth_tokens/`` and 64 lowercase hex digits (TOK-021)."""
        return f"auth_tokens/{self._next('token')}"

    def handle(self) -> str:
        """A session resumption handle, shaped like a version 4 uuid (PRO-012)."""
        h = self._next("handle")
        return f"{h[:8]}-{h[8:12]}-4{h[13:16]}-a{h[17:20]}-{h[20:32]}"

    def number(self, kind: str, digits: int) -> str:
        """A decimal number of exactly ``digits`` digits."""
        low = 10 ** (digits - 1)
        return str(low + int(self._next(kind), 16) % (9 * low))
