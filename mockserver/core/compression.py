"""Bodies are gzipped where the client asks for it (WS-030)."""

from __future__ import annotations

import gzip
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .effects import Respond
    from .request import Request


def zipped(request: Request, response: Respond) -> Respond:
    """The answer as it goes out; same body, same bytes. What a script has encoded by itself stays."""
    accepted = request.header("accept-encoding")
    if not accepted or not response.body or not _asked(accepted):
        return response
    if any(name.lower() == "content-encoding" for name, _ in response.headers):
        return response
    headers = (*response.headers, ("Content-Encoding", "gzip"))
    return replace(response, headers=headers, body=gzip.compress(response.body, mtime=0))


@lru_cache(maxsize=64)
def _asked(accepted: str) -> bool:
    """Tell whether gzip is among the encodings, and not with the weight 0 that rules it out."""
    for item in accepted.lower().split(","):
        name, _, weight = item.replace(" ", "").partition(";q=")
        if name == "gzip":
            return not weight or weight.strip("0.") != ""
    return False
