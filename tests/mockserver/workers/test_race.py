"""One token, ten uses, a thousand clients on two workers: ten get in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mockserver.edge import listener

from ..core.conftest import SPENT
from .race import READY, race

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import Workers

CLIENTS = 1_000
REFUSED = f"1011 {SPENT}"


def odd_ones(server: Workers) -> int:
    """How many sockets worker 1 had: of two, it counts in odd numbers."""
    sockets = {entry["connection"] for entry in server.entries if entry["kind"] == "open"}
    assert len(sockets) == CLIENTS
    return sum(int(name.partition("-")[2]) % 2 for name in sockets)


@pytest.mark.parametrize("store", ["sqlite", "redis"])
def test_ten_uses_let_ten_of_a_thousand_in(
    workers: Callable[..., Workers], store: str, request: pytest.FixtureRequest
) -> None:
    server = workers(*(["--store", request.getfixturevalue("redis_url")] if store == "redis" else []))
    server.call("POST", "/_mock/reset")
    assert race(server.port, server.name(uses=10), CLIENTS) == {READY: 10, REFUSED: CLIENTS - 10}

    refusals = [entry for entry in server.entries if entry["kind"] == "refusal"]
    assert {entry["fact"] for entry in refusals} == {"CLS-007"}
    assert len(refusals) == CLIENTS - 10
    [token] = server.call("GET", "/_mock/tokens")[1]["tokens"]
    assert token["usesLeft"] == 0
    least = 0.3 * CLIENTS if listener.SPREADS else 1
    assert least <= odd_ones(server) <= CLIENTS - least, "both had their share"


def test_workers_that_accept_from_one_socket_share_as_well(workers: Callable[..., Workers]) -> None:
    server = workers(program=("-m", "tests.mockserver.workers.shared_socket"))
    assert race(server.port, server.name(uses=10), CLIENTS) == {READY: 10, REFUSED: CLIENTS - 10}
    assert 0 < odd_ones(server) < CLIENTS, "how much each has is not promised there"


def test_a_store_that_looks_and_then_takes_lets_more_in(workers: Callable[..., Workers]) -> None:
    server = workers(program=("-m", "tests.mockserver.workers.wrong_store"))
    outcomes = race(server.port, server.name(uses=10), CLIENTS)
    assert outcomes[READY] > 10
    assert outcomes[READY] + outcomes[REFUSED] == CLIENTS
