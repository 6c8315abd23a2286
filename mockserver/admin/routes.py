"""The control API as a table: what is served, checked and described comes from these rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from . import ROOT, actions

if TYPE_CHECKING:
    from collections.abc import Callable

Kind = Literal["text", "number", "whole", "flag", "step"]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a call, in the query or in a JSON body."""

    name: str
    kind: Kind
    meaning: str
    required: bool = False


@dataclass(frozen=True, slots=True)
class Route:
    """One route: what it takes, does and gives.

    Attributes:
        gives: the name of the answer's shape.
        body: the shape of the body, where that is no object of parameters.
        also: more fields may come, which the action itself checks.
        python: the same in Python.
    """

    method: str
    path: str
    action: Callable[[actions.Call], Any]
    summary: str
    gives: str
    takes: tuple[Parameter, ...] = ()
    body: str = ""
    also: bool = False
    python: str = ""

    @property
    def full_path(self) -> str:
        """The path with its root, as it is documented."""
        return f"{ROOT}/{self.path}"


_ONE_KEY: Final = Parameter("apiKey", "text", "for this API key and its tokens alone")
_JOURNAL: Final = (
    Parameter("kind", "text", "entries of these kinds, separated by commas, such as refusal,close"),
    Parameter("owner", "text", "entries of this API key and its tokens, whole or as the journal shows it"),
    Parameter("connection", "text", "entries of one request or socket, such as ws-1"),
    Parameter("after", "whole", "entries after this number"),
    Parameter("limit", "whole", "so many entries at most, the oldest first"),
    Parameter("follow", "flag", "true: server-sent events, first what there is, then each entry at once"),
)
_MINT: Final = (
    Parameter("apiKey", "text", "the key that mints; minted-by-control by default"),
    Parameter("apiVersion", "text", "the API version to mint on; by default the first that has tokens"),
)
_SCRIPT: Final = (_ONE_KEY, Parameter("name", "text", "a ready-made script, in place of a body"))

ROUTES: Final[tuple[Route, ...]] = (
    Route("GET", "", actions.page, "The live page, for a browser.", "page", python="live_page"),
    Route("GET", "openapi.json", actions.openapi, "This description.", "description"),
    Route(
        "GET", "health", actions.health, "What runs, and how busy it is.", "Health", python="open_connections"
    ),
    Route("GET", "ca.pem", actions.authority, "The authority to trust.", "pem", python="ca_file"),
    Route("GET", "facts", actions.facts, "All that is known of the service.", "Facts", python="FACTS"),
    Route("GET", "facts/{id}", actions.one_fact, "One fact.", "Fact", python="fact"),
    Route("GET", "journal", actions.journal, "What crossed the wire.", "Journal", _JOURNAL, python="journal"),
    Route("GET", "verdict", actions.verdict, "What clients did well and badly.", "Verdict", (_ONE_KEY,),
          python="verdict"),
    Route("GET", "tokens", actions.tokens, "Every token minted.", "Tokens", python="tokens"),
    Route("POST", "tokens", actions.mint, "Mint a token; more fields are those of a token request.",
          "Minted", _MINT, also=True, python="mint"),
    Route("GET", "clock", actions.clock, "The mock's clock.", "Clock"),
    Route("POST", "clock", actions.advance, "Move the clock; what is due happens before the answer.", "Clock",
          (Parameter("advance", "step", "seconds, or due: up to the next thing that is due", required=True),),
          python="advance"),
    Route("GET", "script", actions.script, "What is played, and what could be.", "Playing"),
    Route("PUT", "script", actions.play, "Play a script from now on.", "Playing", _SCRIPT, "Script",
          python="play"),
    Route("POST", "script", actions.play, "The same.", "Playing", _SCRIPT, "Script", python="play"),
    Route("DELETE", "script", actions.stop_playing, "Play the default again.", "Playing", (_ONE_KEY,),
          python="stop_playing"),
    Route("GET", "rules", actions.rules, "The rules that are played, and how often each spoke.", "Rules"),
    Route("POST", "rules", actions.inject, "Put a rule in front of what is played, for open sockets too.",
          "Rules", (_ONE_KEY,), "Rule", python="inject"),
    Route("POST", "reset", actions.reset, "Forget tokens, handles, counts, journal and the clock's steps.",
          "Health", python="reset"),
)  # fmt: skip
