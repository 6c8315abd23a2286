"""Stores that are wrong on purpose."""

from __future__ import annotations

import time

from mockserver.core.store import Memory
from mockserver.stores.sqlite import SqliteStore


class ReadThenWrite(SqliteStore):
    """Looks whether a use is left, and then takes it: meanwhile others look too."""

    def spend(self, name: str) -> bool:
        """Take one use, after a look."""
        token = self.find(name)
        if token is None or token.uses_left == 0:
            return False
        time.sleep(0.02)  # others are slow too, on a busy machine
        if token.uses_left is not None:
            self._do("UPDATE tokens SET uses_left = ? WHERE name = ?", token.uses_left - 1, name)
        return True


class Generous(Memory):
    """Takes no use."""

    def spend(self, name: str) -> bool:
        """Say that one was taken."""
        return self.find(name) is not None


class Forgetful(Memory):
    """Knows no handle."""

    def is_valid(self, handle: str, now: float) -> bool:
        """It never is."""
        return False


class Faithful(Memory):
    """Forgets nothing."""

    def reset(self) -> None:
        """Go on."""


class Patient(Memory):
    """A handle never ends."""

    def is_valid(self, handle: str, now: float) -> bool:
        """Whether it was ever given out."""
        return super().is_valid(handle, 0.0)


class Repeating(Memory):
    """Gives a name twice."""

    def count(self, kind: str) -> int:
        """Every number is there two times."""
        return (super().count(kind) + 1) // 2
