"""The control API under ``/_mock/``: one route for each thing a test can do with a ``MockServer``."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any, Final

from .core.effects import Respond
from .core.errors import Refusal, pretty
from .core.facts import fact
from .core.journal import shorten
from .core.messages import camel

if TYPE_CHECKING:
    from collections.abc import Callable

    from .core.request import Request
    from .edge.host import Host

#: Answers come from JSON objects; no real API uses this path.
ROOT: Final = "/_mock"


class _Bad(Exception):
    """The caller's mistake, in words."""


def answer(host: Host, request: Request) -> Respond:
    """Answer one control request. Errors: 400 with ``{"error": …}`` for bad input, 404, 405."""
    path = request.path.removeprefix(ROOT).strip("/")
    methods = {method: action for (method, name), action in ROUTES.items() if name == path}
    if not methods:
        known = ", ".join(sorted({f"{ROOT}/{name}" for _, name in ROUTES}))
        return _json(404, {"error": f"no control route {request.path}: expected one of {known}"})
    action = methods.get(request.method)
    if action is None:
        return _json(405, {"error": f"{request.path} takes {', '.join(methods)}, not {request.method}"})
    try:
        return _json(200, action(host, _object(request)))
    except (_Bad, ValueError) as mistake:
        return _json(400, {"error": str(mistake)})
    except Refusal as refusal:
        error = refusal.message or fact(refusal.fact).condition
        return _json(400, {"error": error, "fact": refusal.fact, "hint": refusal.hint})


def _object(request: Request) -> dict[str, Any]:
    """The parameters of a call: the query's, then the body's JSON object."""
    given: dict[str, Any] = dict(request.query)
    if request.body.strip():
        try:
            body = json.loads(request.body)
        except (ValueError, RecursionError) as error:
            raise _Bad(f"the body is not JSON: {error}") from None
        if not isinstance(body, dict):
            raise _Bad(f"the body is a JSON {type(body).__name__}, expected an object")
        given.update(body)
    return given


def _json(status: int, value: Any) -> Respond:
    headers = (("Content-Type", "application/json; charset=UTF-8"), ("Cache-Control", "no-store"))
    return Respond(status, headers, pretty(value))


def _health(host: Host, given: dict[str, Any]) -> Any:
    return {
        "ok": True,
        "serviceDate": host.service.options.service_date.isoformat(),
        "openConnections": host.service.open_connections,
        "entries": len(host.service.journal),
        "dropped": host.service.journal.dropped,
    }


def _journal(host: Host, given: dict[str, Any]) -> Any:
    after = _number(given, "after", 0)
    kind = given.get("kind")
    entries = (entry for entry in host.service.journal if entry.number > after)
    return {"entries": [entry.shown() for entry in entries if kind in (None, entry.kind)]}


def _clock(host: Host, given: dict[str, Any]) -> Any:
    return {"now": host.clock.now(), "movedSeconds": host.clock.moved_s}


def _advance(host: Host, given: dict[str, Any]) -> Any:
    if "advance" not in given:
        raise _Bad('the clock is moved by {"advance": seconds}')
    host.advance(_number(given, "advance", 0))
    return _clock(host, given)


def _tokens(host: Host, given: dict[str, Any]) -> Any:
    return {"tokens": [_token(token) for token in host.service.tokens]}


def _token(token: Any) -> dict[str, Any]:
    shown = {camel(field.name): getattr(token, field.name) for field in dataclasses.fields(token)}
    mask = [".".join(path) for path in token.constraint.mask]
    return shown | {
        "name": shorten(token.name),
        "owner": shorten(token.owner),
        "constraint": {"setup": token.constraint.setup, "mask": mask},
    }


def _mint(host: Host, given: dict[str, Any]) -> Any:
    key = str(given.pop("apiKey", "minted-by-control"))
    version = given.pop("apiVersion", None)
    return {"name": host.service.mint(given, key, version, host.clock.now()).name}


def _reset(host: Host, given: dict[str, Any]) -> Any:
    host.service.reset()
    return _health(host, given)


def _number(given: dict[str, Any], name: str, default: float) -> float:
    try:
        return float(given.get(name, default))
    except (TypeError, ValueError):
        raise _Bad(f"{name} is {given[name]!r}, expected a number") from None


ROUTES: Final[dict[tuple[str, str], Callable[[Host, dict[str, Any]], Any]]] = {
    ("GET", "health"): _health,
    ("GET", "journal"): _journal,
    ("GET", "clock"): _clock,
    ("POST", "clock"): _advance,
    ("GET", "tokens"): _tokens,
    ("POST", "tokens"): _mint,
    ("POST", "reset"): _reset,
}
