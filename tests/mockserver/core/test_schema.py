"""JSON is checked as Google's transcoder does, and comes out in one spelling."""

# ruff: noqa: E501  (recorded texts stay on one line)

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.core.messages import MESSAGES as MESSAGE_FIELDS
from mockserver.core.messages import snake
from mockserver.core.profiles import LATEST, LAUNCH, Profile
from mockserver.core.schema import MAX_DEPTH, check, parse, timestamp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ALPHA, BETA = Profile("v1alpha", LAUNCH), Profile("v1beta", LAUNCH)


def clean(value: dict[str, Any], message: str = "BidiGenerateContentSetup") -> dict[str, Any]:
    """The checked form of a message that is right."""
    checked = check(value, message, "setup", ALPHA)
    assert checked.violations == []
    return checked.value


def complaint(value: dict[str, Any], message: str = "AuthToken", path: str = "auth_token") -> str:
    """What the service says of a message that is wrong."""
    return check(value, message, path, BETA).message


@pytest.mark.fact("SRV-021")
def test_both_spellings_mix_at_any_depth() -> None:
    mixed = {
        "generation_config": {"responseModalities": ["AUDIO"], "top_k": 3},
        "systemInstruction": {"parts": [{"inline_data": {"mimeType": "x", "data": ""}}]},
    }
    assert clean(mixed) == {
        "generationConfig": {"responseModalities": ["AUDIO"], "topK": 3},
        "systemInstruction": {"parts": [{"inlineData": {"mimeType": "x", "data": ""}}]},
    }


@pytest.mark.parametrize(
    ("given_value", "kept"),
    [
        ({"generationConfig": {"responseModalities": "AUDIO"}}, {"generationConfig": {"responseModalities": ["AUDIO"]}}),
        ({"tools": {"googleSearch": {}}}, {"tools": [{"googleSearch": {}}]}),
        ({"model": None, "tools": None}, {}),
        ({"generationConfig": {"temperature": "0.5", "topK": 3.0}}, {"generationConfig": {"temperature": "0.5", "topK": 3.0}}),
        ({"generationConfig": {"responseModalities": ["audio"]}}, {"generationConfig": {"responseModalities": ["AUDIO"]}}),
        ({"contextWindowCompression": {"triggerTokens": "25600"}}, {"contextWindowCompression": {"triggerTokens": "25600"}}),
    ],
    ids=["one-for-a-list", "message-for-a-list", "null-is-absent", "numbers-as-text", "enum-in-lower-case", "int64"],
)  # fmt: skip
def test_what_the_transcoder_lets_through_is_kept(given_value: dict[str, Any], kept: dict[str, Any]) -> None:
    assert clean(given_value) == kept


@pytest.mark.fact("SRV-027")
@pytest.mark.parametrize(
    "setup",
    [
        {"tools": [{"functionDeclarations": []}]},
        {"generationConfig": {"mediaResolution": "MEDIA_RESOLUTION_UNSPECIFIED"}},
        {"tools": [{"functionDeclarations": [{"name": "f", "parametersJsonSchema": {"type": ["x", 1]}}]}]},
        {"generation_config": {"candidate_count": 1}},
    ],
)
def test_unusual_but_legal_setups_are_kept(setup: dict[str, Any]) -> None:
    assert clean(setup)


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ({"liveConnectConstraints": {}}, "Invalid JSON payload received. Unknown name \"liveConnectConstraints\" at 'auth_token': Cannot find field."),
        ({"authToken": {}}, "Invalid JSON payload received. Unknown name \"authToken\" at 'auth_token': Cannot find field."),
        ({"bidiGenerateContentSetup": {"config": {}}}, "Invalid JSON payload received. Unknown name \"config\" at 'auth_token.bidi_generate_content_setup': Cannot find field."),
        ({"bidi_generate_content_setup": {"generationConfig": {"x": 1}}}, "Invalid JSON payload received. Unknown name \"x\" at 'auth_token.bidi_generate_content_setup.generation_config': Cannot find field."),
        ({"uses": "x"}, "Invalid value at 'auth_token.uses' (TYPE_INT32), \"x\""),
        ({"uses": True}, "Invalid value at 'auth_token.uses' (TYPE_INT32), true"),
        ({"uses": 1.5}, "Invalid value at 'auth_token.uses' (TYPE_INT32), 1.5"),
        ({"uses": 2**31}, "Invalid value at 'auth_token.uses' (TYPE_INT32), 2147483648"),
        ({"fieldMask": 3}, "Invalid value at 'auth_token.field_mask' (type.googleapis.com/google.protobuf.FieldMask), 3"),
        ({"expireTime": "soon"}, "Invalid value at 'auth_token.expire_time' (type.googleapis.com/google.protobuf.Timestamp), Field 'expireTime', Illegal timestamp format; timestamps must end with 'Z' or have a valid timezone offset."),
        ({"uses": [1]}, "Invalid JSON payload received. Unknown name \"uses\" at 'auth_token': Proto field is not repeating, cannot start list."),
        ({"bidiGenerateContentSetup": {"tools": [{}, {"x": 1}]}}, "Invalid JSON payload received. Unknown name \"x\" at 'auth_token.bidi_generate_content_setup.tools[1]': Cannot find field."),
    ],
    ids=lambda value: "" if isinstance(value, str) else next(iter(value)),
)  # fmt: skip
def test_what_is_wrong_is_said_in_the_words_of_the_service(value: dict[str, Any], says: str) -> None:
    assert complaint(value) == says


