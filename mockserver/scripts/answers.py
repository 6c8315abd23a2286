"""Ready-made scripts in which the service does what it should."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from ..core import script

_LONG: Final = " ".join(["This answer goes on for a while, so that there is time to interrupt it."] * 14)

#: Made from what is played where nobody says otherwise: a server that plays it has no table to read.
ECHO: Final = replace(
    script.ECHO, about="The model says back what it was told, and calls a declared tool that a turn names."
)
SCRIPTS: Final[tuple[dict[str, Any], ...]] = (
    {
        "name": "greeting",
        "about": "The model speaks first: is what comes before the first turn played?",
        "rules": [{"on": "setup", "then": ["proceed", {"say": "Hello, how can I help you?"}]}],
    },
    {
        "name": "tool-round",
        "about": "Every turn calls get_weather and says what it answered: is the loop of tools closed?",
        "rules": [
            {
                "on": "turn",
                "then": [
                    {"call": {"name": "get_weather", "args": {"city": "Paris"}}},
                    {"say": "The tool answered {response}"},
                ],
            }
        ],
    },
    {
        "name": "interrupted",
        "about": "The first answer of a session is broken off, the next one is whole: is the rest dropped?",
        "rules": [
            {
                "on": "turn",
                "per": "session",
                "nth": 1,
                "then": [{"say": "This is only the beginning of"}, "interrupt"],
            },
            {"on": "turn", "then": ["echo"]},
        ],
    },
    {
        "name": "long-audio",
        "about": "Every answer takes a minute to play: is there time to interrupt, and does the buffer hold?",
        "rules": [{"on": "turn", "then": [{"say": _LONG}]}],
    },
    {
        "name": "conversation",
        "about": "Three answers one after the other, and again: a dialogue that is always the same.",
        "rules": [
            {
                "on": "turn",
                "per": "session",
                "each": [
                    [{"say": "Where would you like to go?"}],
                    [{"say": "And when?"}],
                    [{"say": "I have booked it."}],
                ],
                "repeat": True,
            }
        ],
    },
    {
        "name": "go-away-and-resume",
        "about": "After the first turn the connection ends in five seconds: is the session resumed?",
        "rules": [
            {"on": "turn", "nth": 1, "then": ["echo", "resumption", {"go_away": 5}]},
            {"on": "turn", "then": ["echo"]},
        ],
    },
)
