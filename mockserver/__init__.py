"""A mock of Google's Generative Language service for the Gemini Live API and its ephemeral tokens.

    from mockserver import MockServer

    with MockServer() as server:
        ...

Every public name is listed in ``__all__``; everything else may change.
"""

import importlib
import typing

if typing.TYPE_CHECKING:
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
    from .relay import Relay
    from .scripts import READY, load
    from .server import MockServer
    from .verdict import Finding, Verdict

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

#: Where each name is. It is imported when it is asked for: a program waits for what it uses, and no longer.
_HOMES: typing.Final = {
    name: home
    for home, names in {
        ".core.effects": "Abort Close Delay Pause Raw Reject Respond Send",
        ".core.errors": "Refusal",
        ".core.facts": "FACTS Fact fact",
        ".core.journal": "Entry hide_secrets",
        ".core.matching": "Match",
        ".core.models": "MODELS Model",
        ".core.options": "Options",
        ".core.profiles": "API_VERSIONS LATEST LAUNCH Profile service_date",
        ".core.script": "ECHO Rule Script",
        ".core.steps": "Call Drip Echo Garble GoAway Interrupt Proceed Refuse Resumption Say Silence Think",
        ".core.tokens": "Token",
        ".core.wav": "Audio",
        ".environment": "SERVICE_HOST",
        ".relay": "Relay",
        ".scripts": "READY load",
        ".server": "MockServer",
        ".verdict": "Finding Verdict",
    }.items()
    for name in names.split()
}


def __getattr__(name: str) -> typing.Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(importlib.import_module(_HOMES[name], __name__), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
