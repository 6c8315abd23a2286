"""What is looked at in a measured behaviour, each by a name that history rows and cases use."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from .wire import opening_of, prefix_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mockserver import Entry

#: Longest thing said that is shown as it is.
_SHOWN: Final = 40
_NOTHING: Final = "nothing"
#: Times are given to the second, and the mock reads them so.
_SAME_TIME: Final = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What there is to look at: the parameters and the value of each call, what happened, what was sent."""

    asked: tuple[Mapping[str, Any], ...]
    values: tuple[Mapping[str, Any], ...]
    events: tuple[Mapping[str, Any], ...]
    entries: Sequence[Entry]

    def value(self, name: str) -> list[Any]:
        """One field of all values that have it."""
        return [value[name] for value in self.values if value.get(name)]

    @property
    def body(self) -> dict[str, Any]:
        """The JSON of the first request."""
        sent = next((entry.payload for entry in self.entries if entry.kind == "request"), b"")
        try:
            body = json.loads(sent or b"{}")
        except ValueError:
            return {}
        return body if isinstance(body, dict) else {}

    @property
    def messages(self) -> list[dict[str, Any]]:
        """What the client sent over its socket."""
        return [json.loads(entry.payload) for entry in self.entries if entry.kind == "in"]


def read(name: str, evidence: Evidence) -> str:
    """What one look shows, in the words of the history."""
    header = name.removeprefix("header ")
    if header != name:
        return _header(header, evidence)
    return READINGS[name](evidence)


def _said(evidence: Evidence) -> str:
    """What the model said: a text, or that there was sound."""
    said = "".join(evidence.value("text"))
    if not said:
        return "sound" if evidence.value("audio_bytes") else _NOTHING
    return said if len(said) <= _SHOWN else f"{len(said)} characters"


def _tool_response(evidence: Evidence) -> str:
    """What of a tool's answer arrived."""
    sent = [
        message[name] for message in evidence.messages for name in message if camel(name) == "toolResponse"
    ]
    answers = [answer for content in sent for answer in _in_camel_case(content).get("functionResponses", ())]
    return ", ".join(_compact(answer.get("response")) for answer in answers) or _NOTHING


def _go_away(evidence: Evidence) -> str:
    return next((str(left[0]) for left in evidence.value("go_away")), _NOTHING)


def _handle(evidence: Evidence) -> str:
    return "shown" if evidence.value("handles") else _NOTHING


def _resumed_with(evidence: Evidence) -> str:
    """Whether the last setup named a handle."""
    setups = [_in_camel_case(message["setup"]) for message in evidence.messages if "setup" in message]
    handle = setups[-1].get("sessionResumption", {}).get("handle") if setups else None
    return "a handle" if handle else _NOTHING


def _setup_complete(evidence: Evidence) -> str:
    return _NOTHING if all(value.get("setup_complete") is None for value in evidence.values) else "shown"


def _realtime(evidence: Evidence) -> str:
    sent = [
        message[name] for message in evidence.messages for name in message if camel(name) == "realtimeInput"
    ]
    return ", ".join(camel(field) for content in sent for field in content) or _NOTHING


def _scheme(evidence: Evidence) -> str:
    opening = opening_of(evidence.entries)
    if opening is None:
        return _NOTHING
    return {"handshake": "ws", "request": "http"}[opening.kind] + "s" * opening.secure


def _prefix(evidence: Evidence) -> str:
    opening = opening_of(evidence.entries)
    return _NOTHING if opening is None else prefix_of(opening.what) or "none"


def _header(name: str, evidence: Evidence) -> str:
    opening = opening_of(evidence.entries)
    return _NOTHING if opening is None else dict(opening.headers).get(name, "not sent")


def _body(evidence: Evidence) -> str:
    return _compact(evidence.body)


def _uses(evidence: Evidence) -> str:
    return str(evidence.body.get("uses", _NOTHING))


def _setup(evidence: Evidence) -> str:
    setup = evidence.body.get("bidiGenerateContentSetup")
    return _compact(_in_camel_case(setup)) if setup else _NOTHING


