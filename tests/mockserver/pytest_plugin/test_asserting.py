"""What a test may say of its client, and what it is told when that is not so."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
from typing import TYPE_CHECKING, Any

import pytest

from mockserver import Refuse, Rule, Script
from mockserver.pytest_plugin import MockGemini
from mockserver.pytest_plugin.matching import difference

from ..conftest import KEY, Live, Wire

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

MODEL = "models/gemini-3.8-live"


@pytest.fixture
def gemini(tls_dir: Path) -> Iterator[MockGemini]:
    """A server as tests have it."""
    with MockGemini(pace=0, tls_dir=tls_dir) as server:
        server.begin()
        yield server


def mint(gemini: MockGemini, version: str = "v1alpha", **fields: Any) -> str:
    """Mint over HTTP."""
    with contextlib.closing(Wire(gemini.port)) as wire:
        answer = wire.request("POST", f"/{version}/auth_tokens?key={KEY}", json.dumps(fields).encode())
        return str(answer.json["name"]) if answer.status == 200 else ""


def told(assertion: Callable[..., Any], *args: Any, **given: Any) -> str:
    """What an assertion that fails says."""
    with pytest.raises(AssertionError) as caught:
        assertion(*args, **given)
    return str(caught.value)


def test_sockets_are_counted_by_what_they_are(gemini: MockGemini, live: Callable[..., Live]) -> None:
    token = mint(gemini)
    constrained = {"method": "BidiGenerateContentConstrained", "query": f"access_token={token}"}
    live(gemini, **constrained).setup(MODEL).expect_ready()
    live(gemini, version="v1beta", headers={"user-agent": "my-client/2"}).setup(MODEL).expect_ready()
    gemini.assert_connected()
    gemini.assert_connected(times=2, model="gemini-3.8-live", api_key=KEY)
    gemini.assert_connected(times=1, version="v1alpha", token=True, resumed=False)
    [one] = gemini.assert_connected(client="my-client")
    assert one.name == "ws-2"
    gemini.assert_connected(times=0, setup={"generationConfig": {}})
    gemini.assert_connected(setup=lambda setup: setup == {"model": MODEL})


def test_a_message_names_the_wish_the_nearest_and_the_journal(
    gemini: MockGemini, live: Callable[..., Live]
) -> None:
    live(gemini).setup(MODEL).expect_ready()
    said = told(gemini.assert_connected, times=1, version="v1beta", model="gemini-2")
    assert said.splitlines()[:4] == [
        "expected exactly 1 socket with version 'v1beta' and model 'gemini-2', got none",
        "nearest:",
        "  ws-1: version is 'v1alpha', expected 'v1beta', model is 'gemini-3.8-live', expected 'gemini-2'",
        "journal:",
    ]
    assert "    ws-1  open      101" in said
    assert KEY not in said
    said = told(gemini.assert_connected, times=0)
    assert said.startswith("expected no socket, got 1\njournal:")


def test_nothing_is_told_as_such(gemini: MockGemini) -> None:
    assert (
        told(gemini.assert_minted)
        == "expected a minted token, got none\njournal:\n    nothing reached the mock"
    )


def test_a_long_journal_is_cut(gemini: MockGemini) -> None:
    for _ in range(40):
        mint(gemini)
    said = told(gemini.assert_connected)
    assert "    … 50 entries before these\n" in said
    assert len(said.splitlines()) < 40


def test_tokens_are_counted_by_what_was_asked_for(gemini: MockGemini) -> None:
    mint(gemini)
    mint(gemini, uses=3, bidi_generate_content_setup={"model": MODEL})
    gemini.mint(uses=5)
    gemini.assert_minted(times=2)
    gemini.assert_minted(times=1, uses=1, locked=False, version="v1alpha")
    gemini.assert_minted(times=1, uses=3, locked=True, model="gemini-3.8-live")
    gemini.assert_minted(request={"bidiGenerateContentSetup": {"model": MODEL}})
    said = told(gemini.assert_minted, uses=4)
    assert "  http-1: uses is 1, expected 4" in said


def test_messages_are_found_in_either_spelling(gemini: MockGemini, live: Callable[..., Live]) -> None:
    socket = live(gemini).setup(MODEL).expect_ready()
    turn = {"role": "user", "parts": [{"text": "what is the weather"}]}
    socket.send({"client_content": {"turns": [turn], "turn_complete": True}}).expect_turn()
    socket.send({"realtimeInput": {"text": "and now"}}).expect_turn()
    gemini.assert_received("clientContent", times=1)
    gemini.assert_received("setup")
    gemini.assert_received({"clientContent": {"turnComplete": True}})
    gemini.assert_received({"client_content": {"turns": [{"role": "user"}]}}, on="ws-1")
    gemini.assert_received(text="weather", times=1)
    gemini.assert_received("realtimeInput", text="and now")
    said = told(gemini.assert_received, {"clientContent": {"turns": [{"role": "model"}]}})
    assert "clientContent.turns[0].role is 'user', expected 'model'" in said
    said = told(gemini.assert_received, "toolResponse")
    assert "kind is 'setup', expected 'toolResponse'" in said


@pytest.mark.parametrize(
    ("wanted", "got", "miss"),
    [
        ({}, {"a": 1}, None),
        ({"a": {"b": 1}}, {"a": {"b": 1, "c": 2}}, None),
        ({"a": {"b": 1}}, {"a": {}}, "a.b is nothing, expected 1"),
        ({"a": 1}, {}, "a is nothing, expected 1"),
        ([1], [1, 2], None),
        ([1, 2], [1], "it has 1 parts, expected 2"),
        ({"a": [{"b": 1}]}, {"a": [{"b": 2}]}, "a[0].b is 2, expected 1"),
        ({"a": {}}, {"a": 1}, "a is 1, expected {}"),
        (lambda got: got > 1, 2, None),
        ("x" * 200, "y", f"it is 'y', expected '{'x' * 99}…"),
    ],
)  # fmt: skip
def test_the_difference_between_a_wish_and_a_value(wanted: Any, got: Any, miss: str | None) -> None:
    assert difference(wanted, got) == miss


def test_ends_are_told_by_code_reason_and_side(gemini: MockGemini, live: Callable[..., Live]) -> None:
    live(gemini).setup(MODEL).expect_ready().close(1000, "done")
    live(gemini).setup("models/nonsense").close()
    gemini.assert_closed(times=2)
    gemini.assert_closed(1000, by="client", reason="")
    gemini.assert_closed(1008, times=1, by="server", reason="is not found")
    said = told(gemini.assert_closed, 1011)
    assert "  ws-1: code is 1000, expected 1011" in said


def test_refusals_are_told_by_their_fact(gemini: MockGemini) -> None:
    gemini.assert_no_refusals()
    mint(gemini, "v1beta")
    gemini.assert_refused("TOK-002", times=1)
    gemini.assert_refused()
    assert "→ tokens are not served on v1beta" in told(gemini.assert_no_refusals)
    said = told(gemini.assert_refused, "CLS-007")
    assert said.startswith("expected a refusal by CLS-007, got none\nnearest:\n  http-1  refusal ")
    assert told(gemini.assert_refused, times=2).startswith("expected a refusal, 2 times, got 1")


def test_the_verdict_may_be_asked_to_be_good(gemini: MockGemini) -> None:
    gemini.assert_well_behaved()
    mint(gemini, "v1beta")
    said = told(gemini.assert_well_behaved)
    assert said.startswith(
        "expected a client that does nothing bad, got:\nbad    refused: http-1 was refused"
    )
    gemini.assert_well_behaved(ignore=["refused"])


# -- clients that need a while ----------------------------------------------------------------------------


def test_an_assertion_waits_for_a_client_in_another_thread(gemini: MockGemini) -> None:
    threading.Timer(0.05, mint, [gemini]).start()
    gemini.assert_minted(within_s=5)
    assert " within 0.02 s, got none" in told(gemini.assert_connected, within_s=0.02)


def test_in_a_coroutine_one_awaits(gemini: MockGemini) -> None:
    async def main() -> None:
        client = asyncio.create_task(later())
        await gemini.eventually(gemini.assert_minted, times=1)
        await client
        with pytest.raises(AssertionError, match="expected a socket, got none"):
            await gemini.eventually(gemini.assert_connected, within_s=0.02)
        with pytest.raises(RuntimeError, match=r"would stop the event loop .* expected await mock_gemini"):
            gemini.assert_connected(within_s=1)

    async def later() -> None:
        await asyncio.sleep(0.05)
        await asyncio.to_thread(mint, gemini)

    asyncio.run(main())


# -- what a test did not say ------------------------------------------------------------------------------


def unexpected(gemini: MockGemini) -> list[str]:
    """The facts of the refusals that nobody has spoken of."""
    return [entry.fact for entry in gemini.unexpected()]


def test_a_refusal_that_nobody_speaks_of_is_unexpected(gemini: MockGemini, wire: Any) -> None:
    mint(gemini, "v1beta")
    with contextlib.closing(Wire(gemini.port)) as one:
        one.request("GET", "/v1/nowhere")
        one.request("GET", "/v1beta/models?key=any")
    assert unexpected(gemini) == ["TOK-002", "TOK-009", "MOCK"]
    gemini.assert_refused("TOK-002")
    assert unexpected(gemini) == ["TOK-009", "MOCK"]
    gemini.expect_refusal("MOCK", "TOK-009")
    assert unexpected(gemini) == []
    gemini.begin()
    mint(gemini, "v1beta")
    assert unexpected(gemini) == ["TOK-002"], "what is expected ends with the test"
    gemini.expect_refusal()
    assert unexpected(gemini) == []


def test_what_a_test_brings_about_is_expected(gemini: MockGemini, live: Callable[..., Live]) -> None:
    live(gemini).setup(MODEL).expect_ready()
    gemini.advance(600)
    assert unexpected(gemini) == [], "its clock"
    gemini.play(Script("busy", (Rule("mint", (Refuse("TOK-058"),)),)))
    mint(gemini)
    assert unexpected(gemini) == [], "its script"
    live(gemini, query="key=mock-expired").setup(MODEL)._drain()
    assert unexpected(gemini) == [], "its key"

    live(gemini).setup("models/nonsense")._drain()
    assert set(unexpected(gemini)) == {"CLS-030B"}
    gemini.assert_closed(1008, reason="is not found")
    assert unexpected(gemini) == [], "it looks at the close"


def test_a_client_that_outlives_its_test_is_not_the_next_ones(
    gemini: MockGemini, live: Callable[..., Live]
) -> None:
    stray = live(gemini).setup(MODEL).expect_ready()
    gemini.begin()
    stray.send({"nonsense": 1})._drain()
    assert [entry.kind for entry in gemini.journal if entry.kind == "refusal"] == ["refusal"]
    assert unexpected(gemini) == []
    assert gemini.left_open() == []
