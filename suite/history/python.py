"""What changed in which release of google-genai (Python)."""

from __future__ import annotations

from typing import Final

from .rows import VARIES, rows

_404: Final = "404 Not Found. {'message': '', 'status': 'Not Found'}"
_LIVE: Final = "google/genai/live.py"
PYTHON: Final = rows(
    "python",
    "googleapis/python-genai",
    (
        ("1.16.1", "tokens", "client.auth_tokens", "google/genai/tokens.py"),
        ("1.16.1", "default version", "v1beta", "google/genai/_api_client.py"),
        ("3.0.0", "default version", "v1", "google/genai/_api_client.py"),
        ("1.16.1", "create credential", "x-goog-api-key", "google/genai/_api_client.py"),
        ("1.16.1", "create refused", "raises ClientError", "google/genai/errors.py"),
        ("1.21.0", "create refused", "raises RetryError", "google/genai/_api_client.py"),
        ("1.21.1", "create refused", "raises ClientError", "google/genai/_api_client.py"),
        ("1.16.1", "create warns", "token creation implementation is experimental", "google/genai/tokens.py"),
        (
            "1.16.1",
            "create 404 reads",
            _404,
            "google/genai/errors.py",
        ),
        # The text of tenacity's RetryError has an address in it: not known byte for byte.
        ("1.21.0", "create 404 reads", VARIES, "google/genai/_api_client.py"),
        ("1.21.1", "create 404 reads", _404, "google/genai/errors.py"),
        ("1.16.1", "token as api key", "an ordinary key", _LIVE),
        ("1.18.0", "token as api key", "recognized", _LIVE),
        ("1.18.0", "connect warns", "ephemeral token support is experimental", _LIVE),
        ("1.25.0", "connect warns unless on", "v1alpha", _LIVE),
        ("1.16.1", "connect credential", "?key= + x-goog-api-key", _LIVE),
        ("1.18.0", "connect credential", "x-goog-api-key + ?access_token=", _LIVE),
        ("1.26.0", "connect credential", "x-goog-api-key + Authorization: Token", _LIVE),
        ("1.13.0", "base URL from the environment", "read", "google/genai/_base_url.py"),
        ("1.13.0", "base URL by default", "set_default_base_urls", "google/genai/_base_url.py"),
        ("1.19.0", "GEMINI_API_KEY", "read", "google/genai/_api_client.py"),
        ("1.16.1", "token on models.list", "raises ClientError", "google/genai/_api_client.py"),
        (
            "1.18.0",
            "token on models.list",
            "raises EphemeralTokenAPIKeyError unsent",
            "google/genai/_api_client.py",
        ),
        ("1.55.0", "token on interactions.create", "raises BadRequestError", "google/genai/client.py"),
        ("0.7.0", "key credential", "?key= + x-goog-api-key", _LIVE),
        ("1.26.0", "key credential", "x-goog-api-key", _LIVE),
        ("1.16.1", "options at the session", "raises ValueError", _LIVE),
        ("2.34.0", "options at the session", "honoured", _LIVE),
        ("1.16.1", "handshake refused", "raises InvalidStatus", _LIVE),
        ("1.16.1", "closed before setupComplete", "raises ConnectionClosedError", _LIVE),
        ("1.62.0", "closed before setupComplete", "raises APIError", _LIVE),
    ),
)
