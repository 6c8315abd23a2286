"""What stands in line goes in stretches, and all the same in the order and at the moments of one by one."""

from __future__ import annotations

from collections import deque
from itertools import chain
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mockserver.core.agenda import Agenda, Note
from mockserver.core.effects import Close, Pause, Send
from mockserver.core.errors import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mockserver.core.agenda import Item

#: What is done to an agenda, by an action or from outside.
Doing = tuple[str, Any]


class OneByOne:
    """The same, as plainly as it can be said: one line for each kind of place, one item after the other."""

    def __init__(self) -> None:
        self.now = 0.0
        self.timers: list[tuple[float, Any]] = []
        self.lines: dict[bool, deque[tuple[float, Any]]] = {False: deque(), True: deque()}

    def at(self, moment: float, action: Any) -> None:
        self.timers.append((moment, action))
        self.timers.sort(key=lambda timer: timer[0])

    def put(self, items: list[Item], *, aside: bool = False) -> None:
        line = self.lines[aside]
        at = line[-1][0] if line else self.now
        for item in items:
            if isinstance(item, Pause):
                at += item.seconds
            else:
                line.append((at, item))

    def push_in(self, effect: Any) -> None:
        self.lines[False].appendleft((self.now, effect))

    def drop(self) -> None:
        self.lines[False].clear()

    def run(self, now: float) -> Iterator[list[Any]]:
        while True:
            waiting = [*self.lines.values(), self.timers]
            due = min((one[0][0] for one in waiting if one), default=now + 1)
            if due > now:
                break
            self.now = due
            line = next(one for one in waiting if one and one[0][0] <= due)
            item = line.popleft()[1] if isinstance(line, deque) else line.pop(0)[1]
            if isinstance(item, Refusal):
                raise item
            if callable(item):
                self.put(item(), aside=line is self.lines[True])
            else:
                yield [item]
        self.now = now


def doing(agenda: Agenda | OneByOne, what: Doing) -> None:
    """Do it."""
    name, argument = what
    if name in ("put", "aside"):
        agenda.put([item(agenda) for item in argument], aside=name == "aside")
    elif name == "push_in":
        agenda.push_in(argument)
    elif name == "at":
        moment, item = argument
        agenda.at(agenda.now + moment, acting(agenda, item))
    else:
        agenda.drop()


def acting(agenda: Any, what: tuple[Doing | None, list[Callable[[Any], Item]]]) -> Any:
    """An action that does something to its agenda, and gives items."""
    done, given = what

    def act() -> list[Item]:
        if done is not None:
            doing(agenda, done)
        return [item(agenda) for item in given]

    return act


def told(agenda: Agenda | OneByOne, acts: list[Doing | float]) -> list[Any]:
    """All that it lets go, with its moment; a number stands for so many seconds that go by."""
    heard: list[Any] = []
    for act in acts:
        if not isinstance(act, float):
            doing(agenda, act)
            continue
        now = agenda.now + act
        try:
            for stretch in agenda.run(now):
                assert stretch
                heard += [(agenda.now, one) for one in stretch]
        except Refusal as refusal:
            heard.append((agenda.now, refusal.fact))
        heard.append(agenda.now)
    return heard


def always(value: Any) -> Callable[[Any], Any]:
    """An item that is the same for each agenda."""
    return lambda agenda: value


effects = st.sampled_from([Send(b"a"), Send(b"b"), Send(b"c", text=True), Close(1000, "bye")])
delays = st.sampled_from([0.0, 0.1, 0.1, 0.35, 1.0])
pauses = st.builds(Pause, st.sampled_from([0.0, 0.0, 0.1, 0.25, 1.0]))
plain = st.one_of(effects, effects, pauses, st.just(Note("fault", "x")), st.just(Refusal("CLS-009")))
items = st.recursive(
    plain.map(always),
    lambda inner: st.tuples(
        st.none()
        | st.just(("drop", None))
        | st.tuples(st.just("push_in"), effects)
        | st.tuples(st.sampled_from(["put", "aside"]), st.lists(inner, max_size=3)),
        st.lists(inner, max_size=3),
    ).map(lambda what: lambda agenda: acting(agenda, what)),
    max_leaves=12,
)
timers = st.tuples(
    delays,
    st.tuples(st.none() | st.just(("drop", None)), st.lists(items, max_size=3)),
)
acts = st.one_of(
    st.tuples(st.sampled_from(["put", "aside"]), st.lists(items, max_size=8)),
    st.tuples(st.just("at"), timers),
    st.tuples(st.just("push_in"), effects),
    st.just(("drop", None)),
)


@settings(max_examples=300)
@given(st.lists(acts | acts | st.sampled_from([0.0, 0.1, 0.2, 0.5, 3.0]), max_size=10))
@example(
    [("put", [always(Send(b"a")), lambda one: acting(one, (("drop", None), [])), always(Send(b"b"))]), 0.0]
)
def test_it_goes_as_one_by_one(acts: list[Doing | float]) -> None:
    assert told(Agenda(0.0), acts) == told(OneByOne(), acts)


def test_what_is_alike_and_for_one_moment_goes_at_once() -> None:
    agenda = Agenda(0.0)
    sends = [Send(bytes([number])) for number in range(64)]
    agenda.put([*sends, Note("fault", "x"), Pause(0.0), sends[0], Pause(1.0), sends[1]])
    assert list(agenda.run(0.5)) == [sends, [Note("fault", "x")], [sends[0]]]
    assert agenda.due == 1.0
    assert list(chain.from_iterable(agenda.run(1.0))) == [sends[1]]


def test_what_a_pause_divides_is_dropped_by_itself() -> None:
    agenda = Agenda(0.0)
    agenda.put([Send(b"a"), Pause(1.0), Send(b"b")])
    assert list(agenda.run(0.0)) == [[Send(b"a")]]
    agenda.drop()
    assert list(agenda.run(5.0)) == []
    assert agenda.due is None


def test_two_actions_in_a_row_are_two() -> None:
    agenda, done = Agenda(0.0), []

    def first() -> list[Any]:
        done.append(1)
        agenda.drop()
        return []

    agenda.put([first, lambda: done.append(2) or []])
    assert list(agenda.run(0.0)) == []
    assert done == [1]


def test_a_refusal_ends_what_was_before_it_and_not_more() -> None:
    agenda = Agenda(0.0)
    agenda.put([Send(b"a"), Send(b"b"), Refusal("CLS-009"), Send(b"c")])
    going = agenda.run(0.0)
    assert next(going) == [Send(b"a"), Send(b"b")]
    with pytest.raises(Refusal):
        next(going)
