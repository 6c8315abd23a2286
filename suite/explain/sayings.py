"""Texts that no fact and no history has: those of SDKs, runtimes and browsers, each with its source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from .meanings import DROPPED, MEANINGS, REFUSED_HANDSHAKE, Meaning

_PYTHON: Final = ("python",)
_JS: Final = ("js", "web")


@dataclass(frozen=True, slots=True)
class Saying:
    """Texts that mean the same, and who says them."""

    texts: tuple[str, ...]
    speaker: str
    meaning: Meaning
    source: str
    #: Codes that mean it where no text comes with them.
    codes: tuple[int, ...] = ()
    #: The exit code of a process that means it.
    exit_code: int | None = None


_UNTRUSTED: Final = Meaning(
    "the certificate of the server is not trusted: of a mock or a proxy whose authority this process does "
    "not know",
    "Python: SSL_CERT_FILE=bundle.pem; Node: NODE_EXTRA_CA_CERTS=ca.pem, before the process starts; the mock "
    "prints both (python -m mockserver), and genai-live-compat doctor looks at what is set",
    questions=("untrusted certificate", "untrusted certificate at create"),
)
_NOBODY_LISTENS: Final = Meaning(
    "nothing listens at the address: the base URL points to a mock or a proxy that does not run, or to "
    "another port",
    "start it, or unset GOOGLE_GEMINI_BASE_URL; genai-live-compat doctor says what is set",
)
_NO_KEY: Final = Meaning(
    "the client got no API key, neither as an argument nor from the environment",
    "pass api_key (Python) or apiKey (JavaScript); a browser has no environment, give it a token from your "
    "backend",
    questions=("GEMINI_API_KEY",),
)
_VERTEX: Final = Meaning(
    "the client is one for Vertex AI, which has no ephemeral tokens",
    "make the client that mints with an API key, vertexai=False (Python) or vertexai: false (JavaScript), "
    "and unset GOOGLE_GENAI_USE_VERTEXAI",
)
_TOKEN_ELSEWHERE: Final = Meaning(
    "the client has an ephemeral token for a key, and calls something else than Live with it",
    "make a second client with an API key for everything but live.connect",
    questions=("token on models.list",),
)
_UNSETTLED: Final = Meaning(
    "Node ended because nothing was left to wait for, while await ai.live.connect(…) was pending: the "
    "session was refused or closed before it was set up, and this version never settles the call",
    "see what callbacks.onerror and callbacks.onclose get; upgrade to {package} {since} or newer, where the "
    "call is rejected",
    sdks=("js",),
    questions=("exit after a refused handshake at top level", "handshake refused"),
    better=("exit after a refused handshake at top level", "crashes | exit code: 1"),
    leads="connect",
)
_NODE: Final = "Node's documentation, process exit codes; measured 2026-11-25"
_WEBSOCKETS: Final = "websockets' exceptions.py and asyncio/client.py; measured 2026-11-25"
_RFC: Final = "RFC 6455, section 7.4.1"

SAYINGS: Final = (
    # -- the SDKs
    Saying(
        (
            "'Client' object has no attribute 'auth_tokens'",
            "'AsyncClient' object has no attribute 'auth_tokens'",
        ),
        "google-genai",
        Meaning(
            "this version of google-genai is older than ephemeral tokens",
            "upgrade to google-genai {since} or newer, and set http_options={'api_version': '{offered}'} on "
            "the client that mints",
            _PYTHON,
            ("tokens",),
            ("tokens", "client.auth_tokens"),
        ),
        "measured 2026-11-25",
    ),
    Saying(
        (
            "Cannot read properties of undefined (reading 'create')",
            "authTokens is undefined",
            "undefined is not an object (evaluating 'ai.authTokens.create')",
        ),
        "@google/genai",
        Meaning(
            "what .create was called on is undefined; if that is ai.authTokens, this version of "
            "@google/genai is older than ephemeral tokens",
            "upgrade to @google/genai {since} or newer, and set httpOptions: {apiVersion: '{offered}'} on "
            "the client that mints",
            _JS,
            ("tokens",),
            ("tokens", "ai.authTokens"),
        ),
        "measured 2026-11-25; Firefox and Safari in their own words for the same",
    ),
    Saying(
        (
            "google.genai.client.aio.live.connect() does not support http_options at request-level in "
            "LiveConnectConfig",
        ),
        "google-genai",
        Meaning(
            "live.connect takes no http_options of its own in this version",
            "set the API version on the client that connects: genai.Client(api_key=token.name, "
            "http_options={'api_version': '{offered}'}), or upgrade to {package} {since} or newer",
            _PYTHON,
            ("options at the session",),
            ("options at the session", "honoured"),
        ),
        "googleapis/python-genai google/genai/live.py; measured 2026-11-25",
    ),
    Saying(
        ("The Live module does not support httpOptions at request-level in LiveConnectConfig",),
        "@google/genai",
        Meaning(
            "live.connect takes no httpOptions of its own in this version",
            "set it on the client that connects: new GoogleGenAI({apiKey: token.name, httpOptions: "
            "{apiVersion: '{offered}'}})",
            _JS,
            ("options at the session",),
        ),
        "googleapis/js-genai src/live.ts; measured 2026-11-25",
    ),
    Saying(
        ("The SDK's ephemeral token support is in {version} only",),
        "both SDKs",
        Meaning(
            "the SDK warns that the client which connects is on another API version than tokens had at "
            "launch; whether that works depends on the service's date",
            "if connecting fails, set the API version on the client that connects, to {offered}; if it "
            "works, nothing",
            questions=("connect warns unless on", "default version"),
            warning=True,
        ),
        "googleapis/python-genai google/genai/live.py, googleapis/js-genai src/live.ts; measured 2026-11-25",
    ),
    Saying(
        (
            "Ephemeral tokens can only be used with the live API.",
            "Ephemeral tokens are only supported by the live API.",
        ),
        "both SDKs",
        _TOKEN_ELSEWHERE,
        "google/genai/_api_client.py, src/node/_node_auth.ts; measured 2026-11-25",
    ),
    Saying(
        (
            "This method is only supported in the Gemini Developer client.",
            "The client.tokens.create method is only supported by the Gemini Developer API.",
        ),
        "both SDKs",
        _VERTEX,
        "google/genai/tokens.py, src/tokens.ts; measured 2026-11-25",
    ),
    Saying(
        (
            "Missing key inputs argument! To use the Google AI API, provide (`api_key`) arguments.",
            "No API key was provided. Please pass a valid API key.",
            "API key should be set when using the Gemini API.",
            "An API Key must be set when running in a browser",
            "An API Key must be set when running in an unspecified environment",
        ),
        "both SDKs",
        _NO_KEY,
        "google/genai/_api_client.py, src/_api_client.ts, src/web/web_client.ts; measured 2026-11-25",
    ),
    Saying(
        ("create() got an unexpected keyword argument '{name}'",),
        "google-genai",
        Meaning(
            "auth_tokens.create takes its settings in config, not beside it",
            "write client.auth_tokens.create(config={…}) with '{name}' inside",
            _PYTHON,
            ("settings beside config",),
        ),
        "google/genai/tokens.py; measured 2026-11-25",
    ),
    Saying(
        ("RetryError[<Future at {value} state=finished raised ClientError>]",),
        "google-genai",
        Meaning(
            "the token call was refused, and this version wraps the refusal in an error of tenacity",
            "look at error.last_attempt.exception(), or upgrade to google-genai {since} or newer",
            _PYTHON,
            ("create refused",),
            ("create refused", "raises ClientError"),
        ),
        "google/genai/_api_client.py; measured 2026-11-25",
    ),
    Saying(
        (
            "'AsyncSession' object has no attribute 'send_client_content'",
            "'AsyncSession' object has no attribute 'send_realtime_input'",
            "'AsyncSession' object has no attribute 'send_tool_response'",
        ),
        "google-genai",
        Meaning(
            "this version of google-genai has session.send only",
            "upgrade to google-genai {since} or newer",
            _PYTHON,
            ("send_client_content", "audio input"),
            ("send_client_content", "returns"),
        ),
        "google/genai/live.py",
    ),
    Saying(
        ("onerror: undefined", "error: undefined"),
        "the log of a page",
        Meaning(
            "a browser does not tell a page why a WebSocket failed: the event has no message",
            "see the console of the devtools for the status, and look at event.code in onclose",
            ("web",),
            ("handshake refused",),
            leads="connect",
        ),
        "the WebSocket standard, feedback from the protocol",
    ),
    # -- Node
    Saying(
        ("Warning: Detected unsettled top-level await at",),
        "Node",
        _UNSETTLED,
        _NODE,
        exit_code=13,
    ),
    Saying(
        (
            "unable to verify the first certificate",
            "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
            "SELF_SIGNED_CERT_IN_CHAIN",
            "DEPTH_ZERO_SELF_SIGNED_CERT",
            "self-signed certificate",
            "self signed certificate",
        ),
        "Node",
        _UNTRUSTED,
        "Node's documentation, X509 certificate error codes",
    ),
    Saying(
        (
            "connect ECONNREFUSED",
            "Connect call failed (",
            "[Errno 111] Connection refused",
            "[Errno 61] Connection refused",
            "net::ERR_CONNECTION_REFUSED",
        ),
        "Node, Python and Chromium",
        _NOBODY_LISTENS,
        "measured 2026-11-25",
    ),
    Saying(
        ("WebSocket was closed before the connection was established",),
        "ws, in Node",
        Meaning(
            "session.close() was called, or the process went on, before the handshake was over",
            "wait for live.connect to return before closing",
        ),
        "ws lib/websocket.js",
    ),
    # -- browsers
    Saying(
        (
            "WebSocket connection to '{url}' failed",
            "can't establish a connection to the server at {url}",
            "There was a bad response from the server.",
        ),
        "Chromium, Firefox and Safari",
        REFUSED_HANDSHAKE,
        "measured 2026-11-25 in Chromium; the other two from their sources",
    ),
    Saying(
        ("WebSocket is already in CLOSING or CLOSED state",),
        "Chromium",
        Meaning(
            "something was sent on a session that has ended; the reason came before, in callbacks.onclose",
            "stop sending when onclose is called, and look at its code and reason",
            _JS,
        ),
        "Chromium's console",
    ),
    # -- websockets and Python's ssl
    Saying(
        ("did not receive a valid HTTP response",),
        "websockets",
        Meaning(
            "the connection ended in the handshake, or what answered does not speak HTTP",
            "check the base URL and the proxy; then connect again after a growing delay",
            _PYTHON,
            ("handshake dropped",),
        ),
        _WEBSOCKETS,
    ),
    Saying(
        ("keepalive ping timeout",),
        "websockets",
        Meaning(
            "no answer came to a ping for 20 seconds: the network is gone, or the event loop was blocked by "
            "code that does not await",
            "move work such as audio devices and files to threads (asyncio.to_thread), and connect again",
            _PYTHON,
        ),
        _WEBSOCKETS,
    ),
    Saying(
        ("timed out during opening handshake", "timed out while waiting for handshake response"),
        "websockets",
        Meaning(
            "nothing answered the handshake in time: a firewall or a proxy that does not know WebSockets",
            "check HTTPS_PROXY and NO_PROXY: genai-live-compat doctor shows them",
            _PYTHON,
        ),
        _WEBSOCKETS,
    ),
    Saying(
        ("message too big",),
        "websockets",
        Meaning(
            "a frame is larger than the limit of the client, 1 MiB, and the client closed the session",
            "ask for shorter answers; this limit cannot be set through the SDK",
            _PYTHON,
            ("a frame over 1 MiB",),
        ),
        _WEBSOCKETS,
        codes=(1009,),
    ),
    Saying(
        ("certificate verify failed",),
        "Python's ssl",
        _UNTRUSTED,
        "measured 2026-11-25",
    ),
    Saying(
        ("load_verify_locations(",),
        "Python's ssl",
        Meaning(
            "SSL_CERT_FILE or REQUESTS_CA_BUNDLE names a file that is not there",
            "let it name an existing bundle, or unset it",
        ),
        "measured 2026-11-25",
    ),
    # -- codes of RFC 6455 that no fact of the service has a text for
    Saying(
        ("close code 1000",), "a close frame", MEANINGS["closed with 1000 in a turn"], _RFC, codes=(1000,)
    ),
    Saying(
        ("close code 1005",),
        "a close frame",
        Meaning(
            "the close frame had no code: this is also what a client sees of its own session.close()",
            "nothing, if the application closed the session",
        ),
        _RFC,
        codes=(1005,),
    ),
    Saying(("close code 1006",), "a close frame", DROPPED, _RFC, codes=(1006,)),
)
