"""Resumption handles: known for two hours, and no more than so many."""

from __future__ import annotations

from mockserver.core.handles import LIFETIME_S, Handles

from .conftest import Backend


def test_a_handle_is_known_for_two_hours() -> None:
    handles = Handles(10)
    handles.give("a", 0.0)
    handles.give("b", 5.0)
    handles.expire(LIFETIME_S - 0.1)
    assert "a" in handles
    handles.expire(float(LIFETIME_S))
    assert ("a" in handles, "b" in handles, len(handles)) == (False, True, 1)


def test_the_oldest_is_forgotten_where_there_are_too_many() -> None:
    handles = Handles(2)
    for name in "abc":
        handles.give(name, 0.0)
    assert [name for name in "abc" if name in handles] == ["b", "c"]


def test_a_forgotten_handle_is_one_that_was_never_given() -> None:
    backend = Backend("launch", handles=1)
    first = backend.with_key(sessionResumption={})
    first.say("hello")
    second = backend.with_key(sessionResumption={})
    second.say("hello")
    backend.with_key(sessionResumption={"handle": second.handle}).expect_ready()
    resumed = backend.with_key(sessionResumption={"handle": first.handle})
    resumed.expect_close(1008, "BidiGenerateContent session not found", "CLS-049")


def test_a_forgotten_token_is_one_that_was_never_minted() -> None:
    backend = Backend("launch", tokens=2)
    names = [backend.mint() for _ in range(3)]
    assert [token.name for token in backend.service.tokens] == names[1:]
    backend.with_token(names[0]).expect_close(1007, "Missing or malformed auth token", "CLS-006")
    backend.with_token(names[2]).expect_ready()
