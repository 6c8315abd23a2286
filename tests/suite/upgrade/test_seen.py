"""What an application sees compared: each thing it can see counts, chance does not."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import pytest

from suite.model import Seen, Verdict, Wire
from suite.upgrade.seen import differences

if TYPE_CHECKING:
    from suite.upgrade.model import Difference

CLOSED: Final = {"kind": "callback", "name": "onclose", "detail": {"code": 1011, "reason": "busy"}}
ONE: Final = Seen(
    Verdict.REFUSED,
    (Wire("BidiGenerateContent", "v1beta", ("?key=",), 101, 1011),),
    {"class": "Error", "message": "no http://127.0.0.1:4711", "code": 1011, "reason": "busy", "status": None},
    ({"kind": "callback", "name": "onopen"}, CLOSED),
    ("experimental at http://127.0.0.1:4711",),
    "receive",
    (("said", "hel"), ("handle", "shown")),
)


def told(**changed: Any) -> list[tuple[str, str, str, str]]:
    return rows(differences(ONE, replace(ONE, **changed)))


def rows(found: tuple[Difference, ...]) -> list[tuple[str, str, str, str]]:
    return [(one.aspect, one.name, one.before, one.after) for one in found]


def test_a_step_does_not_differ_from_itself() -> None:
    assert differences(ONE, ONE) == ()


def test_ports_and_how_many_messages_have_come_are_chance() -> None:
    message = {"kind": "callback", "name": "onmessage", "detail": ["serverContent"]}
    error = {**(ONE.error or {}), "message": "no http://127.0.0.1:99"}
    events = (ONE.events[0], message, message, CLOSED)
    assert told(error=error, events=events, warnings=("experimental at http://127.0.0.1:99",)) == []


PLANTED: Final[list[tuple[dict[str, Any], tuple[str, str, str, str]]]] = [
    ({"ends_in": "connect"}, ("call", "", "receive", "connect")),
    ({"error": {**(ONE.error or {}), "class": "ApiError"}}, ("exception", "", "Error", "ApiError")),
    ({"error": {**(ONE.error or {}), "message": "no"}}, ("text", "", "no http://HOST", "no")),
    ({"error": {**(ONE.error or {}), "code": 1006}}, ("exception", "code", "1011", "1006")),
    ({"error": {**(ONE.error or {}), "reason": None}}, ("exception", "reason", "busy", "")),
    ({"warnings": ()}, ("warning", "", "experimental at http://HOST", "")),
    ({"warnings": (*ONE.warnings, "deprecated")}, ("warning", "", "", "deprecated")),
    ({"events": ONE.events[:1]}, ("callbacks", "", "onopen, onclose 1011 busy", "onopen")),
    ({"shows": (("said", "hello"), ("handle", "shown"))}, ("shows", "said", "hel", "hello")),
    ({"wire": (replace(ONE.wire[0], close=1007),)}, ("verdict", "", "refused 1011", "refused 1007")),
]


@pytest.mark.parametrize(("changed", "difference"), PLANTED)
def test_a_planted_difference_is_found_alone(
    changed: dict[str, Any], difference: tuple[str, str, str, str]
) -> None:
    assert told(**changed) == [difference]


def test_a_verdict_counts_with_what_comes_with_it() -> None:
    found = told(verdict=Verdict.HANGS, error=None)
    assert ("verdict", "", "refused 1011", "hangs") in found
    assert ("exception", "", "Error", "") in found


def test_of_a_program_the_last_line_counts() -> None:
    error = {"class": None, "message": "File a.py, line 7 | raise it | ValueError: no", "code": 1}
    program = Seen(Verdict.CRASHES, error=error, ends_in="program", shows=(("exit code", "1"),))
    other = {**error, "message": "File b.py, line 9 | raise that | ValueError: no"}
    assert differences(program, replace(program, error=other)) == ()
    other = {**error, "message": "File a.py, line 7 | raise it | TypeError: no"}
    assert rows(differences(program, replace(program, error=other))) == [
        ("text", "", "ValueError: no", "TypeError: no")
    ]
