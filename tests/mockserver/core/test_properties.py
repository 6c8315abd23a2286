"""What holds for every input, not only for those that somebody thought of."""

from __future__ import annotations

import base64
import json
import re
from array import array
from contextlib import suppress
from typing import Any, Final

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mockserver.core import credentials
from mockserver.core.constraints import Constraint, read_mask
from mockserver.core.credentials import Placed, placed
from mockserver.core.errors import Refusal, cut
from mockserver.core.hearing import WINDOW_S, Change, Detection, Hearing
from mockserver.core.journal import hide_secrets, summary
from mockserver.core.messages import ENUM_VALUES, MESSAGES, snake
from mockserver.core.profiles import LATEST, Profile
from mockserver.core.request import Request
from mockserver.core.schema import check, parse

from .conftest import AUDIO_MODEL, KEY, Backend

PROFILE: Final = Profile("v1alpha", LATEST)
SETUP: Final = "BidiGenerateContentSetup"

# -- JSON of the schema, in any spelling --------------------------------------------------------------------

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
structs = st.dictionaries(st.sampled_from(["a_b", "aB", "c"]), json_values, max_size=2)
SCALARS: Final[dict[str, st.SearchStrategy[Any]]] = {
    "string": st.text(max_size=8),
    "bool": st.booleans(),
    "bytes": st.binary(max_size=4).map(lambda data: base64.b64encode(data).decode()),
    "int32": st.integers(-(2**31), 2**31 - 1).flatmap(lambda n: st.sampled_from([n, str(n), float(n)])),
    "int64": st.integers(-(2**63), 2**63 - 1).flatmap(lambda n: st.sampled_from([n, str(n)])),
    "float": st.floats(allow_nan=False, allow_infinity=False) | st.just("0.5"),
    "Struct": structs,
    "Value": json_values.filter(lambda value: value is not None),
}


def values(kind: str, depth: int) -> st.SearchStrategy[tuple[Any, Any]]:
    """The same value of a type twice: as the service writes it, and with names in either spelling."""
    if kind.endswith("[]"):
        return st.lists(values(kind[:-2], depth), max_size=2).map(lambda pairs: two_lists(pairs))
    if kind.startswith("map<"):
        inner = st.dictionaries(st.sampled_from(["a_b", "aB"]), values(kind[4:-1], depth), max_size=2)
        return inner.map(lambda pairs: tuple({k: p[n] for k, p in pairs.items()} for n in (0, 1)))  # type: ignore[return-value]
    if kind.startswith("@"):
        return st.sampled_from(sorted(ENUM_VALUES[kind[1:]])).map(lambda name: (name, name))
    if kind in MESSAGES:
        return messages(kind, depth - 1)
    return SCALARS[kind].map(lambda value: (value, value))


def two_lists(pairs: list[tuple[Any, Any]]) -> tuple[list[Any], list[Any]]:
    """A list of pairs as a pair of lists."""
    return [one for one, _ in pairs], [other for _, other in pairs]


@st.composite
def messages(draw: st.DrawFn, name: str, depth: int = 3) -> tuple[dict[str, Any], dict[str, Any]]:
    """A message in the service's spelling, and the same in a mixture of both."""
    fields = sorted({field for field in MESSAGES[name].values() if depth > 0 or field[1] in SCALARS})
    first: dict[str, Any] = {}
    second: dict[str, Any] = {}
    for field, kind in draw(st.lists(st.sampled_from(fields), max_size=3, unique=True)) if fields else []:
        first[field], value = draw(values(kind, depth))
        second[snake(field) if draw(st.booleans()) else field] = value
    return first, second


@given(messages("ClientMessage", 4))
def test_both_spellings_of_a_message_give_the_same_value_which_is_its_own(both: Any) -> None:
    plain, mixed = (check(value, "ClientMessage", "", PROFILE) for value in both)
    assert plain.violations == mixed.violations == []
    assert plain.value == mixed.value == both[0]
    assert check(plain.value, "ClientMessage", "", PROFILE).value == plain.value


@given(st.dictionaries(st.sampled_from(sorted(MESSAGES[SETUP])), json_values, max_size=4))
def test_what_passes_the_schema_passes_it_again_unchanged(value: dict[str, Any]) -> None:
    once = check(value, SETUP, "setup", PROFILE)
    if not once.violations:
        again = check(once.value, SETUP, "setup", PROFILE)
        assert (again.value, again.violations) == (once.value, [])


@given(
    st.binary(max_size=60) | st.text(max_size=60) | json_values.map(lambda value: json.dumps(value).encode())
)
@example(b"9" * 5_000)
@example(b'{"a": -' + b"1" * 10_000 + b"}")
@example(b"[" * 100_000)
@example(b'{"a":' * 100_000)
@example("\ud800")
@example(b"\xef\xbb\xbf{}")
@example('{"a": "\\ud800"}\n\u2028x')
def test_reading_never_raises(payload: bytes | str) -> None:
    checked = parse(payload)
    assert checked.violations or isinstance(checked.value, dict)
    assert len(summary(payload if isinstance(payload, bytes) else payload.encode(errors="replace"))) < 160


