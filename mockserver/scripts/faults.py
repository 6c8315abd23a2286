"""Ready-made scripts in which something goes wrong, a counted number of times."""

from __future__ import annotations

from typing import Any, Final


def _busy(status: int, name: str, message: str) -> dict[str, Any]:
    """An error as the service words it, with the wish to be asked again in a second."""
    body = {"error": {"code": status, "message": message, "status": name}}
    return {"status": status, "headers": {"Retry-After": "1"}, "body": {"json": body}}


_EXHAUSTED: Final = _busy(429, "RESOURCE_EXHAUSTED", "Resource has been exhausted (e.g. check quota).")
_INTERNAL: Final = _busy(500, "INTERNAL", "An internal error has occurred. Please retry.")
_UNAVAILABLE: Final = _busy(503, "UNAVAILABLE", "The service is currently unavailable.")
_ECHO: Final[dict[str, Any]] = {"on": "turn", "then": ["echo"]}


def _garbled(how: str, question: str) -> dict[str, Any]:
    return {
        "name": how.replace("_", "-"),
        "about": question,
        "rules": [{"on": "turn", "per": "session", "nth": 1, "then": [{"garble": how}, "proceed"]}, _ECHO],
    }


_TOKENS: Final[tuple[dict[str, Any], ...]] = (
    {
        "name": "rate-limited-mint",
        "about": "The first two token calls get 429 with Retry-After, the third works: is it made?",
        "rules": [{"on": "mint", "nth": "1-2", "then": [{"respond": _EXHAUSTED}]}],
    },
    {
        "name": "failing-mint",
        "about": "The first token call gets 500, the second 503, the third works: is it made?",
        "rules": [
            {"on": "mint", "nth": 1, "then": [{"respond": _INTERNAL}]},
            {"on": "mint", "nth": 2, "then": [{"respond": _UNAVAILABLE}]},
        ],
    },
    {
        "name": "silent-mint",
        "about": "The first token call is never answered: has the backend a time limit?",
        "rules": [{"on": "mint", "nth": 1, "then": ["silence"]}],
    },
    {
        "name": "token-expires-in-session",
        "about": "The token runs out in the second turn of a session: is a new one fetched?",
        "rules": [{"on": "turn", "per": "session", "nth": 2, "then": [{"refuse": "CLS-009"}]}, _ECHO],
    },
)
_CONNECTIONS: Final[tuple[dict[str, Any], ...]] = (
    {
        "name": "refused-handshake",
        "about": "The first handshake gets 503, the second opens: does the client connect again?",
        "rules": [{"on": "handshake", "nth": 1, "then": [{"reject": _UNAVAILABLE}]}],
    },
    {
        "name": "silent-handshake",
        "about": "The first handshake is never answered: has the client a time limit?",
        "rules": [{"on": "handshake", "nth": 1, "then": ["silence"]}],
    },
    {
        "name": "half-handshake",
        "about": "The first handshake gets half of a 101, then the connection breaks: does the client hang?",
        "rules": [{"on": "handshake", "nth": 1, "then": [{"garble": "half"}, "proceed", "abort"]}],
    },
    {
        "name": "silent-setup",
        "about": "The first setup is never completed: does connect() come back?",
        "rules": [{"on": "setup", "nth": 1, "then": ["silence"]}],
    },
    {
        "name": "slow-setup",
        "about": "Every setup takes three seconds: does the user see that something is going on?",
        "rules": [{"on": "setup", "then": [{"pause": 3}, "proceed"]}],
    },
    {
        "name": "silent-turn",
        "about": "The first turn of a session gets no answer: does the user get to know?",
        "rules": [{"on": "turn", "per": "session", "nth": 1, "then": ["silence"]}, _ECHO],
    },
    {
        "name": "drop-in-turn",
        "about": "The connection breaks in the first answer, without a close: does the client connect again?",
        "rules": [{"on": "turn", "nth": 1, "then": [{"say": "This is where it"}, "abort"]}, _ECHO],
    },
    {
        "name": "reset-in-turn",
        "about": "The same by a TCP reset: is the error caught?",
        "rules": [
            {"on": "turn", "nth": 1, "then": [{"say": "This is where it"}, {"abort": {"reset": True}}]},
            _ECHO,
        ],
    },
    {
        "name": "close-without-code",
        "about": "The first turn is answered by a close without a code: is that an error to the application?",
        "rules": [{"on": "turn", "nth": 1, "then": ["close"]}, _ECHO],
    },
    {
        "name": "slow-drip",
        "about": "Answers come 64 bytes every tenth of a second: is nothing played twice, and nothing lost?",
        "rules": [{"on": "turn", "then": [{"drip": {"bytes": 64, "every": 0.1}}, "proceed"]}],
    },
)
_FRAMES: Final[tuple[dict[str, Any], ...]] = (
    {
        "name": "half-frame",
        "about": "The first answer stops in the middle of a frame, then the connection breaks.",
        "rules": [{"on": "turn", "nth": 1, "then": [{"garble": "half"}, "proceed", "abort"]}, _ECHO],
    },
    _garbled("fragments", "The first answer comes in continuation frames: are they put together?"),
    _garbled(
        "bad_utf8", "The first answer is a text frame that is no UTF-8: does the client close with 1007?"
    ),
    _garbled("masked", "The first answer is masked, as only a client may: does the client close with 1002?"),
    _garbled("reserved_bits", "The first answer has reserved bits set: does the client close with 1002?"),
    _garbled("oversized", "The first answer announces a terabyte: does the client close with 1009?"),
    _garbled("text", "The first answer comes in text frames, which the service never sends: is it read?"),
    {
        "name": "not-json",
        "about": "The first answer is no JSON: does the session go on, and does the application get to know?",
        "rules": [
            {"on": "turn", "per": "session", "nth": 1, "then": [{"send": "<html>oops</html>"}, "proceed"]}
        ],
    },
    {
        "name": "unknown-message",
        "about": "A message of a kind that nobody knows comes before the answer: is it passed over?",
        "rules": [{"on": "turn", "then": [{"send": {"json": {"surpriseUpdate": {"level": 3}}}}, "proceed"]}],
    },
)

SCRIPTS: Final = (*_TOKENS, *_CONNECTIONS, *_FRAMES)
