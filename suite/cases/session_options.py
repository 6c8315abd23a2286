"""HTTP options given at ``live.connect`` itself: honoured, ignored or rejected?"""

from __future__ import annotations

from typing import Any, Final

from ..model import Behaviour
from .connecting import opening, turn


def _option(slug: str, title: str, session: dict[str, Any], *looks: str) -> Behaviour:
    return Behaviour(
        f"session:{slug}",
        title,
        calls=(*opening(session=session), *turn()),
        asks=f"session {slug}",
        ends_in="connect",
        looks=looks,
        # Of a base URL with a path: the service has nothing there.
        status=404,
    )


SESSION_OPTIONS: Final = (
    _option("empty", "an empty object of HTTP options is given at the session", {}),
    _option(
        "headers",
        "a header is given at the session",
        {"headers": {"x-compat": "session"}},
        "header x-compat",
    ),
    _option(
        "base-url",
        "a base URL is given at the session",
        {"base_url": "{url}/session"},
        "prefix",
    ),
    _option("timeout", "a timeout is given at the session", {"timeout": 5000}),
)
