"""What changed in which release of google-genai (Python)."""

from __future__ import annotations

from typing import Final

from .rows import VARIES, rows

_404: Final = "404 Not Found. {'message': '', 'status': 'Not Found'}"
_LIVE: Final = "google/genai/live.py"
_API: Final = "google/genai/_api_client.py"
_TYPES: Final = "google/genai/types.py"
_CONVERTERS: Final = "google/genai/_live_converters.py"
_MASKS: Final = "google/genai/_tokens_converters.py"
#: How the SDK, and the websockets library under it, word a refusal and a close.
_REJECTED: Final = "reads: server rejected WebSocket connection: HTTP {status}"
_RECEIVED: Final = "reads: received {code} ({name}) {reason}; then sent {code} ({name}) {reason}"
_API_ERROR: Final = "reads: {code} None. {reason}"
_NO_CLOSE: Final = "reads: no close frame received or sent"
_RECEIVED_BARE: Final = "reads: received {code} ({name}); then sent {code} ({name})"
_CLIENT: Final = "google/genai/client.py"
_TOKENS_PY: Final = "google/genai/tokens.py"
_TOKENS: Final = rows(
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
        ("0.7.0", "key credential", "?key= + x-goog-api-key", _LIVE),
        ("1.26.0", "key credential", "x-goog-api-key", _LIVE),
        ("1.16.1", "options at the session", "raises ValueError", _LIVE),
        ("2.34.0", "options at the session", "honoured", _LIVE),
        ("0.7.0", "handshake refused", f"raises InvalidStatus | {_REJECTED}", _LIVE),
        ("0.7.0", "closed before setupComplete", f"raises ConnectionClosedError | {_RECEIVED}", _LIVE),
        ("1.62.0", "closed before setupComplete", f"raises APIError | {_API_ERROR}", _LIVE),
    ),
)

_LIVE_IS_EXPERIMENTAL: Final = "live API is experimental"
_INTERACTIONS_WARN: Final = "warns: Interactions usage is experimental"
_SEND_WARNS: Final = "warns: The `session.send` method is deprecated"
_SIMPLE: Final = "generationConfig.responseModalities, generationConfig.temperature, model"
_SIMPLE_MASK: Final = "generationConfig.responseModalities,generationConfig.temperature,model"

_SESSIONS: Final = rows(
    "python",
    "googleapis/python-genai",
    (
        ("1.0.0", "live warns", _LIVE_IS_EXPERIMENTAL, _LIVE),
        ("1.10.0", "live warns", "", _LIVE),
        ("0.7.0", "send", "returns", _LIVE),
        ("1.10.0", "send", f"returns | {_SEND_WARNS}", _LIVE),
        ("0.7.0", "send_client_content", "absent", _LIVE),
        ("1.9.0", "send_client_content", "returns", _LIVE),
        ("0.7.0", "audio input", "returns | realtime input: mediaChunks", _LIVE),
        # send_realtime_input comes with one parameter, media, and for a while has no other.
        ("1.9.0", "audio input", "absent", _LIVE),
        ("1.12.1", "audio input", "returns | realtime input: audio", _LIVE),
        ("0.7.0", "media input", "returns | realtime input: mediaChunks", _LIVE),
        ("0.7.0", "video input", "returns | realtime input: mediaChunks", _LIVE),
        ("1.9.0", "video input", "absent", _LIVE),
        ("1.12.1", "video input", "returns | realtime input: video", _LIVE),
        ("0.7.0", "text input", "absent", _LIVE),
        ("1.12.1", "text input", "returns | realtime input: text", _LIVE),
        ("0.7.0", "audio-stream-end input", "absent", _LIVE),
        ("1.12.1", "audio-stream-end input", "returns | realtime input: audioStreamEnd", _LIVE),
        # The setup's realtime_input_config is an unknown field where the configuration is a strict model.
        ("0.7.0", "activity-start input", "absent", _LIVE),
        ("1.4.0", "activity-start input", "raises ValidationError unsent in connect", _TYPES),
        ("1.7.0", "activity-start input", "absent", _LIVE),
        ("1.10.0", "activity-start input", "raises ValidationError unsent in connect", _TYPES),
        ("1.11.0", "activity-start input", "absent", _LIVE),
        ("1.12.1", "activity-start input", "returns | realtime input: activityStart", _LIVE),
        ("0.7.0", "tool round", 'returns | tool response: {"sky":"blue"}', _LIVE),
        ("0.7.0", "resumption", "returns | handle: nothing", _LIVE),
        ("1.4.0", "resumption", "raises ValidationError unsent", _TYPES),
        ("1.7.0", "resumption", "returns | handle: nothing", _LIVE),
        ("1.10.0", "resumption", "returns | handle: shown", _TYPES),
        ("1.10.0", "a resumed session", "returns | resumed with: a handle", _TYPES),
        ("0.7.0", "setupComplete", "returns | setupComplete: nothing", _LIVE),
        ("1.69.0", "setupComplete", "returns | setupComplete: shown", _LIVE),
        # Before, a turn that is complete ends what is received, whatever the model says of the interaction.
        ("0.7.0", "a turn in progress", "returns | said: nothing", _LIVE),
        ("2.23.0", "a turn in progress", "returns | said: sound", _LIVE),
        ("0.7.0", "session empty", "absent", _TYPES),
        ("1.16.1", "session empty", "raises ValueError unsent", _LIVE),
        ("2.34.0", "session empty", "returns", _LIVE),
        ("0.7.0", "session headers", "absent", _TYPES),
        ("1.16.1", "session headers", "raises ValueError unsent", _LIVE),
        ("2.34.0", "session headers", "returns | header x-compat: session", _LIVE),
        ("0.7.0", "session base-url", "absent", _TYPES),
        ("1.16.1", "session base-url", "raises ValueError unsent", _LIVE),
        ("2.34.0", "session base-url", "refused | prefix: /session", _LIVE),
        ("0.7.0", "session timeout", "absent", _TYPES),
        ("1.16.1", "session timeout", "raises ValueError unsent", _LIVE),
    ),
)

