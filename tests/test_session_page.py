"""The page about sessions shows the state machine as it is."""

from __future__ import annotations

from typing import get_args

from mockserver.core.messages import MESSAGES
from mockserver.core.states import LEADS, ON, Event, State

from . import session_page


def test_the_page_shows_the_tables_of_today() -> None:
    page = session_page.PAGE.read_text("utf-8")
    assert page == session_page.drawn(page), "run python -m tests.session_page --write"
    assert session_page.picture() in page
    assert session_page.messages() in page


def test_each_state_but_the_last_takes_every_message_but_a_setup() -> None:
    kinds = {name for name, _ in MESSAGES["ClientMessage"].values()} - {"setup"}
    states = set(get_args(State)) - {"closed"}
    assert set(ON) == {(state, kind) for state in states for kind in kinds}


def test_every_event_leads_somewhere_and_every_state_is_reached_and_ends() -> None:
    assert {event for _, event in LEADS} == set(get_args(Event))
    assert {"starting", *LEADS.values()} == set(get_args(State))
    assert {here for (here, event), there in LEADS.items() if event == "ended" and there == "closed"} == set(
        get_args(State)
    )
