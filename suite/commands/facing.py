"""The options of a run against a real service."""

from __future__ import annotations

import argparse
import os
import re
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from suite.cases.connecting import MODEL
from suite.facing import Service
from suite.targets.real import REAL_URL, Budget

if TYPE_CHECKING:
    from .parser import Parser

#: Where the key comes from, first come first served.
KEYS: Final = ("GEMINI_API_KEY", "GOOGLE_API_KEY")
_BUDGET: Final = Budget()


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number")
    return int(text)


def _model(text: str) -> str:
    """A model's whole name; alone it is one of the public ones."""
    if not re.fullmatch(r"[\w.-]+(/[\w.-]+)*", text, re.ASCII):
        raise argparse.ArgumentTypeError(f"{text!r} is not a model: expected a name like {MODEL}")
    return text if "/" in text else f"models/{text}"


#: Each with what ``add_argument`` takes.
OPTIONS: Final[dict[str, dict[str, Any]]] = {
    "--target": {
        "default": "",
        "metavar": "real|URL",
        "help": f"run against Google's service, with a key from {' or '.join(KEYS)}, or another base URL",
    },
    "--target-ca": {
        "type": Path,
        "metavar": "FILE",
        "help": "the authority that signed the target's certificate, where that is no public one",
    },
    "--model": {
        "type": _model,
        "default": MODEL,
        "metavar": "NAME",
        "help": "the Live model that it is asked for, where your project has another (default: %(default)s)",
    },
    "--max-sessions": {
        "type": _number,
        "default": _BUDGET.sessions,
        "metavar": "N",
        "help": "Live sessions that the run may try to open (default: %(default)s)",
    },
    "--max-seconds": {
        "type": _number,
        "default": int(_BUDGET.seconds),
        "metavar": "S",
        "help": "how long it may ask for more (default: %(default)s)",
    },
}
TITLE: Final = "a real service"
ABOUT: Final = "only cases that are safe and cheap are asked; the mock is asked the same, and compared"


def add(matrix: Parser) -> None:
    """Add them."""
    group = matrix.add_argument_group(TITLE, ABOUT)
    for name, about in OPTIONS.items():
        group.add_argument(name, **about)


def service(given: argparse.Namespace) -> Service | None:
    """The real service that a run is to face, if any.

    Raises:
        ValueError: no such service, or no key for Google's.
    """
    if not given.target:
        if given.model != MODEL:
            raise ValueError(f"--model {given.model}: the mock alone has the tables' models; add --target")
        return None
    url = REAL_URL if given.target == "real" else given.target
    if urlsplit(url).scheme not in ("http", "https"):
        raise ValueError(f"--target {given.target}: expected real, or a base URL such as https://HOST")
    key = next(filter(None, map(os.environ.get, KEYS)), None)
    if key is None and url == REAL_URL:
        raise ValueError(f"--target real needs an API key: set {' or '.join(KEYS)}")
    today = datetime.now(timezone.utc).date()
    budget = Budget(given.max_sessions, given.max_seconds)
    return Service(url, key, budget, today, given.target_ca, model=given.model)
