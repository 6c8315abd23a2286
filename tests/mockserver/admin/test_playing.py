"""Scripts and rules by the control API and from Python."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from mockserver import READY, Close, MockServer, Refuse, Rule, Say, Script, load

from ..conftest import KEY, TEXT_MODEL, Live, Wire

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

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
    assert {"name": "echo", "about": READY["echo"].about} in told["ready"]
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
        ("script?name=ecco", None, "no ready-made script 'ecco'; did you mean echo"),
        ("script", ["echo"], "the body is a JSON list, expected a script, an object with rules"),
        ("script", "echo", "the body is a JSON str, expected a script, an object with rules"),
        ("script", {"name": "x", "rules": [{"on": "lunch"}]}, "rules[0].on: "),
        ("rules", {"on": "turn", "then": ["abbort"]}, "rules[0].then[0]: "),
        ("rules", None, "no rule came, expected a body like "),
        ("rules", [], "no rule came, expected a body like "),
    ],
)
def test_what_is_no_script_is_told(call: Any, path: str, body: Any, error: str) -> None:
    status, answer = call("POST", f"/_mock/{path}", body)
    assert status == 400
    assert answer["error"].startswith(error)


def test_a_script_that_is_sent_reads_no_files(call: Any, tmp_path: Path) -> None:
    (tmp_path / "secret.wav").write_bytes(b"RIFF")
    rule = {"on": "turn", "then": [{"audio": str(tmp_path / "secret.wav")}]}
    status, answer = call("PUT", "/_mock/script", {"name": "x", "rules": [rule]})
    assert status == 400
    assert "expected samples: a script that is sent has no files" in answer["error"]


def test_a_script_is_played_as_json_and_told_as_it_was_sent(call: Any, server: MockServer) -> None:
    data = {"name": "busy", "rules": [{"on": "mint", "nth": 1, "then": [{"refuse": "TOK-058"}]}]}
    status, told = call("PUT", "/_mock/script", data)
    assert (status, told["script"]) == (200, data)
    assert load(told["script"]).rules == (Rule("mint", (Refuse("TOK-058"),), nth=1),)
    assert call("POST", f"/v1alpha/auth_tokens?key={KEY}")[0] == 429
    assert call("GET", "/_mock/rules")[1]["rules"] == [
        {"script": "busy", "apiKey": None, "rule": data["rules"][0], "events": 1, "spoke": 1}
    ]


def test_a_rule_is_injected_as_json(call: Any, server: MockServer, live: Callable[..., Live]) -> None:
    one = live(server).setup(TEXT_MODEL).expect_ready()
    status, told = call("POST", "/_mock/rules", {"on": "turn", "nth": 1, "then": ["abort"]})
    assert status == 200
    assert [row["rule"]["then"] for row in told["rules"]] == [["abort"], ["echo"]]
    one.say("hello").expect_drop()


def test_a_script_is_played_from_a_file(server: MockServer, tmp_path: Path) -> None:
    path = tmp_path / "busy.json"
    path.write_text('{"name": "busy", "rules": [{"on": "mint", "then": [{"refuse": "TOK-058"}]}]}')
    server.play(path)
    assert server._service.performances[None].script.name == "busy"


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
    server.inject(BUSY)
    assert [mint(), mint(), mint()] == [200, 429, 200], "the same rule again"
    server.inject(Rule("mint", (Refuse("TOK-058"),), nth="2-3"))
    assert [mint(), mint(), mint(), mint()] == [200, 429, 429, 200]
    server.inject(Rule("mint", (Refuse("TOK-058"),), nth=1), api_key="another")
    assert mint() == 200
    server.inject(Rule("mint", (Refuse("TOK-058"),)))
    server.reset()
    assert mint() == 200, "a reset forgets it"
    server.inject(Rule("mint", (Refuse("TOK-058"),), nth="2-"))
    assert [mint(), mint(), mint()] == [200, 429, 429]


def test_an_injected_rule_reaches_a_socket_that_is_open(
    server: MockServer, live: Callable[..., Live]
) -> None:
    one = live(server).setup(TEXT_MODEL).expect_ready()
    server.inject(Rule("turn", (Close(1011, "Internal error encountered."),), nth=1))
    one.say("hello").expect_close(1011, "Internal error encountered.")


def test_what_is_no_script_for_python_is_told(server: MockServer) -> None:
    with pytest.raises((ValueError, OSError), match="nonsense"):
        server.play("nonsense")
