"""The answers of the control API as JSON schemas; tests compare them with what is answered."""

from __future__ import annotations

from typing import Any, Final

_TEXT: Final = {"type": "string"}
_MAYBE_TEXT: Final = {"type": ["string", "null"]}
_NUMBER: Final = {"type": "number"}
_WHOLE: Final = {"type": "integer"}
_FLAG: Final = {"type": "boolean"}
_ANY: Final = {"type": "object"}
_SECONDS: Final = {"type": "number", "description": "Unix seconds on the mock's clock"}


def _list(of: Any) -> dict[str, Any]:
    return {"type": "array", "items": of}


def _of(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def _object(needed: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {**needed, **more},
        "required": list(needed),
        "additionalProperties": False,
    }


SHAPES: Final[dict[str, dict[str, Any]]] = {
    "Error": _object({"error": _TEXT}, fact=_TEXT, hint=_TEXT),
    "Health": _object(
        {
            "ok": _FLAG,
            "serviceDate": _TEXT,
            "openConnections": _WHOLE,
            "entries": _WHOLE,
            "bytes": {**_WHOLE, "description": "about what the entries of the journal hold"},
            "dropped": {**_WHOLE, "description": "older entries that the journal has let go"},
            "droppedBytes": _WHOLE,
        }
    ),
    "Clock": _object(
        {
            "now": _SECONDS,
            "movedSeconds": _NUMBER,
            "due": {**_SECONDS, "type": ["number", "null"], "description": "when a session next acts"},
        }
    ),
    "Entry": _object(
        {
            "number": _WHOLE,
            "at": _SECONDS,
            "connection": {**_TEXT, "description": "http-3 or ws-1: one request, one socket"},
            "kind": {
                "enum": [
                    "request", "response", "handshake", "open", "rejected", "in", "out", "close", "lost",
                    "refusal", "fault", "problem",
                ]
            },
        },
        owner=_TEXT,
        what=_TEXT,
        client=_TEXT,
        placement=_list(_TEXT),
        secure=_FLAG,
        headers={"type": "object", "additionalProperties": _TEXT},
        status=_WHOLE,
        payload={**_TEXT, "description": "the body or message, whole but for secrets"},
        text={**_FLAG, "description": "whether a message came in a text frame"},
        fact={**_TEXT, "description": "the evidence behind a refusal"},
        hint={**_TEXT, "description": "what to change in the client"},
        confidence={"enum": ["observed", "documented", "inferred", "guess"]},
        script={**_TEXT, "description": "the script that did it"},
        rule={**_WHOLE, "description": "the number of its rule"},
    ),
    "Journal": _object(
        {
            "entries": _list(_of("Entry")),
            "more": _FLAG,
            "dropped": {**_WHOLE, "description": "older entries that the journal has let go"},
        }
    ),
    "Token": _object(
        {
            "name": {**_TEXT, "description": "shortened"},
            "owner": _TEXT,
            "version": _TEXT,
            "mintedAt": _SECONDS,
            "expiresAt": _SECONDS,
            "newSessionExpiresAt": _SECONDS,
            "usesLeft": {"type": ["integer", "null"], "description": "null: no limit"},
            "constraint": _object({"setup": {"type": ["object", "null"]}, "mask": _list(_TEXT)}),
        }
    ),
    "Tokens": _object({"tokens": _list(_of("Token"))}),
    "Minted": _object({"name": {**_TEXT, "description": "whole"}}),
    "Fact": _object(
        {
            "id": _TEXT,
            "area": _TEXT,
            "api_versions": _list(_TEXT),
            "condition": _TEXT,
            "seen": _TEXT,
            "confidence": {"enum": ["observed", "documented", "inferred", "guess"]},
            "since": _MAYBE_TEXT,
            "until": _MAYBE_TEXT,
            "sources": _list(_TEXT),
            "note": _TEXT,
            "hint": _TEXT,
            "emulated": _FLAG,
        },
        test=_TEXT,
        reason=_TEXT,
    ),
    "Facts": _object({"facts": _list(_of("Fact"))}),
    "Script": {**_ANY, "description": "python -m mockserver schema has its JSON Schema"},
    "Rule": {**_ANY, "description": "one of a script's rules"},
    "Playing": _object(
        {
            "script": _of("Script"),
            "byApiKey": {"type": "object", "additionalProperties": _of("Script")},
            "ready": _list(_object({"name": _TEXT, "about": _TEXT})),
        }
    ),
    "Rules": _object(
        {
            "rules": _list(
                _object(
                    {
                        "script": _TEXT,
                        "apiKey": _MAYBE_TEXT,
                        "rule": _of("Rule"),
                        "events": {**_WHOLE, "description": "how often its event has come"},
                        "spoke": {**_WHOLE, "description": "how often the rule was the one that spoke"},
                    }
                )
            )
        }
    ),
    "Finding": _object(
        {
            "id": _TEXT,
            "grade": {"enum": ["bad", "risky", "good"]},
            "what": _TEXT,
            "evidence": {**_list(_WHOLE), "description": "numbers of journal entries"},
            "why": _TEXT,
            "advice": _TEXT,
            "fact": _TEXT,
        }
    ),
    "Verdict": _object({"ok": _FLAG, "findings": _list(_of("Finding"))}),
}  # fmt: skip
