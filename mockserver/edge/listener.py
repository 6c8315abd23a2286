"""One listening socket for plain and TLS connections."""

from __future__ import annotations

import errno
import socket
import ssl
import sys
from typing import TYPE_CHECKING, Final

from .greeting import Looped, Polled
from .poller import POLLS
from .secure import HandshakeTimeout

if TYPE_CHECKING:
    from .greeting import Greeter, Host

_BACKLOG: Final = 1024
#: Whether this system spreads what connects among sockets that share a port.
SPREADS = sys.platform == "linux"
#: How many are accepted before those that are open have their turn.
_AT_ONCE: Final = 32
#: How TCP asks whether a silent peer is still there: every so many seconds, so many times.
_PROBE_S: Final = 10
_PROBES: Final = 5
#: How long nothing is accepted where no file descriptor is free.
_FULL_S: Final = 0.5


def listen(host: str, port: int) -> socket.socket:
    """Bind the socket; port 0 takes any free one.

    Raises:
        OSError: the address is in use or not ours.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.create_server((host, port), family=family, backlog=_BACKLOG)
    listening.setblocking(False)
    return listening


def listen_together(host: str, port: int, count: int) -> list[socket.socket]:
    """Bind one port for several processes, a socket for each.

    Linux spreads what connects evenly among them. Elsewhere all get the same socket, and whoever is free
    accepts.

    Raises:
        OSError: the address is in use or not ours.
    """
    first = listen(host, port)
    if count == 1 or not SPREADS:
        return [first] * count
    # Only now: bound with it, it would share the port with any other server that has it too.
    first.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    address = (host, first.getsockname()[1])
    others = [
        socket.create_server(address, family=first.family, backlog=_BACKLOG, reuse_port=True)
        for _ in range(count - 1)
    ]
    return [first, *others]


class Listener:
    """Accepts connections until it is closed."""

    def __init__(self, host: Host, listening: socket.socket, tls: ssl.SSLContext) -> None:
        self._host = host
        self._listening = listening
        self._greeter: Greeter = (Polled if POLLS else Looped)(host, tls, self._refused)
        _set_for_all(listening, host.limits.keepalive_s)
        # A callback and no task: a task that is cancelled may lose the connection it was just given.
        host.loop.add_reader(listening, self._accept)

    def _accept(self) -> None:
        """Accept those that wait, a few at a time: the others have their turn too."""
        for _ in range(_AT_ONCE):
            try:
                accepted, _ = self._listening.accept()
            except OSError as error:
                if error.errno in (errno.EMFILE, errno.ENFILE):
                    self._rest()
                return  # else it is gone again, or there is none
            self._take(accepted)

    def _take(self, accepted: socket.socket) -> None:
        limit = self._host.limits.connections
        if len(self._host.connections) + len(self._greeter) >= limit:
            accepted.close()
            what = f"there are as many connections as the limit connections allows ({limit})"
            self._host.note_refusal("tcp", "LIMIT", what, "close some, or raise the limit")
            return
        accepted.setblocking(False)
        self._greeter.greet(accepted)

    def _rest(self) -> None:
        """No file descriptor is free: trying again at once would only keep the processor busy."""
        self._host.loop.remove_reader(self._listening)
        what = "no file descriptor is free: new connections wait"
        self._host.note_refusal("tcp", "LIMIT", what, "close connections, or raise ulimit -n of the server")
        self._host.loop.call_later(_FULL_S, self._go_on)

    def _go_on(self) -> None:
        if self._listening.fileno() >= 0:
            self._host.loop.add_reader(self._listening, self._accept)

    def _refused(self, error: OSError) -> None:
        """A client did not get through TLS; one that does not trust us sends an alert and goes: say why."""
        if isinstance(error, HandshakeTimeout):
            what = f"the TLS handshake took longer than tls_s ({self._host.limits.tls_s:g})"
            self._host.note_refusal("tls", "LIMIT", what, "let a TLS library speak, or raise tls_s")
        elif isinstance(error, ssl.SSLError) and not isinstance(error, ssl.SSLEOFError):
            self._host.note_refusal(
                "tls",
                "TLS",
                f"TLS handshake failed: {error.reason or error}",
                "the client does not trust this server: set SSL_CERT_FILE (Python), NODE_EXTRA_CA_CERTS "
                "(Node) or REQUESTS_CA_BUNDLE as the server prints them at its start",
            )

    async def close(self) -> None:
        """Stop accepting; connections already handed over go on."""
        self._host.loop.remove_reader(self._listening)
        await self._greeter.close()
        self._listening.close()


def _set_for_all(listening: socket.socket, seconds: float) -> None:
    """What accepted sockets inherit: to send at once, and to notice peers that are gone without a word."""
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    times = {"TCP_KEEPIDLE": max(1, round(seconds)), "TCP_KEEPINTVL": _PROBE_S, "TCP_KEEPCNT": _PROBES}
    for name, value in times.items():
        if hasattr(socket, name):  # not on every system
            listening.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
