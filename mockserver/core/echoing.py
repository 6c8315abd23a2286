"""What the model does where no script says better: call the tool a turn names, or say the turn back."""

from __future__ import annotations

from typing import Any, Final

from .steps import Call, Say, Step, Think

#: What a tool is called with, by the type of each required parameter.
_SAMPLES: Final[dict[str, Any]] = {
    "STRING": "sample",
    "INTEGER": 1,
    "NUMBER": 1.5,
    "BOOLEAN": True,
    "ARRAY": [],
}


def echo(setup: dict[str, Any], heard: str) -> list[Step]:
    """Steps that answer what was heard, with a thought in front where the setup asks for thoughts."""
    thoughts = setup.get("generationConfig", {}).get("thinkingConfig", {}).get("includeThoughts")
    think: list[Step] = [Think("The user said: {text}")] if thoughts else []
    for tool in setup.get("tools", []):
        for function in tool.get("functionDeclarations", []):
            if function.get("name") and function["name"] in heard:
                return [*think, Call(function["name"], _sample_args(function)), Say("{response}")]
    return [*think, Say("{text}")]


def _sample_args(function: dict[str, Any]) -> dict[str, Any]:
    schema = function.get("parameters") or function.get("parametersJsonSchema") or {}
    # A JSON schema is not checked on its way in: parts that are no schema are passed over.
    schema = schema if isinstance(schema, dict) else {}
    properties, wanted = schema.get("properties"), schema.get("required")
    known = properties if isinstance(properties, dict) else {}
    names = [name for name in wanted if isinstance(name, str)] if isinstance(wanted, list) else []
    return {name: _sample(known.get(name)) for name in names}


def _sample(schema: Any) -> Any:
    if not isinstance(schema, dict):
        return {}
    if isinstance(schema.get("enum"), list) and schema["enum"]:
        return schema["enum"][0]
    return _SAMPLES.get(str(schema.get("type", "")).upper(), {})
