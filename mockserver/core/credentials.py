"""Where a client put its credential, and what the service makes of it: the placement table, as code.

Which placement counts is decided per method. A key or token in the wrong place is not "invalid": the service
does not see it at all, and says so in its own way.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from .errors import Refusal

if TYPE_CHECKING:
    from .request import Head, Request

TOKEN_PREFIX: Final = "auth_tokens/"
_TOKEN: Final = re.compile(r"^auth_tokens/[\w.~-]+$", re.ASCII)
_BARE_TOKEN: Final = re.compile(r"^[0-9a-f]{64}$")

#: What the service says of a condition: on REST, on the unconstrained socket.
CONDITIONS: Final = {
    "none": ("TOK-040", "CLS-002"),
    "invalid": ("TOK-041", "CLS-001"),
    "expired": ("TOK-042", "CLS-001B"),
    "leaked": ("TOK-057", "CLS-011"),
    "region": ("TOK-043", "CLS-014"),
    "quota": ("TOK-058", "CLS-015"),
    "blocked": ("TOK-062", "CLS-018"),
    "bearer": ("TOK-044", "CLS-013"),
}
#: A key that contains one of these gets that answer, so that a client without a control API can ask for it.
STANDS_FOR: Final = re.compile(r"mock-(expired|leaked|invalid|quota|region|blocked)")
#: The same for a token in a place where only a key counts.
TOKEN_AS_KEY: Final = ("TOK-060", "CLS-004")
TOKEN_UNSEEN: Final = ("TOK-040", "CLS-003")


@dataclass(frozen=True, slots=True)
class Placed:
    """Every credential of a request, where it was found, in order."""

    key_query: tuple[str, ...]
    key_header: tuple[str, ...]
    token_query: tuple[str, ...]
    scheme: str
    authorization: str
    #: The API keys that count: the query's before the header's.
    keys: tuple[str, ...] = field(init=False)
    #: All that is offered as a token, well-formed or not.
    tokens: tuple[str, ...] = field(init=False)
    #: Whether nothing of either has the form of a token, wherever it stands.
    names_no_token: bool = field(init=False)

    def __post_init__(self) -> None:
        """Sort them: they are asked for with each request, and found once for many."""
        keys = tuple([key.strip() for key in self.key_query + self.key_header if key.strip()])
        header = (self.authorization,) if self.scheme == "token" else ()
        object.__setattr__(self, "keys", keys)
        object.__setattr__(self, "tokens", self.token_query + header)
        named = [name for name in (*self.tokens, *keys) if full_name(name) is not None]
        object.__setattr__(self, "names_no_token", not named)

    @property
    def where(self) -> tuple[str, ...]:
        """The places, as a report names them: ``?key=``, ``x-goog-api-key``, ``Authorization: Token`` …"""
        places = [
            ("?key=", self.key_query),
            ("x-goog-api-key", self.key_header),
            ("?access_token=", self.token_query),
        ]
        named = [name for name, values in places if values]
        return tuple(named) + ((f"Authorization: {self.scheme.title()}",) if self.scheme else ())


def placed(request: Request) -> Placed:
    """Find every credential of a request."""
    return _placed(request.head.kind)


@lru_cache(maxsize=256)
def _placed(head: Head) -> Placed:
    query, headers = head.query, head.headers
    authorization = next((value for name, value in headers if name == "authorization"), "")
    scheme, _, value = authorization.partition(" ")
    return Placed(
        tuple([value for name, value in query if name == "key"]),
        tuple([value for name, value in headers if name == "x-goog-api-key"]),
        tuple([value for name, value in query if name == "access_token"]),
        scheme.lower(),
        value.strip(),
    )


def api_key(credentials: Placed, accepted: tuple[str, ...], *, socket: bool) -> str:
    """The API key of a REST call or of the unconstrained socket.

    Raises:
        Refusal: no key, a token in its place, or a key that is not accepted.
    """
    side = 1 if socket else 0
    if not credentials.keys:
        if credentials.scheme == "bearer":
            raise Refusal(CONDITIONS["bearer"][side])
        raise Refusal((TOKEN_UNSEEN if credentials.tokens else CONDITIONS["none"])[side])
    key = credentials.keys[0]
    if key.startswith(TOKEN_PREFIX):
        raise Refusal(TOKEN_AS_KEY[side])
    if "mock-" in key and (stands_for := STANDS_FOR.search(key)):
        raise Refusal(CONDITIONS[stands_for[1]][side])
    if accepted and key not in accepted:
        raise Refusal(CONDITIONS["invalid"][side])
    return key


def token_name(credentials: Placed, *, header_counts: bool = True) -> str:
    """The one token of a call to the constrained method; an API key beside it is ignored (WS-027).

    Args:
        header_counts: ``Authorization: Token`` is looked at (WS-022).

    Raises:
        Refusal: none, malformed, or more than one in the query.
    """
    offered = credentials.tokens if header_counts else credentials.token_query
    if not offered:
        raise Refusal(_tokenless(credentials))
    if len(credentials.token_query) > 1:
        raise Refusal("CLS-005")
    name = full_name(offered[0])
    if name is None:
        raise Refusal("CLS-005")
    return name


@lru_cache(maxsize=256)
def full_name(offered: str) -> str | None:
    """The whole name of what has the form of a token; None: it has not."""
    if _TOKEN.match(offered):
        return offered
    return TOKEN_PREFIX + offered if _BARE_TOKEN.match(offered) else None


def _tokenless(credentials: Placed) -> str:
    """The evidence for what came instead of a token: the close is one, what is known of it is not."""
    if credentials.scheme == "bearer":
        return "CLS-005C"
    if credentials.key_header or any(key.startswith(TOKEN_PREFIX) for key in credentials.key_query):
        return "CLS-005B"
    return "CLS-005"
