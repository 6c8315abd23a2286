"""Bodies compared: nothing where nothing differs, each planted change, and spellings as what they are."""

from __future__ import annotations

import copy
import json
from typing import Any, Final

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from suite.spelling import camel
from suite.upgrade.structure import Delta, differences

#: Names as fields of proto messages have them: what is spelled in two ways.
FIELDS = st.from_regex(r"[a-z]{1,4}(_[a-z]{1,4}){0,2}", fullmatch=True).filter(
    lambda name: camel(name) not in ("args", "response", "default", "data", "properties", "headers", "labels")
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()


def messages(fields: st.SearchStrategy[str] = FIELDS) -> st.SearchStrategy[Any]:
    """JSON objects."""
    inner = st.recursive(
        SCALARS,
        lambda values: st.lists(values, max_size=3) | st.dictionaries(fields, values, max_size=3),
        max_leaves=12,
    )
    return st.dictionaries(fields, inner, max_size=4)


def kinds(deltas: tuple[Delta, ...]) -> set[str]:
    return {delta.kind for delta in deltas}


@given(messages(st.text(max_size=5)))
def test_a_value_does_not_differ_from_itself(value: dict[str, Any]) -> None:
    assert differences(value, json.loads(json.dumps(value))) == ()


@given(messages(), st.data())
def test_a_planted_field_is_found_where_it_is_and_nothing_else(value: dict[str, Any], data: Any) -> None:
    name = data.draw(FIELDS)
    assume(camel(name) not in map(camel, value))
    item = data.draw(SCALARS.filter(lambda item: item is not None))
    [delta] = differences(value, {**value, name: item})
    assert (delta.kind, delta.place, delta.before) == ("added", camel(name), "")
    assert json.loads(delta.after) == item
    [back] = differences({**value, name: item}, value)
    assert (back.kind, back.place, back.after) == ("removed", camel(name), "")


@given(messages(), st.data())
def test_a_planted_value_is_found_at_any_depth(value: dict[str, Any], data: Any) -> None:
    places = list(leaves(value))
    assume(places)
    path = data.draw(st.sampled_from(places))
    other = copy.deepcopy(value)
    holder = other
    for part in path[:-1]:
        holder = holder[part]
    assume(holder[path[-1]] is not None)
    holder[path[-1]] = "planted"
    found = differences(value, other)
    assert kinds(found) <= {"changed", "added", "removed"}  # in a list the item may be another one
    assert any('"planted"' in delta.after for delta in found) or holder[path[-1]] == leaf(value, path)
    outer = camel(str(path[0]))
    assert all(delta.path[0] == outer for delta in found)


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Any:
    """The paths of all values that hold no others."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    if not isinstance(value, (dict, list)):
        yield path
    for name, item in inside:
        yield from leaves(item, (*path, name))


def leaf(value: Any, path: tuple[Any, ...]) -> Any:
    for part in path:
        value = value[part]
    return value


@given(messages())
def test_another_spelling_of_the_names_is_told_as_a_spelling(value: dict[str, Any]) -> None:
    assume(not collides(value))
    found = differences(value, in_camel(value))
    assert kinds(found) <= {"spelled"}
    assert bool(found) == (in_camel(value) != value)
    assert all(camel(delta.before) == delta.after for delta in found)


def in_camel(value: Any) -> Any:
    if isinstance(value, dict):
        return {camel(name): in_camel(item) for name, item in value.items()}
    return [in_camel(item) for item in value] if isinstance(value, list) else value


def collides(value: Any) -> bool:
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    own = isinstance(value, dict) and len(set(map(camel, value))) < len(value)
    return own or any(map(collides, inside))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"uses": "3"}, {"uses": 3}),
        ({"uses": 3}, {"uses": 3.0}),
        ({"expire_time": "2026-11-30T18:36:03Z"}, {"expire_time": "2026-11-30T18:36:03+00:00"}),
        ({"expireTime": "2026-11-30T18:36:03Z"}, {"expireTime": "2026-11-30T19:36:03.000+01:00"}),
        ({"ttl": "3600s"}, {"ttl": "3600.0s"}),
        ({"fieldMask": "generation_config.top_k,model"}, {"field_mask": "model,generationConfig.topK"}),
        ({"data": "-_8"}, {"data": "+/8="}),
        ({"uses": None}, {}),
        ({}, {"constraints": None}),
        ([{"top_k": 1}, {"top_k": 2}], [{"topK": 1}, {"topK": 2}]),
    ],
)
def test_what_proto_json_reads_alike_is_a_spelling(before: Any, after: Any) -> None:
    found = differences(before, after)
    assert found
    assert kinds(found) == {"spelled"}


TOLD: Final = [
    ({"text": "a"}, {"text": "A"}, [("changed", "text", '"a"', '"A"')]),
    ({"uses": 1}, {"uses": True}, [("changed", "uses", "1", "true")]),
    ({"uses": 1}, {"uses": None}, [("removed", "uses", "1", "")]),
    ({"at": "2026-01-01T00:00:00Z"}, {"at": "2026-01-01T00:00:00"}, [("changed", "at")]),
    ({"at": "2026-01-01T00:00:00Z"}, {"at": "2026-01-01T00:00:00+01:00"}, [("changed", "at")]),
    ({"fieldMask": "model"}, {"fieldMask": "model,topK"}, [("changed", "fieldMask")]),
    # An application's own names, and any JSON: every spelling counts.
    ({"args": {"top_k": 1}}, {"args": {"topK": 1}}, [("removed", "args.top_k"), ("added", "args.topK")]),
    ({"response": {"n": "1"}}, {"response": {"n": 1}}, [("changed", "response.n")]),
    (
        {"properties": {"a_b": {}}},
        {"properties": {"aB": {}}},
        [("removed", "properties.a_b"), ("added", "properties.aB")],
    ),
    ({"properties": {"a": {"x_y": 1}}}, {"properties": {"a": {"xY": 1}}}, [("spelled", "properties.a.xY")]),
    ([1, 2, 3], [2, 3], [("removed", "[0]", "1")]),
    ([1, 2], [1, 9, 2], [("added", "[1]", "", "9")]),
    ({"a": [{"b": 1}]}, {"a": [{"b": 2}]}, [("changed", "a[0].b", "1", "2")]),
    # A field that is there twice: by the letter.
    ({"a_b": 1, "aB": 1}, {"aB": 1}, [("removed", "a_b")]),
]


@pytest.mark.parametrize(("before", "after", "told"), TOLD)
def test_what_differs_is_told_where_it_is(before: Any, after: Any, told: list[tuple[str, ...]]) -> None:
    found = [(delta.kind, delta.place, delta.before, delta.after) for delta in differences(before, after)]
    assert [row[: len(wanted)] for row, wanted in zip(found, told, strict=True)] == told


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+10:00", "9" * 50, "1e999999999", "+00:00", "{now}Z"])
def test_odd_texts_are_compared_all_the_same(text: str) -> None:
    assert kinds(differences({"a": text}, {"a": f"{text}!"})) == {"changed"}
