"""Which path asks for what, and whether it is served."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from .errors import Refusal
from .profiles import API_VERSIONS

if TYPE_CHECKING:
    from .options import Options
    from .profiles import Method, Profile
    from .request import Request

_SOCKET: Final = re.compile(r"^/{1,2}ws/google\.ai\.generativelanguage\.([^.]+)\.GenerativeService\.(\w+)$")
_MINT: Final = re.compile(r"^/([^/]+)/auth_tokens$")
_SOCKET_METHODS: Final[dict[str, Method]] = {
    "BidiGenerateContent": "BidiGenerateContent",
    "BidiGenerateContentConstrained": "BidiGenerateContentConstrained",
}
#: REST methods the service has and this mock does not play; only the credential is judged.
_NOT_PLAYED: Final = re.compile(
    r"^/([^/]+)/(models|tunedModels|cachedContents|files|batches|interactions|operations)(/|:|$)"
)
#: Paths people try, with the fact for each.
_TRIED: Final = (
    (re.compile(r"^/[^/]+/authTokens$"), "TOK-005"),
    (re.compile(r"^/[^/]+/auth_tokens/"), "TOK-006"),
    (re.compile(r"^/[^/]+/auth_tokens:"), "TOK-007"),
    (re.compile(r"GenerativeService/\w+$"), "WS-019"),
)


@lru_cache(maxsize=256)
def minting(path: str) -> str:
    """The version of a path that mints, known or not; empty for any other path."""
    mint = _MINT.match(path)
    return mint[1] if mint else ""


@lru_cache(maxsize=256)
def live(path: str) -> tuple[str, Method] | None:
    """Version and method of a Live socket; None where there is no such."""
    match = _SOCKET.match(path)
    if match is None or match[1] not in API_VERSIONS or match[2] not in _SOCKET_METHODS:
        return None
    return match[1], _SOCKET_METHODS[match[2]]


def not_played(path: str) -> bool:
    """Whether it is a method of the service that this mock does not play."""
    other = _NOT_PLAYED.match(path)
    return other is not None and other[1] in API_VERSIONS


def unknown(request: Request, otherwise: str) -> Refusal:
    """Why there is nothing: the evidence for that path, and the right one in the version that was meant."""
    tried = next((id for pattern, id in _TRIED if pattern.search(request.path)), otherwise)
    named = set(re.split(r"[/.]", request.path))
    version = next((version for version in API_VERSIONS if version in named), API_VERSIONS[0])
    return Refusal(tried, {"version": version})


def serving(options: Options, method: Method, version: str) -> Profile:
    """What an API version offers, if the method is part of it on the service date.

    Raises:
        Refusal: it is not.
    """
    profile = options.profile(version)
    if not profile.serves(method)[0]:
        raise unserved(method, profile)
    return profile


def unserved(method: Method, profile: Profile) -> Refusal:
    """Why a version does not have a method, and which has it on this date."""
    offered = next(iter(profile.offering(method)), "")
    advice = "" if offered else "no API version has this method at this service date"
    _, because = profile.serves(method)
    return Refusal(because, {"version": profile.version, "offered": offered}, advice=advice)
