"""The words of a program under versions: what it is given, and what became of it."""

from __future__ import annotations

import signal
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from mockserver import Entry

#: Variables to which something is added.
PATHS: Final = frozenset({"PATH", "PYTHONPATH"})
OPTIONS: Final = frozenset({"NODE_OPTIONS"})


@dataclass(frozen=True, slots=True)
class Variant:
    """A program with one version of the SDK.

    Attributes:
        shown: what a report calls it: the version, or a lock file.
        version: of the SDK, which its requests must tell.
        folder: where the command runs.
        variables: what its environment has: search paths go in front of what stands there, options behind,
            all else replaces it.
        notes: what a reader should know of how it was made.
    """

    shown: str
    version: str
    folder: Path
    variables: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Run:
    """What became of a command.

    Attributes:
        status: its exit status, negative for a signal; None where it was stopped at its time limit.
        output: what it printed, its end if that is long.
        entries: what crossed the wire.
        seconds: how long it took.
    """

    variant: Variant
    command: tuple[str, ...]
    status: int | None
    output: str
    entries: tuple[Entry, ...]
    seconds: float

    @property
    def works(self) -> bool:
        """Whether it says so."""
        return self.status == 0

    @property
    def label(self) -> str:
        """``exit 0``, ``exit 1``, ``SIGSEGV``, ``hangs``."""
        if self.status is None:
            return "hangs"
        if self.status >= 0:
            return f"exit {self.status}"
        try:
            return signal.Signals(-self.status).name
        except ValueError:
            return f"signal {-self.status}"
