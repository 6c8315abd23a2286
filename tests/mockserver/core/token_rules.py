"""The documented rules of tokens, as tables: days, locks, and ways to connect.

From the facts (TOK-010 to TOK-012, CON-000 to CON-015, CLS-003 to CLS-010, WS-013 to WS-029), in words of
its own: nothing here is read from the code under test.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Final, TypeAlias
from urllib.parse import quote

from .conftest import AUDIO_MODEL, EXPIRED, INVALID_KEY, KEY, MALFORMED, UNREGISTERED

PLAIN, CONSTRAINED = "BidiGenerateContent", "BidiGenerateContentConstrained"
METHODS: Final = ("mint", PLAIN, CONSTRAINED)
#: Ways to connect; most of them are good ones.
WAYS: Final = (
    *(["query"] * 4 + ["quoted", "bare", "header", "beside a key", "key", "unknown token"]),
    *("as key", "to the other method", "as key to the other method"),
)
VERSIONS: Final = ("v1alpha", "v1beta", "v1")
HOUR_S: Final = 3_600.0
ABORTED: Final = (
    "Connection aborted because the client failed to close the connection after receiving a GoAway signal "
    "once the session durat"
)


@dataclass(frozen=True, eq=False)
class StartsWith:
    """Equals a close of this code whose reason starts so."""

    code: int
    reason: str

    def __eq__(self, close: object) -> bool:
        return isinstance(close, tuple) and close[0] == self.code and close[1].startswith(self.reason)


#: Code and reason of a close; None is none.
Outcome: TypeAlias = "tuple[int, str] | StartsWith | None"

#: What each of some days serves, and whether a resumption is free by then.
DAYS: Final[dict[str, dict[str, Any]]] = {
    "launch": {"mint": VERSIONS[:1], PLAIN: VERSIONS[:2], CONSTRAINED: VERSIONS[:1], "free": False},
    "2026-03-01": {"mint": VERSIONS[:1], PLAIN: VERSIONS[:2], CONSTRAINED: VERSIONS[:1], "free": True},
    "2026-07-15": {"mint": VERSIONS[:2], PLAIN: VERSIONS[:2], CONSTRAINED: VERSIONS[:1], "free": True},
    "latest": {"mint": VERSIONS[:2], PLAIN: VERSIONS, CONSTRAINED: VERSIONS[:2], "free": True},
}
UNKNOWN_TOKEN: Final = {
    "CLS-006": (1007, MALFORMED),
    "CLS-049B": (1008, "Requested entity was not found."),
    "CLS-010": (1011, EXPIRED),
}


@dataclass(frozen=True)
class Lock:
    """What a token is minted with, and what that means: whose model counts, whose wish for resumption."""

    body: dict[str, Any]
    #: The locked model; "" is none at all, None leaves it to the client.
    model: str | None = None
    #: Whether resumption is asked for by the lock itself; None leaves it to the client.
    asks: bool | None = None
    keeps_handle: bool = True


def _lock(setup: dict[str, Any] | None, mask: str, *meaning: Any) -> Lock:
    body = {} if setup is None else {"bidiGenerateContentSetup": setup}
    return Lock({**body, "fieldMask": mask} if mask else body, *meaning)


LOCKS: Final = (
    _lock(None, ""),
    _lock({"model": AUDIO_MODEL}, "", AUDIO_MODEL, False),
    _lock({"model": AUDIO_MODEL, "sessionResumption": {}}, "", AUDIO_MODEL, True),
    _lock({"generationConfig": {"temperature": 1}}, "", "", False),
    _lock({"model": AUDIO_MODEL}, "model", AUDIO_MODEL),
    _lock({"model": "models/nobody-knows-it"}, "model", "models/nobody-knows-it"),
    _lock(None, "model", ""),
    _lock({"generationConfig": {"topK": 3}}, "generation_config.top_k,generationConfig.temperature"),
    _lock({"model": AUDIO_MODEL}, "session_resumption", None, False, False),
    _lock({"sessionResumption": {}}, "sessionResumption", None, True, False),
)


def rfc3339(moment: float) -> str:
    """A moment as clients write it."""
    return datetime.fromtimestamp(moment, timezone.utc).isoformat(timespec="milliseconds")


def placed(name: str, way: str) -> tuple[str, str, dict[str, str], tuple[int, str] | None]:
    """Method, query and headers of a way to connect, and the close that it gives whatever else is true."""
    match way:
        case "quoted":
            return CONSTRAINED, f"access_token={quote(name, safe='')}", {}, None
        case "bare":
            return CONSTRAINED, f"access_token={name.partition('/')[2]}", {}, None
        case "header":
            return CONSTRAINED, "", {"authorization": f"Token {name}"}, None
        case "beside a key":
            return CONSTRAINED, f"access_token={name}", {"x_goog_api_key": KEY}, None
        case "as key":
            return CONSTRAINED, f"key={name}", {}, (1007, MALFORMED)
        case "to the other method":
            return PLAIN, f"access_token={name}", {}, (1008, UNREGISTERED)
        case "as key to the other method":
            return PLAIN, f"key={name}", {}, (1007, INVALID_KEY)
        case "key":
            return PLAIN, f"key={KEY}", {}, None
        case _:
            return CONSTRAINED, f"access_token={name}", {}, None
