"""What every store does, whatever it is kept in; two stores that share are as one."""

from __future__ import annotations

import threading
from contextlib import ExitStack, closing
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from mockserver.core.constraints import Constraint
from mockserver.core.limits import Limits
from mockserver.core.tokens import Token

from ..core.conftest import AUDIO_MODEL, KEY, NOW
from .wrong import ReadThenWrite

if TYPE_CHECKING:
    from pathlib import Path

    from mockserver.core.store import Store

    from .conftest import MakeStore

TOKEN = Token(
    "auth_tokens/" + "5f" * 32,
    KEY,
    "v1alpha",
    NOW,
    NOW + 1_800.25,
    NOW + 60,
    3,
    Constraint(
        {"model": AUDIO_MODEL, "tools": [{"ümlaut": None}]}, (("model",), ("generationConfig", "topK"))
    ),
)


def named(number: int, uses: int | None = 1) -> Token:
    """A token of another name."""
    return replace(TOKEN, name=f"auth_tokens/{number:064x}", uses_left=uses)


def test_a_token_is_found_as_it_was_added(make_store: MakeStore) -> None:
    one, other = make_store(), make_store()
    one.add(replace(TOKEN))
    assert other.find(TOKEN.name) == TOKEN
    assert other.find(named(1).name) is None


def test_tokens_are_told_in_their_order(make_store: MakeStore) -> None:
    one, other = make_store(), make_store()
    for number in (3, 1, 2):
        (one if number % 2 else other).add(named(number))
    assert one.tokens() == other.tokens() == (named(3), named(1), named(2))


def test_uses_are_taken_until_none_is_left(make_store: MakeStore) -> None:
    one, other = make_store(), make_store()
    one.add(replace(TOKEN))
    assert [store.spend(TOKEN.name) for store in (one, other, one, other, one)] == [True] * 3 + [False] * 2
    assert other.find(TOKEN.name) == replace(TOKEN, uses_left=0)


def test_no_limit_stays_no_limit(make_store: MakeStore) -> None:
    one, other = make_store(), make_store()
    one.add(named(1, None))
    assert all(store.spend(named(1).name) for store in (one, other, one))
    assert other.find(named(1).name) == named(1, None)


def test_what_is_not_there_cannot_be_spent(make_store: MakeStore) -> None:
    assert not make_store().spend(TOKEN.name)


def test_a_handle_is_valid_until_its_time(make_store: MakeStore) -> None:
    one, other = make_store(), make_store()
    one.keep("h", NOW, NOW + 0.25)
    assert other.is_valid("h", NOW)
    assert not other.is_valid("h", NOW + 0.25)
    assert not other.is_valid("another", NOW)
    other.keep("later", NOW + 1, NOW + 2)
    assert one.is_valid("later", NOW + 1)
    assert not one.is_valid("h", NOW), "what is over is let go of"


def test_counts_go_on_over_a_reset_and_are_of_a_kind(make_store: MakeStore) -> None:
    one, other = make_store(), make_store()
    assert [one.count("a"), other.count("a"), other.count("b"), one.count("a")] == [1, 2, 1, 3]
    one.reset()
    assert other.count("a") == 4


def test_a_reset_forgets_for_all(make_store: MakeStore) -> None:
    one, other = make_store(), make_store()
    one.add(replace(TOKEN))
    one.add(named(1, None))
    one.keep("h", NOW, NOW + 9)
    other.reset()
    assert one.tokens() == ()
    assert one.find(TOKEN.name) is None
    assert not one.spend(TOKEN.name)
    assert not one.spend(named(1).name)
    assert not one.is_valid("h", NOW)
    one.add(replace(TOKEN))
    assert other.find(TOKEN.name) == TOKEN


def race(stores: list[Store]) -> list[bool]:
    """Each store is asked for a use again and again, all at once; what they said."""
    together = threading.Barrier(len(stores))
    got: list[bool] = []

    def ask(store: Store) -> None:
        together.wait()
        got.extend([store.spend(TOKEN.name) for _ in range(25)])

    threads = [threading.Thread(target=ask, args=(store,)) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return got


def test_the_newest_so_many_are_known(make_store: MakeStore) -> None:
    one, other = make_store(Limits(tokens=2, handles=2)), make_store(Limits(tokens=2, handles=2))
    for number in (1, 2, 3):
        other.add(named(number, number - 1 or None))
        other.keep(str(number), NOW, NOW + number)
    assert one.tokens() == (named(2, 1), named(3, 2))
    assert [one.find(named(number).name) is not None for number in (1, 2, 3)] == [False, True, True]
    assert [one.spend(named(number).name) for number in (1, 2, 2, 3)] == [False, True, False, True]
    assert [one.is_valid(str(number), NOW) for number in (1, 2, 3)] == [False, True, True]


@pytest.mark.parametrize("make_store", ["sqlite", "redis"], indirect=True)
def test_of_many_at_once_as_many_get_a_use_as_there_are(make_store: MakeStore) -> None:
    make_store().add(replace(TOKEN, uses_left=10))
    got = race([make_store() for _ in range(8)])
    assert (len(got), sum(got)) == (200, 10)


def test_a_store_that_looks_and_then_takes_lets_too_many_in(tmp_path: Path) -> None:
    with ExitStack() as opened:
        first, *others = [
            opened.enter_context(closing(ReadThenWrite(tmp_path / "tokens.db", Limits()))) for _ in range(9)
        ]
        first.add(replace(TOKEN, uses_left=10))
        assert sum(race(others)) > 10
