"""What the service answers over HTTP: tokens, preflights, and why there is nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from . import choosing, cors, credentials, routes
from .compression import zipped
from .errors import Refusal, answer, unimplemented
from .profiles import API_VERSIONS
from .schema import Checked
from .tokens import check_request, read_request

if TYPE_CHECKING:
    from .choosing import Stage
    from .effects import Respond
    from .notes import Notes
    from .options import Options
    from .profiles import Profile
    from .request import Request
    from .tokens import Mint, Token


@dataclass(slots=True)
class Exchange:
    """One request that is no handshake, until it has its answer."""

    name: str
    request: Request
    placed: credentials.Placed
    owner: str | None
    #: The API version, known or not, on which a token is asked for; empty: it is another request.
    version: str
    #: What that version offers, where tokens are among it.
    profile: Profile | None


class Rest:
    """The contract for requests."""

    def __init__(self, options: Options, mint: Mint, stage: Stage, notes: Notes) -> None:
        self._options = options
        self._mint = mint
        self._stage = stage
        self._notes = notes

    def begin(self, name: str, request: Request, placed: credentials.Placed, owner: str | None) -> Exchange:
        """What a request asks for."""
        version, profile = routes.minting(request.path), None
        if version in API_VERSIONS and request.method == "POST":
            profile = self._options.profile(version)
            if not profile.serves("auth_tokens.create")[0]:
                profile = None
        return Exchange(name, request, placed, owner, version, profile)

    def judged(self, exchange: Exchange, now: float) -> Respond:
        """What the contract answers, a refusal included."""
        try:
            if exchange.profile is not None:
                return self._minted(exchange, exchange.profile, now)
            return self._answer(exchange, now)
        except Refusal as refusal:
            return self._notes.refused(refusal, exchange.name, exchange.owner, now)

    def dressed(self, response: Respond, exchange: Exchange, now: float) -> Respond:
        """An answer as it goes out, noted in the journal."""
        response = cors.share(exchange.request, response)
        self._notes.response("response", response, exchange.name, exchange.owner, now)
        return zipped(exchange.request, response)

    def _minted(self, exchange: Exchange, profile: Profile, now: float) -> Respond:
        wanted = read_request(exchange.request.body, profile)
        owner = credentials.api_key(exchange.placed, self._options.api_keys, socket=False)
        if named := choosing.by_key(owner):
            self._stage.check(named, "TOK-041")
        token = self._mint.mint(wanted, owner, profile.version, now)
        return answer(200, {"name": token.name}, now)

    def _answer(self, exchange: Exchange, now: float) -> Respond:
        """The answer to a request that mints no token."""
        request = exchange.request
        if request.method == "OPTIONS":
            return cors.preflight(request, now)
        if exchange.version and request.method != "POST":
            raise Refusal("TOK-006", {"version": exchange.version})
        if exchange.version in API_VERSIONS:
            raise routes.unserved("auth_tokens.create", self._options.profile(exchange.version))
        if routes.not_played(request.path):
            credentials.api_key(exchange.placed, self._options.api_keys, socket=False)
            self._notes.not_played(request, exchange.name, exchange.owner, now)
            return unimplemented(f"{request.method} {request.path}", now)
        raise routes.unknown(request, "TOK-009")

    def mint(self, request: dict[str, Any], owner: str, version: str | None, now: float) -> Token:
        """Mint a token without HTTP; by default on the first version that has tokens.

        Raises:
            Refusal: the version has no tokens, or the request is not of the schema or out of range.
            ValueError: there is no such version.
        """
        if version is None:
            offering = self._options.profile(API_VERSIONS[0]).offering("auth_tokens.create")
            version = next(iter(offering), API_VERSIONS[0])
        if version not in API_VERSIONS:
            raise ValueError(f"{version!r} is no API version: expected one of {', '.join(API_VERSIONS)}")
        profile = routes.serving(self._options, "auth_tokens.create", version)
        return self._mint.mint(check_request(Checked(request), profile), owner, profile.version, now)
