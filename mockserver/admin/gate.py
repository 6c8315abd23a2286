"""Who may use the control API: whoever holds the token, and no page of another site."""

from __future__ import annotations

import hmac
import ipaddress
import secrets
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ..core.request import Request

#: Where the token comes from if nobody names one, so that it need not stand on a command line.
VARIABLE: Final = "MOCKSERVER_CONTROL_TOKEN"


def is_loopback(host: str) -> bool:
    """Whether only programs on this machine reach a server that listens there."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def own_names(host: str, names: tuple[str, ...] = ()) -> frozenset[str]:
    """The names, beside ``localhost`` and all addresses, by which clients may call a server."""
    return frozenset(name.lower() for name in (host, socket.gethostname(), *names) if name)


@dataclass(frozen=True, slots=True)
class Denied:
    """Why a control request is refused."""

    status: int
    error: str


@dataclass(frozen=True, slots=True)
class Gate:
    """What a control request must show. An empty ``token`` asks for none."""

    token: str = ""
    names: frozenset[str] = frozenset()

    @classmethod
    def of(cls, host: str, token: str, names: tuple[str, ...] = ()) -> Gate:
        """The gate of a server on an address: one that others can reach has a token, whether told or not."""
        if not token and not is_loopback(host):
            token = secrets.token_urlsafe(18)
        return cls(token, own_names(host, names))

    def denies(self, request: Request) -> Denied | None:
        """Why the request may not pass; None if it may."""
        return self._foreign_host(request) or self._foreign_page(request) or self._no_token(request)

    def _foreign_host(self, request: Request) -> Denied | None:
        """A name that is not ours may be one that a page had resolved to us (DNS rebinding)."""
        # All of them: with two, another program might take the other one for the right one.
        hosts = [value for name, value in request.headers if name == "host"]
        given = next((host for host in hosts if not self._is_ours(_name(host))), None)
        if given is None:
            return None
        known = ", ".join(sorted({"localhost", "127.0.0.1", *self.names}))
        return Denied(
            403,
            f"the request is for the host {given!r}, expected one of {known}: "
            "use one of these, or start the server with --name for the name you use",
        )

    def _is_ours(self, name: str) -> bool:
        if name == "localhost" or name in self.names:
            return True
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return True  # nobody can rebind an address

    def _foreign_page(self, request: Request) -> Denied | None:
        """A page of another site could send, though not read: a reset, a step of the clock (CSRF)."""
        origin = request.header("origin")
        site = request.header("sec-fetch-site") or ""
        navigates = request.header("sec-fetch-mode") == "navigate" and request.method == "GET"
        if origin is None:
            if site not in ("cross-site", "same-site") or navigates:
                return None
            origin = "another site"
        elif origin.partition("://")[2].lower() == (request.header("host") or "").lower():
            return None
        return Denied(
            403,
            f"the request comes from a page of {origin}, expected a program or this server's own page: "
            "control the mock from the test's own process, not from the page under test",
        )

    def _no_token(self, request: Request) -> Denied | None:
        if not self.token:
            return None
        scheme, _, told = (request.header("authorization") or "").partition(" ")
        given = [told.strip()] if scheme.lower() == "bearer" else request.parameters("token")
        if any(hmac.compare_digest(one.encode(), self.token.encode()) for one in given):
            return None
        return Denied(
            401,
            f"{'a wrong' if given else 'no'} control token, expected the one that the server printed at its "
            "start: send it as Authorization: Bearer TOKEN or as ?token=TOKEN",
        )


def _name(host: str) -> str:
    """The name in a Host header, without port, brackets and final dot."""
    if host.startswith("["):
        return host[1:].partition("]")[0].lower()
    return host.partition(":")[0].rstrip(".").lower()
