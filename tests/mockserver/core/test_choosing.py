"""A client chooses a script by its key or its model; others are given one."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver import READY, Close, Match, Options, Refusal, Rule, Say, Script
from mockserver.core import choosing, models
from mockserver.core.choosing import Stage
from mockserver.core.profiles import LATEST
from mockserver.core.service import Service

from .conftest import KEY, Backend
from .talking import HALF_CASCADE, TEXT

HALF = HALF_CASCADE.removeprefix("models/")


@pytest.fixture
def ready() -> Backend:
    """A backend that has the ready-made scripts."""
    backend = Backend()
    backend.service = Service(Options(pace=0), ready=READY)
    return backend


def said(backend: Backend, key: str = KEY, model: str = HALF_CASCADE) -> str:
    """What the model answers to "hi"."""
    client = backend.connect(query=f"key={key}")
    client.setup(model, **TEXT)
    client.say("hi")
    return client.text if client.close is None else str(client.close)


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("mock-script-greeting", "greeting"),
        ("AIzaSy-mock-script-close-1011-cls-007--alice", "close-1011-cls-007"),
        ("mock-script-greeting_2", "greeting"),
        ("mock-script-", ""),
        ("mock-script", ""),
        ("AIzaSyAnything", ""),
        (None, ""),
    ],
)
def test_a_name_in_a_key(key: str | None, name: str) -> None:
    assert choosing.by_key(key) == name


@pytest.mark.parametrize(
    ("model", "name", "real"),
    [
        ("models/mock-greeting", "greeting", choosing.DEFAULT_MODEL),
        (f"models/mock-close-1008--{HALF}", "close-1008", HALF),
        ("models/mock-close-1008--", "", "mock-close-1008--"),
        ("mock-greeting", "", choosing.DEFAULT_MODEL),
        ("models/gemini-3.8-live", "", "gemini-3.8-live"),
        ("models/mock-", "", "mock-"),
    ],
)
def test_a_name_in_a_model(model: str, name: str, real: str) -> None:
    assert choosing.by_model(model) == name
    assert choosing.real_model(model.removeprefix("models/")) == real


def test_a_model_of_a_script_is_the_real_one_behind_it() -> None:
    found = models.find("models/mock-greeting--gemini-3.8-live", LATEST)
    assert found is models.MODELS["gemini-3.8-live"]
    assert models.find("models/mock-greeting--gemini-none", LATEST) is None


def test_a_key_plays_a_ready_made_script(ready: Backend) -> None:
    assert said(ready, "mock-script-tool-round") == ""
    assert said(ready, "mock-script-close-1011") == "(1011, 'closed by a script')"
    assert said(ready, "mock-script-close-1011") == "hi", "the first turn of this key only"
    assert said(ready, "mock-script-close-1011--other") == "(1011, 'closed by a script')"
    assert said(ready) == "hi"


def test_a_model_plays_a_ready_made_script(ready: Backend) -> None:
    assert said(ready, model=f"models/mock-close-1011--{HALF}") == "(1011, 'closed by a script')"
    assert said(ready, "mock-script-tool-round", f"models/mock-echo--{HALF}") == "hi", "the model comes first"


def test_the_model_locked_in_a_token_plays_too(ready: Backend) -> None:
    setup = {"model": "models/mock-close-1008", "generationConfig": {"responseModalities": ["AUDIO"]}}
    token = ready.mint(bidiGenerateContentSetup=setup)
    client = ready.with_token(token)
    client.say("hi")
    assert client.close == (1008, "closed by a script")


def test_a_key_plays_at_the_mint_already(ready: Backend) -> None:
    statuses = [ready.post_token(key="mock-script-rate-limited-mint").status for _ in range(3)]
    assert statuses == [429, 429, 200]


def test_an_unknown_name_is_refused_with_near_ones(ready: Backend) -> None:
    assert ready.post_token(key="mock-script-gretting").status == 400
    assert said(ready, "mock-script-gretting").startswith("(1007")
    assert said(ready, model=f"models/mock-gretting--{HALF}").startswith("(1008")
    assert said(ready, model="models/mock-gretting--gemini-none").startswith("(1008")
    hints = [entry.hint for entry in ready.refusals]
    assert [entry.fact for entry in ready.refusals[:3]] == ["TOK-041", "CLS-001", "CLS-030"]
    assert all("no ready-made script 'gretting'; nearest: greeting" in hint for hint in hints[:3])


def test_an_unknown_name_in_the_lock_of_a_token(ready: Backend) -> None:
    client = ready.with_token(ready.mint(bidiGenerateContentSetup={"model": "models/mock-nothing"}))
    assert client.close is not None
    assert ready.refusals[-1].fact == "CLS-032"
    assert "no ready-made script" in ready.refusals[-1].hint


def close(code: int, **whom: Any) -> Script:
    """A script that closes, for some or for all."""
    return Script(
        f"close {code} {whom}", (Rule("turn", (Close(code),)),), whom=Match(**whom) if whom else None
    )


def test_who_gets_which_script() -> None:
    backend = Backend()
    backend.service.play(Script("all", (Rule("turn", (Say("all"),)),)))
    backend.service.play(close(1000, api_key="team-*"))
    backend.service.play(close(1001, model=HALF))
    backend.service.play(close(1008), "team-a")
    assert said(backend, "team-a") == "(1008, '')", "given to one key"
    assert said(backend, "team-b") == "(1001, '')", "the newest that is for it"
    assert said(backend, "other") == "(1001, '')"
    assert said(backend, "team-b", "models/gemini-2.0-flash-live-001") == "(1000, '')"
    assert said(backend, "other", "models/gemini-2.0-flash-live-001") == "all"


def test_a_reset_keeps_scripts_and_forgets_counts() -> None:
    backend = Backend()
    backend.service.play(Script("x", (Rule("turn", (Close(1000),), 1),)), KEY)
    assert [said(backend), said(backend)] == ["(1000, '')", "hi"]
    backend.service.reset()
    assert said(backend) == "(1000, '')"


def test_a_refusal_says_what_is_wrong_with_the_name() -> None:
    with pytest.raises(Refusal, match="nearest: greeting"):
        choosing.Stage(READY["echo"], READY).check("greetin", "CLS-001")


# -- who is known without a search --------------------------------------------------------------------------

KEYS = [None, "", "a", "b", "mock-script-echo", "mock-script-greeting-2", "a" * 200]
MODELS = ["", HALF_CASCADE, f"models/mock-greeting--{HALF}", "models/mock-x", "mock-echo", "m" * 200]
SCRIPTS = [None, Script("one"), Script("for a", whom=Match(api_key="a")), READY["greeting"]]
PLAYS = st.tuples(st.sampled_from(SCRIPTS), st.sampled_from(KEYS))


@pytest.mark.parametrize(("kept", "counted"), [(5, 100), (100, 100), (100, 5)])
@given(st.lists(PLAYS | st.none(), max_size=9))
@settings(deadline=None)
def test_who_is_known_is_who_would_be_found(
    kept: int, counted: int, plays: list[tuple[Script | None, str | None] | None]
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(choosing, "_KNOWN", kept)
        patch.setattr(choosing, "MAX_PERFORMANCES", counted)
        stage = Stage(Script("first"), READY)
        for play in [None, *plays]:
            stage.reset() if play is None else stage.play(*play)
            for key, model in [*product(KEYS, MODELS)] * 2:
                assert stage.performance(key, model) is stage._find(key or "", model)
                assert len(stage._known) <= kept


def test_keys_and_models_of_any_length_are_not_kept() -> None:
    stage = Stage(Script("first"), READY)
    for key, model in (("k" * 1_000, ""), ("k", "m" * 1_000)):
        stage.performance(key, model)
    assert not stage._known
