"""From a probe to what the worker is told: its verbs, with the cell's own key, token and places filled in."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from .cases.connecting import AUDIO, MODEL, VERSION_VARIABLE, turn
from .model import NEAR, Behaviour

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .cases.connecting import Calls
    from .model import Probe
    from .targets import Target

#: Variables that would give an SDK a key or a place; each call says which of them are set.
_VARIABLES: Final = ("GEMINI_API_KEY", "GOOGLE_API_KEY", "GOOGLE_GEMINI_BASE_URL", VERSION_VARIABLE)
_IN_AN_HOUR: Final = "{in an hour}"
_SESSION_VERBS: Final = frozenset({"send", "receive", "close"})


def calls_of(probe: Probe) -> Calls:
    """The verbs of a probe: a behaviour has its own, a placement mints, or connects and has a turn."""
    if isinstance(probe.what, Behaviour):
        return tuple((verb, dict(parameters)) for verb, parameters in probe.what.calls)
    placement = probe.what
    options: dict[str, Any] = {"client": {"api_version": placement.client}} if placement.client else {}
    if placement.near:
        options[NEAR[probe.step]] = {"api_version": placement.near}
    if probe.step == "create":
        return (("create_token", {"api_key": "{key}", "config": {}, **options}),)
    return (("connect", {"api_key": "{token}", "model": MODEL, "config": AUDIO, **options}), *turn())


class Filling:
    """What stands in the place of ``{key}``, ``{token}``, ``{url}`` … in one probe."""

    def __init__(self, probe: Probe, name: str, target: Target) -> None:
        #: The API key of this probe alone, by which the mock's journal tells probes apart.
        self.key = "cell." + re.sub(r"[^\w.-]+", ".", name)
        self.sessions: list[str] = []
        #: The resumption handle that the server told last.
        self._handle = ""
        self._target = target
        self._env = dict.fromkeys(_VARIABLES) | target.env
        script = None
        self.silent = False
        if isinstance(probe.what, Behaviour):
            script, self.silent = probe.what.script, probe.what.silent
        if script is not None:
            target.play(script, self.key)

    def fill(self, verb: str, parameters: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
        """The parameters of the next call; ``before`` is what the last one returned."""
        self._handle = next(reversed(before.get("handles") or ()), self._handle)
        filled: dict[str, Any] = self._filled(parameters)
        if "session" in before:
            self.sessions.append(before["session"])
        if "client" in filled or "api_key" in filled:
            filled["env"] = self._env | filled.get("env", {})
            return {name: value for name, value in filled.items() if value != ""}
        if calls := before.get("tool_calls"):
            filled = _answering(filled, calls[0])
        return {**filled, "session": self.sessions.pop() if verb == "close" else self.sessions[-1]}

    def _filled(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {name: inner for name, given in value.items() if (inner := self._filled(given)) != ""}
        if isinstance(value, list):
            return [self._filled(inner) for inner in value]
        return self._text(value) if isinstance(value, str) else value

    def _text(self, text: str) -> str:
        if text == _IN_AN_HOUR:
            moment = self._target.now().replace(microsecond=0) + timedelta(hours=1)
            return moment.isoformat().replace("+00:00", "Z")
        if "{token}" in text:
            return text.replace("{token}", self._target.mint(self.key))
        if "{stranger}" in text:
            return text.replace("{stranger}", self._target.stranger())
        for name, place in self._target.places().items():
            text = text.replace(name, place)
        text = text.replace(MODEL, self._target.model)
        return text.replace("{key}", self.key).replace("{handle}", self._handle)


def _answering(filled: dict[str, Any], call: Mapping[str, Any]) -> dict[str, Any]:
    """A tool's response carries the id of its call."""
    if "tool_response" not in filled:
        return filled
    return {**filled, "tool_response": {"id": call.get("id"), **filled["tool_response"]}}
