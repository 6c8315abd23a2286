"""What a service asks of a connection is done in its order, one thing or many."""

from __future__ import annotations

from pathlib import Path

import pytest

from mockserver.core.effects import Delay, Effect, Raw
from tests.fuzz.still import Edge


@pytest.mark.parametrize(
    "asked",
    [
        [[Delay(2.0)], [Raw(b"a")], [Raw(b"b")]],
        [[Delay(2.0), Raw(b"a")], [Raw(b"b")]],
        [[Delay(2.0)], [Raw(b"a"), Raw(b"b")]],
        [[Delay(1.0), Delay(1.0)], [Raw(b"a")], [Raw(b"b")]],
    ],
)
def test_nothing_overtakes_a_delay(asked: list[list[Effect]]) -> None:
    edge = Edge(Path("ca.pem"))
    connection, transport = edge.connect()
    for effects in asked:
        connection.carry_out(effects)
    edge.loop.pass_time(1.5)
    assert bytes(transport.written) == b""
    edge.loop.pass_time(1.0)
    assert bytes(transport.written) == b"ab"
