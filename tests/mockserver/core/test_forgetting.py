"""Tokens and handles are known up to a limit; one that is forgotten is as one that never was."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockserver.core import choosing
from mockserver.core.options import Options
from mockserver.core.request import Request
from mockserver.core.service import Service
from mockserver.scripts import READY

from .conftest import NOW, Backend

if TYPE_CHECKING:
    import pytest


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


def test_counts_of_scripts_that_clients_ask_for_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choosing, "MAX_PERFORMANCES", 10)
    service = Service(Options(), ready=READY)
    for number in range(50):
        for key in (f"mock-script-rate-limited-mint-{number}", f"mock-script-echo+{number}", "any"):
            service.exchange(Request("POST", f"/v1alpha/auth_tokens?key={key}", (), b"{}"), NOW)
    assert len(service._stage._performances) == 10
    assert service.performances[None].counts["mint"] == 100, "what is played to everybody counts on"
