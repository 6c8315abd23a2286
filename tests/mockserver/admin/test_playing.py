"""Scripts and rules by the control API and from Python."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from mockserver import Close, MockServer, Refuse, Rule, Say, Script

from ..conftest import KEY, TEXT_MODEL, Live, Wire

if TYPE_CHECKING:
    from collections.abc import Callable

BUSY = Rule("mint", (Refuse("TOK-058"),), nth=2)


@pytest.fixture
def call(wire: Callable[..., Wire]) -> Callable[..., tuple[int, Any]]:
    """Make a control request; its status and JSON."""
    one = wire()

    def make(method: str, path: str, body: Any = None) -> tuple[int, Any]:
        answer = one.request(method, path, b"" if body is None else json.dumps(body).encode())
        return answer.status, answer.json

    return make


def test_what_is_played_is_told(call: Any, server: MockServer) -> None:
    _, told = call("GET", "/_mock/script")
    assert told["script"]["name"] == "echo"
    assert told["byApiKey"] == {}
    assert "echo" in told["ready"]
    server.play(Script("busy", (BUSY,)))
    assert call("GET", "/_mock/script")[1]["script"]["name"] == "busy"


def test_one_key_has_a_script_of_its_own_until_it_is_deleted(call: Any, server: MockServer) -> None:
    server.play(Script("busy", (BUSY,)))
    status, told = call("PUT", f"/_mock/script?name=echo&apiKey={KEY}")
    assert status == 200
    assert (told["script"]["name"], [one["name"] for one in told["byApiKey"].values()]) == ("busy", ["echo"])
    assert KEY not in json.dumps(told)
    assert call("DELETE", f"/_mock/script?apiKey={KEY}")[1]["byApiKey"] == {}
    assert call("DELETE", "/_mock/script")[1]["script"]["name"] == "echo"
    assert call("DELETE", f"/_mock/script?apiKey={KEY}")[0] == 200, "again does no harm"


@pytest.mark.parametrize(
    ("path", "body", "error"),
    [
        (
            "script",
            None,
            "got neither a name nor a body, expected one of them: ?name=NAME, or a script as JSON",
        ),
        ("script?name=echo", {"name": "x"}, "got a name and a body, expected one of them: "),
        ("script?name=nonsense", None, "no ready-made script 'nonsense', expected one of echo"),
        ("rules", None, "no rule came, expected a body like "),
        ("rules", [], "no rule came, expected a body like "),
    ],
)
def test_what_is_no_script_is_told(call: Any, path: str, body: Any, error: str) -> None:
    status, answer = call("POST", f"/_mock/{path}", body)
    assert status == 400
    assert answer["error"].startswith(error.partition(" echo")[0])


def test_rules_are_counted(call: Any, server: MockServer) -> None:
    always = Rule("mint", (Refuse("TOK-057"),))
    server.play(Script("two", (BUSY, always, Rule("turn", (Say("hi"),)))))
    for _ in range(3):
        call("POST", f"/v1alpha/auth_tokens?key={KEY}")
    _, told = call("GET", "/_mock/rules")
    rows = [(one["rule"]["on"], one["events"], one["spoke"]) for one in told["rules"]]
    assert rows == [("mint", 3, 1), ("mint", 3, 2), ("turn", 0, 0)]


def test_an_injected_rule_comes_first_and_counts_from_now(call: Any, server: MockServer) -> None:
    def mint() -> int:
        return int(call("POST", f"/v1alpha/auth_tokens?key={KEY}")[0])

    assert mint() == 200
    server.inject(BUSY)
    assert [mint(), mint(), mint()] == [200, 429, 200]
    server.inject(Rule("mint", (Refuse("TOK-058"),), nth=1), api_key="another")
    assert mint() == 200
    server.inject(Rule("mint", (Refuse("TOK-058"),)))
    server.reset()
    assert mint() == 200, "a reset forgets it"


def test_an_injected_rule_reaches_a_socket_that_is_open(
    server: MockServer, live: Callable[..., Live]
) -> None:
    one = live(server).setup(TEXT_MODEL).expect_ready()
    server.inject(Rule("turn", (Close(1011, "Internal error encountered."),), nth=1))
    one.say("hello").expect_close(1011, "Internal error encountered.")


def test_what_is_no_script_for_python_is_told(server: MockServer) -> None:
    with pytest.raises((ValueError, OSError), match="nonsense"):
        server.play("nonsense")
