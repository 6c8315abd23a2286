"""Frozen data classes are as those of ``dataclasses``: of the same fields, held against each other."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
import sys
from dataclasses import FrozenInstanceError, field
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.core import values
from mockserver.core.effects import Close, Respond
from mockserver.core.options import Options
from mockserver.core.script import Rule

if TYPE_CHECKING:
    from collections.abc import Callable

NAMES = ("a", "b", "c", "d")
VALUES = st.one_of(st.integers(-2, 2), st.text(max_size=2), st.none(), st.tuples(st.integers(0, 1)))


def _made(make: Callable[..., Any], fields: list[tuple[str, dict[str, Any]]], told: dict[str, Any]) -> Any:
    """One class of these fields, none of which is shared with another."""
    space: dict[str, Any] = {name: field(**how) for name, how in fields}
    space |= {"__annotations__": dict.fromkeys(space, "Any"), "__doc__": "Words.", "__module__": __name__}
    return make(frozen=True, **told)(type("Value", (), space))


@st.composite
def pairs(draw: Any) -> tuple[Any, Any]:
    """The same class, ours and of ``dataclasses``; what has no default comes first."""
    plain = draw(st.integers(0, 2))
    fields = []
    for number, name in enumerate(NAMES[: draw(st.integers(plain, len(NAMES)))]):
        how: dict[str, Any] = {"repr": draw(st.booleans()), "compare": draw(st.booleans())}
        if number >= plain:
            how |= draw(st.sampled_from([{"default": 7}, {"default_factory": list}, {"default": "x"}]))
        fields.append((name, how))
    told = draw(
        st.fixed_dictionaries({"slots": st.booleans(), "kw_only": st.booleans(), "eq": st.booleans()})
    )
    return _made(values.dataclass, fields, told), _made(dataclasses.dataclass, fields, told)


def outcome(call: Callable[[], Any]) -> Any:
    """What comes of a call: a value, or the kind of error."""
    try:
        return call()
    except Exception as error:
        return type(error)


@given(pairs(), st.lists(VALUES, max_size=5), st.dictionaries(st.sampled_from(NAMES), VALUES))
def test_they_are_made_of_the_same_arguments_and_say_the_same(
    both: tuple[Any, Any], by_place: list[Any], by_name: dict[str, Any]
) -> None:
    ours, theirs = (outcome(lambda kind=kind: kind(*by_place, **by_name)) for kind in both)
    if isinstance(theirs, type):
        assert ours is theirs
        return
    assert repr(ours) == repr(theirs)
    assert dataclasses.asdict(ours) == dataclasses.asdict(theirs)
    assert both[0].__match_args__ == both[1].__match_args__
    assert [one.name for one in dataclasses.fields(ours)] == [one.name for one in dataclasses.fields(theirs)]
    if both[1].__hash__ is not object.__hash__:
        assert outcome(lambda: hash(ours)) == outcome(lambda: hash(theirs))


@given(pairs(), st.lists(VALUES, min_size=8, max_size=8))
def test_they_are_equal_where_the_others_are(both: tuple[Any, Any], given_: list[Any]) -> None:
    names = [one.name for one in dataclasses.fields(both[0])]
    equal = []
    for kind in both:
        one, other = (kind(**dict(zip(names, part, strict=False))) for part in (given_[:4], given_[4:]))
        equal.append((one == other, one != other, one == copy.copy(one), one == dataclasses.replace(one)))
        assert one != object()
    assert equal[0] == equal[1]


@given(pairs(), st.sampled_from((*NAMES, "else")))
def test_nothing_of_them_changes(both: tuple[Any, Any], name: str) -> None:
    value = both[0](**{one.name: 1 for one in dataclasses.fields(both[0])})
    with pytest.raises(FrozenInstanceError):
        setattr(value, name, 2)
    with pytest.raises(FrozenInstanceError):
        delattr(value, name)


@pytest.mark.parametrize("value", [Close(1000, "x"), Respond(200, (), b"x"), Options(seed=3), Rule("turn")])
def test_they_are_pickled_and_copied(value: Any) -> None:
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        assert pickle.loads(pickle.dumps(value, protocol)) == value
    assert copy.deepcopy(value) == value
    assert dataclasses.replace(value) == value


def test_a_default_that_is_made_is_made_each_time() -> None:
    kind = _made(values.dataclass, [("a", {"default_factory": list})], {})
    assert kind().a is not kind().a
    assert kind([1]).a == [1]


def test_what_a_class_has_of_its_own_stays() -> None:
    @values.dataclass(frozen=True)
    class Own:
        a: int
        b: int = dataclasses.field(init=False)

        def __post_init__(self) -> None:
            object.__setattr__(self, "b", self.a + 1)

        def __repr__(self) -> str:
            return "own"

    assert (repr(Own(1)), Own(1).b) == ("own", 2)
    assert list(inspect.signature(Own).parameters) == ["a"]


def test_one_within_itself_can_be_shown() -> None:
    kind = _made(values.dataclass, [("a", {})], {})
    value = kind([])
    value.a.append(value)
    assert repr(value) == "Value(a=[...])"


def test_who_inherits_has_the_fields_of_both() -> None:
    @values.dataclass(frozen=True, slots=True, kw_only=True)
    class One:
        a: int = 1

    @values.dataclass(frozen=True, slots=True, kw_only=True)
    class Both(One):
        b: int

    assert (Both(b=2).a, Both(b=2, a=3).a, Both(b=2)) == (1, 3, Both(a=1, b=2))
    with pytest.raises(FrozenInstanceError):
        Both(b=2).a = 4  # type: ignore[misc]


def test_what_is_not_frozen_is_left_to_the_library() -> None:
    @values.dataclass(slots=True)
    class Open:
        a: int = 1

    value = Open()
    value.a = 2
    assert value == Open(2)


@pytest.mark.skipif(sys.version_info < (3, 11), reason="older ones tell no qualified name")
def test_a_wrong_call_says_what_was_called() -> None:
    with pytest.raises(TypeError, match=r"Close.__init__\(\) got an unexpected keyword argument"):
        Close(kode=1000)  # type: ignore[call-arg]
