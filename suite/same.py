"""Texts without what differs from cell to cell by chance: ports, keys, tokens, times.

Neighbouring versions tell the same story but for these, and a page that holds each story once stays small.
"""

from __future__ import annotations

import re
from typing import Final

#: Where the mock was, in place of an address and a port.
HOST: Final = "HOST"
KEY: Final = "KEY"

_RULES: Final = (
    (r"\b(?:127\.0\.0\.1|localhost|\[::1\]):\d+", HOST),
    (r"\('(?:127\.0\.0\.1|::1)', \d+(?:, \d+)*\)", HOST),
    (r"(?:127\.0\.0\.1|::1)(?=\W*port \d+)", HOST),
    (r"\bport \d+", "port N"),
    (r"\bcell(?:\.[A-Za-z]+\.[\w.+-]+|…[\w.-]*)", KEY),  # whole, and cut short as a secret
    (r"auth_tokens(/|%2F)[\w…-]+", r"auth_tokens\1…"),
    (r"\bgoogle-genai-sdk/[\w.+-]+", "google-genai-sdk/VERSION"),
    (r"function-call-\d+", "function-call-…"),
    (r'("(?:newHandle|handle)":\s*")[^"]+', r"\1…"),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?", "TIME"),
    (r"(?:file://)?(?:/[\w.@+-]+)+/(site-packages|node_modules)/", r"…/\1/"),
    (r"(?<![\w.])(?:/root|/home/[^/\s]+|/Users/[^/\s]+)(?=/)", "~"),
    (r"0x[0-9a-fA-F]{6,}", "0x…"),
    (r"\bTask-\d+", "Task-N"),
)
_COMPILED: Final = tuple((re.compile(pattern), by) for pattern, by in _RULES)
#: What a text must have for any of the rules to match; most have nothing of it.
_HINT: Final = re.compile(r"[:/…\d]")


class Same:
    """Remembers what it has seen: the same texts come again and again."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def __call__(self, text: str) -> str:
        """The text as all cells have it."""
        known = self._known.get(text)
        if known is None:
            known = text
            if _HINT.search(text):
                for pattern, by in _COMPILED:
                    known = pattern.sub(by, known)
            self._known[text] = known
        return known
