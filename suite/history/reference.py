"""What the reference client does: everything right."""

from __future__ import annotations

from typing import Final

from ..model import Change

#: What a client does that does everything right; its default is the version tokens were born on.
REFERENCE: Final = tuple(
    Change("reference", "1.0.0", question, answer, "suite/drivers/reference/worker.py")
    for question, answer in (
        ("tokens", "create_token"),
        ("default version", "v1alpha"),
        ("create credential", "x-goog-api-key"),
        ("create refused", "raises ApiError"),
        ("token as api key", "recognized"),
        ("connect credential", "?access_token="),
        ("key credential", "?key="),
        ("options at the session", "honoured"),
        ("handshake refused", "raises ApiError"),
        ("closed before setupComplete", "raises ApiError"),
    )
)
