"""A client's request as the service behind the relay gets it: another host, and the real key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import quote, unquote_plus

from ..core.credentials import STANDS_FOR, TOKEN_PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .site import Site

Written = tuple[bytes, bytes]
#: What concerns the way to the relay, or would hide from it what passes.
_LEFT_OUT: Final = frozenset(
    {b"proxy-authorization", b"proxy-connection", b"keep-alive", b"te", b"sec-websocket-extensions"}
)


def outgoing(method: str, target: str, headers: Iterable[Written], site: Site, key: str) -> bytes:
    """The head of the request that goes to the site.

    What is compressed could not be read, nor searched for the key; so compression is not asked for.
    """
    lines = [f"{method} {site.prefix}{with_key(target, key)} HTTP/1.1".encode("latin-1")]
    for name, value in headers:
        match name.lower():
            case b"host":
                value = site.authority.encode()
            case b"x-goog-api-key" if stands_in(value.decode("latin-1"), key):
                value = key.encode()
            case b"accept-encoding":
                value = b"identity"
            case lower if lower in _LEFT_OUT:
                continue
        lines.append(name + b": " + value)
    return b"\r\n".join([*lines, b"", b""])


def stands_in(value: str, key: str) -> bool:
    """Whether a client's key is one that the real key takes the place of.

    Not a token, not an empty one, and none by which a client asks the mock for a refusal: that is worth
    nothing anywhere, and whoever sends it wants to see what becomes of it.
    """
    given = value.strip()
    return bool(key and given) and not given.startswith(TOKEN_PREFIX) and not STANDS_FOR.search(given)


def with_key(target: str, key: str) -> str:
    """A request target with the real key where the query has another; nothing else of it changes."""
    path, mark, query = target.partition("?")
    parts = []
    for part in query.split("&"):
        name, equals, value = part.partition("=")
        if equals and unquote_plus(name) == "key" and stands_in(unquote_plus(value), key):
            part = f"{name}={quote(key, safe='')}"
        parts.append(part)
    return path + mark + "&".join(parts)
