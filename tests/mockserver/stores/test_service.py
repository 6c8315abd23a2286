"""What a service does where its store is shared: others are quicker, and a store may be lost."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from mockserver.core.options import Options
from mockserver.core.service import Service
from mockserver.core.store import Memory, StoreLost

from ..conftest import live_path
from ..core.conftest import SPENT, Backend

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockserver import MockServer
    from mockserver.core.tokens import Token

    from ..conftest import Wire

LOST = "the store redis://nowhere failed: Connection refused."


class Overtaken(Memory):
    """Another server takes the last use between our look and our taking."""

    def find(self, name: str) -> Token | None:
        """The token as it was."""
        token = super().find(name)
        return replace(token, uses_left=1) if token is not None else None


class Lost(Memory):
    """Once told so, does nothing any more."""

    lost = False

    def find(self, name: str) -> Token | None:
        """Fail."""
        if self.lost:
            raise StoreLost(LOST, "look whether a Redis or Valkey answers there")
        return super().find(name)

    def keep(self, handle: str, now: float, until: float) -> None:
        """Fail."""
        self.find("")


def backend_on(store: Memory, **options: Any) -> Backend:
    """A service on a store."""
    backend = Backend()
    backend.service = Service(Options(pace=0, **options), store=store)
    return backend


@pytest.mark.parametrize("refused_setup_costs", [False, True])
def test_who_comes_second_for_the_last_use_is_refused(refused_setup_costs: bool) -> None:
    backend = backend_on(Overtaken(), rejected_setup_spends_use=refused_setup_costs)
    token = backend.mint()
    backend.with_token(token).expect_ready()
    backend.with_token(token).expect_close(1011, SPENT, "CLS-007")


def test_handles_of_a_session_before_a_reset_are_good_for_nothing() -> None:
    backend = Backend()
    stray = backend.with_key(sessionResumption={})
    backend.service.reset()
    stray.say("hi")
    lost = (1008, "BidiGenerateContent session not found")
    assert backend.with_key(sessionResumption={"handle": stray.handle}).close == lost
    fresh = backend.with_key(sessionResumption={})
    fresh.say("hi")
    backend.with_key(sessionResumption={"handle": fresh.handle}).expect_ready()


def test_a_lost_store_closes_a_session_and_says_so() -> None:
    store = Lost()
    backend = backend_on(store)
    client = backend.with_key(sessionResumption={})
    store.lost = True
    client.say("hi")
    client.expect_close(1011, "Internal error encountered.", "MOCK")
    assert backend.refusals[-1].what == LOST
    assert backend.refusals[-1].hint == "look whether a Redis or Valkey answers there"


def test_a_lost_store_is_a_500_that_names_it(server: MockServer, wire: Callable[..., Wire]) -> None:
    server._service._store = store = Lost()
    store.lost = True
    token = "auth_tokens/" + "5f" * 32
    answers = (
        wire().request("POST", f"/v1alpha/auth_tokens?key={token}"),
        wire().upgrade(live_path("BidiGenerateContentConstrained", query=f"access_token={token}")),
    )
    assert [(one.status, one.body) for one in answers] == [(500, f"{LOST}\n".encode())] * 2
    hints = [entry.hint for entry in server.journal if entry.kind == "refusal"]
    assert hints == ["look whether a Redis or Valkey answers there"] * 2
