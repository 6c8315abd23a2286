"""The live page as one self-contained document: markup, style and program of this package in one answer."""

from __future__ import annotations

import base64
import functools
import hashlib
from importlib.resources import files
from typing import Final

from ..core.effects import Respond

_FOLDER: Final = files(__package__) / "page"
#: The parts of the program, in the order in which they are read.
PROGRAM: Final = ("base.js", "reading.js", "sound.js", "drawing.js", "panels.js")


@functools.cache
def page() -> Respond:
    """The page. Its policy lets nothing run or load but what it brings itself, by its hash."""
    markup, style = _read("live.html"), _read("live.css")
    program = "\n".join(map(_read, PROGRAM))
    document = markup.replace("/* style */", style, 1).replace("/* program */", program, 1)
    policy = "; ".join(
        (
            "default-src 'none'",
            f"script-src {_hash(program)}",
            f"style-src {_hash(style)}",
            "connect-src 'self'",
            "media-src blob:",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        )
    )
    headers = (
        ("Content-Type", "text/html; charset=UTF-8"),
        ("Cache-Control", "no-store"),
        ("Content-Security-Policy", policy),
        ("Referrer-Policy", "no-referrer"),
        ("X-Content-Type-Options", "nosniff"),
    )
    return Respond(200, headers, document.encode())


def _read(name: str) -> str:
    return (_FOLDER / name).read_text("utf-8")


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
