"""A client that sets an API version where the program sets none: what a fix would do, for its proof.

Python imports it at its start, from a folder on PYTHONPATH. Standard library and the SDK only.
"""

from __future__ import annotations

import functools
import importlib.machinery
import importlib.util
import os
import sys
from typing import Any

VERSION = os.environ.get("GENAI_LIVE_COMPAT_PLACING", "")


def place(client: Any) -> None:
    """Have a class of clients set it."""
    original = client.__init__

    @functools.wraps(original)
    def init(self: Any, *given: Any, http_options: Any = None, **named: Any) -> None:
        original(self, *given, http_options=_placed(http_options), **named)

    client.__init__ = init


def _placed(options: Any) -> Any:
    if options is None or isinstance(options, dict):
        named = dict(options or {})
        return named if {"api_version", "apiVersion"} & set(named) else {**named, "api_version": VERSION}
    return options if options.api_version else options.model_copy(update={"api_version": VERSION})


def go_on() -> None:
    """Run the ``sitecustomize`` that Python would have found without this one."""
    here = os.path.dirname(os.path.abspath(__file__))
    others = [entry for entry in sys.path if os.path.abspath(entry) != here]
    spec = importlib.machinery.PathFinder.find_spec("sitecustomize", others)
    if spec is not None and spec.loader is not None:
        module = importlib.util.module_from_spec(spec)
        sys.modules["sitecustomize"] = module
        spec.loader.exec_module(module)


if VERSION:
    try:
        from google.genai import Client  # type: ignore[import-not-found,unused-ignore]
    except ImportError:  # of another interpreter, such as a tool's own
        pass
    else:
        place(Client)
go_on()
