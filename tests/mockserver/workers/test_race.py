"""One token, ten uses, a thousand clients on two workers: ten get in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ..core.conftest import SPENT
from .race import READY, race

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import Workers

CLIENTS = 1_000
REFUSED = f"1011 {SPENT}"


@pytest.mark.parametrize("store", ["sqlite", "redis"])
def test_ten_uses_let_ten_of_a_thousand_in(
    workers: Callable[..., Workers], store: str, request: pytest.FixtureRequest
) -> None:
    server = workers(*(["--store", request.getfixturevalue("redis_url")] if store == "redis" else []))
    server.call("POST", "/_mock/reset")
    assert race(server.port, server.name(uses=10), CLIENTS) == {READY: 10, REFUSED: CLIENTS - 10}

    entries = server.entries
    refusals = [entry for entry in entries if entry["kind"] == "refusal"]
    assert {entry["fact"] for entry in refusals} == {"CLS-007"}
    assert len(refusals) == CLIENTS - 10
    [token] = server.call("GET", "/_mock/tokens")[1]["tokens"]
    assert token["usesLeft"] == 0
    # Both had a share: worker 1 of 2 counts its sockets in odd numbers.
    sockets = [int(entry["connection"].partition("-")[2]) for entry in entries if entry["kind"] == "open"]
    odd = sum(number % 2 for number in sockets)
    assert len(set(sockets)) == CLIENTS
    assert 0.3 * CLIENTS < odd < 0.7 * CLIENTS


def test_a_store_that_looks_and_then_takes_lets_more_in(workers: Callable[..., Workers]) -> None:
    server = workers(program=("-m", "tests.mockserver.workers.wrong_store"))
    outcomes = race(server.port, server.name(uses=10), CLIENTS)
    assert outcomes[READY] > 10
    assert outcomes[READY] + outcomes[REFUSED] == CLIENTS
