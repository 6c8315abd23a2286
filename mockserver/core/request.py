"""One HTTP request as the edge hands it over, a WebSocket handshake included."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from urllib.parse import parse_qsl, unquote


@dataclass(frozen=True)
class Request:
    """A complete request: ``target`` as on the request line, header names in lower case."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    #: Whether it came over TLS.
    secure: bool = False

    @cached_property
    def path(self) -> str:
        """The decoded path, without the query."""
        return unquote(self.target.partition("?")[0])

    @cached_property
    def query(self) -> tuple[tuple[str, str], ...]:
        """The decoded query parameters in order; ``?a=1?a=2`` is one parameter, as everywhere."""
        return tuple(parse_qsl(self.target.partition("?")[2], keep_blank_values=True))

    def parameters(self, name: str) -> list[str]:
        """Every value of a query parameter, in order."""
        return [value for key, value in self.query if key == name]

    def header(self, name: str) -> str | None:
        """The first value of a header, or None."""
        return next((value for key, value in self.headers if key == name), None)
