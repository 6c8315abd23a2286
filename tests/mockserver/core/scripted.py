"""Backends that play a script, and what is asked of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockserver.core.script import Rule, Script

from .conftest import Backend, Client
from .talking import HALF_CASCADE, TEXT

if TYPE_CHECKING:
    from mockserver.core.journal import Entry


def playing(*rules: Rule, **options: Any) -> Backend:
    """A backend with a script of these rules."""
    return Backend(script=Script("test", rules), **options)


def noted(backend: Backend, kind: str) -> list[Entry]:
    """Entries of one kind."""
    return [entry for entry in backend.service.journal if entry.kind == kind]


def answered(client: Client, id: str, **response: Any) -> list[Any]:
    """Answer a call of get_weather."""
    one = {"id": id, "name": "get_weather", "response": response}
    return client.send({"toolResponse": {"functionResponses": [one]}})


def writing(backend: Backend) -> Client:
    """A session that is answered in text."""
    return backend.with_key(model=HALF_CASCADE, **TEXT)
