"""What may be asked of the real service: safe and cheap, and answered by the service itself.

Safe: nothing is flooded, nothing is left open, nothing needs a fault. Cheap: a mint, a refused
handshake, or a session with one short turn. Configurations are all of that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..model import Behaviour, Configuration

if TYPE_CHECKING:
    from ..model import Case

REAL: Final = frozenset(
    {
        "credential:key",
        "credential:header",
        "credential:gemini-variable",
        "credential:google-variable",
        "credential:invalid-key",
        "rest:models.list",
        "base-url:plain",
        "base-url:https",
        "base-url:environment",
        "base-url:path",
        "base-url:mint-slash",
        "base-url:mint-path",
        "token:plain",
        "token:uses",
        "token:version-variable",
        "token:async",
        "token:beside",
        "token:time-aware",
        "token:time-string",
        "token:constraints",
        "token:nested",
        "token:thinking",
        "token:lock-null",
        "token:lock-empty",
        "token:lock-nested",
        "token:lock-names",
        "token:lock-only",
        "token:first-name",
        "token:camelCase",
        "token:snake_case",
        "session:empty",
        "session:headers",
        "session:base-url",
        "session:timeout",
        "api:send_client_content",
        "api:setup-complete",
    }
)


def at_real(case: Case) -> bool:
    """Whether a case may be asked of the real service."""
    return isinstance(case, Configuration) or (isinstance(case, Behaviour) and case.slug in REAL)
