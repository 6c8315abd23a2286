"""The real key never comes back: what a service answers is searched for it as it passes."""

from __future__ import annotations

from typing import Final

#: Beginnings of the key that are shorter pass at once: they tell nothing, and nothing must wait for long.
_TELLING: Final = 4


class Veil:
    """Puts stars in the place of the key; lengths stay as they are."""

    def __init__(self, key: str) -> None:
        self._key = key.encode()
        #: What went out last, and what is held back, as it may be the beginning of the key.
        self._out = b""
        self._held = b""

    def pass_on(self, data: bytes) -> bytes:
        """What may go out of what came."""
        if not self._key:
            return data
        seen = self._out + self._held + data
        veiled = seen.replace(self._key, b"*" * len(self._key))
        held = self._beginning(veiled)
        passed = veiled[len(self._out) : len(veiled) - held]
        self._held = veiled[len(veiled) - held :]
        self._out = self._last(veiled[: len(veiled) - held])
        return passed

    @property
    def holds(self) -> bool:
        """Whether something is held back."""
        return bool(self._held)

    def let_go(self) -> bytes:
        """Nothing more comes for now: it was no key."""
        held, self._held = self._held, b""
        self._out = self._last(self._out + held)
        return held

    def _last(self, data: bytes) -> bytes:
        """As much of the end as the key may begin in."""
        return data[max(0, len(data) - len(self._key) + 1) :]

    def _beginning(self, data: bytes) -> int:
        """How many bytes at the end of the data begin the key."""
        for size in range(min(len(self._key) - 1, len(data)), _TELLING - 1, -1):
            if data.endswith(self._key[:size]):
                return size
        return 0
