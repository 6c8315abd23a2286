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


@dataclass(frozen=True, slots=True, eq=False)
class Head:
    """What stands before the body: ``target`` as on the request line, header names in lower case.

    Requests whose heads are the same bytes may share one, so that what follows from it is found once.
    """

    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = ()
    #: Another one that differs only in the value of its Sec-WebSocket-Key, where there is such.
    twin: Head | None = None

    @property
    def kind(self) -> Head:
        """The one that stands for all its twins: what follows from it follows from each of them."""
        return self.twin or self

    @property
    def path(self) -> str:
        """The decoded path, without the query."""
        return _taken_apart(self.target)[0]

    @property
    def query(self) -> tuple[tuple[str, str], ...]:
        """The decoded query parameters in order; ``?a=1?a=2`` is one parameter, as everywhere."""
        return _taken_apart(self.target)[1]


class Request:
    """A complete request."""

    __slots__ = ("body", "head", "secure")

    def __init__(
        self,
        method: str,
        target: str,
        headers: tuple[tuple[str, str], ...] = (),
        body: bytes = b"",
        secure: bool = False,
    ) -> None:
        self.head = Head(method, target, headers)
        self.body = body
        #: Whether it came over TLS.
        self.secure = secure

    @classmethod
    def of(cls, head: Head, body: bytes, secure: bool) -> Request:
        """A request of that head."""
        request = cls.__new__(cls)
        request.head, request.body, request.secure = head, body, secure
        return request

    def __repr__(self) -> str:
        head = self.head
        return f"Request({head.method!r}, {head.target!r}, {head.headers!r}, {self.body!r}, {self.secure})"

    @property
    def method(self) -> str:
        """As on the request line."""
        return self.head.method

    @property
    def target(self) -> str:
        """Path and query as on the request line."""
        return self.head.target

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        """The headers in order, names in lower case."""
        return self.head.headers

    @property
    def path(self) -> str:
        """The decoded path, without the query."""
        return self.head.path

    @property
    def query(self) -> tuple[tuple[str, str], ...]:
        """The decoded query parameters in order."""
        return self.head.query

    def parameters(self, name: str) -> list[str]:
        """Every value of a query parameter, in order."""
        return [value for key, value in self.query if key == name]

    def header(self, name: str) -> str | None:
        """The first value of a header, or None."""
        for key, value in self.head.headers:
            if key == name:
                return value
        return None
