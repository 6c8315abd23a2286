"""What changed in which release of @google/genai, in Node; in a browser too, unless ``WEB`` differs."""

from __future__ import annotations

from typing import Final

from .rows import VARIES, rows

#: The error the case began with: an empty body that is not JSON, as the SDK reports it.
_EMPTY_404: Final = '{"error":{"message":"","code":404,"status":"Not Found"}}'
_CLIENT: Final = "src/_api_client.ts"
_LIVE: Final = "src/live.ts"
_NODE: Final = "src/node/node_client.ts"
_MASKS: Final = "src/tokens.ts"
_CONVERTERS: Final = "src/converters/_live_converters.ts"
#: How it words a refusal and a close, since it does.
_REJECTED: Final = (
    "reads: Live connection failed before setup completed: Unexpected server response: {status}"
)
_ON_ERROR: Final = "onerror: Unexpected server response: {status}"
_CLOSED: Final = "reads: Live connection closed before setup completed (code {code}): {reason}"
_ABNORMAL: Final = "reads: Live connection closed before setup completed (code {code}): Abnormal closure."
_TOKENS: Final = rows(
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
        ("1.3.0", "token as api key", "recognized", _LIVE),
        ("1.3.0", "connect warns", "Ephemeral token support is experimental", _LIVE),
        ("1.9.0", "connect warns unless on", "v1alpha", _LIVE),
        ("1.3.0", "connect credential", "?access_token=", _LIVE),
        ("0.2.0", "key credential", "?key=", _LIVE),
        ("1.3.0", "options at the session", "ignored", _LIVE),
        ("1.10.0", "options at the session", "raises Error", _LIVE),
        ("0.2.0", "handshake refused", f"hangs | {_ON_ERROR}", _LIVE),
        ("3.1.0", "handshake refused", f"raises Error | {_REJECTED} | {_ON_ERROR}", _LIVE),
        ("0.2.0", "closed before setupComplete", "tells onclose", _LIVE),
        ("2.11.0", "closed before setupComplete", "hangs", _LIVE),
        ("3.1.0", "closed before setupComplete", f"raises Error | {_CLOSED}", _LIVE),
    ),
)


_SIMPLE: Final = "generationConfig.responseModalities, generationConfig.temperature, model"
_SIMPLE_MASK: Final = "generationConfig.responseModalities,generationConfig.temperature,model"
_INTERACTIONS_WARN: Final = "warns: GoogleGenAI.interactions: Interactions usage is experimental"
_AS_GIVEN: Final = "src/types.ts"

_SESSIONS: Final = rows(
    "js",
    "googleapis/js-genai",
    (
        ("0.2.0", "send", "absent", _LIVE),
        ("0.2.0", "send_client_content", "returns", _LIVE),
        # Before these fields exist, whatever is given is refused for want of media.
        ("0.2.0", "audio input", "raises Error | realtime input: nothing", _LIVE),
        ("0.10.0", "audio input", "returns | realtime input: audio", _LIVE),
        ("0.2.0", "media input", "returns | realtime input: mediaChunks", _LIVE),
        ("0.2.0", "video input", "raises Error | realtime input: nothing", _LIVE),
        ("0.10.0", "video input", "returns | realtime input: video", _LIVE),
        ("0.2.0", "text input", "raises Error | realtime input: nothing", _LIVE),
        ("0.10.0", "text input", "returns | realtime input: text", _LIVE),
        ("0.2.0", "audio-stream-end input", "raises Error | realtime input: nothing", _LIVE),
        ("0.10.0", "audio-stream-end input", "returns | realtime input: audioStreamEnd", _LIVE),
        ("0.2.0", "activity-start input", "raises Error | realtime input: nothing", _LIVE),
        ("0.10.0", "activity-start input", "returns | realtime input: activityStart", _LIVE),
        ("0.2.0", "tool round", 'returns | tool response: {"sky":"blue"}', _LIVE),
        ("0.2.0", "resumption", "returns | handle: nothing", _CONVERTERS),
        ("0.8.0", "resumption", "returns | handle: shown", _CONVERTERS),
        ("0.8.0", "a resumed session", "returns | resumed with: a handle", _CONVERTERS),
        ("0.2.0", "setupComplete", "returns | setupComplete: nothing", _LIVE),
        ("2.11.0", "setupComplete", "returns | setupComplete: shown", _LIVE),
        # The application ends its turns itself.
        ("0.2.0", "a turn in progress", "returns | said: nothing", _LIVE),
        ("0.2.0", "session empty", "returns", _LIVE),
        ("1.10.0", "session empty", "raises Error unsent", _LIVE),
        ("0.2.0", "session headers", "returns | header x-compat: not sent", _LIVE),
        ("1.10.0", "session headers", "raises Error unsent", _LIVE),
        # Ignored: the slash too many is the SDK's own.
        ("0.2.0", "session base-url", "returns | prefix: /", _LIVE),
        ("1.10.0", "session base-url", "raises Error unsent", _LIVE),
        ("0.2.0", "session timeout", "returns", _LIVE),
        ("1.10.0", "session timeout", "raises Error unsent", _LIVE),
    ),
)

