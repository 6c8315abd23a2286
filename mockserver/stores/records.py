"""A token as text, for stores that keep bytes."""

from __future__ import annotations

import json
from typing import Any

from ..core.constraints import Constraint
from ..core.tokens import Token


def write(token: Token) -> str:
    """All of a token but the uses that are left, which a store counts by itself."""
    record = {
        "name": token.name,
        "owner": token.owner,
        "version": token.version,
        "minted_at": token.minted_at,
        "expires_at": token.expires_at,
        "new_session_expires_at": token.new_session_expires_at,
        "setup": token.constraint.setup,
        "mask": token.constraint.mask,
    }
    return json.dumps(record, separators=(",", ":"))


def read(record: str | bytes, uses_left: int | None) -> Token:
    """The token of a record, with the uses that are left of it."""
    fields: dict[str, Any] = json.loads(record)
    mask = tuple(tuple(path) for path in fields.pop("mask"))
    constraint = Constraint(fields.pop("setup"), mask)
    return Token(**fields, uses_left=uses_left, constraint=constraint)
