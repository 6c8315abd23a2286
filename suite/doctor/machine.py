"""What only asking tells: who has the mock's port, and whether the clock is right."""

from __future__ import annotations

import json
import socket
import urllib.error
import urllib.request
from contextlib import closing
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Final

from .findings import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

PORT: Final = 8089
#: Any answer of this host has the time; no credential is sent.
CLOCK: Final = "https://generativelanguage.googleapis.com/"
_LIMIT_S: Final = 5.0
#: A token opens sessions for a minute after it is minted; half of that is close.
SKEW_S: Final = 30


def port(number: int = PORT) -> list[Finding]:
    """Whether something listens where the mock would."""
    where = (f"127.0.0.1:{number}",)
    try:
        with closing(socket.create_connection(("127.0.0.1", number), timeout=1)):
            pass
    except OSError:
        return []
    about = _health(number)
    if about is not None:
        what = f"a mock of this project listens on port {number}"
        return [Finding(Severity.NOTE, what, where)]
    what = f"something that is no mock of this project listens on port {number}, the mock's own"
    return [Finding(Severity.MAY, what, where, "stop it, or start the mock with --port 0")]


def _health(number: int) -> dict[str, Any] | None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"http://127.0.0.1:{number}/_mock/health", timeout=1) as response:
            read = json.loads(response.read(10_000))
    except (OSError, ValueError):
        return None
    return read if isinstance(read, dict) else None


def clock(now: datetime, ask: Callable[[], str | None]) -> list[Finding]:
    """How far this clock is from that of a server, by the Date header of its answer."""
    date = ask()
    if date is None:
        return [
            Finding(Severity.UNSEEN, f"{CLOCK} did not answer, so nothing is known of the clock", (CLOCK,))
        ]
    ahead = (now - parsedate_to_datetime(date)).total_seconds()
    if abs(ahead) <= SKEW_S:
        return [Finding(Severity.NOTE, f"the clock is right, within {max(1, round(abs(ahead)))} s", (CLOCK,))]
    kind = "ahead of" if ahead > 0 else "behind"
    what = (
        f"this clock is {abs(ahead):.0f} s {kind} the server's: times in token requests will be off by that"
    )
    return [Finding(Severity.BREAKS, what, (CLOCK,), "set the clock, or let it be set (NTP)")]


def date_of(url: str = CLOCK) -> str | None:
    """The Date header of any answer; None where there is none."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, method="HEAD"), timeout=_LIMIT_S) as response:
            return str(response.headers["Date"]) if response.headers["Date"] else None
    except urllib.error.HTTPError as error:
        with closing(error):
            return error.headers["Date"]
    except OSError:
        return None
