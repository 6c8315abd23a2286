"""The service behind a relay: where it is, whom it must be signed by, and why it cannot be reached."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from .. import tls

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

#: A service that is there answers a connection within milliseconds, one behind an ocean within one second.
CONNECT_S: Final = 10.0


@dataclass(frozen=True)
class Site:
    """A base URL, taken apart."""

    url: str
    host: str
    port: int
    #: What stands before every path.
    prefix: str
    context: ssl.SSLContext | None = field(repr=False)

    @classmethod
    def of(cls, url: str, ca_file: Path | None = None) -> Site:
        """The site of a base URL; ``ca_file`` has the authority that signed it, where that is no public one.

        Raises:
            ValueError: it is no base URL, or the file is no certificate.
            OSError: the file cannot be read.
        """
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as error:
            raise ValueError(f"{url!r} is no base URL: {error}") from None
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise ValueError(f"{url!r} is no base URL: expected http://HOST[:PORT] or https://HOST[:PORT]")
        if parts.username is not None:
            raise ValueError("a base URL holds no user and password: the key goes in by its own option")
        secure = parts.scheme == "https"
        return cls(
            url.rstrip("/"),
            parts.hostname,
            port or (443 if secure else 80),
            parts.path.rstrip("/"),
            _context(ca_file) if secure else None,
        )

    @property
    def authority(self) -> str:
        """What a request names as its host."""
        return urlsplit(self.url).netloc

    async def connect(self, make: Callable[[], asyncio.Protocol]) -> None:
        """Open a connection for a protocol.

        Raises:
            OSError: it cannot be opened; a TLS error is one.
            asyncio.TimeoutError: there is no answer.
        """
        loop = asyncio.get_running_loop()
        opening = loop.create_connection(make, self.host, self.port, ssl=self.context)
        await asyncio.wait_for(opening, CONNECT_S)


def _context(ca_file: Path | None) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if not context.cert_store_stats()["x509_ca"]:  # a slim image: its roots come from elsewhere, if at all
        context.load_verify_locations(cadata=tls.public_roots().decode("ascii", "ignore"))
    if ca_file is not None:
        try:
            context.load_verify_locations(cafile=ca_file)
        except ssl.SSLError:
            raise ValueError(f"{ca_file}: no certificate in PEM: expected that of an authority") from None
    context.set_alpn_protocols(["http/1.1"])
    return context


def why(error: BaseException, site: Site) -> tuple[str, str]:
    """Why a site cannot be reached, and what to do."""
    match error:
        case ssl.SSLCertVerificationError():
            reason = f"its certificate is not trusted: {error.verify_message}"
            hint = "name the authority that signed it with --to-ca-file (ca_file_of_target), or correct --to"
        case ssl.SSLError():
            reason = f"TLS fails: {error.reason or error}"
            hint = "check the scheme and the port of --to: a plain http server speaks no TLS"
        case asyncio.TimeoutError():
            reason = f"no answer within {CONNECT_S:g} s"
            hint = "check the host of --to, and whether a firewall is in between"
        case ConnectionRefusedError():
            reason = "connection refused"
            hint = "start the service, or correct the host and port of --to"
        case OSError():
            reason = error.strerror or str(error)
            hint = "check the host of --to, and the network"
        case _:
            reason, hint = repr(error), "this is a mistake of the relay: please report it, with this journal"
    return f"the relay cannot reach {site.url}: {reason}", hint
