"""Where a credential comes from, and what else of the client's settings reaches the socket."""

from __future__ import annotations

from typing import Final

from mockserver import Refusal, Refuse, Rule

from ..model import Behaviour
from .connecting import NOT_VALID, opening, playing, turn

_SPENT: Final = Refusal("CLS-007").close()
_INVALID: Final = Refusal("CLS-001").close()
_PROCESSES: Final = ("python", "js")

CREDENTIALS: Final = (
    Behaviour(
        "credential:key",
        "a session is opened with an API key",
        calls=(*opening(), *turn()),
    ),
    Behaviour(
        "credential:header",
        "the client has a header of the application's own",
        calls=(*opening(client={"headers": {"x-compat": "mine"}}), *turn()),
        asks="a header of the client",
        looks=("header x-compat",),
    ),
    Behaviour(
        "credential:gemini-variable",
        "the API key comes from GEMINI_API_KEY",
        calls=(*opening(api_key="", env={"GEMINI_API_KEY": "{key}"}), *turn()),
        needs=("GEMINI_API_KEY",),
        sdks=_PROCESSES,
    ),
    Behaviour(
        "credential:google-variable",
        "the API key comes from GOOGLE_API_KEY",
        calls=(*opening(api_key="", env={"GOOGLE_API_KEY": "{key}"}), *turn()),
        sdks=_PROCESSES,
    ),
    Behaviour(
        "credential:both-variables",
        "GOOGLE_API_KEY and GEMINI_API_KEY are both set",
        calls=(
            *opening(api_key="", env={"GOOGLE_API_KEY": "{key}", "GEMINI_API_KEY": "the other one"}),
            *turn(),
        ),
        needs=("GEMINI_API_KEY",),
        asks="both keys",
        sdks=_PROCESSES,
    ),
    Behaviour(
        "credential:spent-token",
        "a token is used once more than its uses allow",
        calls=(*opening(api_key="{token}"), *turn()),
        script=playing("a spent token", Rule("setup", (Refuse("CLS-007"),))),
        needs=("token as api key: recognized",),
        asks="closed before setupComplete",
        ends_in="connect",
        close=(_SPENT.code, _SPENT.reason),
        facts=("CLS-007",),
    ),
    Behaviour(
        "credential:invalid-key",
        "a session is opened with an API key that is not valid",
        calls=(*opening(api_key="{key}" + NOT_VALID), *turn()),
        asks="closed before setupComplete",
        ends_in="connect",
        close=(_INVALID.code, _INVALID.reason),
        facts=("CLS-001",),
    ),
    Behaviour(
        "rest:models.list",
        "a token is used as the API key of another REST call",
        step="rest",
        calls=(("rest", {"api_key": "{token}", "method": "models.list", "client": {"base_url": "{url}"}}),),
        needs=("token on models.list",),
        asks="token on models.list",
        ends_in="rest",
        status=400,
    ),
    Behaviour(
        "rest:interactions.create",
        "a token is used as the API key of interactions.create",
        step="rest",
        calls=(
            (
                "rest",
                {"api_key": "{token}", "method": "interactions.create", "client": {"base_url": "{url}"}},
            ),
        ),
        needs=("token on interactions.create",),
        asks="token on interactions.create",
        ends_in="rest",
        status=400,
    ),
)
