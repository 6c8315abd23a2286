"""Which script is played to whom: named by the client itself, given to a key, for some, or for everybody.

A client without a back channel, such as a browser, names a ready-made script in what it sends anyway: in its
API key, ``…mock-script-NAME``, or in its model, ``models/mock-NAME--gemini-…``.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from .errors import Refusal
from .matching import About
from .schema import parse
from .script import ECHO, Performance

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .script import Cue, Script

_NAME: Final = r"[a-z0-9]+(?:-[a-z0-9]+)*"
_BY_KEY: Final = re.compile(rf"mock-script-({_NAME})")
_BY_MODEL: Final = re.compile(rf"mock-({_NAME})(?:--(.+))?", re.DOTALL)
#: The model that plays, where the client names none behind the script.
DEFAULT_MODEL: Final = "gemini-2.5-flash-native-audio-latest"
#: Clients that ask for scripts by ever new keys get ever new counts: of so many.
MAX_PERFORMANCES: Final = 10_000
#: Clients of so many keys and models are known without a search, if both are no longer, in characters.
_KNOWN: Final = 1_000
_SHORT: Final = 128
#: Nothing is ready-made.
NOTHING: Final[Mapping[str, Script]] = MappingProxyType({})


def by_key(api_key: str | None) -> str:
    """The name of the script that an API key asks for; empty if it asks for none."""
    found = _BY_KEY.search(api_key) if api_key and "mock-script-" in api_key else None
    return found[1] if found else ""


def by_model(model: str) -> str:
    """The name of the script that a model asks for; empty if it asks for none."""
    if "mock-" not in model:
        return ""
    prefix, _, bare = model.rpartition("/")
    found = _BY_MODEL.fullmatch(bare) if prefix == "models" else None
    return found[1] if found else ""


def real_model(bare: str) -> str:
    """The model that is meant, without ``models/``."""
    found = _BY_MODEL.fullmatch(bare)
    return bare if found is None else found[2] or DEFAULT_MODEL


class Stage:
    """All scripts, and how far each has got."""

    def __init__(self, script: Script, ready: Mapping[str, Script]) -> None:
        #: For everybody; for those that the script itself names; for one API key.
        self.script = script
        self._for_some: dict[str, Script] = {}
        self._by_owner: dict[str, Script] = {}
        self._ready = ready
        self._performances: dict[tuple[str, str, str], Performance] = {}
        #: What is played to a key and a model, until scripts or counts are others.
        self._known: dict[tuple[str | None, str], Performance] = {}

    def play(self, script: Script | None, owner: str | None) -> None:
        """Play a script from now on; its counts start anew.

        Without a script: to one API key what everybody gets, to everybody the echo.
        """
        self._known.clear()
        if script is None and owner is not None:
            self._by_owner.pop(owner, None)
            self._performances.pop(("owner", owner, ""), None)
        elif script is None:
            self._for_some.clear()
            self.play(ECHO, None)
        elif owner is not None:
            self._by_owner[owner] = script
            self._performances.pop(("owner", owner, ""), None)
        elif script.whom is not None:
            self._for_some[script.name] = script
            self._performances.pop(("some", script.name, ""), None)
        else:
            self.script = script
            self._performances.pop(("all", "", ""), None)

    def reset(self) -> None:
        """All counts start anew."""
        self._known.clear()
        self._performances = {}

    def check(self, name: str, fact_id: str, **values: str) -> None:
        """Let the script a client names be one.

        Raises:
            Refusal: it is none; the hint has the nearest names.
        """
        if not name or name in self._ready:
            return
        # Imported here: a server that nobody misspells anything to needs none of it.
        from difflib import get_close_matches

        nearest = ", ".join(get_close_matches(name, self._ready, n=3, cutoff=0.0))
        advice = (
            f"there is no ready-made script {name!r}; nearest: {nearest}; "
            "python -m mockserver scripts lists them all"
        )
        raise Refusal(fact_id, values, advice=advice)

    def cue(self, event: str, owner: str | None, version: str, body: bytes = b"") -> Cue | None:
        """The rule that speaks on a request, before there is a session."""
        performance = self.performance(owner)
        if event not in performance.script.events:
            performance.count(event)
            return None
        rules = [rule for rule in performance.script.rules if rule.on == event]
        asked = any(rule.match is not None and rule.match.message is not None for rule in rules)
        message = parse(body).value if asked else None
        return performance.cue(event, About(owner or "", version, message=message))

    @property
    def performances(self) -> dict[str | None, Performance]:
        """What is played: to everybody (None), and to single API keys."""
        by_owner: dict[str | None, Performance] = {
            owner: self._performing(("owner", owner, ""), one) for owner, one in self._by_owner.items()
        }
        return {None: self._performing(("all", "", ""), self.script), **by_owner}

    def performance(self, owner: str | None, model: str = "") -> Performance:
        """What is played to a client, by its key and, once it has sent a setup, its model."""
        found = self._known.get((owner, model))
        if found is None:
            found = self._find(owner or "", model)
            if len(self._known) >= _KNOWN:
                self._known.clear()
            if len(owner or "") <= _SHORT and len(model) <= _SHORT:
                self._known[owner, model] = found
        return found

    def _find(self, key: str, model: str) -> Performance:
        for name in (by_model(model), by_key(key)):
            if name and name in self._ready:
                return self._performing(("ready", name, key), self._ready[name])
        if key in self._by_owner:
            return self._performing(("owner", key, ""), self._by_owner[key])
        about = About(api_key=key, model=model) if self._for_some else None
        for name, script in reversed(self._for_some.items()):
            if about is not None and script.whom is not None and script.whom.holds(about):
                return self._performing(("some", name, ""), script)
        return self._performing(("all", "", ""), self.script)

    def _performing(self, place: tuple[str, str, str], script: Script) -> Performance:
        performance = self._performances.get(place)
        if performance is None:
            if len(self._performances) >= MAX_PERFORMANCES:
                self._forget_one()
            performance = self._performances[place] = Performance(script)
        return performance

    def _forget_one(self) -> None:
        """Let go of the oldest counts that a client has brought about by a key of its own making."""
        oldest = next((place for place in self._performances if place[0] == "ready"), None)
        if oldest is not None:
            del self._performances[oldest]
            self._known.clear()
