"""The heads of requests, as httptools tells them piece by piece."""

from __future__ import annotations

import re
from typing import Final

import httptools

from ..core.request import Request

#: The origin in a request target of absolute form, as a client behind a proxy writes it.
_ORIGIN: Final = re.compile(r"^https?://[^/?]*", re.IGNORECASE)


class Heads:
    """What reads requests keeps of the head of the one that comes."""

    def __init__(self) -> None:
        self._parser = httptools.HttpRequestParser(self)
        self._new_request()

    def _new_request(self) -> None:
        self._target = b""
        #: As they are written.
        self._written: list[tuple[bytes, bytes]] = []

    def on_message_begin(self) -> None:
        """httptools: a request begins."""
        self._new_request()

    def on_url(self, url: bytes) -> None:
        """httptools: a piece of the target."""
        self._target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """httptools: one header."""
        self._written.append((name, value))

    @property
    def _method(self) -> str:
        return self._parser.get_method().decode("latin-1")

    @property
    def _headers(self) -> list[tuple[str, str]]:
        """The headers, names in lower case."""
        return [(name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in self._written]

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
        return Request(self._method, target, tuple(self._headers), body, secure)
