"""What the tables repeat: version tuples, sources, verbatim texts of the service, hints. Each stands once."""

from __future__ import annotations

from typing import Final

# --- API versions ---------------------------------------------------------------------------------

V1ALPHA: Final = ("v1alpha",)
V1BETA: Final = ("v1beta",)
V1: Final = ("v1",)
BOTH: Final = ("v1alpha", "v1beta")
ALL: Final = ("v1alpha", "v1beta", "v1")

# --- sources cited often --------------------------------------------------------------------------

#: Converted every three hours from the public v1beta discovery document.
DISCOVERY: Final = "tryAGI/Google_Generative_AI src/libs/Google.Gemini/openapi.json@be52b85 (2026-08-22)"
PROTO: Final = "googleapis/googleapis google/ai/generativelanguage/v1beta/generative_service.proto@f8291d2"
PROTO_ALPHA: Final = (
    "googleapis/googleapis google/ai/generativelanguage/v1alpha/generative_service.proto@f8291d2"
)
JS: Final = "googleapis/js-genai@6e9b35c (2026-08-21)"
PYTHON: Final = "googleapis/python-genai@6680718 (2026-08-21)"
GO: Final = "googleapis/go-genai@6fd3e65 (2026-08-21)"
#: Recordings of the real v1beta socket, model gemini-live-2.5-flash-preview; the recorder adds one newline.
RECORDINGS: Final = "googleapis/js-genai test/system/recordings/*.websocket.log@6e9b35c"
#: The three public sets of recorded sessions, 2025-07 to 2026-08.
RECORDED: Final = (
    "googleapis/js-genai WebSocket recordings (2025-07 to 2026-07)",
    "googleapis/dotnet-genai WebSocket recordings (2025-07 to 2026-07)",
    "pydantic/pydantic-ai recorded sessions (2026-07/08)",
)
#: Probe campaign with raw sockets, v1beta, gemini-3.5-transcribe-live, 1 542 frames.
PROBES: Final = "report:65832371882 (2026-09-10)"
#: Token measurements: minted on v1alpha, connected on v1beta, gemini-3.1-flash-live-preview.
MEASURED_TOKENS: Final = "report:68857408590 (2026-09-18)"
#: Token proof on v1alpha and v1beta with gemini-3.8-live.
TOKEN_PROOF: Final = "report:70252861394 (2026-10-04)"
#: Measured record with raw sockets and tokens, gemini-3.1-flash-live-preview.
RAW_RECORD: Final = "report:63260309837 (2026-08-29)"
#: What the Live API does with an API key on v1beta, gemini-3.8-live.
LIVE_38: Final = "report:69416836493 (2026-09-17)"
#: Token tests with wire notes, 2026-09/10.
TOKEN_TESTS: Final = "report:71167936315"
TRANSCODER: Final = "generic Google JSON transcoding errors"
MODELS_PAGE: Final = "ai.google.dev/gemini-api/docs/models"
DEPRECATIONS: Final = "ai.google.dev/gemini-api/docs/deprecations"

# --- what the service says ------------------------------------------------------------------------

UNREGISTERED: Final = (
    "Method doesn't allow unregistered callers (callers without established identity). "
    "Please use API Key or other form of API consumer identity to call this API."
)
KEY_NOT_VALID: Final = "API key not valid. Please pass a valid API key."
KEY_LEAKED: Final = "Your API key was reported as leaked. Please use another API key."
BAD_CREDENTIALS: Final = (
    "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other "
    "valid authentication credential. See "
    "https://developers.google.com/identity/sign-in/web/devconsole-project."
)
KEYS_NOT_SUPPORTED: Final = (
    "API keys are not supported by this API. Expected OAuth2 access token or other authentication "
    "credentials that assert a principal. See https://cloud.google.com/docs/authentication"
)
BAD_LOCATION: Final = "User location is not supported for the API use."
QUOTA: Final = (
    "You exceeded your current quota, please check your plan and billing details. For more information on "
    "this error, head to: https://ai.google.dev/gemini-api/docs/rate-limits."
)
MALFORMED_TOKEN: Final = "Missing or malformed auth token"
TOKEN_SPENT: Final = "Token has been used too many times"
NEW_SESSION_TOO_LATE: Final = "new_session_expire_time deadline exceeded"
UNKNOWN_NAME: Final = "Invalid JSON payload received. Unknown name \"{name}\" at '{path}': Cannot find field."
UNKNOWN_ROOT_NAME: Final = 'Invalid JSON payload received. Unknown name "{name}": Cannot find field.'
INVALID_VALUE: Final = "Invalid value at '{path}' ({type}), {value}"
#: ``{value}`` is the excerpt around the offending character and a line with a caret below it.
NOT_JSON: Final = "Invalid JSON payload received. Unexpected token.\n{value}"
#: What stands for ``{value}`` where a Timestamp cannot be read; ``{name}`` is spelled as the client did.
ILLEGAL_TIMESTAMP: Final = (
    "Field '{name}', Illegal timestamp format; timestamps must end with 'Z' or have a valid timezone offset."
)
INVALID_ARGUMENT: Final = "Request contains an invalid argument."
PRECONDITION: Final = "Precondition check failed."
INTERNAL: Final = "Internal error encountered."
UNAVAILABLE: Final = "The service is currently unavailable."
NOT_FOUND: Final = "Requested entity was not found."
SETUP_FIRST: Final = "setup must be the first message and only the first"
MODEL_NOT_FOUND: Final = (
    "{model} is not found for API version {version}, or is not supported for bidiGenerateContent. "
    "Call ModelService.ListModels to see the list of available models and their supported methods."
)
MODEL_NOT_FOUND_2025: Final = (
    "{model} is not found for API version {version}, or is not supported for bidiGenerateContent. "
    "Call ListModels to see the list of available models and their supported methods."
)
#: The list of what is accepted would follow; no model name is short enough to let it into 123 bytes.
BAD_MODALITIES: Final = (
    "The requested combination of response modalities ({modalities}) is not supported by the model. "
    "{model} accepts the following combination of response modalities:"
)

# --- hints given for more than one row ------------------------------------------------------------

MINT_ELSEWHERE: Final = (
    "tokens are not served on {version} at this service date: set http_options={{'api_version': "
    "'{offered}'}} (Python) or httpOptions: {{apiVersion: '{offered}'}} (JavaScript) on the client that "
    "mints"
)
CONNECT_ELSEWHERE: Final = (
    "this method is not served on {version} at this service date: set http_options={{'api_version': "
    "'{offered}'}} (Python) or httpOptions: {{apiVersion: '{offered}'}} (JavaScript) on the client that "
    "connects"
)
USE_A_VALID_KEY: Final = (
    "the key is not one this server knows: check api_key (Python) or apiKey (JavaScript) and the "
    "GEMINI_API_KEY and GOOGLE_API_KEY variables, of which GOOGLE_API_KEY wins"
)
SEND_A_KEY: Final = (
    "no credential arrived: pass api_key (Python) or apiKey (JavaScript), which travels as the "
    "x-goog-api-key header or as ?key="
)
TOKEN_NEEDS_CONSTRAINED: Final = (
    "a token opens BidiGenerateContentConstrained only: pass the whole name, with auth_tokens/ in front, as "
    "api_key (Python, 1.18 or later) or apiKey (JavaScript, 1.3 or later), or change the path of a "
    "hand-built URL"
)
RETRY: Final = (
    "nothing in the request is wrong: reconnect after a growing delay, with the last resumption handle"
)
