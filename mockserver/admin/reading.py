"""The parameters of a control request, checked by the table of routes."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from ..core.request import Request
    from .routes import Kind, Parameter, Route

_WORDS: Final[dict[Kind, str]] = {
    "text": "text",
    "number": "a number",
    "whole": "a whole number from 0 up",
    "flag": "true or false",
    "step": "a number of seconds from 0 up, or due",
}
_FLAGS: Final = {"true": True, "1": True, "": True, "false": False, "0": False}


class Mistake(Exception):
    """The caller's mistake, in words, with the status of the answer."""

    def __init__(self, text: str, status: int = 400) -> None:
        super().__init__(text)
        self.status = status


def read(route: Route, names: dict[str, str], request: Request) -> tuple[dict[str, Any], Any]:
    """The parameters of a call, and its body where that is something else.

    Raises:
        Mistake: no JSON, an unknown parameter, a missing one, or a value of another kind.
    """
    body = _body(request)
    given: dict[str, Any] = {name: value for name, value in request.query if name != "token"}
    if not route.body and body is not None:
        given.update(_object(body))
        body = None
    known = {parameter.name: parameter for parameter in route.takes}
    unknown = [] if route.also else [name for name in given if name not in known]
    if unknown:
        expected = ", ".join(known) or "none"
        raise Mistake(
            f"{route.full_path} has no parameter {unknown[0]!r}, expected {expected}: see openapi.json"
        )
    for name, parameter in known.items():
        if name in given:
            given[name] = _value(parameter, given[name])
        elif parameter.required:
            raise Mistake(f"no {name} came, expected {_WORDS[parameter.kind]}: send {_example(parameter)}")
    return {**given, **names}, body


def _body(request: Request) -> Any:
    if not request.body.strip():
        return None
    try:
        return json.loads(request.body)
    except (ValueError, RecursionError) as error:
        raise Mistake(f"the body is not JSON: {error}; expected an object such as {{}}") from None


def _object(body: Any) -> dict[str, Any]:
    if not isinstance(body, dict):
        raise Mistake(f"the body is a JSON {type(body).__name__}, expected an object")
    return body


def _value(parameter: Parameter, given: Any) -> Any:
    try:
        return _READERS[parameter.kind](given)
    except (TypeError, ValueError, KeyError):
        raise Mistake(
            f"{parameter.name} is {given!r}, expected {_WORDS[parameter.kind]}: send {_example(parameter)}"
        ) from None


def _text(given: Any) -> str:
    if not isinstance(given, str):
        raise TypeError
    return given


def _number(given: Any) -> float:
    if isinstance(given, bool):
        raise TypeError
    number = float(given)
    if not math.isfinite(number) or number < 0:
        raise ValueError
    return number


def _whole(given: Any) -> int:
    number = _number(given)
    if number != int(number):
        raise ValueError
    return int(number)


def _flag(given: Any) -> bool:
    return given if isinstance(given, bool) else _FLAGS[given.lower()]


def _step(given: Any) -> float | str:
    return "due" if given == "due" else _number(given)


_READERS: Final = {"text": _text, "number": _number, "whole": _whole, "flag": _flag, "step": _step}


def _example(parameter: Parameter) -> str:
    examples: dict[Kind, Any] = {"text": "…", "number": 1, "whole": 1, "flag": True, "step": 60}
    return json.dumps({parameter.name: examples[parameter.kind]}, ensure_ascii=False)