_FAILURES: Final = rows(
    "js",
    "googleapis/js-genai",
    (
        ("0.2.0", "handshake dropped", "hangs", _LIVE),
        ("3.1.0", "handshake dropped", "raises Error", _LIVE),
        ("0.2.0", "dropped before setupComplete", "tells onclose", _LIVE),
        ("2.11.0", "dropped before setupComplete", "hangs", _LIVE),
        ("3.1.0", "dropped before setupComplete", f"raises Error | {_ABNORMAL}", _LIVE),
        ("0.2.0", "silent before setupComplete", "hangs in receive", _LIVE),
        ("2.11.0", "silent before setupComplete", "hangs", _LIVE),
        ("0.2.0", "closed in a turn", "tells onclose", _LIVE),
        ("0.2.0", "closed with 1000 in a turn", "tells onclose", _LIVE),
        ("0.2.0", "dropped in a turn", "tells onclose", _LIVE),
        ("0.2.0", "silent in a turn", "hangs", _LIVE),
        ("0.2.0", "text frames", "returns", _LIVE),
        ("0.2.0", "an unknown field", "returns", _LIVE),
        ("0.2.0", "an unknown message", "returns", _LIVE),
        ("0.2.0", "an empty message", "returns", _LIVE),
        ("0.2.0", "an error message", "returns", _LIVE),
        # A rejection that nobody can handle: it comes from inside a listener of the SDK's own.
        ("0.2.0", "a frame that is not JSON", "crashes", _LIVE),
        ("0.2.0", "a first frame that is not JSON", "crashes", _LIVE),
        ("0.2.0", "a message in snake_case", "returns | said: sound", _LIVE),
        ("0.2.0", "a frame over 1 MiB", "returns | said: 1048577 characters", _LIVE),
        ("0.2.0", "goAway", "returns | goAway: nothing", _CONVERTERS),
        ("0.8.0", "goAway", "returns | goAway: 50s", _CONVERTERS),
        ("0.2.0", "exit after a turn", "returns | exit code: 0", _LIVE),
        ("1.3.0", "exit after a refused mint", "crashes | exit code: 1", _CLIENT),
        ("0.2.0", "exit after a refused handshake", "silent | exit code: 0", _LIVE),
        ("3.1.0", "exit after a refused handshake", "crashes | exit code: 1", _LIVE),
        ("0.2.0", "exit after a refused handshake at top level", "silent | exit code: 13", _LIVE),
        ("3.1.0", "exit after a refused handshake at top level", "crashes | exit code: 1", _LIVE),
        ("0.2.0", "exit after a close in a turn", "silent | exit code: 0", _LIVE),
    ),
)

_WAYS_IN: Final = rows(
    "js",
    "googleapis/js-genai",
    (
        ("0.2.0", "base URL", "returns | scheme: wss | prefix: /", _LIVE),
        ("0.10.0", "base URL", "returns | scheme: ws | prefix: /", _LIVE),
        ("0.2.0", "base URL with a slash", "returns | scheme: wss | prefix: /", _LIVE),
        ("0.10.0", "base URL with a slash", "returns | scheme: ws | prefix: /", _LIVE),
        ("0.2.0", "base URL with a path", "refused | scheme: wss | prefix: /proxy/path", _LIVE),
        ("0.10.0", "base URL with a path", "refused | scheme: ws | prefix: /proxy/path", _LIVE),
        ("0.2.0", "base URL of ws", "returns | scheme: wss | prefix: /", _LIVE),
        ("0.2.0", "base URL of https", "returns | scheme: wss | prefix: /", _LIVE),
        ("0.10.0", "base URL from the environment", "read", "src/_base_url.ts"),
        ("0.10.0", "base URL by default", "setDefaultBaseUrls", "src/_base_url.ts"),
        ("0.2.0", "untrusted certificate", "hangs unsent", _LIVE),
        ("3.1.0", "untrusted certificate", "raises Error unsent", _LIVE),
        ("1.3.0", "untrusted certificate at create", "raises Error unsent", _CLIENT),
        ("1.41.0", "untrusted certificate at create", "raises TypeError unsent", _CLIENT),
        ("0.2.0", "a header of the client", "returns | header x-compat: not sent", _LIVE),
        ("1.12.0", "a header of the client", "returns | header x-compat: mine", _LIVE),
        ("1.4.0", "GEMINI_API_KEY", "read", "src/node/node_client.ts"),
        ("1.4.0", "both keys", "returns | warns: Both GOOGLE_API_KEY and GEMINI_API_KEY are set", _NODE),
        ("1.3.0", "token on models.list", "raises Error unsent", _CLIENT),
        ("1.33.0", "token on interactions.create", f"raises Error | {_INTERACTIONS_WARN}", "src/client.ts"),
        ("2.0.0", "token on interactions.create", "raises Error", "src/client.ts"),
        ("2.3.0", "token on interactions.create", f"raises Error | {_INTERACTIONS_WARN}", "src/client.ts"),
        ("2.9.0", "token on interactions.create", "raises APIConnectionError unsent", "src/client.ts"),
    ),
)

