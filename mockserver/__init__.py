"""A mock of Google's Generative Language service for the Gemini Live API and its ephemeral tokens.

    from mockserver import MockServer

    with MockServer() as server:
        ...

Every public name is listed in ``__all__``; everything else may change.
"""

from .core.effects import Abort, Close, Pause, Reject, Respond, Send
from .core.errors import Refusal
from .core.facts import FACTS, Fact, fact
from .core.journal import Entry, hide_secrets
from .core.models import MODELS, Model
from .core.options import Options
from .core.profiles import API_VERSIONS, LATEST, LAUNCH, Profile, service_date
from .core.script import ECHO, Call, Echo, Refuse, Rule, Say, Script, Silence, Think
from .core.tokens import Token
from .server import MockServer
from .verdict import Finding, Verdict

__all__ = [
    "API_VERSIONS",
    "ECHO",
    "FACTS",
    "LATEST",
    "LAUNCH",
    "MODELS",
    "Abort",
    "Call",
    "Close",
    "Echo",
    "Entry",
    "Fact",
    "Finding",
    "MockServer",
    "Model",
    "Options",
    "Pause",
    "Profile",
    "Refusal",
    "Refuse",
    "Reject",
    "Respond",
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
    "service_date",
]