# -- texts --------------------------------------------------------------------------------------------------


@given(st.text(max_size=200))
@example("ä" * 62)
@example("x" + "𝄞" * 31)
@example("a" * 122 + "\ud800")
def test_a_close_reason_fits_its_frame_and_no_character_is_broken(reason: str) -> None:
    short = cut(reason)
    whole = reason.encode(errors="replace").decode()
    assert len(short.encode()) <= 123
    assert whole.startswith(short)
    assert short == whole or len((short + whole[len(short)]).encode()) > 123


SECRETS: Final = st.one_of(
    st.from_regex(r"auth_tokens/[0-9a-f]{64}", fullmatch=True),
    st.from_regex(r"AIza[0-9A-Za-z_-]{35}", fullmatch=True),
)


@given(SECRETS, st.text(max_size=20), st.sampled_from(["?key=", "&access_token=", " ", '"', "Token ", "/"]))
def test_no_whole_secret_is_left_in_a_text(secret: str, around: str, before: str) -> None:
    hidden = hide_secrets(f"{around}{before}{secret} {around}")
    assert secret.removeprefix("auth_tokens/") not in hidden
    assert hide_secrets(hidden) == hidden


@given(st.text(max_size=40))
@example("?key=0/000000000")
@example("auth_tokens/auth_tokens/abcdefghi")
def test_hiding_twice_hides_no_more(text: str) -> None:
    assert hide_secrets(hide_secrets(text)) == hide_secrets(text)


# -- locks --------------------------------------------------------------------------------------------------

setups = messages(SETUP).map(lambda both: both[0])
#: Paths of the setup, one or two deep, that step into no list.
PATHS: Final = sorted(
    {(name,) for name, _ in MESSAGES[SETUP].values()}
    | {
        (name, inner)
        for name, kind in MESSAGES[SETUP].values()
        for inner, _ in MESSAGES.get(kind, {}).values()
    }
)
masks = st.lists(st.sampled_from(PATHS), min_size=1, max_size=3, unique=True)


@given(setups, setups)
def test_a_whole_lock_leaves_the_client_nothing_but_its_handle(locked: Any, offered: Any) -> None:
    effective = Constraint(locked, ()).apply(offered)
    handle = offered.get("sessionResumption", {}).get("handle")
    expected = {**locked, "sessionResumption": {"handle": handle}} if handle else locked
    assert effective == expected


@given(setups, setups, masks)
def test_a_mask_takes_its_fields_from_the_lock_and_all_others_from_the_client(
    locked: Any, offered: Any, mask: Any
) -> None:
    before = json.dumps([locked, offered])
    effective = Constraint(locked, tuple(mask)).apply(offered)
    for path in PATHS:
        named = any(path[: len(one)] == one for one in mask)
        if not named and any(one[: len(path)] == path for one in mask):
            continue  # a parent of a named field: partly the one, partly the other
        assert at(effective, path) == at(locked if named else offered, path)
    assert json.dumps([locked, offered]) == before, "what is locked and what is offered stay as they are"


@given(masks)
def test_a_mask_over_what_nobody_sets_sets_nothing(mask: Any) -> None:
    assert Constraint(None, tuple(mask)).apply({}) == {}


def at(setup: Any, path: tuple[str, ...]) -> Any:
    """The value under a path; None if there is none."""
    for name in path:
        setup = setup.get(name) if isinstance(setup, dict) else None
    return setup


@given(masks, st.data())
def test_a_mask_reads_back_in_either_spelling(mask: Any, data: st.DataObject) -> None:
    spelled = [
        ".".join(data.draw(st.sampled_from([name, snake(name)]), "name") for name in path) for path in mask
    ]
    assert read_mask(",".join(spelled)) == tuple(mask)
    assert read_mask(" , ".join(["", *spelled, ""])) == tuple(mask)


@given(st.text(max_size=30))
def test_a_mask_is_read_or_refused(text: str) -> None:
    with suppress(Refusal):
        assert all(path in PATHS or len(path) > 2 for path in read_mask(text))


# -- requests and credentials -------------------------------------------------------------------------------

texts = st.text(st.characters(codec="latin-1"), max_size=30)
headers = st.lists(
    st.tuples(st.sampled_from(["authorization", "x-goog-api-key", "origin", "x"]), texts), max_size=3
)


