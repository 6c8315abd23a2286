"""What happened and what to change, in the language of the SDK."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from . import answers
from .history import answer, first, later, rows_of
from .model import Advice
from .sdks import SDKS

if TYPE_CHECKING:
    from .answers import Answer
    from .model import Behaviour, Cell, Configuration, Step, Wire

#: How each language writes the API version in each place.
_CODE: Final = {
    ("python", "create", "client"): "genai.Client(api_key=KEY, http_options={{'api_version': '{version}'}})",
    (
        "python",
        "create",
        "call",
    ): "client.auth_tokens.create(config={{'http_options': {{'api_version': '{version}'}}}})",
    (
        "python",
        "connect",
        "client",
    ): "genai.Client(api_key=token.name, http_options={{'api_version': '{version}'}})",
    ("python", "connect", "session"): "client.aio.live.connect(model=MODEL, "
    "config={{'http_options': {{'api_version': '{version}'}}}})",
    ("js", "create", "client"): "new GoogleGenAI({{apiKey: KEY, httpOptions: {{apiVersion: '{version}'}}}})",
    (
        "js",
        "create",
        "call",
    ): "ai.authTokens.create({{config: {{httpOptions: {{apiVersion: '{version}'}}}}}})",
    (
        "js",
        "connect",
        "client",
    ): "new GoogleGenAI({{apiKey: token.name, httpOptions: {{apiVersion: '{version}'}}}})",
    ("js", "connect", "session"): "ai.live.connect({{model, config: {{httpOptions: "
    "{{apiVersion: '{version}'}}}}, callbacks}})",
}
_CALL: Final = {
    ("python", "create"): "auth_tokens.create",
    ("python", "connect"): "live.connect",
    ("js", "create"): "authTokens.create",
    ("js", "connect"): "live.connect",
}
_SIDE: Final = {"create": "the client that mints", "connect": "the client that connects"}


def code(cell: Cell, step: Step, place: str, version: str) -> str:
    """The line of code that sets the API version in a place."""
    return _CODE[SDKS[cell.subject.sdk].language, step, place].format(version=version)


def works(version: str) -> Advice:
    """A cell that works needs no fix."""
    return Advice(f"the token is minted, and a turn completes on {version}")


def absent(cell: Cell) -> Advice:
    """The SDK version is older than tokens."""
    sdk = SDKS[cell.subject.sdk]
    since = rows_of(sdk.name, "tokens")[0].since
    return Advice("this version cannot mint tokens", fix=f"upgrade to {sdk.package} {since} or newer")


def not_served(
    cell: Cell, step: Step, wire: Wire, place: str, said: str, offered: tuple[str, ...], *, ignored: bool
) -> Advice:
    """The API version has no such method at the service date."""
    name = _CALL[SDKS[cell.subject.sdk].language, step]
    what = f"{name} posts to /{wire.version}/auth_tokens"
    if step == "connect":
        what = f"{name} opens {wire.method} on {wire.version}"
    origin = {"default": "the SDK's default", "client": "set on the client"}
    because = origin.get(place, f"set at the {place}, which wins over the client")
    if ignored:
        because += ", for what is set at the session is ignored"
    cause = f"{what} ({because}), which this service date does not serve: HTTP 404"
    if not offered:
        return Advice(cause, _effect(said), "no API version serves this on that date")
    where = "client" if place == "default" else place
    at = f"on {_SIDE[step]}" if where == "client" else f"at the {where}"
    others = f" ({' or '.join(offered)} work on this date)" if len(offered) > 1 else ""
    fix = f"set the API version {at}: {code(cell, step, where, offered[0])}{others}"
    return Advice(cause, _effect(said), fix)


def session_rejected(cell: Cell, said: str, offered: tuple[str, ...]) -> Advice:
    """``live.connect`` takes no HTTP options."""
    sdk = SDKS[cell.subject.sdk]
    configuration = cast("Configuration", cell.case)
    wanted = str(configuration.connect.near)
    version = wanted if wanted in offered else offered[0]
    fix = f"set the API version on {_SIDE['connect']}: {code(cell, 'connect', 'client', version)}"
    tokens = answer(sdk.name, cell.subject.version, "token as api key")
    honoured = first(sdk.name, "options at the session", "honoured")
    if tokens is None or tokens.answer != "recognized":
        since = first(sdk.name, "token as api key", "recognized")
        fix += f", and upgrade to {sdk.package} {since} or newer, which knows a token as api_key"
    elif honoured is not None and wanted in offered:
        fix += f", or upgrade to {sdk.package} {honoured} or newer"
    return Advice(
        "live.connect takes no HTTP options of its own", f"{_effect(said)} before anything is sent", fix
    )


def not_recognized(cell: Cell, wire: Wire, said: str) -> Advice:
    """A token as ``api_key`` is sent as an ordinary key."""
    sdk = SDKS[cell.subject.sdk]
    since = first(sdk.name, "token as api key", "recognized")
    outcome = (
        "closes with 1007 API key not valid"
        if wire.close
        else f"is not served on {wire.version} here: HTTP 404"
    )
    return Advice(
        f"this version sends a token as if it were an API key, to {wire.method}, which {outcome}",
        _effect(said),
        f"upgrade to {sdk.package} {since} or newer, or open the session with genai.live_ephemeral_connect",
    )


def _effect(said: str) -> str:
    """``raises ClientError`` as the end of a sentence."""
    return _told(answers.read(said))


def _told(says: Answer) -> str:
    return {
        "returns": "all goes well",
        "raises": f"the call raises {says.what}",
        "refused": "the call raises an error",
        "tells": f"the call returns a dead session, and only {says.what} tells of it",
        "hangs": "the call never settles",
        "crashes": "the process ends with an error",
        "silent": "the process ends and nobody is told",
        "absent": "this version has no such feature",
    }[says.word]


#: How good an ending is for an application, best first.
_RANKS: Final = ("returns", "raises", "refused", "tells", "absent", "silent", "hangs", "crashes")


def behaves(cell: Cell, behaviour: Behaviour, says: Answer, question: str) -> Advice:
    """What happens, what is seen of it, and what to do: a newer version that does better, else a remedy."""
    sdk = SDKS[cell.subject.sdk]
    if says.word == "returns":
        seen = ", ".join(f"{name} is {value}" for name, value in says.parts.items())
        return Advice(behaviour.title, seen or _told(says))
    remedy = behaviour.remedy.get(sdk.language, "")
    rank = _RANKS.index(says.word)
    for row in later(sdk.name, cell.subject.version, question):
        better = answers.read(row.answer)
        if _RANKS.index(better.word) < rank and better.word != "absent":
            upgrade = f"upgrade to {sdk.package} {row.since} or newer, where {_told(better)}"
            return Advice(
                behaviour.title, _told(says), f"{upgrade}; until then: {remedy}" if remedy else upgrade
            )
    return Advice(behaviour.title, _told(says), remedy if says.word not in ("raises", "tells") else "")
