"""Who comes again gets what somebody gets who comes for the first time."""

from __future__ import annotations

import json
from itertools import product
from random import Random
from typing import TYPE_CHECKING, Any, Final

import pytest

from mockserver import Options, Refusal
from mockserver.core.credentials import placed
from mockserver.core.grants import Door, Grant, Porter, read_message
from mockserver.core.profiles import LATEST
from mockserver.core.request import Request

from .conftest import AUDIO_MODEL, KEY, NOW, TEXT_MODEL, Backend
from .talking import AUDIO, LIVE_31, TEXT

if TYPE_CHECKING:
    from mockserver.core.profiles import Method

SETUPS: Final[tuple[dict[str, Any], ...]] = (
    {"model": TEXT_MODEL},
    {"model": TEXT_MODEL, **TEXT},
    {"model": AUDIO_MODEL, **AUDIO},
    {"model": AUDIO_MODEL, **TEXT},
    {"model": LIVE_31},
    {"model": "models/none"},
    {"model": TEXT_MODEL, "sessionResumption": {}},
    {"model": TEXT_MODEL, "sessionResumption": {"handle": "given"}},
    {"model": TEXT_MODEL, "sessionResumption": {"handle": "never"}},
    {"model": TEXT_MODEL, "systemInstruction": {"parts": [{"text": "x" * 3_000}]}},
)
PAYLOADS: Final = [
    json.dumps({"setup": setup}, indent=indent).encode() for setup in SETUPS for indent in (None, 1)
]
KEYS: Final = (
    "",
    f"?key={KEY}",
    "?key=other",
    f"?key={KEY}&key=other",
    "?key=mock-expired",
    "?key=" + "k" * 3_000,
)
METHODS: Final[tuple[Method, ...]] = ("BidiGenerateContent", "BidiGenerateContentConstrained")
OPTIONS: Final = (Options(), Options(service_date=LATEST, api_keys=("other",)))
#: The handle is valid at first, and no more at last; so is the token.
TIMES: Final = (NOW, NOW + 90, NOW + 10_000)


def outcome(grants: Any, *asked: Any) -> Grant | tuple[str, dict[str, str]]:
    """A grant, or why there is none."""
    try:
        return grants(*asked)  # type: ignore[no-any-return]
    except Refusal as refusal:
        return refusal.fact, refusal.values


@pytest.mark.parametrize("options", OPTIONS, ids=["launch", "latest"])
@pytest.mark.parametrize("most", [1, 10, 1_000])
def test_who_comes_again_gets_the_same(options: Options, most: int) -> None:
    backend = Backend()
    queries = (*KEYS, f"?access_token={backend.mint(uses=1)}")
    store = backend.service._store
    store.keep("given", NOW, NOW + 100)
    porter, granted = Porter(options, store, most), 0
    asked = [*product(METHODS, queries, ("v1alpha", "v1beta"), PAYLOADS, TIMES)] * 2
    Random(most).shuffle(asked)
    for method, query, version, payload, now in asked:
        credentials, profile = placed(Request("GET", f"/{query}")), options.profile(version)
        _, offered = read_message(payload, profile)
        expected = outcome(Door(method, credentials, profile, options, store).grant, offered, now)
        assert outcome(porter.grant, method, credentials, profile, payload, offered, now) == expected
        assert len(porter._known) <= most
        granted += isinstance(expected, Grant)
    assert granted > 100


def test_nothing_is_kept_of_tokens_handles_and_what_is_long() -> None:
    backend, options = Backend(), Options()
    store = backend.service._store
    store.keep("given", NOW, NOW + 100)
    porter, profile = Porter(options, store), options.profile("v1alpha")
    for method, query, setup in (
        (METHODS[1], f"access_token={backend.mint()}", SETUPS[1]),
        (METHODS[0], f"key={KEY}", SETUPS[7]),
        (METHODS[0], f"key={KEY}", SETUPS[9]),
        (METHODS[0], "key=" + "k" * 3_000, SETUPS[1]),
    ):
        payload = json.dumps({"setup": setup}).encode()
        _, offered = read_message(payload, profile)
        porter.grant(method, placed(Request("GET", f"/?{query}")), profile, payload, offered, NOW)
    assert not porter._known
