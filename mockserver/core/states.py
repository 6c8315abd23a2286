"""The state machine of a session as two tables: what a message does in a state, and where an event leads.

``docs/session.md`` shows both; a test redraws it from here.
"""

from __future__ import annotations

from typing import Final, Literal

State = Literal["starting", "ready", "calling", "closed"]
Event = Literal["setup complete", "tool called", "tools answered", "interrupted", "ended"]
Action = Literal["wait", "client_content", "realtime_input", "tool_response", "ignore"]

#: What a message does in a state; a pair that is absent is the protocol error (CLS-040).
ON: Final[dict[tuple[State, str], Action]] = {
    ("starting", "clientContent"): "wait",
    ("starting", "realtimeInput"): "wait",
    ("starting", "toolResponse"): "wait",
    ("starting", "contextUpdate"): "wait",
    ("ready", "clientContent"): "client_content",
    ("ready", "realtimeInput"): "realtime_input",
    ("ready", "toolResponse"): "ignore",
    ("ready", "contextUpdate"): "ignore",
    ("calling", "clientContent"): "client_content",
    ("calling", "realtimeInput"): "realtime_input",
    ("calling", "toolResponse"): "tool_response",
    ("calling", "contextUpdate"): "ignore",
}

#: Where an event leads; the session changes its state by this table alone.
LEADS: Final[dict[tuple[State, Event], State]] = {
    ("starting", "setup complete"): "ready",
    ("ready", "tool called"): "calling",
    ("calling", "tools answered"): "ready",
    ("calling", "interrupted"): "ready",
    ("ready", "interrupted"): "ready",
    ("starting", "ended"): "closed",
    ("ready", "ended"): "closed",
    ("calling", "ended"): "closed",
    ("closed", "ended"): "closed",
}
