"""Tokens and handles are known up to a limit; one that is forgotten is as one that never was."""

from __future__ import annotations

from .conftest import Backend


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
