"""How a connection is kept within its limits of time and room: how long it is waited for, when it is read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import asyncio

    from ..core.limits import Limits
    from .host import Host
    from .patience import Phase

_SLOW: Final = "the client is slow"


class Bounds:
    """This part of a connection, which itself says what it waits for and how it refuses."""

    _host: Host
    _limits: Limits
    _transport: asyncio.Transport
    _name: str

    def __init__(self) -> None:
        #: What the client is waited for, by the host's patience.
        self.phase: Phase | None = None
        #: Why the client is not read for now.
        self._holds: frozenset[str] = frozenset()

    def _awaited(self) -> Phase | None:
        """What the client is to do next; None: nothing that has a time."""
        raise NotImplementedError

    def _refuse_late(self, phase: Phase) -> None:
        """Answer a request of which a part has taken too long, if one has begun."""
        raise NotImplementedError

    # -- reading ------------------------------------------------------------------------------------------

    def _hold(self, why: str) -> None:
        """Read no more for now."""
        self._holds |= {why}
        self._transport.pause_reading()

    def _release(self, why: str) -> None:
        """Read on, unless something else is in the way."""
        if why in self._holds:
            self._holds -= {why}
            if not self._holds and not self._transport.is_closing():
                self._transport.resume_reading()

    # -- time ---------------------------------------------------------------------------------------------

    def _wait(self) -> None:
        """Wait for what is next, as long as the limits say."""
        if _SLOW not in self._holds:
            self._host.patience.wait(self, self._awaited())

    def give_up(self, phase: Phase) -> None:
        """The client has taken too long over this."""
        if phase in ("head", "body"):
            self._refuse_late(phase)
        elif phase == "stalled":
            self.drop_slow("stalled_s")
        elif phase == "closing":
            self.abort()
        else:
            self._transport.close()

    # -- room ---------------------------------------------------------------------------------------------

    def pause_writing(self) -> None:
        """The client does not keep up: what it sends waits too, so that it brings about no more."""
        self._hold(_SLOW)
        self._host.patience.wait(self, "stalled")
        self._wrote()

    def resume_writing(self) -> None:
        """The client has taken what waited."""
        self._host.backlog.forget(self)
        self._release(_SLOW)
        self._wait()

    def _wrote(self) -> None:
        """Something was written: it may wait for a client that does not read."""
        if _SLOW in self._holds:
            self._host.backlog.tell(self, self._transport.get_write_buffer_size())

    def drop_slow(self, limit: str) -> None:
        """Drop a client that does not read what waits for it."""
        if self._transport.is_closing() and limit != "stalled_s":
            return
        waiting = self._transport.get_write_buffer_size()
        what = f"dropped by the limit {limit}: {waiting} bytes wait for a client that does not read"
        self._host.note_refusal(self._name or "http", "LIMIT", what, f"read what comes, or raise {limit}")
        if self._host.sockets.pop(self._name, None) is not None:
            self._host.service.lost(self._name, 1006, limit, self._host.clock.now(), by="the server")
        self.abort()

    def abort(self) -> None:
        """Drop the TCP connection now."""
        self._transport.abort()
