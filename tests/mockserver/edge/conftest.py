"""Both kinds of transports: by a poller of the server's own, and asyncio's."""

from __future__ import annotations

import pytest

from mockserver.edge import listener, poller


@pytest.fixture(params=["polled", "looped"])
def transports(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Servers that are started from now on have these; what runs on both must not tell them apart."""
    if request.param == "polled" and not poller.POLLS:
        pytest.skip("only Linux has epoll")
    monkeypatch.setattr(listener, "POLLS", request.param == "polled")
    return request.param
