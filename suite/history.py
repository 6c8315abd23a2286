"""What changed in which SDK version: each row a question, its answer from a version on, and the source.

The newest row at or below a version answers for it; no row means the feature is not there yet. Rows are
executable: every answer shows in a cell of the matrix, and one that measurement contradicts fails there.
"""

from __future__ import annotations

from functools import cache
from typing import Final, Literal

from packaging.version import Version

from .model import Change

Question = Literal[
    "tokens",
    "default version",
    "create credential",
    "create refused",
    "create warns",
    "create 404 reads",
    "token as api key",
    "connect warns",
    "connect warns unless on",
    "connect credential",
    "options at the session",
    "handshake refused",
    "closed before setupComplete",
]

#: An answer that is another one each time, such as a text with an address in it.
VARIES: Final = "varies"
#: Every release was run against a capture server that serves tokens on v1alpha only, on 2026-11-22.
_RUN: Final = "measured 2026-11-22"


def _rows(sdk: str, repository: str, table: tuple[tuple[str, Question, str, str], ...]) -> tuple[Change, ...]:
    return tuple(
        Change(sdk, since, question, answer, f"{repository}@v{since} {where}; {_RUN}")
        for since, question, answer, where in table
    )


_PYTHON_404: Final = "404 Not Found. {'message': '', 'status': 'Not Found'}"
_LIVE: Final = "google/genai/live.py"
_PYTHON: Final = _rows(
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
            _PYTHON_404,
            "google/genai/errors.py",
        ),
        # The text of tenacity's RetryError has an address in it: not known byte for byte.
        ("1.21.0", "create 404 reads", VARIES, "google/genai/_api_client.py"),
        ("1.21.1", "create 404 reads", _PYTHON_404, "google/genai/errors.py"),
        ("1.16.1", "token as api key", "an ordinary key", _LIVE),
        ("1.18.0", "token as api key", "recognized", _LIVE),
        ("1.18.0", "connect warns", "ephemeral token support is experimental", _LIVE),
        ("1.25.0", "connect warns unless on", "v1alpha", _LIVE),
        ("1.16.1", "connect credential", "?key= + x-goog-api-key", _LIVE),
        ("1.18.0", "connect credential", "x-goog-api-key + ?access_token=", _LIVE),
        ("1.26.0", "connect credential", "x-goog-api-key + Authorization: Token", _LIVE),
        ("1.16.1", "options at the session", "raises ValueError", _LIVE),
        ("2.34.0", "options at the session", "honoured", _LIVE),
        ("1.16.1", "handshake refused", "raises InvalidStatus", _LIVE),
        ("1.16.1", "closed before setupComplete", "raises ConnectionClosedError", _LIVE),
        ("1.62.0", "closed before setupComplete", "raises APIError", _LIVE),
    ),
)

#: The error the case began with: an empty body that is not JSON, as the SDK reports it.
_EMPTY_404: Final = '{"error":{"message":"","code":404,"status":"Not Found"}}'
_CLIENT: Final = "src/_api_client.ts"
_JS: Final = _rows(
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
        ("1.3.0", "options at the session", "ignored", "src/live.ts"),
        ("1.10.0", "options at the session", "raises Error", "src/live.ts"),
        ("1.3.0", "handshake refused", "hangs", "src/live.ts"),
        ("3.1.0", "handshake refused", "raises Error", "src/live.ts"),
        ("1.3.0", "closed before setupComplete", "returns", "src/live.ts"),
        ("2.11.0", "closed before setupComplete", "hangs", "src/live.ts"),
        ("3.1.0", "closed before setupComplete", "raises Error", "src/live.ts"),
    ),
)

#: What a client does that does everything right; its default is the version tokens were born on.
_REFERENCE: Final = tuple(
    Change("reference", "1.0.0", question, answer, "suite/drivers/reference/worker.py")
    for question, answer in (
        ("tokens", "create_token"),
        ("default version", "v1alpha"),
        ("create credential", "x-goog-api-key"),
        ("create refused", "raises ApiError"),
        ("token as api key", "recognized"),
        ("connect credential", "?access_token="),
        ("options at the session", "honoured"),
        ("handshake refused", "raises ApiError"),
        ("closed before setupComplete", "raises ApiError"),
    )
)

CHANGES: Final = (*_PYTHON, *_JS, *_REFERENCE)


@cache
def answer(sdk: str, version: str, question: Question) -> Change | None:
    """The row that answers a question for a version; None where the SDK has no row that old."""
    rows = [
        row for row in CHANGES if row.sdk == sdk and row.question == question and _at_most(row.since, version)
    ]
    return max(rows, key=lambda row: Version(row.since), default=None)


def _at_most(since: str, version: str) -> bool:
    """The one place where versions are compared."""
    return Version(since) <= Version(version)


def first(sdk: str, question: Question, wanted: str) -> str | None:
    """The first version in which a question has an answer."""
    rows = [row.since for row in CHANGES if (row.sdk, row.question, row.answer) == (sdk, question, wanted)]
    return min(rows, key=Version, default=None)
