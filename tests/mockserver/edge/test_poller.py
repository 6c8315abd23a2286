"""The poller by itself: who is told, who is told no more, and what another's end or mistake does to them."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from typing import TYPE_CHECKING

import pytest

from mockserver.edge.poller import IN, OUT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mockserver.edge.poller import Poller

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has epoll")


class Watcher:
    """Somebody whose socket is watched, and what he was told."""

    def __init__(self, work: Callable[[int], None] = lambda events: None) -> None:
        self.ours, self.theirs = socket.socketpair()
        self.ours.setblocking(False)
        self.told: list[int] = []
        self.failures: list[Exception] = []
        self.work = work

    def ready(self, events: int) -> None:
        self.told.append(events)
        self.work(events)

    def failed(self, error: Exception) -> None:
        self.failures.append(error)

    def close(self) -> None:
        self.ours.close()
        self.theirs.close()


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    """A loop, run by hand."""
    made = asyncio.new_event_loop()
    yield made
    made.close()


@pytest.fixture
def poller(loop: asyncio.AbstractEventLoop) -> Iterator[Poller]:
    """A poller in it."""
    from mockserver.edge.poller import Poller

    made = Poller(loop)
    yield made
    made.retire()


@pytest.fixture
def two(poller: Poller) -> Iterator[tuple[Watcher, Watcher]]:
    """Two who are watched."""
    both = Watcher(), Watcher()
    for one in both:
        poller.watch(one.ours.fileno(), one, IN)
    yield both
    for one in both:
        if one.ours.fileno() >= 0:
            poller.forget(one.ours.fileno(), IN)
        one.close()


def run(loop: asyncio.AbstractEventLoop, rounds: int = 3) -> None:
    """Let it turn a few times."""

    async def turn() -> None:
        for _ in range(rounds):
            await asyncio.sleep(0)

    loop.run_until_complete(turn())


def test_who_has_something_to_read_is_told_until_he_reads(
    loop: asyncio.AbstractEventLoop, two: tuple[Watcher, Watcher]
) -> None:
    first, second = two
    first.theirs.send(b"!")
    run(loop)
    assert len(first.told) > 1
    assert set(first.told) == {IN}
    assert not second.told
    first.ours.recv(1)
    before = len(first.told)
    run(loop)
    assert len(first.told) == before


def test_who_wants_to_write_is_told_of_room(
    loop: asyncio.AbstractEventLoop, poller: Poller, two: tuple[Watcher, Watcher]
) -> None:
    poller.change(two[0].ours.fileno(), IN, OUT)
    run(loop, 1)
    assert OUT in two[0].told


def test_who_is_ended_by_another_in_the_same_round_is_not_told(
    loop: asyncio.AbstractEventLoop, poller: Poller, two: tuple[Watcher, Watcher]
) -> None:
    def end_the_other(me: Watcher, other: Watcher) -> Callable[[int], None]:
        def work(events: int) -> None:
            me.ours.recv(1)
            if other.ours.fileno() >= 0:
                poller.forget(other.ours.fileno(), IN)
                other.ours.close()

        return work

    first, second = two
    first.work, second.work = end_the_other(first, second), end_the_other(second, first)
    first.theirs.send(b"!")
    second.theirs.send(b"!")
    run(loop)
    assert sorted([len(first.told), len(second.told)]) == [0, 1]


def test_a_mistake_of_one_costs_the_others_nothing(
    loop: asyncio.AbstractEventLoop, two: tuple[Watcher, Watcher]
) -> None:
    first, second = two

    def fail(events: int) -> None:
        first.ours.recv(1)
        raise ValueError("as if by mistake")

    first.work, second.work = fail, lambda events: bool(second.ours.recv(1))  # type: ignore[assignment]
    first.theirs.send(b"!")
    second.theirs.send(b"!")
    run(loop)
    assert [str(error) for error in first.failures] == ["as if by mistake"]
    assert len(second.told) == 1
    assert not second.failures


def test_a_copy_in_another_process_keeps_nothing_busy(
    loop: asyncio.AbstractEventLoop, poller: Poller, two: tuple[Watcher, Watcher]
) -> None:
    """A process that was forked may keep the socket open, and with it what epoll knows of it."""
    first, _ = two
    copy = os.dup(first.ours.fileno())
    try:
        first.theirs.send(b"!")
        run(loop, 1)
        poller.forget(first.ours.fileno(), IN)
        first.ours.close()
        before = len(first.told)
        looked = 0

        def look() -> None:
            nonlocal looked
            looked += 1

        loop.remove_reader(poller._epoll.fileno())
        loop.add_reader(poller._epoll.fileno(), look)
        run(loop)
        assert looked == 0
        assert len(first.told) == before
    finally:
        os.close(copy)


def test_a_retired_poller_ends_with_the_last_of_them(
    loop: asyncio.AbstractEventLoop, poller: Poller, two: tuple[Watcher, Watcher]
) -> None:
    poller.retire()
    for number, one in enumerate(two):
        assert not poller._epoll.closed, f"{number} ended"
        poller.forget(one.ours.fileno(), IN)
        one.ours.close()
    assert poller._epoll.closed
    run(loop)


def test_who_wants_to_be_told_of_nothing_keeps_a_retired_poller(
    loop: asyncio.AbstractEventLoop, poller: Poller, two: tuple[Watcher, Watcher]
) -> None:
    """A connection that is not read for now has not ended: it may be read on, and it has its end."""
    first, second = two
    poller.change(first.ours.fileno(), IN, 0)
    poller.retire()
    poller.forget(second.ours.fileno(), IN)
    second.ours.close()
    first.theirs.send(b"!")
    run(loop)
    assert not first.told
    poller.change(first.ours.fileno(), 0, IN)
    run(loop)
    assert first.told
