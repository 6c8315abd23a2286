"""What builds a client of the SDK: environment, credential, HTTP options and the default base URL."""

import importlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from errors import Absent

Record = dict[str, Any]


def set_environment(params: Record) -> None:
    for name, value in params.get("env", {}).items():
        os.environ.pop(name, None)
        if value is not None:
            os.environ[name] = value


def build(genai: Any, params: Record) -> Any:
    """Build a client of what was given, and of nothing else."""
    placed = params.get("client") or None  # an empty one is none at the client
    return genai.Client(
        **given(api_key=params.get("api_key")),
        **http_options(genai.types, placed),
        **params.get("options", {}),
    )


@contextmanager
def default_base_url(genai: Any, url: str | None) -> Iterator[None]:
    """Give the SDK a default base URL for the time of a call."""
    if url is None:
        yield
        return
    set_urls = _setter(genai)
    set_urls(gemini_url=url, vertex_url=None)
    try:
        yield
    finally:
        set_urls(gemini_url=None, vertex_url=None)


def _setter(genai: Any) -> Any:
    # The package never exported it: those who use it take it from its module.
    try:
        module = importlib.import_module(f"{genai.__name__}._base_url")
    except ImportError:
        module = genai
    found = getattr(genai, "set_default_base_urls", None) or getattr(module, "set_default_base_urls", None)
    if found is None:
        raise Absent("set_default_base_urls")
    return found


def http_options(types: Any, placed: Record | None, owner: str = "") -> Record:
    """Return HTTP options as an argument; `owner` is the model of the SDK that must have such a field."""
    if placed is None:
        return {}
    if owner:
        must_have(types, owner, "http_options")
    for name in placed:
        must_have(types, "HttpOptions", name)
    return {"http_options": dict(placed)}


def must_have(types: Any, model: str, field: str) -> None:
    """Look for a field of a model of the SDK."""
    if field not in getattr(getattr(types, model, None), "model_fields", {}):
        raise Absent(f"{model}.{field}")


def given(**options: Any) -> Record:
    """Keep only the options that were given: an SDK may tell `None` and `{}` from nothing."""
    return {name: value for name, value in options.items() if value is not None and value != {}}
