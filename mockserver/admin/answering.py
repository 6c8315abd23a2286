"""A control request, from the gate to its answer: the route is found, the action of its row is done."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from ..core.effects import Respond
from ..core.errors import Refusal, pretty
from ..core.facts import fact
from ..core.journal import hide_secrets
from ..edge.streaming import Stream
from . import ROOT
from .actions import Call
from .reading import Mistake, read
from .routes import ROUTES, Route

if TYPE_CHECKING:
    from ..core.request import Request
    from ..edge.host import Host
    from . import Control

#: What no client has a part in; there ``?key=`` is an example.
_WITHOUT_SECRETS: Final = frozenset({"Fact", "Facts", "description"})


def answer(control: Control, host: Host, request: Request) -> Respond | Stream:
    """Answer one control request."""
    denied = control.gate.denies(request)
    if denied is not None:
        response = _json(denied.status, {"error": denied.error})
        bearer = (("WWW-Authenticate", "Bearer"),) if denied.status == 401 else ()
        return replace(response, headers=(*response.headers, *bearer))
    found = find(request.method, request.path)
    if isinstance(found, Respond):
        return found
    try:
        given, body = read(*found, request)
        answer = found[0].action(Call(control, host, request, given, body))
    except Mistake as mistake:
        return _json(mistake.status, {"error": str(mistake)})
    except ValueError as error:
        return _json(400, {"error": str(error)})
    except Refusal as refusal:
        said = refusal.message or fact(refusal.fact).condition
        return _json(400, {"error": said, "fact": refusal.fact, "hint": refusal.hint})
    if isinstance(answer, (Respond, Stream)):
        return answer
    return _json(200, answer, whole=found[0].gives in _WITHOUT_SECRETS or found[0].gives == "Minted")


def find(method: str, path: str) -> tuple[Route, dict[str, str]] | Respond:
    """The route of a request, with what its path names; or the answer that there is none."""
    words = path.removeprefix(ROOT).strip("/").split("/")
    fitting = [
        (route, names) for route in ROUTES if (names := _match(route.path.split("/"), words)) is not None
    ]
    for route, names in fitting:
        if route.method == method:
            return route, names
    if fitting:
        methods = ", ".join(route.method for route, _ in fitting)
        return _json(405, {"error": f"{path} takes {methods}, not {method}"})
    known = ", ".join(sorted({route.full_path for route in ROUTES}))
    return _json(404, {"error": f"no control route {path}, expected one of {known}"})


def _match(pattern: list[str], words: list[str]) -> dict[str, str] | None:
    if len(pattern) != len(words):
        return None
    names = {}
    for part, word in zip(pattern, words, strict=True):
        if part.startswith("{") and word:
            names[part.strip("{}")] = word
        elif part != word:
            return None
    return names


def _json(status: int, value: Any, *, whole: bool = False) -> Respond:
    """An answer, with secrets shortened wherever a client has put them."""
    headers = (("Content-Type", "application/json; charset=UTF-8"), ("Cache-Control", "no-store"))
    body = pretty(value)
    return Respond(status, headers, body if whole else hide_secrets(body.decode()).encode())
