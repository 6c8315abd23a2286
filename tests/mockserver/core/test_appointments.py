"""Who is to be woken when: in order, once, and without a heap of what is over."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from mockserver.core.appointments import Appointments


def test_the_earliest_comes_first_and_only_when_it_is_time() -> None:
    appointments = Appointments()
    for name, moment in (("b", 2.0), ("a", 1.0), ("c", 3.0)):
        appointments.make(name, moment)
    assert appointments.next == 1.0
    assert appointments.take(0.5) is None
    assert [appointments.take(2.0) for _ in range(3)] == ["a", "b", None]
    assert appointments.next == 3.0


def test_only_an_earlier_moment_takes_the_place_of_another() -> None:
    appointments = Appointments()
    for moment in (5.0, 7.0, 3.0, 4.0):
        appointments.make("a", moment)
    assert appointments.next == 3.0
    assert appointments.take(9.0) == "a"
    assert appointments.take(9.0) is None


def test_what_is_cancelled_never_comes() -> None:
    appointments = Appointments()
    appointments.make("a", 1.0)
    appointments.cancel("a")
    appointments.cancel("nobody")
    assert (appointments.next, appointments.take(9.0)) == (None, None)


def test_those_that_are_over_do_not_pile_up() -> None:
    appointments = Appointments()
    for number in range(10_000):
        appointments.make(f"ws-{number}", 600.0 + number)
        if number >= 10:
            appointments.cancel(f"ws-{number - 10}")
        assert appointments.room <= 2 * len(appointments) + 65
    assert len(appointments) == 10


class Against(RuleBasedStateMachine):
    """The heap against a dictionary that is searched."""

    def __init__(self) -> None:
        super().__init__()
        self.real = Appointments()
        self.plain: dict[str, float] = {}

    names = st.sampled_from("abcdef")
    moments = st.integers(0, 9).map(float)

    @rule(name=names, moment=moments)
    def make(self, name: str, moment: float) -> None:
        self.real.make(name, moment)
        self.plain[name] = min(moment, self.plain.get(name, moment))

    @rule(name=names)
    def cancel(self, name: str) -> None:
        self.real.cancel(name)
        self.plain.pop(name, None)

    @rule(now=moments)
    def take(self, now: float) -> None:
        due = min(((moment, name) for name, moment in self.plain.items() if moment <= now), default=None)
        assert self.real.take(now) == (due[1] if due else None)
        if due:
            del self.plain[due[1]]

    @invariant()
    def the_same(self) -> None:
        assert self.real.next == min(self.plain.values(), default=None)
        assert len(self.real) == len(self.plain)


TestAgainst = Against.TestCase
