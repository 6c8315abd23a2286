"""Hypothesis builds bytes for each target, the corpus is run again, and both find planted bugs."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from . import conversation, seeds
from .__main__ import ROOT, SHARES
from .mutants import MUTANTS
from .targets import CORPUS, TARGETS, frame

if TYPE_CHECKING:
    from pathlib import Path

INPUTS: Final = [path for name in TARGETS for path in sorted((CORPUS / name).iterdir())]


@pytest.mark.parametrize("path", INPUTS, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_the_corpus_breaks_nothing(path: Path) -> None:
    TARGETS[path.parent.name].run(path.read_bytes())


def test_every_target_has_seeds_a_share_and_a_bug() -> None:
    assert set(TARGETS) == set(seeds.SEEDS) == set(SHARES) == set(MUTANTS)
    assert all(
        (CORPUS / target / name).exists() for target, found in seeds.SEEDS.items() for name in found
    ), "run python -m tests.fuzz.seeds"


# -- what Hypothesis builds ---------------------------------------------------------------------------------

some_bytes = st.binary(max_size=40)
cuts = st.sampled_from([b"\0", b"\1", b"\2", b"\3"])


def texts(*words: str) -> st.SearchStrategy[str]:
    """Words of a language, and now and then any others."""
    return st.one_of(st.sampled_from(words), st.sampled_from(words), st.text(max_size=8))


def encoded(values: st.SearchStrategy[Any]) -> st.SearchStrategy[bytes]:
    """JSON; some of it with a piece torn out."""
    whole = values.map(lambda value: json.dumps(value).encode())
    torn = st.tuples(whole, st.integers(0, 60), some_bytes).map(
        lambda t: t[0][: t[1]] + t[2] + t[0][t[1] + 3 :]
    )
    return st.one_of(whole, whole, torn)


def trees(*names: str) -> st.SearchStrategy[Any]:
    """Values of JSON whose objects have these names."""
    leaves = st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.sampled_from(names)
    )
    return st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts(*names), inner, max_size=3),
        max_leaves=12,
    )


targets_of_requests = st.just("/%ff") | st.lists(
    texts(
        "/", "v1alpha", "auth_tokens", "_mock", "health", "..", "%2e", "%00", "%ff", "?key=", "&", "x" * 300
    ),
    max_size=6,
).map("".join)
headers = st.lists(
    texts(
        "Host: x", "Content-Length: 2", "Content-Length: 99999999999999999999", "Transfer-Encoding: chunked",
        "Connection: Upgrade", "Upgrade: websocket", "Upgrade: h2c", "Sec-WebSocket-Key: x", "Expect: 100-continue",
        "Origin: http://x", "x-goog-api-key: k", "Authorization: Token t", "X: " + "y" * 200, " folded", "no colon",
        "X: \0", "Connection: close",
    ),
    max_size=6,
)  # fmt: skip
requests = st.builds(
    lambda method, target, version, lines, body: (
        "\r\n".join([f"{method} {target} {version}", *lines, "", ""]).encode("utf-8", "replace") + body
    ),
    texts("GET", "POST", "HEAD", "OPTIONS", "CONNECT", "PRI"),
    targets_of_requests,
    texts("HTTP/1.1", "HTTP/1.0", "HTTP/2.0"),
    headers,
    st.one_of(st.sampled_from([b"", b"{}", b"1\r\nx\r\n0\r\n\r\n", b"\r\n"]), some_bytes),
)
frames = st.builds(
    lambda opcode, payload, fin, reserved, announced: frame(
        opcode, payload, fin=fin, reserved=reserved, announced=announced
    ),
    st.sampled_from([0, 1, 1, 2, 2, 8, 9, 10, 3, 15]),
    st.one_of(encoded(trees("setup", "model", "clientContent")), some_bytes, st.just(b"\x03\xe8x")),
    st.booleans(),
    st.sampled_from([0, 0, 0, 0, 1, 4]),
    st.sampled_from([None, None, None, None, 0, 125, 3_000, 2**33]),
)
AUDIO: Final = st.builds(
    lambda mime, data: {"realtimeInput": {"audio": {"mimeType": mime, "data": data}}},
    texts("audio/pcm", "audio/pcm;rate=16000", "audio/pcm;rate=0", "image/png"),
    texts("AAAA", "AAAAAA==", "A", "!"),
)
any_message = st.one_of(
    st.just(seeds.TURN),
    AUDIO,
    trees(
        "setup", "model", "realtimeInput", "audio", "text", "clientContent", "turns", "parts", "toolResponse"
    ),
)
setups = trees("model", "generationConfig", "temperature", "tools", "systemInstruction", "sessionResumption")
token_requests = st.fixed_dictionaries(
    {},
    optional={
        "uses": st.one_of(st.integers(-2, 5), st.text(max_size=3), st.floats()),
        "expireTime": texts("2026-01-15T12:10:00Z", "2026-99-15T12:10:00Z", "2026-01-15T12:10:00+99:99"),
        "fieldMask": texts("model", "tools", "generationConfig.topK", ","),
        "bidiGenerateContentSetup": setups,
    },
)
SCRIPT_WORDS: Final = (
    "name", "rules", "on", "turn", "then", "say", "close", "code", "match", "nth", "each", "do", "abort", "pause",
)  # fmt: skip
yaml_texts = st.lists(
    texts(
        "name: x", "rules:", "- on: turn", "  then: [abort]", "? [a]", "&a [*a]", "- {a: b}", "!!int x", "|"
    ),
    max_size=6,
).map(lambda lines: "\n".join(lines).encode("utf-8", "replace"))
lines_of_recordings = st.lists(
    st.one_of(
        st.sampled_from([json.dumps(line) for line in seeds._LINES]),
        trees("ms", "on", "by", "kind", "payload", "json").map(json.dumps),
    ),
    max_size=5,
)
BUILT: Final[dict[str, st.SearchStrategy[bytes]]] = {
    "http": st.tuples(cuts, st.lists(requests, max_size=3).map(b"".join)).map(b"".join),
    "socket": st.tuples(cuts, st.lists(frames, max_size=6).map(b"".join), some_bytes).map(b"".join),
    "frames": st.tuples(cuts, st.lists(frames, max_size=6).map(b"".join), some_bytes).map(b"".join),
    "json": st.one_of(encoded(any_message), encoded(token_requests)),
    "messages": st.lists(encoded(any_message), max_size=4).map(
        lambda found: b"\n\n".join([json.dumps(conversation.SETUP).encode(), *found])
    ),
    "tokens": st.tuples(encoded(token_requests), encoded(any_message)).map(b"\n\n".join),
    "masks": st.tuples(
        st.lists(texts("model", "generationConfig", ".", ",", "temperature", "tools"), max_size=6).map(
            lambda words: "".join(words).encode("utf-8", "replace")
        ),
        encoded(setups),
    ).map(b"\n".join),
    "scripts": st.one_of(encoded(trees(*SCRIPT_WORDS)), yaml_texts),
    "recordings": st.one_of(
        st.tuples(
            st.one_of(st.just(seeds._HEADER), trees("format", "version").map(json.dumps)), lines_of_recordings
        ).map(lambda parts: "\n".join([parts[0], *parts[1], ""]).encode()),
        st.lists(st.one_of(st.just(b">3 {}\n"), st.just(b"<3 {}\n"), some_bytes), max_size=4).map(b"".join),
    ),
}


@pytest.mark.parametrize("name", TARGETS)
def test_what_is_built_breaks_nothing(name: str) -> None:
    given(BUILT[name])(TARGETS[name].run)()


# -- planted bugs -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", TARGETS)
def test_a_planted_bug_is_built(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    MUTANTS[name](monkeypatch.setattr)
    search = settings(max_examples=3_000, phases=[Phase.generate])(given(BUILT[name])(TARGETS[name].run))
    with pytest.raises(Exception):  # noqa: B017, PT011 - whatever the bug raises
        search()


@pytest.mark.skipif(
    importlib.util.find_spec("atheris") is None, reason="Atheris is for Linux and Python 3.11 to 3.13"
)
@pytest.mark.timeout(600)  # a busy machine is no bug
@pytest.mark.parametrize("name", TARGETS)
def test_a_planted_bug_is_found(name: str) -> None:
    command = [sys.executable, "-m", "tests.fuzz", "--target", name, "--inputs", "40000", "--mutant"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stdout[-2_000:] + done.stderr[-2_000:]
    assert f"{name}: found crash" in done.stdout
