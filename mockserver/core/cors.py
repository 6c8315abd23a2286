"""Browsers mint from pages of any origin: the preflight passes, and answers name the origin (WS-026)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from .errors import empty

if TYPE_CHECKING:
    from .effects import Respond
    from .request import Request


def preflight(request: Request, now: float) -> Respond:
    """Answer an OPTIONS request: whatever headers the browser asks for are allowed."""
    allowed = (
        ("Access-Control-Allow-Methods", "DELETE,GET,HEAD,OPTIONS,PATCH,POST,PUT"),
        ("Access-Control-Allow-Headers", request.header("access-control-request-headers") or ""),
        ("Access-Control-Max-Age", "3600"),
    )
    response = empty(200, now)
    if request.header("origin") is None:
        return response
    return replace(response, headers=response.headers + tuple(item for item in allowed if item[1]))


def share(request: Request, response: Respond) -> Respond:
    """Let a page read the answer to its request."""
    origin = request.header("origin")
    if origin is None:
        return response
    shared = (
        ("Access-Control-Allow-Origin", origin),
        ("Access-Control-Expose-Headers", "vary,vary,vary,content-encoding,date,server,content-length"),
    )
    return replace(response, headers=response.headers + shared)
