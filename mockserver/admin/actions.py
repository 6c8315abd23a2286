"""What each route does: one action for each thing a test can do with a ``MockServer``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from .. import fidelity
from ..core.effects import Respond
from ..core.facts import FACTS, fact
from ..core.journal import shorten
from ..edge.streaming import Stream
from ..verdict import judge
from . import playing
from .orders import NO_FOLLOWING
from .reading import Mistake

if TYPE_CHECKING:
    from ..core.journal import Entry
    from ..core.request import Request
    from ..core.service import Service
    from ..edge.host import Host
    from . import Control

_NO_STORE: Final = ("Cache-Control", "no-store")


@dataclass(frozen=True, slots=True)
class Call:
    """One control request, its parameters read."""

    control: Control
    host: Host
    request: Request
    given: dict[str, Any]
    #: The JSON body, where it is no object of parameters.
    body: Any = None

    @property
    def service(self) -> Service:
        """The service that is controlled."""
        return self.host.service


def page(call: Call) -> Respond:
    """The live page; its links are relative to a path that ends with a slash."""
    if call.control.peers is not None:
        raise Mistake(NO_FOLLOWING, 409)
    path, _, query = call.request.target.partition("?")
    if not path.endswith("/"):
        return Respond(308, (("Location", f"{path}/" + (f"?{query}" if query else "")),), b"")
    # Imported here: it brings what reads files out of a package, and few servers are looked at.
    from . import live

    return live.page()


def openapi(call: Call) -> Any:
    """The description of this API."""
    from . import openapi

    return openapi.description()


def health(call: Call) -> Any:
    """What runs."""
    state = call.control.state(call.host)
    return {
        "ok": True,
        "serviceDate": call.service.options.service_date.isoformat(),
        "openConnections": state.open_connections,
        "entries": state.entries,
        "bytes": state.bytes,
        "dropped": state.dropped,
        "droppedBytes": state.dropped_bytes,
    }


def authority(call: Call) -> Respond:
    """The authority of the server's certificate."""
    return Respond(200, (("Content-Type", "application/x-pem-file"), _NO_STORE), call.control.authority())


# -- what is known, and what was seen ---------------------------------------------------------------------


def facts(call: Call) -> Any:
    """All facts."""
    return {"facts": [fidelity.row(row) for row in FACTS.values()]}


def one_fact(call: Call) -> Any:
    """One fact."""
    try:
        return fidelity.row(fact(call.given["id"]))
    except KeyError as unknown:
        raise ValueError(f"{unknown.args[0]}; see {call.control.root}/facts for all") from None


def journal(call: Call) -> Any:
    """The journal, in part or as it happens."""
    given = call.given
    wanted = partial(_is_wanted, given)
    if given.get("follow"):
        return _follow(call, wanted)
    after, limit = given.get("after", 0), given.get("limit")
    seen = call.control.journal(call.host)
    found = [entry for entry in seen if entry.number > after and wanted(entry)]
    part = found if limit is None else found[:limit]
    return {
        "entries": [entry.shown() for entry in part],
        "more": len(part) < len(found),
        "dropped": seen.dropped,
    }


def _is_wanted(given: dict[str, Any], entry: Entry) -> bool:
    kinds, owner = given.get("kind"), given.get("owner")
    return (
        (kinds is None or entry.kind in kinds.split(","))
        and (owner is None or (entry.owner is not None and owner in (entry.owner, shorten(entry.owner))))
        and given.get("connection") in (None, entry.connection)
    )


def _follow(call: Call, wanted: Any) -> Stream:
    followers = call.control.followers(call.host)
    if call.given.get("limit") is not None:
        raise ValueError("limit came with follow, expected only one of them: stop reading after enough")
    after = call.given.get("after", followers.after(call.request.header("last-event-id") or ""))
    headers = (("Content-Type", "text/event-stream; charset=UTF-8"), _NO_STORE)
    return Stream(headers, lambda pipe: followers.begin(pipe, wanted, after))


def verdict(call: Call) -> Any:
    """The verdict on all clients, or on those of one API key."""
    owner = call.given.get("apiKey")
    seen = call.control.journal(call.host)
    entries = tuple(seen) if owner is None else seen.of(owner)
    tokens = [token for token in call.service.tokens if owner in (None, token.owner)]
    return judge(entries, tokens).shown()


# -- tokens and time --------------------------------------------------------------------------------------


def tokens(call: Call) -> Any:
    """All tokens."""
    return {"tokens": [token.shown() for token in call.service.tokens]}


def mint(call: Call) -> Any:
    """Mint a token."""
    wanted = dict(call.given)
    key, version = wanted.pop("apiKey", "minted-by-control"), wanted.pop("apiVersion", None)
    return {"name": call.control.mint(call.host, wanted, key, version)}


def clock(call: Call) -> Any:
    """The clock."""
    return {
        "now": call.host.clock.now(),
        "movedSeconds": call.host.clock.moved_s,
        "due": call.control.state(call.host).due,
    }


def advance(call: Call) -> Any:
    """Move the clock."""
    if call.given["advance"] == "due":
        call.control.advance_to_due(call.host)
    else:
        call.control.advance(call.host, call.given["advance"])
    return clock(call)


# -- scripts ----------------------------------------------------------------------------------------------


def script(call: Call) -> Any:
    """What is played."""
    return playing.playing(call.control.state(call.host).performances)


def play(call: Call) -> Any:
    """Play another script."""
    name = call.given.get("name")
    if (name is None) == (call.body is None):
        got = "neither a name nor a body" if name is None else "a name and a body"
        raise ValueError(f"got {got}, expected one of them: ?name=NAME, or a script as JSON")
    wanted = playing.named(name) if name is not None else playing.sent(call.body)
    call.control.play(call.host, wanted, call.given.get("apiKey"))
    return script(call)


def stop_playing(call: Call) -> Any:
    """Play the default again."""
    call.control.play(call.host, None, call.given.get("apiKey"))
    return script(call)


def rules(call: Call) -> Any:
    """The rules that are played."""
    return {"rules": playing.counted(call.control.state(call.host).performances)}


def inject(call: Call) -> Any:
    """Put a rule in front."""
    call.control.inject(call.host, playing.rule_of(call.body), call.given.get("apiKey"))
    return rules(call)


def reset(call: Call) -> Any:
    """Forget."""
    call.control.reset(call.host)
    return health(call)
