"""How long a connection may take over what it is at; one timer for all that are at the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    import asyncio

    from ..core.limits import Limits

#: What a connection is waited for: its part of TLS, a head, a body, the next request, the room to write, its
#: part of a close.
Phase = Literal["tls", "head", "body", "idle", "stalled", "closing"]


class Waiter(Protocol):
    """Whose patience it is about."""

    #: What it is waited for now; None: for nothing that has a time.
    phase: Phase | None

    def give_up(self, phase: Phase) -> None:
        """The time is over."""


class Patience:
    """Who is waited for, and since when: times of one length end in the order in which they began."""

    def __init__(self, loop: asyncio.AbstractEventLoop, limits: Limits) -> None:
        self._loop = loop
        self._lines: dict[Phase, _Line] = {
            "tls": _Line(self, limits.tls_s),
            "head": _Line(self, limits.head_s),
            "body": _Line(self, limits.body_s),
            "idle": _Line(self, limits.idle_s),
            "stalled": _Line(self, limits.stalled_s),
            "closing": _Line(self, limits.close_s),
        }

    def wait(self, who: Waiter, phase: Phase | None) -> None:
        """From now on for this; the time goes on where it is the same as before, save for idleness."""
        if who.phase == phase and phase != "idle":
            return
        if who.phase is not None:
            self._lines[who.phase].since.pop(who, None)
        who.phase = phase
        if phase is not None:
            self._lines[phase].begin(who)

    def now(self) -> float:
        """Seconds on the loop's clock."""
        return self._loop.time()

    def look_at(self, line: _Line, when: float) -> None:
        """Look at a line again at that moment."""
        self._loop.call_at(when, self._look, line)

    def _look(self, line: _Line) -> None:
        now = self.now()
        while line.since:
            who, since = next(iter(line.since.items()))
            if since + line.seconds > now:
                self.look_at(line, since + line.seconds)
                return
            del line.since[who]
            phase, who.phase = who.phase, None
            assert phase is not None, "who stands in a line is waited for"
            who.give_up(phase)
        line.is_watched = False


class _Line:
    """Those that are waited for the same."""

    def __init__(self, patience: Patience, seconds: float) -> None:
        self._patience = patience
        self.seconds = seconds
        self.since: dict[Waiter, float] = {}
        #: Whether a timer runs.
        self.is_watched = False

    def begin(self, who: Waiter) -> None:
        """Its time begins."""
        now = self._patience.now()
        self.since[who] = now
        if not self.is_watched:
            self.is_watched = True
            self._patience.look_at(self, now + self.seconds)
