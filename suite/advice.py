"""One sentence on what happened and one on what to change, in the language of the SDK."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from .history import first
from .sdks import SDKS

if TYPE_CHECKING:
    from .model import Cell, Step, Wire

#: How each language writes the API version in each place.
_CODE: Final = {
    ("python", "create", "client"): "genai.Client(api_key=KEY, http_options={{'api_version': '{version}'}})",
    ("python", "create", "call"): "client.auth_tokens.create(config={{'http_options': {{'api_version': '{version}'}}, …}})",
    ("python", "connect", "client"): "genai.Client(api_key=token.name, http_options={{'api_version': '{version}'}})",
    ("python", "connect", "session"): "client.aio.live.connect(model=MODEL, config={{'http_options': {{'api_version': '{version}'}}, …}})",
    ("js", "create", "client"): "new GoogleGenAI({{apiKey: KEY, httpOptions: {{apiVersion: '{version}'}}}})",
    ("js", "create", "call"): "ai.authTokens.create({{config: {{httpOptions: {{apiVersion: '{version}'}}, …}}}})",
    ("js", "connect", "client"): "new GoogleGenAI({{apiKey: token.name, httpOptions: {{apiVersion: '{version}'}}}})",
    ("js", "connect", "session"): "ai.live.connect({{model, config: {{httpOptions: {{apiVersion: '{version}'}}}}, callbacks}})",
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


def call(cell: Cell, step: Step) -> str:
    """What the SDK calls the step."""
    return _CALL[SDKS[cell.subject.sdk].language, step]


def works(cell: Cell, version: str) -> tuple[str, str]:
    """A cell that works needs no fix."""
    return f"the token is minted and a turn completes on {version}", ""


def absent(cell: Cell) -> tuple[str, str]:
    """The SDK version is older than tokens."""
    sdk = SDKS[cell.subject.sdk]
    since = next((v for v in [first(sdk.name, "tokens", a) for a in ("client.auth_tokens", "ai.authTokens")] if v), "")
    return (
        f"{sdk.package} {cell.subject.version} cannot mint tokens",
        f"upgrade to {sdk.package} {since} or newer",
    )


def not_served(
    cell: Cell, step: Step, wire: Wire, place: str, said: str, offered: tuple[str, ...], *, ignored: bool
) -> tuple[str, str]:
    """The API version has no such method at the service date."""
    origin = {
        "default": f"the default of {SDKS[cell.subject.sdk].package} {cell.subject.version}",
        "client": "set on the client",
    }.get(place, f"set at the {place}, which wins over the client")
    if ignored:
        origin += ": what is set at the session is ignored"
    what = {
        "create": f"{call(cell, step)} posts to /{wire.version}/auth_tokens",
        "connect": f"{call(cell, step)} opens {wire.method} on {wire.version}",
    }[step]
    reason = f"{what} ({origin}), which is not served there on the service date {cell.service_date}: HTTP 404, and {_outcome(said)}"
    if not offered:
        return reason, "no API version serves this on that date"
    where = place if place not in ("default",) else "client"
    at = _SIDE[step] if where == "client" else f"the {where}"
    others = f" ({' or '.join(offered)} work on this date)" if len(offered) > 1 else ""
    return reason, f"set the API version on {at}: {code(cell, step, where, offered[0])}{others}"


def session_rejected(cell: Cell, said: str) -> tuple[str, str]:
    """``live.connect`` takes no HTTP options."""
    sdk, version = SDKS[cell.subject.sdk], cell.subject.version
    since = first(sdk.name, "options at the session", "honoured")
    placed = cell.configuration.connect
    upgrade = f", or upgrade to {sdk.package} {since} or newer" if since else ""
    return (
        f"live.connect of {sdk.package} {version} takes no HTTP options: {_outcome(said)} before anything is sent",
        f"set the API version on {_SIDE['connect']}: {code(cell, 'connect', 'client', str(placed.near))}{upgrade}",
    )


def not_recognized(cell: Cell, said: str) -> tuple[str, str]:
    """A token as ``api_key`` is sent as an ordinary key."""
    sdk = SDKS[cell.subject.sdk]
    since = first(sdk.name, "token as api key", "recognized")
    return (
        f"{sdk.package} {cell.subject.version} sends a token as an ordinary API key to BidiGenerateContent, which "
        f"closes with 1007 API key not valid: {_outcome(said)}",
        f"upgrade to {sdk.package} {since} or newer, or use genai.live_ephemeral_connect of this version",
    )


def _outcome(said: str) -> str:
    """``raises ClientError`` as the end of a sentence."""
    word, _, error = said.partition(" ")
    return {
        "raises": f"the call raises {error}",
        "hangs": "the call never settles",
        "returns": "the call returns a dead session",
    }[word]