_FAILURES: Final = rows(
    "python",
    "googleapis/python-genai",
    (
        ("0.7.0", "handshake dropped", "raises InvalidMessage", _LIVE),
        ("0.7.0", "dropped before setupComplete", f"raises ConnectionClosedError | {_NO_CLOSE}", _LIVE),
        (
            "1.62.0",
            "dropped before setupComplete",
            "raises APIError | reads: {code} None. Abnormal closure.",
            _LIVE,
        ),
        ("0.7.0", "silent before setupComplete", "hangs", _LIVE),
        ("0.7.0", "closed in a turn", f"raises ConnectionClosedError | {_RECEIVED}", _LIVE),
        ("1.62.0", "closed in a turn", f"raises APIError | {_API_ERROR}", _LIVE),
        ("0.7.0", "closed with 1000 in a turn", f"raises ConnectionClosedOK | {_RECEIVED_BARE}", _LIVE),
        ("1.62.0", "closed with 1000 in a turn", f"raises APIError | {_API_ERROR}", _LIVE),
        ("0.7.0", "dropped in a turn", f"raises ConnectionClosedError | {_NO_CLOSE}", _LIVE),
        (
            "1.62.0",
            "dropped in a turn",
            "raises APIError | reads: {code} None. abnormal closure [internal]",
            _LIVE,
        ),
        ("0.7.0", "silent in a turn", "hangs", _LIVE),
        ("0.7.0", "text frames", "returns", _LIVE),
        ("0.7.0", "an unknown field", "returns", _LIVE),
        ("0.7.0", "an unknown message", "returns", _LIVE),
        # The SDK looks for an error's code in what it does not know, and compares it without one.
        ("1.62.0", "an unknown message", "raises TypeError", _LIVE),
        ("0.7.0", "an empty message", "returns", _LIVE),
        ("0.7.0", "an error message", "returns", _LIVE),
        ("1.62.0", "an error message", "raises TypeError", _LIVE),
        ("0.7.0", "a frame that is not JSON", "raises ValueError", _LIVE),
        ("0.7.0", "a first frame that is not JSON", "hangs in receive", _LIVE),
        ("1.40.0", "a first frame that is not JSON", "raises ValueError", _LIVE),
        ("0.7.0", "a message in snake_case", "returns | said: sound", _LIVE),
        ("1.42.0", "a message in snake_case", "returns | said: hel", _LIVE),
        ("1.62.0", "a message in snake_case", "raises TypeError", _LIVE),
        ("0.7.0", "a frame over 1 MiB", "raises ConnectionClosedError", _LIVE),
        ("1.62.0", "a frame over 1 MiB", "raises APIError", _LIVE),
        ("0.7.0", "goAway", "returns | goAway: nothing", _TYPES),
        ("1.10.0", "goAway", "returns | goAway: 50s", _TYPES),
        ("0.7.0", "exit after a turn", "returns | exit code: 0", _LIVE),
        ("1.16.1", "exit after a refused mint", "crashes | exit code: 1", "google/genai/errors.py"),
        ("0.7.0", "exit after a refused handshake", "crashes | exit code: 1", _LIVE),
        ("0.7.0", "exit after a close in a turn", "crashes | exit code: 1", _LIVE),
    ),
)

