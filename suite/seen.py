"""What a step showed, as JSON and back: the JSON report and the state file write it alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .model import Seen, Verdict, Wire

if TYPE_CHECKING:
    from collections.abc import Mapping


def as_json(seen: Seen) -> dict[str, Any]:
    """A step's entry."""
    return {
        "verdict": seen.verdict.value,
        "error": seen.error,
        "ends_in": seen.ends_in,
        "shows": dict(seen.shows),
        "warnings": list(seen.warnings),
        "events": list(seen.events),
        "story": list(seen.story),
        "requests": list(seen.requests) or [wire.json() for wire in seen.wire],
        "seconds": round(seen.seconds, 3),
    }


def read(entry: Mapping[str, Any]) -> Seen:
    """The step of an entry.

    Raises:
        KeyError, TypeError, ValueError: it is no such entry.
    """
    return Seen(
        Verdict(entry["verdict"]),
        wires(entry),
        entry["error"],
        tuple(entry["events"]),
        tuple(entry["warnings"]),
        entry["ends_in"],
        tuple(entry["shows"].items()),
        tuple(entry["story"]),
        tuple(entry["requests"]),
        entry["seconds"],
    )


def wires(entry: Mapping[str, Any]) -> tuple[Wire, ...]:
    """What crossed the wire, by meaning, of the requests of an entry."""
    return tuple(
        Wire(
            request.get("rpc", ""),
            request.get("api_version", ""),
            tuple(request.get("credentials", ())),
            request.get("status"),
            request.get("close"),
        )
        for request in entry["requests"]
    )
