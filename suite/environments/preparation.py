"""The preparing of environments, which can be given up: tools end, and nobody waits for another run."""

from __future__ import annotations

import os
import threading
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator


class Preparation:
    """What one run prepares. A tool at work reads from a pipe, and ends when that is closed."""

    def __init__(self) -> None:
        self._held: set[int] = set()
        self._change = threading.Lock()
        self.ended = False

    @contextmanager
    def holding(self, pipe: int) -> Iterator[None]:
        """Keep a tool going until this is left, or the run ends."""
        with self._change:
            self._held.add(pipe)
        if self.ended:
            self.end()
        try:
            yield
        finally:
            self._let_go(pipe)

    def end(self) -> None:
        """End them all; those that are started from now on end at once."""
        self.ended = True
        for pipe in tuple(self._held):
            self._let_go(pipe)

    def _let_go(self, pipe: int) -> None:
        with self._change:
            if pipe in self._held:
                self._held.remove(pipe)
                os.close(pipe)


_CURRENT: ContextVar[Preparation] = ContextVar("preparation")
#: Of whoever has none of their own; it is never given up.
_ANYBODY: Final = Preparation()


def preparation() -> Preparation:
    """The one that the caller is part of."""
    return _CURRENT.get(_ANYBODY)


def begin() -> Preparation:
    """A new one, for the running task and what it starts."""
    begun = Preparation()
    _CURRENT.set(begun)
    return begun
