"""What the cases that open a session share: where to, with what, and one turn."""

from __future__ import annotations

from typing import Any, Final

from mockserver import API_VERSIONS, Rule, Script

#: Behaviours are asked on the version that every service date serves.
VERSION: Final = API_VERSIONS[0]
#: The variable from which newer SDKs take it.
VERSION_VARIABLE: Final = "GOOGLE_GENAI_API_VERSION"
#: A Live model that answers on every service date, in audio.
MODEL: Final = "models/gemini-2.5-flash-native-audio-preview-12-2025"
#: What makes a cell's key one that is not valid: the mock says so, and a relay leaves it as it is.
NOT_VALID: Final = ".mock-invalid"
AUDIO: Final = {"response_modalities": ["AUDIO"]}
HELLO: Final = "hello"

Calls = tuple[tuple[str, dict[str, Any]], ...]


def opening(
    *,
    api_key: str = "{key}",
    base_url: str = "{url}",
    model: str = MODEL,
    config: dict[str, Any] = AUDIO,
    client: dict[str, Any] | None = None,
    **more: Any,
) -> Calls:
    """``live.connect``; by default with an API key of the cell's own, which every version takes."""
    placed = {"api_version": VERSION, "base_url": base_url, **(client or {})}
    return (("connect", {"api_key": api_key, "model": model, "config": config, "client": placed, **more}),)


def turn(text: str = HELLO) -> Calls:
    """Say something and hear the whole answer."""
    return (("send", {"text": text}), ("receive", {}))


def playing(name: str, *rules: Rule) -> Script:
    """A script for one cell."""
    return Script(name, rules)
