"""The run as one page that needs nothing but itself: no network, no build, no library."""

from __future__ import annotations

import base64
import hashlib
import json
from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from .data import data
from .summary import summary

if TYPE_CHECKING:
    from ..run import Run

#: The parts of the script, in the order in which they build upon each other.
SCRIPTS: Final = (
    "model.js",
    "dom.js",
    "words.js",
    "address.js",
    "ranges.js",
    "sequence.js",
    "story.js",
    "chooser.js",
    "columns.js",
    "matrix.js",
    "grid.js",
    "changes.js",
    "foot.js",
    "main.js",
)


def render(run: Run) -> str:
    """The page, with its style, its script and all its data."""
    page = data(run)
    style = _part("page.css")
    script = "'use strict';\n(() => {\n" + "\n".join(map(_part, SCRIPTS)) + "})();\n"
    parts = {
        "policy": _policy(style, script),
        "style": style,
        "script": script,
        "data": _inert(page),
        "summary": summary(page),
        "command": escape(str(run.about.get("command", ""))),
    }
    before, *rest = _part("page.html").split("{{")
    filled = [before]
    for piece in rest:  # one pass: what is filled in may hold such marks
        name, _, after = piece.partition("}}")
        filled += [parts[name], after]
    return "".join(filled)


def _part(name: str) -> str:
    return files(__package__).joinpath(name).read_text("utf-8")


def _inert(page: dict[str, Any]) -> str:
    """JSON that no HTML parser finds a tag or a comment in."""
    return json.dumps(page, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def _policy(style: str, script: str) -> str:
    """Nothing from outside, and of what is inside only this very style and script."""
    return (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
