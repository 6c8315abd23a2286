"""Which of many sockets are ready, asked at once: in the event loop one file descriptor stands for them all.

An event loop keeps a handle for each socket and runs a callback for each event. Here the loop watches one
``epoll`` object, which is ready when any socket in it is; what each has to do then is a call. Linux has this;
elsewhere connections are asyncio's.
"""

from __future__ import annotations

import select
import sys
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    import asyncio

#: Whether this system can.
POLLS: Final = sys.platform == "linux"

IN: Final = 1
OUT: Final = 4
ERROR: Final = 8
#: How many sockets have their turn before timers and all else of the loop.
_AT_ONCE: Final = 64
#: The most that is read at once.
READ_BYTES: Final = 256 * 1024


class Watched(Protocol):
    """Whose socket it is."""

    def ready(self, events: int) -> None:
        """There is something to read, room to write, or an error."""

    def failed(self, error: Exception) -> None:
        """``ready`` raised."""


class Unsent(Protocol):
    """Who has written in his turn."""

    def send_off(self) -> None:
        """Send it now."""

    def failed(self, error: Exception) -> None:
        """``send_off`` raised."""


class Poller:
    """The sockets of one server, in one event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        #: Where bytes are read to: one place for all, which is never in use for longer than a call.
        self.buffer = memoryview(bytearray(READ_BYTES))
        self._epoll = select.epoll()
        self._watched: dict[int, Watched] = {}
        #: Whether sockets have their turns, and who wrote in his. All of it goes out behind the last turn: a
        #: packet wakes its client, and one that is awake when the next comes need not be woken again.
        self.is_looking = False
        self.unsent: list[Unsent] = []
        self._is_retired = False
        loop.add_reader(self._epoll.fileno(), self._look)

    def _look(self) -> None:
        self.is_looking = True
        try:
            for descriptor, events in self._epoll.poll(0, _AT_ONCE):
                who = self._watched.get(descriptor)
                if who is None:
                    continue  # what came before it in this round was its end
                try:
                    who.ready(events)
                except Exception as error:  # of one connection: the others have their turn
                    who.failed(error)
        finally:
            self.is_looking = False
            if self.unsent:
                unsent, self.unsent = self.unsent, []
                for one in unsent:
                    try:
                        one.send_off()
                    except Exception as error:  # likewise
                        one.failed(error)

    def watch(self, descriptor: int, who: Watched, events: int) -> None:
        """Begin to tell somebody of his socket."""
        self._watched[descriptor] = who
        self._epoll.register(descriptor, events)

    def change(self, descriptor: int, before: int, events: int) -> None:
        """Tell him of these events from now on; of none means not of errors either."""
        if not before:
            self._epoll.register(descriptor, events)
        elif events:
            self._epoll.modify(descriptor, events)
        else:
            self._epoll.unregister(descriptor)

    def hand_over(self, descriptor: int, who: Watched) -> None:
        """The same socket is somebody else's now."""
        self._watched[descriptor] = who

    def forget(self, descriptor: int, events: int) -> None:
        """Tell of it no more; of these events it was told."""
        del self._watched[descriptor]
        if events:
            # Not left to the end of the file descriptor: a process that was forked may keep its copy open.
            self._epoll.unregister(descriptor)
        if self._is_retired:
            self.retire()

    def retire(self) -> None:
        """Nothing new comes: end with the last of them."""
        self._is_retired = True
        if not self._watched and not self._epoll.closed:
            self.loop.remove_reader(self._epoll.fileno())
            self._epoll.close()
