"""Ephemeral tokens: minting them, and what is left of their rights."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from .constraints import Constraint, read_mask
from .errors import Refusal, violated
from .journal import hide_secrets, shorten
from .schema import Checked, check, parse, timestamp

if TYPE_CHECKING:
    from .ids import Ids
    from .profiles import Profile
    from .store import Store

#: Defaults and limits of the service, in seconds (TOK-010, TOK-011, TOK-012).
DEFAULT_USES: Final = 1
DEFAULT_LIFETIME_S: Final = 30 * 60
DEFAULT_NEW_SESSION_S: Final = 60
MAX_LIFETIME_S: Final = 20 * 60 * 60

#: A body that is longer, in bytes, is not expected twice.
_LONG: Final = 2_048
#: The fact behind each kind of violation in a token request, and behind the usual mistakes.
_MINT_FACTS: Final = {
    "name": "TOK-045",
    "value": "TOK-061",
    "time": "TOK-055",
    "json": "TOK-056",
    "auth_token.authToken": "TOK-046",
    "auth_token.bidi_generate_content_setup.config": "TOK-047",
    "auth_token.bidi_generate_content_setup.setup": "TOK-047",
    "auth_token.bidi_generate_content_setup.proactivity": "TOK-048",
    "value auth_token.uses": "TOK-054",
}


@dataclass(slots=True)
class Token:
    """One minted token. Times are Unix seconds on the mock's clock; ``uses_left`` None means no limit."""

    name: str
    owner: str
    version: str
    minted_at: float
    expires_at: float
    new_session_expires_at: float
    uses_left: int | None
    constraint: Constraint

    def shown(self) -> dict[str, Any]:
        """As JSON for the control API: names shortened, and secrets in what is locked."""
        return {
            "name": shorten(self.name),
            "owner": shorten(self.owner),
            "version": self.version,
            "mintedAt": self.minted_at,
            "expiresAt": self.expires_at,
            "newSessionExpiresAt": self.new_session_expires_at,
            "usesLeft": self.uses_left,
            "constraint": {
                "setup": json.loads(hide_secrets(json.dumps(self.constraint.setup), self.owner)),
                "mask": [".".join(path) for path in self.constraint.mask],
            },
        }


class Mint:
    """Makes tokens, which a store keeps."""

    def __init__(self, store: Store, ids: Ids) -> None:
        self._store = store
        self._ids = ids
        #: How far the mock's clock is ahead of the clients': they write times by their own.
        self.ahead_s = 0.0

    def mint(self, request: dict[str, Any], owner: str, version: str, now: float) -> Token:
        """Mint a token from a request body that is of the schema.

        Raises:
            Refusal: a value out of range.
        """
        expires = self._moment(request, "expireTime", now, DEFAULT_LIFETIME_S, ("TOK-051", "TOK-053"))
        newest = self._moment(
            request, "newSessionExpireTime", now, DEFAULT_NEW_SESSION_S, ("TOK-052", "TOK-053B")
        )
        uses = int(float(request.get("uses", DEFAULT_USES)))
        if uses < 0:
            raise Refusal("TOK-053C", {"value": str(uses)})
        token = Token(
            self._ids.token(),
            owner,
            version,
            now,
            expires,
            newest,
            uses or None,
            Constraint(request.get("bidiGenerateContentSetup"), read_mask(request.get("fieldMask", ""))),
        )
        self._store.add(token)
        return token

    def _moment(
        self, request: dict[str, Any], field: str, now: float, default_s: float, refusals: tuple[str, str]
    ) -> float:
        """Unix seconds of a timestamp field; ``refusals`` are the facts for too late and for past."""
        if field not in request:
            return now + default_s
        told = timestamp(request[field])
        assert told is not None, "the schema lets no other text through"
        moment = told + self.ahead_s
        if moment - now > MAX_LIFETIME_S:
            raise Refusal(refusals[0], {"value": request[field]})
        if moment <= now:
            raise Refusal(refusals[1], {"value": request[field]})
        return moment


def check_request(checked: Checked, profile: Profile) -> dict[str, Any]:
    """Check a parsed token request; that comes before the key is looked at (TOK-050).

    Raises:
        Refusal: no JSON, unknown fields, wrong types; all violations in one message.
    """
    if not checked.violations:
        checked = check(checked.value, "AuthToken", "auth_token", profile, is_flat=checked.is_flat)
    if checked.violations:
        raise violated(checked, _MINT_FACTS, version=profile.version)
    return checked.value


def _read(body: bytes, profile: Profile) -> dict[str, Any]:
    return check_request(parse(body), profile)


#: Clients ask for the same tokens again and again; nobody changes what was read.
_known: Final = lru_cache(maxsize=256)(_read)


def read_request(body: bytes, profile: Profile) -> dict[str, Any]:
    """Read the body of a token request, and check it as ``check_request`` does."""
    return (_read if len(body) > _LONG else _known)(body, profile)


def admit(token: Token, now: float, *, resumes: bool, spends: bool, needs_time: bool = True) -> None:
    """Let a new session in on a token, or refuse; does not spend the use yet.

    Args:
        resumes: the setup carries a valid resumption handle.
        spends: this connection costs a use.
        needs_time: newSessionExpireTime counts for it.

    Raises:
        Refusal: expired (CLS-010 before all else), too late for a new session, or spent.
    """
    if now >= token.expires_at:
        raise Refusal("CLS-010")
    if needs_time and now >= token.new_session_expires_at:
        raise Refusal("CON-009" if resumes else "CLS-008")
    if spends and token.uses_left == 0:
        raise Refusal(spent(resumes=resumes))


def spent(*, resumes: bool) -> str:
    """The fact by which a token without a use left is refused."""
    return "CON-007B" if resumes else "CLS-007"
