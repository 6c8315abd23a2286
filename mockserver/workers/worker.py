"""One worker: a mock that does what concerns all when all do it."""

from __future__ import annotations

import asyncio
import shutil
import signal
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .. import garbage
from ..admin import Control, Gate
from ..core.service import Service
from ..running import new_loop
from ..scripts import READY
from ..server import serve
from ..stores import opened
from ..terminal import log
from .channel import Channel

if TYPE_CHECKING:
    import socket
    from pathlib import Path

    from ..core.options import Options
    from ..core.script import Script
    from ..edge.host import Host
    from ..tls import Certificates


@dataclass(frozen=True)
class Job:
    """What a worker is told as it is started. All of it can be pickled.

    Attributes:
        worker: which of how many it is.
        store: the URL of the store that all share.
        folder: goes with the last of them; None: there is none of their own.
        log: what it prints of what happens.
        offset: what makes their clocks one.
    """

    worker: tuple[int, int]
    options: Options
    script: Script
    store: str
    folder: Path | None
    gate: Gate
    certificates: Certificates
    log: str
    offset: float


class Peers:
    """All workers, as one of them sees them: by way of the process that started them."""

    def __init__(self, channel: Channel, control: Control, offset: float) -> None:
        self._channel = channel
        self._control = control
        self._offset = offset
        self._host: Host
        #: Set when it is to end; ``orphaned`` then says whether anybody asked for it.
        self.over = asyncio.Event()
        self.orphaned = False

    def join(self, host: Host) -> None:
        """Take part from now on."""
        self._host = host
        host.rewind(self._offset)
        host.loop.add_reader(self._channel, self._hear)
        self._channel.send("ready")

    def ask(self, name: str, *args: Any) -> list[Any]:
        """Have all workers carry out an order, this one too; what each says, in their order.

        Waits, and meanwhile carries out what others ask: two that ask at once do not wait for each other.

        Raises:
            ValueError: they refuse.
            EOFError: the process that started them is gone.
        """
        self._channel.send("ask", (name, args))
        while True:
            kind, value = self._channel.receive()
            if kind == "answers":
                break
            self._obey(kind, value)
        for answer in value:
            if isinstance(answer, Exception):
                raise answer
        return list(value)

    def _hear(self) -> None:
        # What the event loop saw here may be gone: in the same round, a request of a client came first,
        # and who asks carries out what others ask.
        if not self._channel.has_more():
            return
        try:
            kind, value = self._channel.receive()
        except EOFError:
            self.orphaned = True
            kind, value = "end", None
        self._obey(kind, value)

    def _obey(self, kind: str, value: Any) -> None:
        if kind == "end":
            self._host.loop.remove_reader(self._channel)
            self.over.set()
            return
        name, args = value
        try:
            answer = self._control.obey(self._host, name, *args)
        except Exception as error:  # of whoever asked
            answer = error
        self._channel.send("answer", answer)


def work(job: Job, connected: socket.socket, listening: socket.socket) -> None:
    """Be a worker until told to end, or until whoever told is gone."""
    for number in (signal.SIGINT, signal.SIGTERM):
        # They often go to a whole group of processes: the one that started this one decides.
        signal.signal(number, signal.SIG_IGN)
    listening.setblocking(False)
    loop = new_loop()
    try:
        with garbage.seldom():
            loop.run_until_complete(_serve(job, Channel(connected), listening))
    finally:
        loop.close()


async def _serve(job: Job, channel: Channel, listening: socket.socket) -> None:
    with opened(job.store, job.options) as store:
        service = Service(job.options, job.script, READY, store=store, worker=job.worker)
        log(service.journal.watchers.append, job.log)
        control = Control(job.gate, job.certificates.ca_file)
        control.peers = peers = Peers(channel, control, job.offset)
        await serve(service, listening, job.certificates, control, peers.join, peers.over.wait)
    if peers.orphaned and job.folder is not None:
        shutil.rmtree(job.folder, ignore_errors=True)
