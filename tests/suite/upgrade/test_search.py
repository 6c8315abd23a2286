"""The pure search: finds a change between any ends that differ, in few steps, and skips what it must."""

from __future__ import annotations

from math import ceil, log2
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suite.upgrade.search import NEW, OLD, THIRD, UNKNOWN, Boundary, search

if TYPE_CHECKING:
    from collections.abc import Sequence

    from suite.upgrade.search import Like


def found(likes: Sequence[Like]) -> tuple[Boundary[int], list[int]]:
    """Search versions that are like this; what was found, and what was asked."""
    asked: list[int] = []
    searching = search(range(len(likes)))
    try:
        version = next(searching)
        while True:
            asked.append(version)
            version = searching.send(likes[version])
    except StopIteration as ended:
        return ended.value, asked


@given(st.integers(1, 200), st.integers(1, 200))
def test_one_change_is_found_in_about_log2_steps(old: int, new: int) -> None:
    boundary, asked = found([OLD] * old + [NEW] * new)
    assert (boundary.before, boundary.after, boundary.between) == (old - 1, old, ())
    assert not boundary.others
    assert len(asked) == len(set(asked)) <= ceil(log2(old + new))


@given(st.lists(st.sampled_from([OLD, NEW, THIRD, UNKNOWN]), max_size=60))
def test_whatever_is_between_the_ends_what_is_found_is_a_change(inner: list[Like]) -> None:
    likes: list[Like] = [OLD, *inner, NEW]
    boundary, asked = found(likes)
    assert likes[boundary.before] == OLD
    assert likes[boundary.after] in (NEW, THIRD)
    assert {likes[version] for version in boundary.between} <= {UNKNOWN}
    assert boundary.between == tuple(range(boundary.before + 1, boundary.after))
    assert boundary.others == (THIRD in {likes[version] for version in asked})
    assert len(asked) == len(set(asked))


def test_neighbours_need_no_step() -> None:
    assert found([OLD, NEW]) == (Boundary(0, 1, (), others=False), [])


@pytest.mark.parametrize("gap", [1, 5])
def test_what_cannot_be_measured_is_between(gap: int) -> None:
    boundary, _ = found([OLD, OLD, *[UNKNOWN] * gap, NEW, NEW])
    assert (boundary.before, boundary.after) == (1, gap + 2)
    assert len(boundary.between) == gap
