"""The heads of requests, as httptools tells them piece by piece."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Final, Literal

import httptools

from ..core.request import Request

if TYPE_CHECKING:
    from ..core.limits import Limits


@lru_cache(maxsize=512)
def _name(written: bytes) -> str:
    """The name of a header; all clients write the same few."""
    return written.decode("latin-1").lower()


@lru_cache(maxsize=512)
def _value(written: bytes) -> str:
    """A value that is short, and so likely to come again; it is kept once for all who sent it."""
    return written.decode("latin-1")


#: The longest of them.
_SHORT: Final = 128
#: The origin in a request target of absolute form, as a client behind a proxy writes it.
_ORIGIN: Final = re.compile(r"^https?://[^/?]*", re.IGNORECASE)


class Heads:
    """What reads requests keeps of the head of the one that comes."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._parser = httptools.HttpRequestParser(self)
        #: What comes of a request; None: it is whole, or none has begun.
        self.part: Literal["head", "body"] | None = None
        #: How many have begun.
        self._begun = 0
        self._new_request()

    def _new_request(self) -> None:
        #: Bytes that were fed of it, as far as that can be told: not those behind another one, in one piece.
        self._fed = 0
        self._target = b""
        #: As they are written.
        self._written: list[tuple[bytes, bytes]] = []
        self._read: tuple[tuple[str, str], ...] | None = None

    def on_message_begin(self) -> None:
        """httptools: a request begins."""
        self.part = "head"
        self._begun += 1
        self._new_request()

    def on_url(self, url: bytes) -> None:
        """httptools: a piece of the target."""
        self._target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """httptools: one header, or a trailer, which is for nobody here."""
        # One more than is taken tells that there are too many.
        if self.part == "head" and len(self._written) <= self._limits.head_fields:
            self._written.append((name, value))

    def on_headers_complete(self) -> None:
        """httptools: the head is whole."""
        self.part = "body"

    def on_message_complete(self) -> None:
        """httptools: the request is whole."""
        self.part = None

    def _excess(self) -> tuple[int, str] | None:
        """The status of the answer to a head that is too large, and what is too large; None: it is not."""
        limits = self._limits
        if len(self._target) > limits.target_bytes:
            return 414, f"the target is over target_bytes ({limits.target_bytes})"
        if len(self._written) > limits.head_fields:
            return 431, f"the head has more headers than head_fields ({limits.head_fields})"
        size = max(self._fed, len(self._target) + sum(map(len, chain.from_iterable(self._written))))
        if size > limits.head_bytes:
            return 431, f"the head is over head_bytes ({limits.head_bytes})"
        return None

    @property
    def _method(self) -> str:
        return self._parser.get_method().decode("latin-1")

    @property
    def _headers(self) -> tuple[tuple[str, str], ...]:
        """The headers, names in lower case; the head must be whole."""
        if self._read is None:
            self._read = tuple(
                [
                    (_name(name), _value(value) if len(value) <= _SHORT else value.decode("latin-1"))
                    for name, value in self._written
                ]
            )
        return self._read

    def _asks_for_websocket(self) -> bool:
        return any(name == "upgrade" and value.lower() == "websocket" for name, value in self._headers)

    def _without_upgrade(self) -> bytes:
        """The head again, without the offer of HTTP/2 that Java and curl make; from here it is read anew."""
        lines = [self._parser.get_method() + b" " + self._target + b" HTTP/1.1"]
        lines += [name + b": " + value for name, value in self._written if name.lower() != b"upgrade"]
        self._parser = httptools.HttpRequestParser(self)
        return b"\r\n".join([*lines, b"", b""])

    def _request(self, body: bytes, *, secure: bool) -> Request:
        target = _ORIGIN.sub("", self._target.decode("latin-1"))
        return Request(self._method, target, self._headers, body, secure)
