"""Closes about credentials (CLS-001 to CLS-018), and how codes are chosen (MAP)."""

from __future__ import annotations

from .model import Closes, Fact
from .vocabulary import (
    BAD_CREDENTIALS,
    BAD_LOCATION,
    BOTH,
    KEY_LEAKED,
    KEY_NOT_VALID,
    KEYS_NOT_SUPPORTED,
    MALFORMED_TOKEN,
    MEASURED_TOKENS,
    NEW_SESSION_TOO_LATE,
    PROBES,
    QUOTA,
    RAW_RECORD,
    SEND_A_KEY,
    TOKEN_NEEDS_CONSTRAINED,
    TOKEN_PROOF,
    TOKEN_SPENT,
    UNREGISTERED,
    USE_A_VALID_KEY,
)

CLOSE = "ws.close"
ONE_TOKEN = (
    "send the whole name auth_tokens/… once, as ?access_token= or Authorization: Token; an API key opens "
    "BidiGenerateContent only, and a URL that already ends in access_token must not get a second one"
)

FACTS: tuple[Fact, ...] = (
    Fact(
        "MAP-001",
        CLOSE,
        BOTH,
        "a gRPC status becomes a close code",
        "1007 for INVALID_ARGUMENT and FAILED_PRECONDITION; 1008 for PERMISSION_DENIED, UNAUTHENTICATED, "
        "NOT_FOUND, ABORTED, CANCELLED and UNIMPLEMENTED; 1011 for INTERNAL, UNAVAILABLE, DEADLINE_EXCEEDED "
        "and RESOURCE_EXHAUSTED, and for a token that is spent or expired; 1000, rarely, for OK; 1006 where "
        "the network drops",
        "inferred",
        ("all CLS-* above",),
        note="consistent with every row; CLS-016 (RESOURCE_EXHAUSTED as 1008) is the one exception, of low "
        "confidence",
    ),
    Fact(
        "CLS-001",
        CLOSE,
        BOTH,
        "the API key on BidiGenerateContent is bad, in the header or the query, well-formed or not",
        Closes(1007, KEY_NOT_VALID),
        "observed",
        (PROBES, "github.com/googleapis/js-genai/issues/600"),
        hint=USE_A_VALID_KEY,
    ),
    Fact(
        "CLS-001B",
        CLOSE,
        BOTH,
        "the API key on BidiGenerateContent has expired",
        Closes(1007, "API key expired. Please renew the API key."),
        "guess",
        (),
        hint="create a new API key: this one has expired",
        note="a choice: the text is observed on REST (TOK-042), the socket gives INVALID_ARGUMENT as 1007; "
        "CLS-001 is the other candidate",
    ),
    Fact(
        "CLS-002",
        CLOSE,
        BOTH,
        "no credential comes on BidiGenerateContent",
        Closes(1008, UNREGISTERED),
        "observed",
        (PROBES, "discuss.ai.google.dev/t/116522"),
        hint=SEND_A_KEY,
        note="seen cut at 123 bytes; also github.com/google-gemini/cookbook/issues/821",
    ),
    Fact(
        "CLS-003",
        CLOSE,
        BOTH,
        "a token comes as access_token or Authorization: Token on BidiGenerateContent",
        Closes(1008, UNREGISTERED),
        "observed",
        (
            "report:68818098783 (2026-08-17)",
            "report:56225894766",
            "report:58098576647",
            MEASURED_TOKENS,
            "github.com/google-gemini/cookbook/issues/821",
        ),
        hint=TOKEN_NEEDS_CONSTRAINED,
        note="the same for the bare id without auth_tokens/",
    ),
    Fact(
        "CLS-004",
        CLOSE,
        BOTH,
        "a token comes as ?key= or x-goog-api-key on BidiGenerateContent",
        Closes(1007, KEY_NOT_VALID),
        "observed",
        ("report:68818098783",),
        hint=TOKEN_NEEDS_CONSTRAINED,
    ),
    Fact(
        "CLS-005",
        CLOSE,
        BOTH,
        "the method BidiGenerateContentConstrained gets ?key=, no token, a malformed or a doubled "
        "access_token",
        Closes(1007, MALFORMED_TOKEN),
        "observed",
        ("report:58512702978", "report:66431804523", "report:71584882323"),
        hint=ONE_TOKEN,
        note="doubled was seen as ?access_token=A&access_token=A and as ?access_token=…?access_token=",
    ),
    Fact(
        "CLS-005B",
        CLOSE,
        BOTH,
        "the method BidiGenerateContentConstrained gets an API key in x-goog-api-key only, or a token in "
        "?key= only",
        Closes(1007, MALFORMED_TOKEN),
        "inferred",
        ("report:58512702978 (an API key in ?key=)",),
        hint=ONE_TOKEN,
    ),
    Fact(
        "CLS-005C",
        CLOSE,
        BOTH,
        "the method BidiGenerateContentConstrained gets Authorization: Bearer",
        Closes(1007, MALFORMED_TOKEN),
        "guess",
        (),
        hint="the scheme Bearer is for OAuth: write Authorization: Token auth_tokens/… for an ephemeral "
        "token",
        note="a choice; the other candidates are CLS-013 and, for real OAuth, a session",
    ),
    Fact(
        "CLS-006",
        CLOSE,
        BOTH,
        "the token on BidiGenerateContentConstrained is well-formed, and nobody minted it",
        Closes(1007, MALFORMED_TOKEN),
        "guess",
        ("report:70692570221 (only asserts rejection)",),
        hint="this server minted no such token: mint it here, with the same base URL that the socket uses, "
        "and pass the name unchanged",
        note="a choice that can be configured; the candidates are this, a 1008 in the style of 'not found', "
        "and 1011",
    ),
    Fact(
        "CLS-007",
        CLOSE,
        BOTH,
        "the token has no use left and no resumption handle comes",
        Closes(1011, TOKEN_SPENT),
        "observed",
        (RAW_RECORD, MEASURED_TOKENS, TOKEN_PROOF, "report:71083077488", "report:36087188442"),
        hint="mint one token for each session, or mint with uses above 1 (0 for no limit): the default is a "
        "single session",
        note="seen on v1alpha and v1beta",
    ),
    Fact(
        "CLS-008",
        CLOSE,
        BOTH,
        "a session is started after the token's newSessionExpireTime",
        Closes(1011, NEW_SESSION_TOO_LATE),
        "observed",
        (TOKEN_PROOF, "report:69295803989", "report:51807835025", "report:55880540892"),
        hint="connect sooner, or mint with a later new_session_expire_time (Python) or newSessionExpireTime "
        "(JavaScript): the default is 60 seconds after minting, by the server's clock",
        note="a skewed clock and a slow microphone permission are the usual reasons: report:71429638546, "
        "report:62385558367",
    ),
    Fact(
        "CLS-009",
        CLOSE,
        BOTH,
        "the token's expireTime passes while the session is open",
        Closes(1011, "auth token has expired"),
        "observed",
        (MEASURED_TOKENS, "report:71083077488"),
        hint="mint with a later expire_time (Python) or expireTime (JavaScript), 20 hours at most, or "
        "connect with a new token and the last resumption handle before it passes",
        note="within 1 s of the time",
    ),
    Fact(
        "CLS-010",
        CLOSE,
        BOTH,
        "a connect comes after the token's expireTime, even with a valid resumption handle",
        Closes(1011, "Token has expired"),
        "observed",
        (MEASURED_TOKENS,),
        hint="mint a new token; expire_time (Python) or expireTime (JavaScript) defaults to 30 minutes "
        "after minting",
    ),
    Fact(
        "CLS-011",
        CLOSE,
        BOTH,
        "the API key was reported as leaked",
        Closes(1008, KEY_LEAKED),
        "observed",
        ("report:59506303784",),
        hint="the key was found in public: create another one, and give browsers and apps a token instead",
    ),
    Fact(
        "CLS-012",
        CLOSE,
        BOTH,
        "an API key comes where OAuth is required",
        Closes(1008, KEYS_NOT_SUPPORTED),
        "observed",
        ("github.com/google-gemini/cookbook/issues/1122",),
        hint="the key or its project is restricted: create another key for this API, or use OAuth",
        note="seen 2026-01; the tail beyond 123 bytes is inferred from Google's generic message",
    ),
    Fact(
        "CLS-013",
        CLOSE,
        BOTH,
        "the OAuth bearer token is not valid",
        Closes(1008, BAD_CREDENTIALS),
        "observed",
        ("report:71142253927",),
        hint="an API key does not go into Authorization: Bearer: pass api_key (Python) or apiKey "
        "(JavaScript), or refresh the OAuth token",
        note="observed as a string that a client classifies; the tail beyond 123 bytes is the REST wording",
    ),
    Fact(
        "CLS-014",
        CLOSE,
        BOTH,
        "the caller is in a region that is not served",
        Closes(1007, BAD_LOCATION),
        "observed",
        ("report:66542513642",),
        hint="the region is decided by the address that opens the socket: connect from a supported region "
        "or through a proxy there",
    ),
    Fact(
        "CLS-015",
        CLOSE,
        BOTH,
        "the quota is used up or too many sessions run at once",
        Closes(1011, QUOTA),
        "observed",
        (
            "report:67142013205",
            "report:70154736361",
            "RahulMirji/Cloth_Recommendation GEMINI_LIVE_API_FIX.md",
        ),
        hint="close sessions that are no longer used before opening another, and reconnect after a growing "
        "delay",
        note="about three sessions at once are free, the fourth is refused; the text beyond 123 bytes is "
        "the REST wording",
    ),
    Fact(
        "CLS-016",
        CLOSE,
        BOTH,
        "the quota is used up, in another wording",
        Closes(1008, "Resource has been exhausted (e.g. check quota)."),
        "observed",
        ("report:71142253927",),
        hint="reconnect after a growing delay, or ask for more quota",
        note="low: a string that a client classifies, quoted with and without the full stop",
    ),
    Fact(
        "CLS-017",
        CLOSE,
        BOTH,
        "too many sessions run at once, in the wording of early 2025",
        Closes(
            1011,
            "Request trace id: {value}, [ORIGINAL ERROR] generic::resource_exhausted: RESOURCE_EXHAUSTED: "
            "Maximum concurrent sessions exceeded",
        ),
        "observed",
        ("devgem.io post (early 2025)",),
        hint="close sessions that are no longer used before opening another",
        note="historic; seen up to 'Maximum concurrent se', the rest is inferred; {value} is the trace id",
    ),
    Fact(
        "CLS-018",
        CLOSE,
        BOTH,
        "the project behind the key is blocked",
        Closes(1008, "Your project has been denied access. Please contact support."),
        "guess",
        ("report:71584882323",),
        hint="nothing in the request is wrong: use a key of another project, or ask Google's support",
        note="the text is observed, the code is not recorded: 1008 is a choice (PERMISSION_DENIED), 1007 "
        "and 1011 are the other candidates",
    ),
)
