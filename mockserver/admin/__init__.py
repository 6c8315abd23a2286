"""The control API under ``/_mock/``: one route for each thing a test can do with a ``MockServer``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from ..core.pages import Pages, together
from ..edge.clock import offset_s
from . import orders
from .following import MAX_FOLLOWERS, Followers
from .gate import VARIABLE as TOKEN_VARIABLE
from .gate import Gate, is_loopback
from .orders import NO_FOLLOWING, NO_RECORDING, ORDERS, Peers
from .reading import Mistake

if TYPE_CHECKING:
    from pathlib import Path

    from ..core.effects import Respond
    from ..core.journal import Journal
    from ..core.request import Request
    from ..core.script import Rule, Script
    from ..edge.host import Host
    from ..edge.streaming import Stream

__all__ = ["ROOT", "TOKEN_VARIABLE", "Control", "Gate", "is_loopback"]

#: Where the control API is; no real API uses this path.
ROOT: Final = "/_mock"


class Control:
    """All that may be done to a running server, by requests and from Python alike.

    What leaves no entry in the journal is told to those who follow it.
    """

    root: Final = ROOT

    def __init__(self, gate: Gate, ca_file: Path) -> None:
        self.gate = gate
        self._ca_file = ca_file
        self._followers: Followers | None = None
        #: All workers of the port; None: this server is alone.
        self.peers: Peers | None = None

    # -- requests -----------------------------------------------------------------------------------------

    def __call__(self, host: Host, request: Request) -> Respond | Stream:
        """Answer one control request. Errors: ``{"error": …}`` with 400, 401, 403, 404, 405, 409 or 429."""
        # Imported here: the routes, and all that they show, are nothing to a server that nobody controls so.
        from .answering import answer

        return answer(self, host, request)

    def authority(self) -> bytes:
        """The authority's certificate, PEM."""
        return self._ca_file.read_bytes()

    def live_page(self, url: str) -> str:
        """Where the live page of a server is, for a browser."""
        return live_page(url, self.gate)

    # -- this server, or all workers of its port ----------------------------------------------------------

    def obey(self, host: Host, name: str, *args: Any) -> Any:
        """Carry out an order in this process alone."""
        return ORDERS[name](host, *args)

    def _all(self, host: Host, name: str, *args: Any) -> list[Any]:
        """Have all carry it out; it is done everywhere before this returns."""
        return [self.obey(host, name, *args)] if self.peers is None else self.peers.ask(name, *args)

    def state(self, host: Host) -> orders.State:
        """What all are now."""
        return orders.together(self._all(host, "state"))

    def journal(self, host: Host) -> Journal | Pages:
        """What all have seen, in the order of time."""
        if self.peers is None:
            return host.service.journal
        looks = self._all(host, "pages")
        return together([pages for _, pages in looks], min(at for at, _ in looks))

    # -- what changes a server ----------------------------------------------------------------------------

    def followers(self, host: Host) -> Followers:
        """Those who follow the journal, one more welcome.

        Raises:
            Mistake: there are too many, or workers, of which one sees its own part only.
        """
        if self.peers is not None:
            raise Mistake(NO_FOLLOWING, 409)
        if self._followers is None:
            options = host.service.options
            self._followers = Followers(
                host.service.journal,
                lambda: {
                    "now": host.clock.now(),
                    "movedSeconds": host.clock.moved_s,
                    "due": host.service.due,
                    "serviceDate": options.service_date.isoformat(),
                },
            )
        if len(self._followers) >= MAX_FOLLOWERS:
            raise Mistake(
                f"{MAX_FOLLOWERS} clients follow the journal already, expected fewer: close some", 429
            )
        return self._followers

    def _changed(self, what: str) -> None:
        if self._followers is not None:
            self._followers.changed(what)

    def mint(self, host: Host, request: dict[str, Any], owner: str, version: str | None) -> str:
        """Mint a token; its whole name."""
        token = host.service.mint(request, owner, version, host.clock.now())
        self._changed("tokens")
        return token.name

    def advance(self, host: Host, seconds: float) -> None:
        """Move the clock; what becomes due happens before this returns."""
        self._all(host, "advance", seconds)
        self._changed("clock")

    def advance_to_due(self, host: Host) -> float:
        """Move the clock up to the next thing that is due; how far, in seconds: 0 where nothing is."""
        due = self.state(host).due
        seconds = 0.0 if due is None else max(0.0, due - host.clock.now())
        self.advance(host, seconds)
        return seconds

    def play(self, host: Host, script: Script | None, owner: str | None) -> None:
        """Play a script to everybody or to one API key; None: the default again."""
        if self.peers is not None and script is not None and script.recorded:
            raise ValueError(NO_RECORDING)
        self._all(host, "play", script, owner)
        self._changed("script")

    def inject(self, host: Host, rule: Rule, owner: str | None) -> None:
        """Put a rule in front of what is played, until the next script or reset."""
        self._all(host, "inject", rule, owner)
        self._changed("script")

    def reset(self, host: Host) -> None:
        """Forget tokens, handles, counts and the journal; the clock goes back to real time."""
        if self._followers is not None:
            self._followers.forget()
        self._all(host, "reset", offset_s())
        self._changed("reset")


def live_page(url: str, gate: Gate) -> str:
    """Where the live page of a server is, for a browser."""
    return f"{url}{ROOT}/" + (f"?token={quote(gate.token)}" if gate.token else "")