@given(texts | st.text(max_size=20).map(lambda text: f"/?key={text}&access_token={text}"), headers)
@example("//[?%zz&=&;", [])
@example("/%ff%00?access_token=%ff", [("authorization", "Token")])
def test_any_request_is_read_and_answered(target: str, fields: Any) -> None:
    request = Request("GET", target, tuple(fields))
    assert isinstance(request.path, str)
    assert isinstance(placed(request).where, tuple)
    backend = Backend()
    assert backend.service.request(request, backend.now).status >= 400
    _, effects = backend.service.handshake(request, backend.now)
    assert len(effects) == 1


words = st.text(max_size=10) | st.sampled_from(
    ["auth_tokens/", "auth_tokens/x", "0" * 64, "mock-expired", " "]
)


@given(
    st.builds(
        Placed,
        st.lists(words, max_size=2).map(tuple),
        st.lists(words, max_size=2).map(tuple),
        st.lists(words, max_size=2).map(tuple),
        st.sampled_from(["", "token", "bearer", "basic"]),
        words,
    ),
    st.booleans(),
)
def test_credentials_are_taken_or_refused(offered: Placed, socket: bool) -> None:
    for judge in (
        lambda: credentials.api_key(offered, ("other",) if socket else (), socket=socket),
        lambda: credentials.token_name(offered),
    ):
        with suppress(Refusal):
            assert judge()


# -- hearing ------------------------------------------------------------------------------------------------


def heard(pcm: bytes, sizes: list[int], rate_hz: int) -> list[Change]:
    """What is heard in audio that comes in chunks of these sizes, again and again."""
    hearing = Hearing(Detection())
    changes: list[Change] = []
    start = n = 0
    while start < len(pcm):
        chunk = pcm[start : start + 2 * sizes[n % len(sizes)]]
        blob = {"mimeType": f"audio/pcm;rate={rate_hz}", "data": base64.b64encode(chunk).decode()}
        changes += hearing.hear(blob)
        start, n = start + len(chunk), n + 1
    return changes + hearing.stop()


@given(
    st.lists(st.tuples(st.booleans(), st.integers(10, 90)), min_size=1, max_size=5),
    st.lists(st.integers(50, 4_000), min_size=1, max_size=4),
    st.sampled_from([8_000, 16_000, 24_000]),
)
def test_how_audio_is_cut_does_not_change_what_is_heard(
    pieces: list[tuple[bool, int]], sizes: list[int], rate_hz: int
) -> None:
    samples = array("h")
    for loud, hundredths in pieces:
        count = hundredths * rate_hz // 100
        samples.extend([8_000 * (1 if n % 40 < 20 else -1) if loud else 0 for n in range(count)])
    whole = heard(samples.tobytes(), [len(samples)], rate_hz)
    cut_up = heard(samples.tobytes(), sizes, rate_hz)
    assert [change.kind for change in cut_up] == [change.kind for change in whole]
    for one, other in zip(cut_up, whole, strict=True):
        assert one.offset_s == pytest.approx(other.offset_s, abs=WINDOW_S + 1e-6)


# -- the whole service --------------------------------------------------------------------------------------


@given(messages("ClientMessage", 5).map(lambda both: both[1]))
@example({"realtimeInput": {"audio": {"mimeType": "audio/pcm;rate=" + "9" * 5_000, "data": "AAAA"}}})
@example({"realtimeInput": {"audio": {"mimeType": "audio/pcm;rate=" + "9" * 400, "data": "AAAA"}}})
def test_a_session_survives_every_message_of_the_schema_or_closes(message: dict[str, Any]) -> None:
    client = Backend("latest").with_key()
    client.expect_ready()
    client.send(message)
    assert all(isinstance(one, dict) for one in client.messages)


@given(messages(SETUP, 4).map(lambda both: both[1]))
def test_a_setup_opens_a_session_or_closes_and_the_session_answers(setup: dict[str, Any]) -> None:
    client = Backend("latest").connect(query=f"key={KEY}")
    client.send({"setup": {**setup, "model": AUDIO_MODEL}})
    if client.close is None:
        client.expect_ready()
        client.say("hello")
        ends = [m for m in client.messages if m.get("serverContent", {}).get("turnComplete")]
        history = re.search(r'"(initialH|initial_h)\w+": true', json.dumps(setup))
        assert len(ends) == (0 if history else 1)


@given(json_values)
@example({"required": 5})
@example({"required": [["a"]]})
@example({"properties": [], "required": ["a"]})
@example({"properties": {"a": True}, "required": ["a"]})
@example({"properties": {"a": {"enum": 1}}, "required": ["a"]})
def test_a_tool_is_called_whatever_its_json_schema_is(schema: Any) -> None:
    function = {"name": "f", "parametersJsonSchema": schema}
    client = Backend("latest").with_key(tools=[{"functionDeclarations": [function]}])
    client.say("f")
    [call] = [m["toolCall"]["functionCalls"][0] for m in client.messages if "toolCall" in m]
    assert call["name"] == "f"
