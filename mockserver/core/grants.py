"""From a client's first message to the right to a session.

In this order: fields, credential, lock, token, model.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from . import credentials, models, setups, tokens
from .errors import Refusal, violated
from .messages import MESSAGES
from .schema import check, parse

if TYPE_CHECKING:
    from .credentials import Placed
    from .models import Model
    from .options import Options
    from .profiles import Method, Profile
    from .store import Store
    from .tokens import Token

_SOCKET_FACTS: Final = {
    "name": "CLS-035",
    "kind": "CLS-034B",
    "value": "CLS-036",
    "time": "CLS-036",
    "json": "CLS-074",
    "name setup": "CLS-034",
    **{f"setup.{name}": "CLS-038" for name in MESSAGES["GenerationConfig"]},
    "setup.proactivity": "CLS-037",
    "client_content.contents": "CLS-061",
    "setup.generation_config.enableAffectiveDialog": "PRO-050B",
    "setup.generation_config.enable_affective_dialog": "PRO-050B",
}
#: What is longer, in bytes, is not expected twice.
_LONG: Final = 2_048
_HANDLE: Final = re.compile(r"^[\w+/=.-]+$", re.ASCII)


@dataclass(slots=True)  # not frozen, as nothing that is made for each session: that takes three times as long
class Grant:
    """The right to one session: who pays, under which token, with which setup."""

    owner: str
    token: Token | None
    setup: dict[str, Any]
    model: Model
    modality: str
    #: Taking it up costs a use of the token: the fact by which it is refused where none is left by then.
    costs: str = ""

    def take_up(self, store: Store) -> Grant:
        """Spend the use that the session costs, now that nothing else can refuse it (CON-014, CON-015).

        Raises:
            Refusal: another server was quicker.
        """
        if self.token is not None and self.costs and not store.spend(self.token.name):
            raise Refusal(self.costs)
        return self


def read_message(payload: bytes, profile: Profile) -> tuple[str, dict[str, Any]]:
    """Read a client message; its kind (``setup``, ``clientContent`` …) and its content in one spelling.

    Raises:
        Refusal: no JSON, fields that are unknown or wrong, more than one kind, or none.
    """
    return (_read if len(payload) > _LONG else _known)(payload, profile)


def _read(payload: bytes, profile: Profile) -> tuple[str, dict[str, Any]]:
    checked = parse(payload)
    if not checked.violations:
        checked = check(checked.value, "ClientMessage", "", profile, is_flat=checked.is_flat)
    if checked.violations:
        raise violated(checked, _SOCKET_FACTS, version=profile.version)
    if len(checked.value) != 1:
        raise Refusal("CLS-073")
    [(kind, content)] = checked.value.items()
    return kind, content


#: Clients open sessions with the same setup again and again; nobody changes what was read.
_known: Final = lru_cache(maxsize=128)(_read)


@dataclass(slots=True)
class Door:
    """Where a session is asked for: method and credentials of the handshake, and what the server knows."""

    method: Method
    placed: Placed
    profile: Profile
    options: Options
    store: Store

    def grant(self, offered: dict[str, Any], now: float) -> Grant:
        """Grant a session for an offered setup.

        Raises:
            Refusal: with the close the service gives.
        """
        if self.method == "BidiGenerateContentConstrained":
            return self._by_token(offered, now)
        owner = credentials.api_key(self.placed, self.options.api_keys, socket=True)
        model = self._model(offered)
        self._check_handle(offered, model, now)
        return Grant(owner, None, offered, model, setups.check(offered, model, self.profile, locked=False))

    def _by_token(self, offered: dict[str, Any], now: float) -> Grant:
        name = credentials.token_name(self.placed, header_counts=self.options.header_token)
        token = self.store.find(name)
        if token is None:
            raise Refusal("CLS-006")  # which close that gives is a choice
        setup = token.constraint.apply(offered)
        resumes = self._resumes(setup, now)
        spends = not resumes or self._resumption_spends()
        needs_time = not resumes or self.options.resumption_needs_time
        tokens.admit(token, now, resumes=resumes, spends=spends, needs_time=needs_time)
        costs = tokens.spent(resumes=resumes) if spends else ""
        if costs and self.options.rejected_setup_spends_use:
            if not self.store.spend(name):
                raise Refusal(costs)
            costs = ""
        model = self._model(setup)
        self._check_handle(setup, model, now)
        modality = setups.check(setup, model, self.profile, locked=setup is not offered)
        return Grant(token.owner, token, setup, model, modality, costs)

    def _resumption_spends(self) -> bool:
        if self.options.resumption_spends_use is not None:
            return self.options.resumption_spends_use
        return self.profile.before("CON-007")

    def _resumes(self, setup: dict[str, Any], now: float) -> bool:
        """Whether it has a handle that was given out, less than two hours ago."""
        handle = setup.get("sessionResumption", {}).get("handle")
        return bool(handle) and self.store.is_valid(handle, now)

    def _check_handle(self, setup: dict[str, Any], model: Model, now: float) -> None:
        handle = setup.get("sessionResumption", {}).get("handle")
        if handle and not self._resumes(setup, now):
            raise Refusal(model.lost_handle if _HANDLE.match(handle) else "CLS-049C")

    def _model(self, setup: dict[str, Any]) -> Model:
        name = setup.get("model", "")
        model = models.find(name, self.options.service_date)
        if model is None:
            raise Refusal(self._not_found(name), {"model": name, "version": self.profile.version})
        return model

    def _not_found(self, name: str) -> str:
        """The fact for a model that there is not."""
        if self.method == "BidiGenerateContentConstrained":
            return "CLS-032"
        if not name.startswith("models/"):
            return "CLS-031"
        return "CLS-030" if self.profile.after("CLS-030B") else "CLS-030B"


class Porter:
    """Grants sessions, and knows who comes again: a key that offers a setup of before, on the same version.

    Only what follows from these and the options is kept: nothing of a token, no handle, no refusal.
    """

    def __init__(self, options: Options, store: Store, most: int = 256) -> None:
        self._options = options
        self._store = store
        self._most = most
        self._known: dict[tuple[Method, tuple[str, ...], str, bytes], Grant] = {}

    def grant(
        self,
        method: Method,
        placed: Placed,
        profile: Profile,
        payload: bytes,
        offered: dict[str, Any],
        now: float,
    ) -> Grant:
        """Grant a session for an offered setup, which was read from the payload.

        Raises:
            Refusal: with the close the service gives.
        """
        asked = (method, placed.keys[:1], profile.version, payload)
        grant = self._known.get(asked)
        if grant is None:
            grant = Door(method, placed, profile, self._options, self._store).grant(offered, now)
            if _comes_again(grant, payload):
                self._known[asked] = grant
                if len(self._known) > self._most:
                    del self._known[next(iter(self._known))]
        return grant


def _comes_again(grant: Grant, payload: bytes) -> bool:
    """Whether the same would be granted at any time, and is short enough to be kept."""
    resumes = grant.setup.get("sessionResumption", {}).get("handle")
    return grant.token is None and not resumes and len(payload) + len(grant.owner) <= _LONG
