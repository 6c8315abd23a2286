"""A mock on one service date, in this process."""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING, Any, Final

from mockserver import MODELS, MockServer
from suite.cases.connecting import MODEL

from .target import Target

if TYPE_CHECKING:
    from mockserver import Script

#: Entries the mock itself keeps, for those who look at it by hand.
KEPT: Final = 1000


class Mock(Target):
    """A mock; ``options`` are further ones of ``MockServer``.

    A model that it does not know is one of somebody's own: it is asked for the cases' instead.
    """

    def __init__(self, service_date: str, model: str = MODEL, **options: Any) -> None:
        # Audio answers come at once: the matrix asks what works, not how long it sounds.
        # What is heard is kept by who listens.
        self._mock = MockServer(service_date=service_date, pace=0, journal_entries=KEPT, **options)
        self._stranger: MockServer | None = None
        known = model.removeprefix("models/") in MODELS
        super().__init__(service_date, self._mock, model if known else MODEL)

    def start(self) -> Target:
        """Listen."""
        super().start()
        self._mock.start()
        return self

    def stop(self) -> None:
        """Free the ports."""
        self._mock.stop()
        if self._stranger is not None:
            self._stranger.stop()
            self._certificates.cleanup()

    def stranger(self) -> str:
        """Started when it is first asked for."""
        if self._stranger is None:
            self._certificates = tempfile.TemporaryDirectory()
            self._stranger = MockServer(tls_dir=self._certificates.name).start()
        return self._stranger.tls_url

    def play(self, script: Script, owner: str) -> None:
        """Play a script to one API key alone."""
        self._mock.play(script, owner)

    def mint(self, owner: str) -> str:
        """A fresh token, as some backend would hand it out."""
        return self._mock.mint(owner)
