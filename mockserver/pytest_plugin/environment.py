"""The environment in which clients find the mock and trust it, and nothing leads them past it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pytest

#: SDKs read the one or the other; both are set, to the same, as applications read them too.
KEYS: Final = ("GOOGLE_API_KEY", "GEMINI_API_KEY")
#: What would lead to Vertex AI, or to another API version than the client's code says.
REMOVED: Final = (
    "GOOGLE_GENAI_USE_VERTEXAI",
    "GOOGLE_GENAI_USE_ENTERPRISE",
    "GOOGLE_CLOUD_PROJECT",
    "GOOGLE_CLOUD_LOCATION",
    "GOOGLE_GENAI_API_VERSION",
)
#: Proxies stay, for whoever needs them to reach another host; the mock is reached without.
NO_PROXY: Final = ("NO_PROXY", "no_proxy")
LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")


def point(monkeypatch: pytest.MonkeyPatch, env: Mapping[str, str], api_key: str) -> None:
    """Point clients at the mock, until the test is over."""
    for name in REMOVED:
        monkeypatch.delenv(name, raising=False)
    for name, value in {**env, **dict.fromkeys(KEYS, api_key)}.items():
        monkeypatch.setenv(name, value)
    before = next((os.environ[name] for name in NO_PROXY if os.environ.get(name)), "")
    direct = dict.fromkeys([*filter(None, before.split(",")), *LOOPBACK])
    for name in NO_PROXY:
        monkeypatch.setenv(name, ",".join(direct))
