"""A mock of Google's Generative Language service for the Gemini Live API and its ephemeral tokens.

    from mockserver import MockServer

    with MockServer() as server:
        ...

Every public name is listed in ``__all__``; everything else may change.
"""

import typing

from .core.effects import Abort, Close, Delay, Pause, Raw, Reject, Respond, Send
from .core.errors import Refusal
from .core.facts import FACTS, Fact, fact
from .core.journal import Entry, hide_secrets
from .core.matching import Match
from .core.models import MODELS, Model
from .core.options import Options
from .core.profiles import API_VERSIONS, LATEST, LAUNCH, Profile, service_date
from .core.script import ECHO, Rule, Script
from .core.steps import (
    Call,
    Drip,
    Echo,
    Garble,
    GoAway,
    Interrupt,
    Proceed,
    Refuse,
    Resumption,
    Say,
    Silence,
    Think,
)
from .core.tokens import Token
from .core.wav import Audio
from .environment import SERVICE_HOST
from .scripts import READY, load
from .server import MockServer
from .verdict import Finding, Verdict

if typing.TYPE_CHECKING:
    from .relay import Relay

__all__ = [
    "API_VERSIONS",
    "ECHO",
    "FACTS",
    "LATEST",
    "LAUNCH",
    "MODELS",
    "READY",
    "SERVICE_HOST",
    "Abort",
    "Audio",
    "Call",
    "Close",
    "Delay",
    "Drip",
    "Echo",
    "Entry",
    "Fact",
    "Finding",
    "Garble",
    "GoAway",
    "Interrupt",
    "Match",
    "MockServer",
    "Model",
    "Options",
    "Pause",
    "Proceed",
    "Profile",
    "Raw",
    "Refusal",
    "Refuse",
    "Reject",
    "Relay",
    "Respond",
    "Resumption",
    "Rule",
    "Say",
    "Script",
    "Send",
    "Silence",
    "Think",
    "Token",
    "Verdict",
    "fact",
    "hide_secrets",
    "load",
    "service_date",
]


def __getattr__(name: str) -> typing.Any:
    """What few programs need is imported where it is asked for: a mock should start at once."""
    if name == "Relay":
        from .relay import Relay

        return Relay
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
