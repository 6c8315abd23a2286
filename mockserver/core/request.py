"""One HTTP request as the edge hands it over, a WebSocket handshake included."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import parse_qsl, unquote


@lru_cache(maxsize=256)
def _taken_apart(target: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Path and query of a target; clients ask for the same ones again and again."""
    path, _, query = target.partition("?")
    return unquote(path), tuple(parse_qsl(query, keep_blank_values=True))


@dataclass(frozen=True, slots=True)
class Request:
    """A complete request: ``target`` as on the request line, header names in lower case."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    #: Whether it came over TLS.
    secure: bool = False

    @property
    def path(self) -> str:
        """The decoded path, without the query."""
        return _taken_apart(self.target)[0]

    @property
    def query(self) -> tuple[tuple[str, str], ...]:
        """The decoded query parameters in order; ``?a=1?a=2`` is one parameter, as everywhere."""
        return _taken_apart(self.target)[1]

    def parameters(self, name: str) -> list[str]:
        """Every value of a query parameter, in order."""
        return [value for key, value in self.query if key == name]

    def header(self, name: str) -> str | None:
        """The first value of a header, or None."""
        for key, value in self.headers:
            if key == name:
                return value
        return None
