"""What one piece of evidence about the service looks like."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Confidence = Literal["observed", "documented", "inferred", "guess"]


@dataclass(frozen=True, slots=True)
class Answers:
    """An HTTP answer that refuses, rendered as google.rpc.Status.

    ``status`` is the google.rpc code name (``INVALID_ARGUMENT``); with ``status=""`` the body is
    empty and has no JSON content type, which is how the service answers unknown methods.
    ``message`` is a ``str.format`` template: the server fills in what the client sent.
    """

    http: int
    status: str = ""
    message: str = ""
    details: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Closes:
    """A WebSocket close that refuses; ``reason`` is a template, uncut (the wire carries 123 bytes)."""

    code: int
    reason: str


@dataclass(frozen=True, slots=True)
class Fact:
    """One row of evidence about the service.

    ``seen`` is what a client sees: a refusal the server renders from this very row, or a sentence.
    ``hint`` tells the developer who reads a refusal in the log what to change; it may use the same
    placeholders as the refusal. ``since`` and ``until`` are ISO dates (first day seen, first day no
    longer seen); ``None`` means: as far back, or forward, as the evidence goes.
    """

    id: str
    area: str
    versions: tuple[str, ...]
    condition: str
    seen: Answers | Closes | str
    confidence: Confidence
    sources: tuple[str, ...]
    since: str | None = None
    until: str | None = None
    hint: str = ""
    note: str = ""
