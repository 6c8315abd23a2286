"""Both kinds of transports: by a poller of the server's own, and asyncio's; and the end of raw clients."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mockserver.edge import listener, poller

from .spoiled import dialled

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(params=["polled", "looped"])
def transports(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Servers that are started from now on have these; what runs on both must not tell them apart."""
    if request.param == "polled" and not poller.POLLS:
        pytest.skip("only Linux has epoll")
    monkeypatch.setattr(listener, "POLLS", request.param == "polled")
    return request.param


@pytest.fixture(autouse=True)
def hang_up() -> Iterator[None]:
    """Close what a test has dialled."""
    yield
    while dialled:
        dialled.pop().close()
