"""What a worker hears from the others, and when it does not wait for them."""

from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING, Any, cast

import pytest

from mockserver.workers.channel import Channel, packed
from mockserver.workers.worker import Peers

from ..conftest import PATIENCE_S

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mockserver.admin import Control
    from mockserver.edge.host import Host


class Loop:
    """Of an event loop, what a worker does with it: it watches the channel."""

    heard: Callable[[], None] | None = None

    def add_reader(self, channel: Channel, heard: Callable[[], None]) -> None:
        self.heard = heard

    def remove_reader(self, channel: Channel) -> None:
        self.heard = None


class Hosted:
    """Of the host of a mock, the same."""

    def __init__(self) -> None:
        self.loop = Loop()

    def rewind(self, offset: float) -> None:
        pass


class Obeying:
    """Keeps the orders that were carried out."""

    def __init__(self) -> None:
        self.orders: list[str] = []

    def obey(self, host: Host, name: str, *args: Any) -> str:
        self.orders.append(name)
        return f"{name} done"


class Worker:
    """A worker whose other end is the test."""

    def __init__(self, end: socket.socket, other: socket.socket) -> None:
        self.other = other
        self.control = Obeying()
        self.peers = Peers(Channel(end), cast("Control", self.control), 0.0)
        self.host = Hosted()
        self.peers.join(cast("Host", self.host))

    def say(self, kind: str, value: Any = None) -> None:
        self.other.sendall(packed(kind, value))

    def hear(self) -> bool:
        """What the event loop calls when there is something on the channel; whether it came back."""
        assert self.host.loop.heard is not None
        hearing = threading.Thread(target=self.host.loop.heard, daemon=True)
        hearing.start()
        hearing.join(PATIENCE_S / 5)
        return not hearing.is_alive()


@pytest.fixture
def worker() -> Iterator[Worker]:
    end, other = socket.socketpair()
    with end, other:
        yield Worker(end, other)


def test_an_order_of_another_is_carried_out(worker: Worker) -> None:
    worker.say("order", ("state", ()))
    assert worker.hear()
    assert worker.control.orders == ["state"]


def test_who_asks_meanwhile_carries_out_what_others_ask(worker: Worker) -> None:
    worker.say("order", ("theirs", ()))
    worker.say("order", ("ours", ()))
    worker.say("answers", ["one", "other"])
    assert worker.peers.ask("ours") == ["one", "other"]
    assert worker.control.orders == ["theirs", "ours"]


def test_what_was_carried_out_while_it_asked_is_not_waited_for_again(worker: Worker) -> None:
    """A request and an order come in one round of the event loop, and the request asks first."""
    worker.say("order", ("theirs", ()))
    worker.say("answers", [])
    worker.peers.ask("ours")
    assert worker.hear(), "it waits for somebody else to say something, and meanwhile serves nobody"
    assert worker.control.orders == ["theirs"]


def test_it_ends_when_nobody_is_left_to_tell_it(worker: Worker) -> None:
    worker.other.close()
    assert worker.hear()
    assert (worker.peers.over.is_set(), worker.peers.orphaned) == (True, True)


def test_it_ends_when_told(worker: Worker) -> None:
    worker.say("end")
    assert worker.hear()
    assert (worker.peers.over.is_set(), worker.peers.orphaned) == (True, False)
