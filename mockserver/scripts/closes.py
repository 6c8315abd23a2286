"""Ready-made scripts for every close of the catalogue, made from the facts, and one for each code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..core.facts import FACTS, Closes, closes_session

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..core.facts import Fact

#: Closes that come in the middle of a session; the others answer the setup.
_LATER: Final = frozenset(row.id for row in closes_session.FACTS)
#: Codes whose meaning is the WebSocket's own, beside those of the facts.
_PLAIN: Final = {
    1000: "the normal end",
    1001: "the server goes away",
    1012: "the service restarts",
    1013: "try again later",
}


def scripts() -> Iterator[dict[str, Any]]:
    """``close-1008-cls-030`` and so on, then ``close-1008``."""
    closing = [row for row in FACTS.values() if isinstance(row.seen, Closes)]
    yield from map(_of_fact, closing)
    codes = {row.seen.code for row in closing if isinstance(row.seen, Closes)}
    for code in sorted({*codes, *_PLAIN}):
        meaning = f", {_PLAIN[code]}" if code in _PLAIN else ""
        yield {
            "name": f"close-{code}",
            "about": f"The first turn is answered by a close with {code}{meaning}: is the user told?",
            "rules": [
                {"on": "turn", "nth": 1, "then": [{"close": {"code": code, "reason": "closed by a script"}}]}
            ],
        }


def _of_fact(row: Fact) -> dict[str, Any]:
    assert isinstance(row.seen, Closes)
    event = "turn" if row.id in _LATER else "setup"
    when = "The first turn" if event == "turn" else "The first setup"
    return {
        "name": f"close-{row.seen.code}-{row.id.lower()}",
        "about": f"{when} is closed as where {row.condition} ({row.id}).",
        "rules": [{"on": event, "nth": 1, "then": [{"refuse": row.id}]}],
    }
