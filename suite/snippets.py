"""What an application writes: a worker's verb and its parameters as idiomatic code of the SDK's language.

``create_token`` with ``{"call": {"api_version": "v1alpha"}}`` is ``client.auth_tokens.create(config=…)``. A
snippet shows the API that the newest version of an SDK has, as its documentation would.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from .spelling import JS, PYTHON, Raw, camel, in_camel_case

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .spelling import Language

_LANGUAGES: Final = {"python": PYTHON, "js": JS}
_HOUR: Final = {
    ("python", "aware"): "datetime.now(timezone.utc) + timedelta(hours=1)",
    ("python", "naive"): "datetime.now() + timedelta(hours=1)",
    ("python", "string"): "(datetime.now(timezone.utc) + timedelta(hours=1)).isoformat()",
    ("js", "aware"): "new Date(Date.now() + 3_600_000)",
    ("js", "naive"): "new Date(Date.now() + 3_600_000).toISOString().slice(0, -1)",
    ("js", "string"): "new Date(Date.now() + 3_600_000).toISOString()",
}
#: Longest line that is still read as one.
_LONGEST: Final = 110
_NAMES: Final = {
    ("python", "create_token"): "client.auth_tokens.create(…)",
    ("python", "connect"): "client.aio.live.connect(…)",
    ("python", "receive"): "session.receive()",
    ("python", "close"): "session.close()",
    ("js", "create_token"): "ai.authTokens.create(…)",
    ("js", "connect"): "ai.live.connect(…)",
    ("js", "receive"): "waits for onmessage",
    ("js", "close"): "session.close()",
}


def name(language: str, verb: str, asked: Mapping[str, Any]) -> str:
    """What the application does, in a few words: ``ai.live.connect(…)``."""
    if verb == "rest":
        return f"{'client' if language == 'python' else 'ai'}.{asked.get('method', '')}(…)"
    if verb == "send":
        through = "send" if asked.get("through") == "send" else _message(_LANGUAGES[language], asked)[0]
        return f"session.{through if language == 'python' else camel(through)}(…)"
    return _NAMES.get((language, verb), verb)


def program(language: str, calls: Iterable[tuple[str, Mapping[str, Any]]]) -> str:
    """Calls one after the other, as one piece of code."""
    text = "\n".join(code(language, verb, asked) for verb, asked in calls)
    return f"{text}\n    ..." if text.endswith(" as session:") else text


def code(language: str, verb: str, asked: Mapping[str, Any]) -> str:
    """A verb with its parameters as code; a verb that is not known is a comment."""
    spoken = _LANGUAGES[language]
    write = _WRITERS.get(verb)
    if write is None:
        return f"{spoken.comment}{verb} {spoken.value(dict(asked))}"
    return "\n".join(write(spoken, asked))


def in_a_line(code: str) -> str:
    """The same with each call in one line, where that is not too long: what changes is then a line."""
    flat = re.sub(r"(?<=[({\[])\n\s+", "", re.sub(r",\n\s*(?=[)}\]])", "", code))
    flat = re.sub(r",\n\s+", ", ", flat)
    return flat if all(len(line) <= _LONGEST for line in flat.splitlines()) else code


def code_in(fix: str) -> tuple[str, str, str]:
    """The words before the code in a fix, the code, and the words after it; no code where there is none."""
    start = re.search(r"(?:^|(?<=: )|(?<= with ))(?:const |await |new [A-Z]|genai\.|client\.|ai\.)", fix)
    if start is None:
        return fix, "", ""
    depth, end = 0, len(fix)
    for place in range(start.start(), len(fix)):
        depth += (fix[place] in "([{") - (fix[place] in ")]}")
        if depth == 0 and fix[place] in ")]}" and not fix.startswith((".", "("), place + 1):
            end = place + 1
            break
    return fix[: start.start()].rstrip(" :"), fix[start.start() : end], fix[end:].strip(" ,;")


def _client(spoken: Language, asked: Mapping[str, Any]) -> list[str]:
    """Everything up to the client: what comes from the environment, and its constructor."""
    given = {variable: value for variable, value in asked.get("env", {}).items() if value is not None}
    lines = [f"{spoken.comment}{variable} is set in the environment" for variable in given]
    if "default_base_url" in asked:
        function, field = ("set_default_base_urls", "gemini_url")
        named = {field if spoken is PYTHON else camel(field): asked["default_base_url"]}
        lines.append(spoken.call(function if spoken is PYTHON else camel(function), named))
    named = {"api_key": _key(asked["api_key"])} if asked.get("api_key") else {}
    if options := {name: value for name, value in asked.get("client", {}).items() if value != ""}:
        named["http_options"] = options
    named |= asked.get("options") or {}
    if spoken is PYTHON:
        return [*lines, spoken.call("genai.Client", named, "client = ")]
    return [*lines, spoken.call("new GoogleGenAI", in_camel_case(named), "const ai = ")]


def _key(text: str) -> Raw:
    return Raw("token.name" if text.startswith(("auth_tokens/", "{token}")) else "KEY")


def _create_token(spoken: Language, asked: Mapping[str, Any]) -> list[str]:
    config = {
        _field(name, asked): _given(spoken, name, item) for name, item in asked.get("config", {}).items()
    }
    options = {"http_options": asked["call"]} if asked.get("call") else {}
    spelled = asked.get("spelled")
    if spelled == "camelCase" or (spoken is JS and spelled != "snake_case"):
        config, options = in_camel_case(config), in_camel_case(options)
    if asked.get("beside"):
        named = {**config, **({"config": options} if options else {})}
    else:
        named = {"config": {**config, **options}} if config or options else {}
    if spoken is JS:
        return [*_client(spoken, asked), spoken.call("ai.authTokens.create", named, "const token = await ")]
    function = "client.aio.auth_tokens.create" if asked.get("async") else "client.auth_tokens.create"
    return [
        *_client(spoken, asked),
        spoken.call(function, named, "token = await " if asked.get("async") else "token = "),
    ]


def _field(name: str, asked: Mapping[str, Any]) -> str:
    if name != "constraints":
        return name
    spelled = str(asked.get("spelled"))
    return spelled if spelled.startswith("live_") else "live_connect_constraints"


def _given(spoken: Language, name: str, item: Any) -> Any:
    if name.endswith("_time") and item is not None:
        return Raw(_HOUR[spoken.name, item["as"] if isinstance(item, dict) else "aware"])
    if name == "constraints":
        return {**item, "model": Raw("MODEL")} if "model" in item else item
    return item


def _connect(spoken: Language, asked: Mapping[str, Any]) -> list[str]:
    config = dict(asked.get("config") or {})
    if "session" in asked:
        config["http_options"] = asked["session"]
    named: dict[str, Any] = {"model": Raw("MODEL")} | ({"config": config} if config else {})
    if spoken is PYTHON:
        opening = spoken.call("client.aio.live.connect", named, "async with ", " as session:")
        return [*_client(spoken, asked), opening]
    named = {**in_camel_case(named), "callbacks": Raw("callbacks")}
    return [*_client(spoken, asked), spoken.call("ai.live.connect", named, "const session = await ")]


def _send(spoken: Language, asked: Mapping[str, Any]) -> list[str]:
    function, named = _message(spoken, asked)
    through = asked.get("through")
    if through == "send":
        function, named = "send", {"input": named.get("turns", named), "end_of_turn": True}
    if spoken is JS:
        return [spoken.call(f"session.{camel(function)}", in_camel_case(named))]
    return _inside(spoken.call(f"session.{function}", named, "await "))


def _message(spoken: Language, asked: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    if "realtime" in asked:
        return "send_realtime_input", dict(asked["realtime"])
    if "tool_response" in asked:
        answer = {**asked["tool_response"], "id": Raw("call.id")}
        return "send_tool_response", {"function_responses": [answer]}
    text = asked.get("text", "")
    if spoken is PYTHON and asked.get("through") != "send":
        return "send_client_content", {"turns": {"role": "user", "parts": [{"text": text}]}}
    return "send_client_content", {"turns": text, "turn_complete": True}


def _receive(spoken: Language, asked: Mapping[str, Any]) -> list[str]:
    until = {"tool_call": "message.tool_call", "message": "the next message"}.get(str(asked.get("until")), "")
    if spoken is PYTHON:
        return _inside(
            "async for message in session.receive(): ..." + (f"  # until {until}" if until else "")
        )
    return [f"// callbacks.onmessage, until {camel(until) or 'serverContent.turnComplete'}"]


def _rest(spoken: Language, asked: Mapping[str, Any]) -> list[str]:
    method = str(asked.get("method", ""))
    named = {"model": Raw("MODEL"), "input": "hello"} if method == "interactions.create" else {}
    before = "" if spoken is PYTHON else "await "
    return [
        *_client(spoken, asked),
        spoken.call(name(spoken.name, "rest", asked).removesuffix("(…)"), named, before),
    ]


def _close(spoken: Language, asked: Mapping[str, Any]) -> list[str]:
    return _inside("await session.close()") if spoken is PYTHON else ["session.close()"]


def _program(spoken: Language, asked: Mapping[str, Any]) -> list[str]:
    """A process of its own that does one thing and handles no error."""
    within = {"await": "under top-level await", "main": "within an async main function"}
    style = within.get(str(asked.get("style")), "")
    lines = [f"{spoken.comment}a program of its own {style}, with no error handling".replace(" ,", ",")]
    if asked.get("do") == "create":
        return [*lines, *_create_token(spoken, asked)]
    lines += _connect(spoken, asked)
    if asked.get("do") == "turn":
        return [*lines, *_send(spoken, {"text": "hello"}), *_receive(spoken, {})]
    return [*lines, *_inside("print('open')")] if spoken is PYTHON else [*lines, "console.log('open')"]


def _inside(text: str) -> list[str]:
    """Within ``async with``."""
    return [f"    {line}" for line in text.split("\n")]


_WRITERS: Final = {
    "create_token": _create_token,
    "connect": _connect,
    "send": _send,
    "receive": _receive,
    "rest": _rest,
    "close": _close,
    "program": _program,
}
