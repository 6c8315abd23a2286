"""What every worker does or tells when one is asked: orders by name, and how what all tell is put together.

Alone, a server is its only worker.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

from . import playing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ..core.pages import Pages
    from ..core.script import Rule, Script
    from ..edge.host import Host

#: What there is only in a server that is alone, and what to do instead.
NO_FOLLOWING: Final = (
    "the journal cannot be followed with --workers, expected a server that is alone: read GET journal, which "
    "has the entries of all workers, or start without --workers"
)
NO_RECORDING: Final = (
    "a recording came, expected a script of rules: with --workers nobody knows whose turn it is, so start "
    "without --workers to play a recording"
)


class Peers(Protocol):
    """All workers, as one of them sees them."""

    def ask(self, name: str, *args: Any) -> list[Any]:
        """Have all carry out an order, this one too; what each says, in their order."""


@dataclass(frozen=True, slots=True)
class Played:
    """A script that is played, and its counts: to its readers as a ``Performance``."""

    script: Script
    counts: Mapping[str, int]
    spoken: Sequence[int]


@dataclass(frozen=True, slots=True)
class State:
    """What a server is at a moment, beside its journal and its tokens."""

    open_connections: int
    entries: int
    bytes: int
    dropped: int
    dropped_bytes: int
    due: float | None
    performances: Mapping[str | None, Played]


def state(host: Host) -> State:
    """What this server is now."""
    service, journal = host.service, host.service.journal
    return State(
        service.open_connections,
        len(journal),
        journal.bytes,
        journal.dropped,
        journal.dropped_bytes,
        service.due,
        {
            owner: Played(one.script, dict(one.counts), one.spoken)
            for owner, one in service.performances.items()
        },
    )


def together(states: Sequence[State]) -> State:
    """What workers are as one: they play the same, and each has counted what came to it."""
    return State(
        sum(one.open_connections for one in states),
        sum(one.entries for one in states),
        sum(one.bytes for one in states),
        sum(one.dropped for one in states),
        sum(one.dropped_bytes for one in states),
        min((one.due for one in states if one.due is not None), default=None),
        {owner: _summed([one.performances[owner] for one in states]) for owner in states[0].performances},
    )


def _summed(played: Sequence[Played]) -> Played:
    events = dict.fromkeys((event for one in played for event in one.counts), 0)
    counts = {event: sum(one.counts.get(event, 0) for one in played) for event in events}
    return Played(
        played[0].script,
        counts,
        [sum(spoken) for spoken in zip(*(one.spoken for one in played), strict=True)],
    )


def pages(host: Host) -> tuple[float, Pages]:
    """What the journal of this server holds, and when it was looked at."""
    return host.clock.now(), host.service.journal.pages()


def play(host: Host, script: Script | None, owner: str | None) -> None:
    """Play a script from now on."""
    host.service.play(script, owner)


def inject(host: Host, rule: Rule, owner: str | None) -> None:
    """Put a rule in front."""
    playing.inject(host.service, rule, owner)


def advance(host: Host, seconds: float) -> None:
    """Move the clock."""
    host.advance(seconds)


def reset(host: Host, offset: float) -> None:
    """Forget; the clock is that of whoever was asked."""
    host.service.reset()
    host.rewind(offset)


ORDERS: Final[Mapping[str, Callable[..., Any]]] = {
    "state": state,
    "pages": pages,
    "play": play,
    "inject": inject,
    "advance": advance,
    "reset": reset,
}