def depths(message: str, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Paths to every message below a message, each message once on its way."""
    for name, kind in {(name, kind) for name, kind in MESSAGE_FIELDS[message].values()}:
        inner = kind.removesuffix("[]")
        if inner in MESSAGE_FIELDS and len(path) < 6 and name not in path:
            yield (*path, name)
            yield from depths(inner, (*path, name))


@pytest.mark.parametrize("spelling", [str, snake], ids=["camelCase", "snake_case"])
@pytest.mark.parametrize(("message", "root"), [("AuthToken", "auth_token"), ("ClientMessage", "")])
def test_an_unknown_name_is_found_at_every_depth_and_told_in_snake_case(
    message: str, root: str, spelling: Callable[[str], str]
) -> None:
    paths = list(depths(message))
    assert len(paths) > 40
    for path in paths:
        value: dict[str, Any] = {"bogusName": 1}
        for name in reversed(path):
            value = {spelling(name): value}
        [violation] = check(value, message, root, Profile("v1alpha", LATEST)).violations
        told = re.sub(r"\[0\]", "", violation.field)
        assert told == ".".join([*filter(None, [root]), *map(snake, path)])
        assert violation.description == (
            f"Invalid JSON payload received. Unknown name \"bogusName\" at '{violation.field}': Cannot find field."
        )


@pytest.mark.parametrize(
    ("properties", "says"),
    [
        (5, "Invalid value at 'setup.tools[0].function_declarations[0].parameters.properties' (type.googleapis.com/google.ai.generativelanguage.v1beta.Schema), 5"),
        ({"a": {"type": "CITY"}}, "Invalid value at 'setup.tools[0].function_declarations[0].parameters.properties[a].type' (type.googleapis.com/google.ai.generativelanguage.v1beta.Type), \"CITY\""),
        ({"a": {"kind": 1}}, "Invalid JSON payload received. Unknown name \"kind\" at 'setup.tools[0].function_declarations[0].parameters.properties[a]': Cannot find field."),
    ],
    ids=["no-map", "enum", "name"],
)  # fmt: skip
def test_a_map_is_checked_in_each_entry(properties: Any, says: str) -> None:
    setup = {"tools": [{"functionDeclarations": [{"parameters": {"properties": properties}}]}]}
    assert complaint(setup, "BidiGenerateContentSetup", "setup") == says


@pytest.mark.fact("TOK-059B")
def test_all_violations_stand_in_one_message_in_order() -> None:
    assert complaint({"config": {}, "httpOptions": {}}) == (
        "Invalid JSON payload received. Unknown name \"config\" at 'auth_token': Cannot find field.\n"
        "Invalid JSON payload received. Unknown name \"httpOptions\" at 'auth_token': Cannot find field."
    )


def test_an_unknown_enum_value_names_the_type() -> None:
    setup = {"generationConfig": {"responseModalities": ["SMELL"]}}
    assert complaint(setup, "BidiGenerateContentSetup", "setup") == (
        "Invalid value at 'setup.generation_config.response_modalities[0]' "
        '(type.googleapis.com/google.ai.generativelanguage.v1beta.Modality), "SMELL"'
    )


@pytest.mark.fact("TOK-048")
@pytest.mark.fact("TOK-049")
def test_proactivity_is_a_field_of_one_version() -> None:
    setup = {"proactivity": {"proactiveAudio": True}}
    assert check(setup, "BidiGenerateContentSetup", "setup", ALPHA).violations == []
    for beta in (BETA, Profile("v1beta", LATEST)):
        checked = check(setup, "BidiGenerateContentSetup", "setup", beta)
        assert checked.message == (
            "Invalid JSON payload received. Unknown name \"proactivity\" at 'setup': Cannot find field."
        )


@pytest.mark.fact("PRO-050")
@pytest.mark.parametrize(("version", "day", "known"), [("v1alpha", LAUNCH, True), ("v1beta", LAUNCH, False), ("v1beta", LATEST, True)])  # fmt: skip
def test_affective_dialog_came_to_one_version_late(version: str, day: Any, known: bool) -> None:
    setup = {"generationConfig": {"enableAffectiveDialog": True}}
    checked = check(setup, "BidiGenerateContentSetup", "setup", Profile(version, day))
    assert (checked.violations == []) is known


@pytest.mark.parametrize(
    ("payload", "says"),
    [
        (b"{", "Invalid JSON payload received. Unexpected token.\n{\n ^"),
        (b'{"a": nope}', 'Invalid JSON payload received. Unexpected token.\n{"a": nope}\n      ^'),
        (b"[]", 'Invalid JSON payload received. Unknown name "": Root element must be a message.'),
        (b"\xff\xfe", "Invalid JSON payload received. Unexpected token."),
        (b"[" * 100_000, "Invalid JSON payload received. Unexpected token."),
    ],
    ids=["cut", "bare-word", "list", "no-utf-8", "too-deep"],
)
def test_what_is_no_json_object_is_one_violation(payload: bytes, says: str) -> None:
    checked = parse(payload)
    assert [violation.kind for violation in checked.violations] == ["json"]
    assert checked.message == says


@pytest.mark.parametrize("payload", [b"", b" \n", b"{}"])
def test_an_empty_body_is_an_empty_object(payload: bytes) -> None:
    assert parse(payload).value == {}
    assert parse(payload).violations == []


def test_a_schema_nested_without_end_is_refused() -> None:
    schema: dict[str, Any] = {}
    for _ in range(MAX_DEPTH + 5):
        schema = {"items": schema}
    declaration = {"functionDeclarations": [{"name": "f", "parameters": schema}]}
    assert check({"tools": [declaration]}, "BidiGenerateContentSetup", "setup", ALPHA).violations


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01T00:00:01.5Z", 1.5),
        ("1970-01-01T00:00:00.000000001Z", 1e-9),
        ("1970-01-01t00:00:02z", 2),
        ("1970-01-01T01:00:00+01:00", 0),
        ("1969-12-31T23:59:59-00:00", -1),
    ],
)
def test_a_timestamp_is_read_to_unix_seconds(text: str, seconds: float) -> None:
    assert timestamp(text) == pytest.approx(seconds, abs=1e-10)


@pytest.mark.parametrize(
    "text",
    ["", "soon", "2026-01-01", "2026-01-01T00:00:00", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z",
     "2026-01-01 00:00:00Z", "2026-01-01T25:00:00Z", "2026-01-01T00:00:00+99:00", "\u0662\u066026-01-01T00:00:00Z",
     "2026-01-01T00:00:00.0000000001Z"],
)  # fmt: skip
def test_what_has_no_zone_or_is_no_time_is_no_timestamp(text: str) -> None:
    assert timestamp(text) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from(
    ["setup", "clientContent", "client_content", "realtimeInput", "toolResponse", "model", "tools", "turns",
     "parts", "text", "generationConfig", "responseModalities", "parameters", "items", "type", "uses", "expireTime"]
)  # fmt: skip
MESSAGES = st.recursive(
    JSON,
    lambda inner: (
        st.dictionaries(NAMES | st.text(max_size=3), inner, max_size=4) | st.lists(inner, max_size=2)
    ),
)


@settings(max_examples=150, deadline=None, database=None, derandomize=True)
@given(
    st.dictionaries(NAMES | st.text(max_size=3), MESSAGES, max_size=4),
    st.sampled_from(["ClientMessage", "AuthToken"]),
)
def test_any_json_is_checked_without_an_error_and_once_is_enough(value: dict[str, Any], message: str) -> None:
    checked = check(value, message, "", BETA)
    for violation in checked.violations:
        assert violation.description
    again = check(checked.value, message, "", BETA)
    if not checked.violations:
        assert again.violations == []
        assert repr(again.value) == repr(checked.value)  # repr: nan is not nan
