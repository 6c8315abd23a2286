"""Those who follow the journal as server-sent events: bounded, resumable, told of what they missed."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..core.journal import Entry, Journal
    from ..edge.streaming import Pipe

#: What may wait for a slow client; the rest stays in the journal until there is room, or until it is full.
MAX_WAITING_BYTES: Final = 1024 * 1024
#: A browser opens six at most; a hundred is a program that never closes.
MAX_FOLLOWERS: Final = 100


@dataclass(slots=True, eq=False)
class Follower:
    """One open stream. ``sent`` is the number of the last entry that was looked at for it."""

    pipe: Pipe
    wanted: Callable[[Entry], bool]
    sent: int
    #: Whether entries wait for it in the journal.
    behind: bool = True
    #: What has changed since the client was last told, by the names of ``changed``.
    news: list[str] = field(default_factory=list)

    @property
    def is_full(self) -> bool:
        """Whether so much waits that no more is sent for now."""
        return self.pipe.waiting > MAX_WAITING_BYTES


class Followers:
    """All open streams of one server."""

    def __init__(self, journal: Journal, state: Callable[[], dict[str, Any]]) -> None:
        self._journal = journal
        #: What each ``hello`` and ``changed`` tells: the clock, the date.
        self._state = state
        self._open: set[Follower] = set()
        #: The last number that a reset has forgotten: what is gone with it was not dropped.
        self._forgotten = 0
        #: Tells the ids of this server from those of one that ran before it on the same port.
        self._run = f"{int(state()['now'] * 1000):x}"

    def __len__(self) -> int:
        return len(self._open)

    def after(self, last_event_id: str) -> int:
        """The entry after which a client goes on: ``12``, or an id that this server gave."""
        run, dash, number = last_event_id.rpartition("-")
        return int(number) if number.isdigit() and (not dash or run == self._run) else 0

    def begin(self, pipe: Pipe, wanted: Callable[[Entry], bool], after: int) -> None:
        """Send what there is, then each entry as it happens."""
        follower = Follower(pipe, wanted, after)
        pipe.drained = lambda: self._catch_up(follower)
        pipe.lost = lambda: self._leave(follower)
        if not self._open:
            self._journal.watchers.append(self._see)
        self._open.add(follower)
        first = next((entry.number for entry in self._journal), None)
        pipe.write(_event({"run": self._run, "first": first, **self._state()}, name="hello"))
        self._catch_up(follower)

    def changed(self, what: str) -> None:
        """Tell of what leaves no entry: ``clock``, ``tokens``, ``script`` or ``reset``."""
        for follower in self._open:
            if what not in follower.news:
                follower.news.append(what)
            self._tell(follower)

    def forget(self) -> None:
        """The journal is about to be cleared."""
        self._forgotten = max((entry.number for entry in self._journal), default=self._forgotten)
        for follower in self._open:
            follower.sent = max(follower.sent, self._forgotten)

    def _leave(self, follower: Follower) -> None:
        self._open.discard(follower)
        if not self._open:
            self._journal.watchers.remove(self._see)

    def _see(self, entry: Entry) -> None:
        """Hand a new entry to all that are up to date; the others come to it when there is room."""
        for follower in self._open:
            if follower.behind or follower.is_full:
                follower.behind = True
            elif entry.number > follower.sent:
                self._send(follower, entry)

    def _catch_up(self, follower: Follower) -> None:
        """Send what waits in the journal, as far as there is room."""
        for entry in self._journal:
            if follower.is_full:
                return
            if entry.number > follower.sent:
                self._note_gap(follower, entry.number)
                self._send(follower, entry)
        follower.behind = False
        self._tell(follower)

    def _note_gap(self, follower: Follower, number: int) -> None:
        missed = number - 1 - max(follower.sent, self._forgotten)
        if missed > 0:
            follower.pipe.write(_event({"count": missed}, name="dropped"))

    def _send(self, follower: Follower, entry: Entry) -> None:
        follower.sent = entry.number
        if follower.wanted(entry):
            follower.pipe.write(_event(entry.shown(), id=f"{self._run}-{entry.number}"))

    def _tell(self, follower: Follower) -> None:
        if follower.news and not follower.is_full:
            follower.pipe.write(_event({"changed": follower.news, **self._state()}, name="changed"))
            follower.news = []


def _event(data: dict[str, Any], *, name: str = "", id: str = "") -> bytes:
    head = (f"id: {id}\n" if id else "") + (f"event: {name}\n" if name else "")
    return f"{head}data: {json.dumps(data, ensure_ascii=False)}\n\n".encode(errors="replace")
