"""Whatever a connection went through, nothing of it waits for the garbage collector once it is lost."""

from __future__ import annotations

import asyncio
import gc
import json
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

import pytest

from mockserver import Call, Close, GoAway, Options, Pause, Proceed, Rule, Say, Script, Silence
from mockserver.core import frames
from mockserver.core.service import Service
from mockserver.edge.host import Host

from ..conftest import TEXT_MODEL, live_path
from ..core.talking import content
from .test_framing import masked

if TYPE_CHECKING:
    from collections.abc import Iterator

UPGRADE: Final = (
    f"GET {live_path()} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
).encode()
BYE: Final = masked(frames.CLOSE, b"\x03\xe8")


def message(value: dict[str, Any]) -> bytes:
    """A frame of a client."""
    return masked(frames.TEXT, json.dumps(value).encode())


SETUP: Final = message({"setup": {"model": TEXT_MODEL}})
TURN: Final = message(content(("user", "go")))
#: What came of a client before its connection was lost.
LIVES: Final[dict[str, tuple[bytes, ...]]] = {
    "nothing": (),
    "half a head": (UPGRADE[:50],),
    "a request": (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",),
    "a handshake": (UPGRADE,),
    "a setup": (UPGRADE, SETUP),
    "a setup and a close": (UPGRADE, SETUP, BYE),
    "turns": (UPGRADE, SETUP, TURN, TURN, BYE),
    "a refused setup": (UPGRADE, message({"setup": {"model": "none"}})),
    "a refused message": (UPGRADE, SETUP, message({"x": 1})),
    "half a message": (UPGRADE, SETUP, masked(frames.TEXT, b"{", fin=False)),
}
SCRIPTS: Final = {
    "says": (Rule("turn", (Say("hi"),)),),
    "calls": (Rule("turn", (Call("f"), Say("done"))),),
    "is not done": (Rule("turn", (Say("hi"), Pause(60), Say("there"))),),
    "closes": (Rule("turn", (Close(1011, "over"),)),),
    "speaks first": (Rule("setup", (Proceed(), Say("hello"), Pause(60), Say("there"))),),
    "leaves": (Rule("setup", (Proceed(), GoAway(5))),),
    "stands aside": (Rule("client_content", (Pause(60), Proceed())),),
    "hesitates": (Rule("handshake", (Pause(60), Proceed())),),
    "keeps silent": (Rule("handshake", (Silence(),)),),
}


class Nowhere(asyncio.Transport):
    """A transport to nobody."""

    def __init__(self) -> None:
        super().__init__()
        self._closing = False

    def write(self, data: Any) -> None:
        """It is gone."""

    def write_eof(self) -> None:
        """Nobody hears of it."""

    def can_write_eof(self) -> bool:
        """As a plain connection."""
        return True

    def is_closing(self) -> bool:
        """Whether somebody closed it."""
        return self._closing

    def close(self) -> None:
        """Close it."""
        self._closing = True

    abort = close

    def get_write_buffer_size(self) -> int:
        """Nothing waits."""
        return 0


def live(host: Host, came: tuple[bytes, ...]) -> None:
    """A connection from its beginning to its end."""
    connection = host.connection()
    connection.connection_made(Nowhere())
    for data in came:
        connection.data_received(data)
    connection.connection_lost(None)


@pytest.fixture
def saved() -> Iterator[list[object]]:
    """What the garbage collector finds, and nobody else."""
    gc.collect()
    gc.freeze()  # else it would look through all that the tests have loaded, each time
    gc.disable()
    gc.set_debug(gc.DEBUG_SAVEALL)
    yield gc.garbage
    gc.set_debug(0)
    gc.garbage.clear()
    gc.enable()
    gc.unfreeze()


@pytest.mark.parametrize("delay_s", [0, 5])
@pytest.mark.parametrize("script", SCRIPTS)
def test_nothing_of_a_connection_is_left_to_the_garbage_collector(
    script: str, delay_s: float, saved: list[object]
) -> None:
    left: dict[str, Counter[str]] = {}

    async def lives() -> None:
        options = Options(pace=0, setup_delay_s=delay_s)
        host = Host(Service(options, Script("test", SCRIPTS[script])), lambda *_: pytest.fail("no control"))
        for name, came in LIVES.items():
            live(host, came)
            host.service.journal.clear()
            gc.collect()  # what is made once, such as a module, is not of a connection
            saved.clear()
            live(host, came)
            host.service.journal.clear()
            gc.collect()
            if saved:
                left[name] = Counter(type(one).__name__ for one in saved)

    asyncio.run(lives())
    assert not left
