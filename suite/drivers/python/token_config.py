"""The config of a token, in each form in which an application may write it."""

import re
from datetime import datetime, timezone
from typing import Any

from clients import given, http_options
from errors import Absent

Record = dict[str, Any]

CONSTRAINT_FIELDS = ("live_connect_constraints", "live_ephemeral_parameters")  # two names of one thing
TIME_FIELDS = ("expire_time", "new_session_expire_time")
# Their names are the application's own, not those of fields.
OPAQUE = ("properties", "headers", "args", "response")


def create_arguments(types: Any, params: Record) -> Record:
    """Return the arguments of `auth_tokens.create` for what was asked."""
    asked, spelled = params.get("config") or {}, params.get("spelled")
    fields = {name: value for name, value in asked.items() if name != "constraints"}
    for name in TIME_FIELDS:
        if name in fields:
            fields[name] = as_time(fields[name])
    if "constraints" in asked:
        fields[_constraints_field(types, spelled)] = asked["constraints"]
    options = http_options(types, params.get("call") or None)
    if spelled == "camelCase":
        fields, options = camel_case(fields), camel_case(options)
    if params.get("beside"):
        return {**fields, **given(config=options)}
    return given(config={**fields, **options})


def as_time(asked: Any) -> Any:
    """Read a time: a text alone is a time with a zone, otherwise its form is told with it."""
    if isinstance(asked, str):
        return _with_zone(asked)
    if not isinstance(asked, dict):
        return asked
    text, form = asked["time"], asked["as"]
    if form == "string":
        return text
    if form == "naive":
        return _read(text).replace(tzinfo=None)
    if form == "aware":
        return _with_zone(text).astimezone(timezone.utc)
    raise ValueError(f"no form {form!r} of a time: expected aware, naive or string")


def _with_zone(text: str) -> datetime:
    time = _read(text)
    return time if time.tzinfo else time.replace(tzinfo=timezone.utc)


def _read(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))  # Python 3.10 does not know Z


def _constraints_field(types: Any, spelled: str | None) -> str:
    if spelled in CONSTRAINT_FIELDS:
        return spelled
    known = getattr(getattr(types, "CreateAuthTokenConfig", None), "model_fields", {})
    for name in CONSTRAINT_FIELDS:
        if name in known:
            return name
    raise Absent("CreateAuthTokenConfig.live_connect_constraints")


def camel_case(value: Any) -> Any:
    """Write the names of fields in camelCase, at every level."""
    if isinstance(value, list):
        return [camel_case(inner) for inner in value]
    if not isinstance(value, dict):
        return value
    return {_camel(name): inner if name in OPAQUE else camel_case(inner) for name, inner in value.items()}


def _camel(name: str) -> str:
    return re.sub("_([a-z])", lambda found: found[1].upper(), name)
