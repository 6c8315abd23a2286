"""Services that share a store, as one: what comes goes to each in turn, as a port would spread it."""

from __future__ import annotations

import math
from itertools import cycle
from typing import TYPE_CHECKING, Any

from mockserver.core.options import Options
from mockserver.core.pages import Pages, together
from mockserver.core.profiles import service_date
from mockserver.core.service import Service

from ..core.conftest import Backend

if TYPE_CHECKING:
    from mockserver.core.effects import Effect, Respond
    from mockserver.core.request import Request
    from mockserver.core.store import Store
    from mockserver.core.tokens import Token


class Crew:
    """To those who drive it, as a ``Service``."""

    def __init__(self, services: list[Service]) -> None:
        self._services = services
        self._turn = cycle(services)
        self._at: dict[str, Service] = {}

    def request(self, request: Request, now: float) -> Respond:
        """Answer a request."""
        return next(self._turn).request(request, now)

    def handshake(self, request: Request, now: float) -> tuple[str, list[Effect]]:
        """Take a handshake."""
        service = next(self._turn)
        name, effects = service.handshake(request, now)
        assert name not in self._at, "no two sockets have one name"
        self._at[name] = service
        return name, effects

    def receive(self, name: str, payload: bytes, now: float) -> list[Effect]:
        """Take a message where the socket is."""
        return self._at[name].receive(name, payload, now)

    def lost(self, name: str, code: int, reason: str, now: float) -> None:
        """A client has gone."""
        self._at[name].lost(name, code, reason, now)

    def wake(self, now: float) -> list[tuple[str, list[Effect]]]:
        """Do all that is due."""
        return [done for service in self._services for done in service.wake(now)]

    def reset(self) -> None:
        """Forget, everywhere."""
        for service in self._services:
            service.reset()

    @property
    def tokens(self) -> tuple[Token, ...]:
        """What each of them sees, which must be the same."""
        first, *others = (service.tokens for service in self._services)
        assert all(one == first for one in others)
        return first

    @property
    def journal(self) -> Pages:
        """The journals of all."""
        return together([service.journal.pages() for service in self._services], math.inf)

    @property
    def open_connections(self) -> int:
        """How many sockets are open."""
        return sum(service.open_connections for service in self._services)

    @property
    def due(self) -> float | None:
        """When the first of them has something to do."""
        return min((service.due for service in self._services if service.due is not None), default=None)


class CrewBackend(Backend):
    """A backend of several services."""

    def __init__(self, stores: list[Store], date: str = "launch", **options: Any) -> None:
        super().__init__(date, **options)
        settings = Options(service_date=service_date(date), **{"pace": 0, **options})
        services = [
            Service(settings, store=store, worker=(number, len(stores)))
            for number, store in enumerate(stores, 1)
        ]
        self.service = Crew(services)  # type: ignore[assignment]  # it does what the tests ask of one
