"""What is no request that is taken, and why: by the rules of the wire and by the limits, not by a fact."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..core.store import StoreLost
from .events import Refused

if TYPE_CHECKING:
    from ..core.limits import Limits
    from .patience import Phase

PROXY: Final = Refused(
    400,
    "CONNECT is for proxies",
    "the client takes this server for its proxy: unset HTTPS_PROXY or set NO_PROXY=localhost",
)
NO_HANDSHAKE: Final = Refused(
    400,
    "expected a WebSocket handshake by GET, with Sec-WebSocket-Key",
    "let a WebSocket library open the connection, or send the header",
)


def malformed(error: Exception) -> Refused:
    """It is no HTTP."""
    hint = "what came is no HTTP/1.1: check the scheme and the port of the client's base URL"
    return Refused(400, f"malformed HTTP request: {error}", hint)


def failed(error: BaseException | None) -> Refused:
    """Something in here failed."""
    if isinstance(error, StoreLost):
        return Refused(500, str(error), error.hint)
    hint = "this is a mistake of the mock: please report it, with this journal"
    return Refused(500, f"the mock itself failed: {error!r}", hint)


def large_head(status: int, what: str) -> Refused:
    """The head is too large, or one part of it."""
    return Refused(status, what, "send less in the head of a request, or raise the limit")


def large_body(limits: Limits) -> Refused:
    """The body is too large."""
    what = f"the request body is over {limits.body_bytes} bytes"
    return Refused(413, what, "send less: media goes over the Live socket, in chunks")


def late(phase: Phase, limits: Limits) -> Refused:
    """A part of the request took too long."""
    limit, seconds = f"{phase}_s", getattr(limits, f"{phase}_s")
    what = f"the {phase} of the request took longer than {limit} ({seconds:g})"
    return Refused(408, what, f"send it without pauses, or raise {limit}")


def full(limits: Limits) -> Refused:
    """There is no room for another socket."""
    what = f"there are as many Live sockets as the limit sockets allows ({limits.sockets})"
    return Refused(503, what, "close sockets that are done with, or raise the limit")
