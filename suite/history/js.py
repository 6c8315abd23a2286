"""What changed in which release of @google/genai, in Node; in a browser too, unless ``WEB`` differs."""

from __future__ import annotations

from typing import Final

from .rows import rows

#: The error the case began with: an empty body that is not JSON, as the SDK reports it.
_EMPTY_404: Final = '{"error":{"message":"","code":404,"status":"Not Found"}}'
_CLIENT: Final = "src/_api_client.ts"
JS: Final = rows(
    "js",
    "googleapis/js-genai",
    (
        ("1.3.0", "tokens", "ai.authTokens", "src/tokens.ts"),
        ("1.3.0", "default version", "v1beta", _CLIENT),
        ("3.1.0", "default version", "v1", _CLIENT),
        ("1.3.0", "create credential", "x-goog-api-key", _CLIENT),
        ("1.3.0", "create refused", "raises ClientError", _CLIENT),
        ("1.6.0", "create refused", "raises ApiError", "src/errors.ts"),
        ("1.3.0", "create 404 reads", f"got status: 404 Not Found. {_EMPTY_404}", _CLIENT),
        ("1.6.0", "create 404 reads", _EMPTY_404, "src/errors.ts"),
        ("1.3.0", "token as api key", "recognized", "src/live.ts"),
        ("1.3.0", "connect warns", "Ephemeral token support is experimental", "src/live.ts"),
        ("1.9.0", "connect warns unless on", "v1alpha", "src/live.ts"),
        ("1.3.0", "connect credential", "?access_token=", "src/live.ts"),
        ("0.10.0", "base URL from the environment", "read", "src/_base_url.ts"),
        ("0.10.0", "base URL by default", "setDefaultBaseUrls", "src/_base_url.ts"),
        ("1.4.0", "GEMINI_API_KEY", "read", "src/node/node_client.ts"),
        ("1.3.0", "token on models.list", "raises Error unsent", "src/_api_client.ts"),
        ("1.33.0", "token on interactions.create", "raises Error", "src/client.ts"),
        ("2.9.0", "token on interactions.create", "raises Error unsent", "src/client.ts"),
        ("0.2.0", "key credential", "?key=", "src/live.ts"),
        ("1.3.0", "options at the session", "ignored", "src/live.ts"),
        ("1.10.0", "options at the session", "raises Error", "src/live.ts"),
        ("1.3.0", "handshake refused", "hangs", "src/live.ts"),
        ("3.1.0", "handshake refused", "raises Error", "src/live.ts"),
        ("1.3.0", "closed before setupComplete", "returns", "src/live.ts"),
        ("2.11.0", "closed before setupComplete", "hangs", "src/live.ts"),
        ("3.1.0", "closed before setupComplete", "raises Error", "src/live.ts"),
    ),
)


#: What is different in a browser.
WEB: Final = rows("web", "googleapis/js-genai", ())
