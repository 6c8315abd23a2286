"""From the configuration of ``auth_tokens.create`` to the wire: what is sent, dropped or respelled?"""

from __future__ import annotations

from typing import Any, Final

from ..model import Behaviour
from .connecting import MODEL, VERSION, VERSION_VARIABLE

_CLIENT: Final = {"api_version": VERSION, "base_url": "{url}"}
#: Settings that are one level deep, and settings that have settings.
_SIMPLE: Final = {"model": MODEL, "config": {"response_modalities": ["AUDIO"], "temperature": 0.5}}
_SIMPLE_SETUP: Final = (
    '{"generationConfig":{"responseModalities":["AUDIO"],"temperature":0.5},"model":"' + MODEL + '"}'
)
_NESTED: Final = {
    "model": MODEL,
    "config": {
        "realtime_input_config": {"automatic_activity_detection": {"disabled": True}},
        "context_window_compression": {"sliding_window": {"target_tokens": 1000}},
    },
}
_NESTED_SETUP: Final = (
    '{"contextWindowCompression":{"slidingWindow":{"targetTokens":1000}},"model":"'
    + MODEL
    + '","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}'
)
_THINKING: Final = {"model": MODEL, "config": {"thinking_config": {"include_thoughts": True}}}
_NO_LOCK: Final = "the whole setup"


def _mint(slug: str, title: str, config: dict[str, Any], **more: Any) -> Behaviour:
    call = {"api_key": "{key}", "client": _CLIENT, "config": config, **more.pop("call", {})}
    return Behaviour(
        f"token:{slug}",
        title,
        step="create",
        calls=(("create_token", call),),
        needs=("tokens",),
        ends_in="create_token",
        **more,
    )


def _time(slug: str, title: str, form: str, **more: Any) -> Behaviour:
    config = {"expire_time": {"time": "{in an hour}", "as": form}}
    return _mint(f"time-{slug}", title, config, asks=f"{slug} time", looks=("expireTime",), **more)


TOKEN_REQUESTS: Final = (
    _mint("plain", "a token is asked for without any settings", {}, shows={"body": "{}"}),
    _mint("uses", "the number of uses is set", {"uses": 3}, shows={"uses": "3"}),
    Behaviour(
        "token:version-variable",
        "the API version comes from GOOGLE_GENAI_API_VERSION",
        step="create",
        calls=(
            (
                "create_token",
                {
                    "api_key": "{key}",
                    "client": {"base_url": "{url}"},
                    "env": {VERSION_VARIABLE: VERSION},
                },
            ),
        ),
        needs=("tokens",),
        asks="API version from the environment",
        ends_in="create_token",
        status=404,
        sdks=("python", "js"),
    ),
    _mint(
        "async",
        "a token is asked for in the SDK's asynchronous way",
        {"uses": 3},
        call={"async": True},
        asks="async create",
        shows={"uses": "3"},
    ),
    _mint(
        "beside",
        "settings are given beside config instead of in it",
        {"uses": 3},
        call={"beside": True},
        asks="settings beside config",
        looks=("uses",),
    ),
    _time("aware", "a time with a zone is given", "aware"),
    _time("naive", "a time without a zone is given", "naive", status=400),
    _time("string", "a time is given as text", "string"),
    _mint(
        "constraints",
        "the token is locked to a setup",
        {"constraints": _SIMPLE},
        shows={"setup": _SIMPLE_SETUP, "locks": _NO_LOCK},
    ),
    _mint(
        "nested",
        "the token is locked to a setup whose settings have settings",
        {"constraints": _NESTED},
        shows={"setup": _NESTED_SETUP, "locks": _NO_LOCK},
        asks="nested settings",
        looks=("spelled",),
    ),
    _mint(
        "thinking",
        "the token is locked to a thinking_config",
        {"constraints": _THINKING},
        asks="thinking_config in constraints",
        looks=("settings",),
    ),
    _mint(
        "lock-null",
        "lock_additional_fields is given as null",
        {"constraints": _SIMPLE, "lock_additional_fields": None},
        shows={"setup": _SIMPLE_SETUP},
        asks="lock of null",
        looks=("locks",),
    ),
    _mint(
        "lock-empty",
        "lock_additional_fields is an empty list",
        {"constraints": _SIMPLE, "lock_additional_fields": []},
        shows={"setup": _SIMPLE_SETUP},
        asks="lock of nothing more",
        looks=("locks",),
    ),
    _mint(
        "lock-nested",
        "lock_additional_fields is an empty list and settings have settings",
        {"constraints": _NESTED, "lock_additional_fields": []},
        shows={"setup": _NESTED_SETUP},
        asks="lock of nested settings",
        looks=("locks",),
    ),
    _mint(
        "lock-names",
        "lock_additional_fields names more fields",
        {"constraints": _SIMPLE, "lock_additional_fields": ["top_k", "output_audio_transcription"]},
        shows={"setup": _SIMPLE_SETUP},
        asks="lock of more names",
        looks=("locks",),
    ),
    _mint(
        "lock-only",
        "lock_additional_fields names fields and there are no constraints",
        {"lock_additional_fields": ["top_k", "output_audio_transcription"]},
        asks="lock without constraints",
        looks=("locks",),
        status=400,
    ),
    _mint(
        "first-name",
        "constraints are given under the name they had in the first release with tokens",
        {"constraints": _SIMPLE},
        call={"spelled": "live_ephemeral_parameters"},
        asks="live_ephemeral_parameters",
        looks=("settings",),
        sdks=("python", "js", "web"),
    ),
    _mint(
        "camelCase",
        "the configuration is a plain object in camelCase",
        {"uses": 3, "constraints": _SIMPLE, "lock_additional_fields": []},
        call={"spelled": "camelCase"},
        asks="configuration in camelCase",
        looks=("uses", "settings", "locks"),
        sdks=("python", "js", "web"),
    ),
    _mint(
        "snake_case",
        "the configuration is a plain object in snake_case",
        {"uses": 3, "constraints": _SIMPLE, "lock_additional_fields": []},
        call={"spelled": "snake_case"},
        asks="configuration in snake_case",
        looks=("uses", "settings", "locks"),
        sdks=("python", "js", "web"),
    ),
)
