"""Audio that is read by a message before it is read as if there had been none."""

from __future__ import annotations

import base64
import json
import math
import random
from array import array
from typing import Any, Final

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mockserver.core import hearing
from mockserver.core.alike import Alike
from mockserver.core.errors import Refusal
from mockserver.core.grants import read_message
from mockserver.core.hearing import THRESHOLD, is_loud
from mockserver.core.profiles import LATEST, Profile

PROFILE: Final = Profile("v1beta", LATEST)
PCM: Final = random.Random(3).randbytes(96)
#: What is around the data, as clients write it, and as they might.
SHAPES: Final = (
    '{"realtimeInput":{"audio":{"data":"%s","mimeType":"audio/pcm;rate=16000"}}}',
    '{"realtime_input": {"audio": {"mime_type": "audio/pcm", "data": "%s"}}}',
    '{"realtimeInput":{"audio":{"data":"%s"}}}\n',
    '{"realtimeInput":{"audio":{"data":"%s","mimeType":"image/png"}}}',
    '{"realtimeInput":{"audio":{"data":"%s"},"text":"hello"}}',
    '{"realtimeInput":{"mediaChunks":[{"data":"%s"}]}}',
    '{"realtimeInput":{"audio":{"displayName":"%s","data":"AAAA"}}}',
    '{"clientContent":{"turns":[{"role":"user","parts":[{"text":"%s"}]}]}}',
)
data = st.one_of(
    st.binary(min_size=50, max_size=120).map(lambda pcm: base64.b64encode(pcm).decode()),
    st.binary(min_size=50, max_size=120).map(lambda pcm: base64.urlsafe_b64encode(pcm).decode().rstrip("=")),
    st.text(max_size=90),
    st.just("A" * 80 + '","mimeType":"audio/pcm;rate=8000'),
    st.just("A" * 80 + "\\u0041"),
    st.just("A" * 79),
)


def read(payload: bytes) -> Any:
    """What a message says, its audio as bytes; None where it is refused."""
    try:
        kind, content = read_message(payload, PROFILE)
        return kind, {name: hearing._pcm(one) if name == "audio" else one for name, one in content.items()}
    except Refusal:
        return None


@given(st.sampled_from(SHAPES), st.sampled_from(SHAPES), data)
@example(SHAPES[0], SHAPES[0], base64.b64encode(PCM).decode())
def test_it_says_what_a_reader_would_or_nothing(first: str, second: str, text: str) -> None:
    before = (first % base64.b64encode(PCM).decode()).encode()
    kind, content = read_message(before, PROFILE) if read(before) else ("", {})
    alike = Alike.of(before, kind, content)
    payload = (second % text).encode(errors="replace")
    pcm = alike.data(payload) if alike is not None else None
    assert pcm is None or ("realtimeInput", {"audio": pcm}) == read(payload)


@pytest.mark.parametrize("shape", SHAPES[:3])
def test_what_sdks_send_is_alike(shape: str) -> None:
    first, second = ((shape % base64.b64encode(PCM[:size]).decode()).encode() for size in (60, 90))
    alike = Alike.of(first, *read_message(first, PROFILE))
    assert alike is not None
    assert alike.data(second) == PCM[:90]


@pytest.mark.parametrize("shape", SHAPES[3:])
def test_nothing_else_is(shape: str) -> None:
    payload = (shape % base64.b64encode(PCM).decode()).encode()
    assert Alike.of(payload, *read_message(payload, PROFILE)) is None


def test_a_name_that_hides_behind_an_escape_is_not_taken_for_the_data() -> None:
    text = base64.b64encode(PCM).decode()
    payload = json.dumps(
        {"realtimeInput": {"audio": {"data": text, "mimeType": f"audio/pcm;{text}"}}}
    ).encode()
    assert Alike.of(payload, *read_message(payload, PROFILE)) is None


# -- loudness ---------------------------------------------------------------------------------------------

windows = st.one_of(
    st.lists(st.integers(-32_768, 32_767), min_size=1, max_size=40),
    st.lists(st.integers(-300, 300), min_size=1, max_size=40),
    st.builds(
        lambda height, offset, count: [offset + (height if n % 2 else -height) for n in range(count)],
        st.integers(THRESHOLD - 3, THRESHOLD + 3),
        st.integers(-2_000, 2_000),
        st.integers(2, 64),
    ),
)


@given(windows)
def test_a_window_is_as_loud_as_the_exact_sum_says(samples: list[int]) -> None:
    mean = sum(samples) / len(samples)
    energy = math.fsum((sample - mean) ** 2 for sample in samples) / len(samples)
    if abs(energy - THRESHOLD**2) > 1e-3:
        window = array("h", samples).tobytes()
        assert is_loud(b"before" + window + b"behind", 6, len(window)) == (energy > THRESHOLD**2)