def _settings(evidence: Evidence) -> str:
    """Which settings the setup has, values aside."""
    setup = _in_camel_case(evidence.body.get("bidiGenerateContentSetup") or {})
    inner = [f"generationConfig.{name}" for name in setup.pop("generationConfig", {})]
    return ", ".join(sorted((*setup, *inner))) or _NOTHING


def _locks(evidence: Evidence) -> str:
    """What of the setup the token locks: all without a mask, else what the mask names, in one spelling."""
    mask = evidence.body.get("fieldMask")
    if mask:
        return ",".join(sorted(".".join(map(camel, path.split("."))) for path in mask.split(",")))
    return "the whole setup" if evidence.body.get("bidiGenerateContentSetup") else _NOTHING


def _spelled(evidence: Evidence) -> str:
    """How names inside the settings are spelled; those of the outermost level are camelCase everywhere."""
    names = set(_inner_names(evidence.body.get("bidiGenerateContentSetup") or {}))
    snake, humps = any("_" in name for name in names), any(re.search("[a-z][A-Z]", name) for name in names)
    return {(True, False): "snake_case", (False, True): "camelCase", (True, True): "both"}.get(
        (snake, humps), _NOTHING
    )


def _expire_time(evidence: Evidence) -> str:
    """The form of the time that was sent, or the time itself where it is not the one that was asked for."""
    sent, asked = evidence.body.get("expireTime"), _asked_time(evidence)
    if not isinstance(sent, str) or asked is None:
        return _NOTHING
    form = "Z" if sent.endswith("Z") else "offset" if re.search(r"[+-]\d\d:\d\d$", sent) else "no zone"
    instant = datetime.fromisoformat(re.sub(r"(\.\d{3})\d*", r"\1", sent.removesuffix("Z")).split("+")[0])
    return form if abs(instant - asked) <= _SAME_TIME else f"{form}, another time"


def _asked_time(evidence: Evidence) -> datetime | None:
    for asked in evidence.asked:
        time = asked.get("config", {}).get("expire_time")
        if isinstance(time, dict):
            return datetime.fromisoformat(time["time"].removesuffix("Z"))
    return None


def _onerror(evidence: Evidence) -> str:
    """The message of the error that a callback is given: in a browser it has none."""
    told = [event for event in evidence.events if event.get("name") == "onerror"]
    return str((told[0].get("detail") or {}).get("message") or "undefined") if told else _NOTHING


def _devtools(evidence: Evidence) -> str:
    """What only the browser's tools show: why a socket failed."""
    told = [str(event["message"]) for event in evidence.events if event["kind"] == "devtools"]
    return told[0].rpartition("failed: ")[2] if told else _NOTHING


def _exit_code(evidence: Evidence) -> str:
    return next((str(value["exit_code"]) for value in evidence.values if "exit_code" in value), "none")


READINGS: Final[dict[str, Callable[[Evidence], str]]] = {
    "said": _said,
    "tool response": _tool_response,
    "goAway": _go_away,
    "handle": _handle,
    "resumed with": _resumed_with,
    "setupComplete": _setup_complete,
    "realtime input": _realtime,
    "scheme": _scheme,
    "prefix": _prefix,
    "body": _body,
    "uses": _uses,
    "setup": _setup,
    "settings": _settings,
    "locks": _locks,
    "spelled": _spelled,
    "expireTime": _expire_time,
    "exit code": _exit_code,
    "onerror": _onerror,
    "devtools": _devtools,
}


def camel(name: str) -> str:
    """A name as the wire's first spelling has it: no server tells the two apart."""
    return re.sub("_([a-z])", lambda found: found[1].upper(), name)


def _in_camel_case(value: Any) -> Any:
    if isinstance(value, dict):
        return {camel(name): _in_camel_case(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_in_camel_case(inner) for inner in value]
    return value


def _compact(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def _inner_names(value: Any, depth: int = 0) -> list[str]:
    if isinstance(value, list):
        return [name for inner in value for name in _inner_names(inner, depth)]
    if not isinstance(value, dict):
        return []
    own = list(value) if depth else []
    return own + [name for inner in value.values() for name in _inner_names(inner, depth + 1)]