_REQUESTS: Final = rows(
    "js",
    "googleapis/js-genai",
    (
        ("1.3.0", "API version from the environment", "refused", _CLIENT),
        ("3.1.0", "API version from the environment", "returns", _CLIENT),
        # Asked for beside config, settings are lost without a word: the token is not limited.
        ("1.3.0", "settings beside config", "returns | uses: nothing", "src/tokens.ts"),
        ("1.3.0", "aware time", "returns | expireTime: Z", _AS_GIVEN),
        ("1.3.0", "naive time", "refused | expireTime: no zone", _AS_GIVEN),
        ("1.3.0", "string time", "returns | expireTime: Z", _AS_GIVEN),
        ("1.3.0", "async create", "returns", "src/tokens.ts"),
        ("1.3.0", "nested settings", "returns | spelled: camelCase", _CONVERTERS),
        # Dropped without a word: the token is not locked to it.
        ("1.3.0", "thinking_config in constraints", "returns | settings: model", _CONVERTERS),
        (
            "1.22.0",
            "thinking_config in constraints",
            "returns | settings: generationConfig.thinkingConfig, model",
            _CONVERTERS,
        ),
        ("1.3.0", "lock of null", "returns | locks: the whole setup", _MASKS),
        ("1.3.0", "lock of nothing more", f"returns | locks: {_SIMPLE_MASK}", _MASKS),
        (
            "1.3.0",
            "lock of nested settings",
            "returns | locks: contextWindowCompression.slidingWindow,model,"
            "realtimeInputConfig.automaticActivityDetection",
            _MASKS,
        ),
        (
            "1.3.0",
            "lock of more names",
            "returns | locks: generationConfig.responseModalities,generationConfig.temperature,"
            "generationConfig.topK,model,outputAudioTranscription",
            _MASKS,
        ),
        ("1.3.0", "lock without constraints", "refused | locks: outputAudioTranscription,topK", _MASKS),
        # Names this SDK does not know are lost without a word: the token is not locked at all.
        ("1.3.0", "live_ephemeral_parameters", "returns | settings: nothing", _CONVERTERS),
        (
            "1.3.0",
            "configuration in camelCase",
            f"returns | uses: 3 | settings: {_SIMPLE} | locks: {_SIMPLE_MASK}",
            _CONVERTERS,
        ),
        (
            "1.3.0",
            "configuration in snake_case",
            "returns | uses: 3 | settings: nothing | locks: nothing",
            _CONVERTERS,
        ),
    ),
)

JS: Final = (*_TOKENS, *_SESSIONS, *_FAILURES, *_WAYS_IN, *_REQUESTS)

_IN_DEVTOOLS: Final = "devtools: Error during WebSocket handshake: Unexpected response code: {status}"
_UNDEFINED: Final = f"onerror: undefined | {_IN_DEVTOOLS}"

#: What is different in a browser: a question that stands here is answered by these rows alone.
WEB: Final = rows(
    "web",
    "googleapis/js-genai",
    (
        # A page is not told why a socket fails: its error event has no message.
        ("0.2.0", "handshake refused", f"hangs | {_UNDEFINED}", _LIVE),
        (
            "3.1.0",
            "handshake refused",
            "raises Error | reads: Live connection failed before setup completed: WebSocket error "
            f"| {_UNDEFINED}",
            _LIVE,
        ),
        # Browsers let nobody set headers of a socket.
        (
            "0.2.0",
            "a header of the client",
            "returns | header x-compat: not sent",
            "src/web/_browser_websocket.ts",
        ),
        # A page reads each frame as soon as it can: a small one may overtake a large one, and then the turn
        # is over before the large one is heard.
        ("0.2.0", "a frame over 1 MiB", f"returns | said: {VARIES}", _LIVE),
        # An error in a listener ends no page.
        ("0.2.0", "a frame that is not JSON", "returns", _LIVE),
        ("0.2.0", "a first frame that is not JSON", "hangs in receive", _LIVE),
        ("2.11.0", "a first frame that is not JSON", "hangs", _LIVE),
    ),
)
