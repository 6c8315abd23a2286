"""Bodies that came before: what is remembered of one is what reading it anew would say."""

from __future__ import annotations

import copy
import json
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.core import tokens
from mockserver.core.errors import Refusal
from mockserver.core.options import Options
from mockserver.core.profiles import API_VERSIONS, LATEST, LAUNCH, Profile
from mockserver.core.schema import parse
from mockserver.core.tokens import check_request, read_request

from .conftest import AUDIO_MODEL, Backend

SETUP: Final = {"model": AUDIO_MODEL, "generationConfig": {"temperature": 0.5}}
PROACTIVE: Final = {"model": AUDIO_MODEL, "proactivity": {"proactiveAudio": True}}
#: As a server has them: what one takes, another refuses.
PROFILES: Final = [
    Options(service_date=day, serve=serve).profile(version)
    for day in (LAUNCH, LATEST)
    for serve in ((), (("v1alpha:BidiGenerateContentSetup.proactivity", False),))
    for version in API_VERSIONS
]
BODIES: Final = st.one_of(
    st.sampled_from([b"", b"{", b"[]", b"null", b"\xff", b'{"uses": 1, "uses": 2}', b'{"uses": NaN}']),
    st.fixed_dictionaries(
        {},
        optional={
            "uses": st.sampled_from([0, 1, -1, "2", 1.5, True, None, "x"]),
            "expireTime": st.sampled_from(["2026-01-15T12:10:00Z", "2026-99-15T12:10:00Z", 5]),
            "fieldMask": st.sampled_from(["", "model", "nonsense", "generation_config"]),
            "field_mask": st.just("tools"),
            "bidiGenerateContentSetup": st.sampled_from([SETUP, PROACTIVE, {}, [], {"authToken": {}}]),
        },
    ).map(lambda value: json.dumps(value).encode()),
)


def outcome(read: Any, *of: Any) -> Any:
    """What was read, or why it is refused."""
    try:
        return read(*of)
    except Refusal as refusal:
        return refusal.fact, refusal.values, refusal.message, refusal.violations


def anew(body: bytes, profile: Profile) -> Any:
    return check_request(parse(body), profile)


@given(
    st.lists(BODIES, min_size=1, max_size=3).flatmap(
        lambda pool: st.lists(
            st.tuples(st.sampled_from(pool), st.sampled_from(PROFILES)), min_size=2, max_size=12
        )
    )
)
def test_a_body_is_read_as_if_it_never_came(asked: list[tuple[bytes, Profile]]) -> None:
    for body, profile in asked:
        assert outcome(read_request, body, profile) == outcome(anew, body, profile)


def test_what_one_version_takes_another_refuses_still() -> None:
    body = json.dumps({"bidiGenerateContentSetup": PROACTIVE}).encode()
    taken = [isinstance(outcome(read_request, body, profile), dict) for profile in PROFILES]
    assert taken == [isinstance(outcome(anew, body, profile), dict) for profile in PROFILES]
    assert len(set(taken)) == 2


def test_what_was_read_is_kept_once_and_not_for_ever() -> None:
    body = json.dumps({"bidiGenerateContentSetup": SETUP}).encode()
    assert read_request(body, PROFILES[0]) is read_request(bytes(bytearray(body)), PROFILES[0])
    long = body + b" " * tokens._LONG
    assert read_request(long, PROFILES[0]) is not read_request(long, PROFILES[0])
    assert tokens._known.cache_info().maxsize == 256


@pytest.mark.parametrize("mask", ["", "generationConfig.temperature,tools"])
def test_nobody_changes_what_was_read(backend: Backend, mask: str) -> None:
    asked = {"uses": 0, "fieldMask": mask, "bidiGenerateContentSetup": SETUP}
    body = json.dumps(asked).encode()
    wanted = read_request(body, backend.service.options.profile("v1alpha"))
    before = copy.deepcopy(wanted)
    for _ in range(2):
        token = json.loads(backend.post_token(asked).body)["name"]
        tools = [{"functionDeclarations": [{"name": "f"}]}]
        backend.with_token(token, tools=tools, sessionResumption={"handle": "unknown"})
    assert [one.shown() for one in backend.service.tokens]
    assert wanted == before
