"""The description of the control API is a right one, and answers are as it says."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from mockserver.admin.routes import ROUTES

from ..conftest import KEY, Live, Wire

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockserver import MockServer


@pytest.fixture
def call(wire: Callable[..., Wire]) -> Callable[..., Any]:
    """Make a control request that is answered with JSON."""
    one = wire()

    def make(method: str, path: str, body: Any = None) -> Any:
        payload = b"" if body is None else json.dumps(body).encode()
        return one.request(method, path, payload).json

    return make


@pytest.fixture
def description(call: Any) -> Any:
    """The document as it is served."""
    return call("GET", "/_mock/openapi.json")


def test_it_is_openapi(description: Any) -> None:
    assert description["openapi"] == "3.1.0"
    validate(description)


def test_it_has_every_route_and_parameter(description: Any) -> None:
    said = {
        (method.upper(), path): {parameter["name"] for parameter in operation["parameters"]}
        for path, methods in description["paths"].items()
        for method, operation in methods.items()
    }
    served = {
        (route.method, route.full_path): {one.name for one in route.takes}
        | ({"id"} if "{id}" in route.path else set())
        for route in ROUTES
    }
    assert said == served


def busy(call: Any, server: MockServer, live: Callable[..., Live]) -> None:
    """Something of every kind: a session, a refusal, tokens, a script of one key."""
    token = server.mint(KEY, uses=0, bidiGenerateContentSetup={"model": "models/gemini-3.8-live"})
    live(server, "BidiGenerateContentConstrained", query=f"access_token={token}").setup().expect_ready()
    live(server, query="").setup()
    call("POST", "/v1alpha/auth_tokens?key=any", {"nope": 1})
    call("PUT", f"/_mock/script?name=echo&apiKey={KEY}")


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.full_path}")
def test_an_answer_has_the_shape_that_is_described(
    route: Any, call: Any, description: Any, server: MockServer, live: Callable[..., Live]
) -> None:
    given = {"clock": {"advance": 1}, "tokens": {"uses": 1}}.get(route.path)
    query = "?name=echo" if route.path == "script" and route.method in ("PUT", "POST") else ""
    operation = description["paths"][route.full_path][route.method.lower()]
    [(kind, content)] = [
        pair for pair in operation["responses"]["200"]["content"].items() if pair[0] != "text/event-stream"
    ]
    if kind != "application/json" or route.path == "rules":
        return  # the page and the authority; rules are read where scripts are
    busy(call, server, live)
    path = route.full_path.replace("{id}", "CLS-007") + query
    answer = call(route.method, path, given if route.method == "POST" else None)
    schema = {**content["schema"], "components": description["components"]}
    Draft202012Validator(schema).validate(answer)
    assert answer, "an empty answer proves nothing"


def test_an_error_has_the_shape_that_is_described(call: Any, description: Any) -> None:
    for answer in (call("GET", "/_mock/nonsense"), call("POST", "/_mock/tokens", {"uses": -1})):
        Draft202012Validator(description["components"]["schemas"]["Error"]).validate(answer)
