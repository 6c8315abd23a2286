"""What goes over the wire: setups, and what a token is asked for with. Takes names in either spelling."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from .client import ApiError

if TYPE_CHECKING:
    from collections.abc import Iterator

Record = dict[str, Any]

TIMES = ("expireTime", "newSessionExpireTime")
# Their names are the application's own, not those of fields.
OPAQUE = ("properties", "args", "response")

# What the service keeps inside `generationConfig`; every other setting stands beside it.
GENERATION_FIELD = re.compile(
    "enableAffectiveDialog|maxOutputTokens|mediaResolution|responseModalities|seed|speechConfig"
    "|temperature|thinkingConfig|topK|topP"
)


def camel(name: str) -> str:
    return re.sub("_([a-z])", lambda found: found[1].upper(), name)


def snake_case(value: Any) -> Any:
    """Spell as the wire does not, though it is understood."""
    if isinstance(value, list):
        return [snake_case(inner) for inner in value]
    if not isinstance(value, dict):
        return value
    return {re.sub("([A-Z])", r"_\1", name).lower(): snake_case(inner) for name, inner in value.items()}


def spell(value: Any) -> Any:
    """Spell the protocol's names as the wire does, but not what an application names."""
    if isinstance(value, list):
        return [spell(inner) for inner in value]
    if not isinstance(value, dict):
        return value
    return {camel(name): value[name] if name in OPAQUE else spell(value[name]) for name in value}


def setup_of(model: str | None, config: Record) -> Record:
    """Return the setup for a model and its settings."""
    settings = spell(config)
    setup: Record = {"model": model if "/" in model else f"models/{model}"} if model else {}
    if generation := {name: settings.pop(name) for name in [*settings] if GENERATION_FIELD.fullmatch(name)}:
        setup["generationConfig"] = generation
    if isinstance(instruction := settings.get("systemInstruction"), str):
        settings["systemInstruction"] = {"parts": [{"text": instruction}]}
    return {**setup, **settings}


def mint_body(params: Record, wrong: str | None) -> Record:
    """Return the body of a mint: no mask locks the whole setup, a mask locks what it names."""
    config = params.get("config") or {}
    if params.get("beside") and config:
        if wrong != "takes-beside":
            raise ApiError(f"unexpected arguments {', '.join(config)}: put them into config")
        config = {}
    fields = spell(config)
    constraints, locked = fields.pop("constraints", None), _locked(fields, wrong)
    if wrong == "loses-camel-case" and params.get("spelled") == "camelCase":
        constraints = None
    if wrong == "drops-uses":
        fields.pop("uses", None)
    if wrong == "defaults-uses":
        fields.setdefault("uses", 1)
    setup = setup_of(constraints.get("model"), constraints.get("config", {})) if constraints else {}
    if wrong == "drops-lock":
        setup = {}
    if setup:
        fields["bidiGenerateContentSetup"] = snake_case(setup) if wrong == "snake-case-lock" else setup
    if locked is not None and (mask := [*mask_of(setup, wrong), *map(mask_path, locked)]):
        fields["fieldMask"] = ",".join(mask)
    return {**fields, **_times(fields, wrong)}


def _locked(fields: Record, wrong: str | None) -> list[str] | None:
    """Take out what is locked beside the constraints: None locks all, an empty list only what is set."""
    if "lockAdditionalFields" not in fields:
        return None
    locked: list[str] | None = fields.pop("lockAdditionalFields")
    if locked is None:
        return [] if wrong == "null-as-empty" else None
    return [] if wrong == "ignores-extra-locks" else locked


def mask_of(setup: Record, wrong: str | None) -> Iterator[str]:
    for name, value in setup.items():
        if isinstance(value, dict) and value and wrong != "coarse-mask":
            yield from (f"{name}.{inner}" for inner in value)
        else:
            yield name


def mask_path(field: str) -> str:
    name = camel(field)
    return f"generationConfig.{name}" if GENERATION_FIELD.fullmatch(name) else name


def _times(fields: Record, wrong: str | None) -> Record:
    if wrong == "drops-times":
        for name in TIMES:
            fields.pop(name, None)
    return {name: _time(fields[name], wrong) for name in TIMES if name in fields}


def _time(asked: Any, wrong: str | None) -> Any:
    """Write a time in UTC; one without a zone is taken for one, a text is left to the service."""
    if isinstance(asked, dict) and asked["as"] != "string":
        text, naive = asked["time"], asked["as"] == "naive"
    elif isinstance(asked, str):
        text, naive = asked, False
    else:
        return asked["time"] if isinstance(asked, dict) else asked
    time = datetime.fromisoformat(text.replace("Z", "+00:00"))  # Python 3.10 does not know Z
    if naive or time.tzinfo is None or wrong == "shifts-times":
        time = time.replace(tzinfo=timezone.utc)
    written = time.astimezone(timezone.utc).isoformat().removesuffix("+00:00")
    return written if naive and wrong == "sends-naive-times" else f"{written}Z"
