"""The control API as an OpenAPI 3.1 document, from the same table that serves it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from .shapes import SHAPES

if TYPE_CHECKING:
    from .routes import Kind, Parameter, Route

_KINDS: Final[dict[Kind, dict[str, Any]]] = {
    "text": {"type": "string"},
    "number": {"type": "number"},
    "whole": {"type": "integer", "minimum": 0},
    "flag": {"type": "boolean"},
    "step": {"oneOf": [{"type": "number", "minimum": 0}, {"const": "due"}]},
}
#: What is no JSON.
_OTHERS: Final = {
    "page": "text/html",
    "pem": "application/x-pem-file",
}
_ABOUT: Final = (
    "Controls a mock of the Gemini Live API from any language. Parameters go into the query, or into a JSON "
    "object where a call takes no other body. A server that others can reach asks for its control token."
)


def description() -> dict[str, Any]:
    """The whole document."""
    from .routes import ROUTES

    paths: dict[str, dict[str, Any]] = {}
    for route in ROUTES:
        paths.setdefault(route.full_path, {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {"title": "mockserver control API", "version": "1", "description": _ABOUT},
        "paths": paths,
        "components": {
            "schemas": SHAPES,
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "query": {"type": "apiKey", "in": "query", "name": "token"},
            },
        },
        "security": [{}, {"bearer": []}, {"query": []}],
    }


def _operation(route: Route) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": f"{route.method.lower()}_{re.sub(r'[^a-z]+', '_', route.path) or 'page'}".strip("_"),
        "summary": route.summary,
        "parameters": [*_in_path(route), *map(_in_query, route.takes)],
        "responses": {"200": _answer(route), "default": _error()},
    }
    body = _body(route)
    return {**operation, "requestBody": body} if body else operation


def _in_path(route: Route) -> list[dict[str, Any]]:
    names = re.findall(r"{(\w+)}", route.path)
    return [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names]


def _in_query(parameter: Parameter) -> dict[str, Any]:
    schema = _KINDS[parameter.kind]
    return {"name": parameter.name, "in": "query", "description": parameter.meaning, "schema": schema}


def _body(route: Route) -> dict[str, Any] | None:
    if route.method in ("GET", "DELETE"):
        return None
    if route.body:
        schema: dict[str, Any] = {"$ref": f"#/components/schemas/{route.body}"}
    else:
        properties = {one.name: {**_KINDS[one.kind], "description": one.meaning} for one in route.takes}
        schema = {"type": "object", "properties": properties, "additionalProperties": route.also}
    return {"required": False, "content": {"application/json": {"schema": schema}}}


def _answer(route: Route) -> dict[str, Any]:
    if route.gives in SHAPES:
        content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{route.gives}"}}}
        if any(parameter.name == "follow" for parameter in route.takes):
            content["text/event-stream"] = {"schema": {"type": "string"}}
    elif route.gives in _OTHERS:
        content = {_OTHERS[route.gives]: {"schema": {"type": "string"}}}
    else:
        content = {"application/json": {"schema": {"type": "object"}}}
    return {"description": "Done.", "content": content}


def _error() -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Error"}
    return {"description": "Refused, with what to do.", "content": {"application/json": {"schema": schema}}}