_WAYS_IN: Final = rows(
    "python",
    "googleapis/python-genai",
    (
        ("0.7.0", "base URL", "returns | scheme: wss | prefix: none", _LIVE),
        ("0.7.0", "base URL with a slash", "returns | scheme: wss | prefix: /", _LIVE),
        ("0.7.0", "base URL with a path", "refused | scheme: wss | prefix: /proxy/path", _LIVE),
        ("0.7.0", "base URL of ws", "returns | scheme: wss | prefix: none", _LIVE),
        ("0.7.0", "base URL of https", "returns | scheme: wss | prefix: none", _LIVE),
        ("1.13.0", "base URL from the environment", "read", "google/genai/_base_url.py"),
        ("1.13.0", "base URL by default", "set_default_base_urls", "google/genai/_base_url.py"),
        ("0.7.0", "untrusted certificate", "raises SSLCertVerificationError unsent", _LIVE),
        ("1.16.1", "untrusted certificate at create", "raises ConnectError unsent", _API),
        ("1.21.0", "untrusted certificate at create", "raises RetryError unsent", _API),
        ("1.21.1", "untrusted certificate at create", "raises ConnectError unsent", _API),
        ("0.7.0", "a header of the client", "returns | header x-compat: mine", _LIVE),
        ("1.19.0", "GEMINI_API_KEY", "read", _API),
        ("1.19.0", "both keys", "returns | warns: Both GOOGLE_API_KEY and GEMINI_API_KEY are set", _API),
        ("1.16.1", "token on models.list", "raises ClientError", _API),
        ("1.18.0", "token on models.list", "raises EphemeralTokenAPIKeyError unsent", _API),
        ("1.55.0", "token on interactions.create", f"raises BadRequestError | {_INTERACTIONS_WARN}", _CLIENT),
        ("2.0.0", "token on interactions.create", "raises BadRequestError", _CLIENT),
        ("2.3.0", "token on interactions.create", f"raises BadRequestError | {_INTERACTIONS_WARN}", _CLIENT),
        ("2.9.0", "token on interactions.create", "raises BadRequestError", _CLIENT),
    ),
)

_REQUESTS: Final = rows(
    "python",
    "googleapis/python-genai",
    (
        ("1.16.1", "API version from the environment", "refused", _API),
        ("3.0.0", "API version from the environment", "returns", _API),
        ("1.16.1", "settings beside config", "raises TypeError unsent", _TOKENS_PY),
        ("1.16.1", "aware time", "returns | expireTime: offset", _TYPES),
        ("1.16.1", "naive time", "refused | expireTime: no zone", _TYPES),
        ("1.16.1", "string time", "returns | expireTime: offset", _TYPES),
        ("1.16.1", "async create", "returns", _TOKENS_PY),
        # The one release that depends on aiohttp, which warns of the class that the SDK derives from it.
        ("1.64.0", "async create", "returns | warns: Inheritance class AiohttpClientSession", _API),
        ("1.65.0", "async create", "returns", _API),
        ("1.16.1", "nested settings", "returns | spelled: camelCase", _CONVERTERS),
        ("1.42.0", "nested settings", "returns | spelled: snake_case", _CONVERTERS),
        ("1.16.1", "thinking_config in constraints", "raises ValidationError unsent", _TYPES),
        (
            "1.41.0",
            "thinking_config in constraints",
            "returns | settings: generationConfig.thinkingConfig, model",
            _TYPES,
        ),
        ("1.16.1", "lock of null", "returns | locks: the whole setup", _MASKS),
        ("1.16.1", "lock of nothing more", f"returns | locks: {_SIMPLE_MASK}", _MASKS),
        (
            "1.16.1",
            "lock of nested settings",
            "returns | locks: contextWindowCompression.slidingWindow,model,"
            "realtimeInputConfig.automaticActivityDetection",
            _MASKS,
        ),
        (
            "1.42.0",
            "lock of nested settings",
            "returns | locks: contextWindowCompression,model,realtimeInputConfig",
            _MASKS,
        ),
        (
            "1.16.1",
            "lock of more names",
            "returns | locks: generationConfig.responseModalities,generationConfig.temperature,"
            "generationConfig.topK,model,outputAudioTranscription",
            _MASKS,
        ),
        ("1.16.1", "lock without constraints", "refused | locks: outputAudioTranscription,topK", _MASKS),
        ("1.16.1", "live_ephemeral_parameters", f"returns | settings: {_SIMPLE}", _TYPES),
        ("1.18.0", "live_ephemeral_parameters", "raises ValidationError unsent", _TYPES),
        (
            "1.16.1",
            "configuration in camelCase",
            f"returns | uses: 3 | settings: {_SIMPLE} | locks: the whole setup",
            _TOKENS_PY,
        ),
        (
            "1.16.1",
            "configuration in snake_case",
            f"returns | uses: 3 | settings: {_SIMPLE} | locks: {_SIMPLE_MASK}",
            _TOKENS_PY,
        ),
    ),
)

PYTHON: Final = (*_TOKENS, *_SESSIONS, *_FAILURES, *_WAYS_IN, *_REQUESTS)
