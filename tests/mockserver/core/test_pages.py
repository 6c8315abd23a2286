"""Journals of several servers as one: in the order of time, and a number that was told is told again."""

from __future__ import annotations

import math
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.core.journal import Journal
from mockserver.core.pages import together

#: What happens, second after second: each a journal to which an entry is added, or "look", or "clear".
EVENTS = st.lists(st.sampled_from([0, 1, 2, 0, 1, 2, "look"]), max_size=40)


@given(EVENTS)
def test_a_number_that_was_told_is_told_again(events: list[int | str]) -> None:
    journals = [Journal() for _ in "123"]
    told: dict[str, int] = {}
    for now, event in enumerate(events):
        if isinstance(event, int):
            journals[event].add(at=float(now), connection=f"http-{now}", kind="request")
            continue
        seen = together([journal.pages() for journal in journals], now)
        assert [entry.at for entry in seen] == sorted(entry.at for entry in seen)
        assert [entry.number for entry in seen] == list(range(1, len(seen) + 1))
        fresh = {entry.connection: entry.number for entry in seen}
        assert told.items() <= fresh.items()
        told = fresh
    assert len(told) <= sum(map(len, journals))


def test_what_is_not_older_than_a_look_is_left_for_the_next() -> None:
    """One journal was looked at before the other: what came between has its place in both."""
    one, other = Journal(), Journal()
    one.add(at=1.0, connection="http-1", kind="request")
    first_look = one.pages()
    other.add(at=2.0, connection="http-2", kind="request")
    one.add(at=1.5, connection="http-3", kind="request")
    early = together([first_look, other.pages()], until=1.25)
    late = together([one.pages(), other.pages()], until=math.inf)
    assert [entry.connection for entry in early] == ["http-1"]
    assert [entry.connection for entry in late] == ["http-1", "http-3", "http-2"]


@pytest.mark.parametrize("dropping", [0, 1])
def test_what_is_dropped_or_forgotten_counts(dropping: int) -> None:
    journals = [Journal(2), Journal(2)]
    for number in range(5):
        journals[dropping].add(at=float(number), connection="http-1", kind="request")
    journals[1 - dropping].add(at=9.0, connection="http-2", kind="request")
    seen = together([journal.pages() for journal in journals], math.inf)
    assert [entry.number for entry in seen] == [4, 5, 6]
    assert seen.dropped == 3
    assert seen.loss.startswith("the journal dropped 3 older entries of about ")
    assert seen.loss == journals[dropping].loss
    journals[dropping].clear()
    seen = together([journal.pages() for journal in journals], math.inf)
    assert [(entry.number, entry.connection) for entry in seen] == [(6, "http-2")]
    assert seen.loss == ""


def test_pages_are_as_the_journal_to_their_readers() -> None:
    journal = Journal()
    for owner in ("a", "b", "a"):
        journal.add(at=1.0, connection="http-1", kind="request", owner=owner)
    pages = pickle.loads(pickle.dumps(journal.pages()))
    assert list(pages) == list(journal)
    assert len(pages) == 3
    assert pages.of("a") == journal.of("a")
    journal.clear()
    assert len(pages) == 3
