"""The preparing of environments, which can be given up: tools end, and nobody waits for another run."""

from __future__ import annotations

import os
import threading
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator


#: Installations that reach no registry, one after the other: then there is none for the rest of the run.
AWAY: Final = 3


class Preparation:
    """What one run prepares. A tool at work reads from a pipe, and ends when that is closed."""

    def __init__(self) -> None:
        #: What each tool said of the network, since it reached its registry last.
        self._misses: dict[str, list[str]] = {}
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

    def missed(self, tool: str, cause: str) -> None:
        """A tool did not reach its registry."""
        self._misses.setdefault(tool, []).append(cause)

    def reached(self, tool: str) -> None:
        """It did."""
        self._misses.pop(tool, None)

    def away(self, tool: str) -> str:
        """Why its registry is not asked any more: a tool that finds nobody takes its time to say so."""
        causes = self._misses.get(tool, [])
        return causes[-1] if len(causes) >= AWAY else ""

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
