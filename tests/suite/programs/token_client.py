"""Mints a token and has a turn with it, as an SDK does whose version and default its environment says.

CLIENT_VERSION is what it calls itself, CLIENT_DEFAULT the API version where nothing else is set: CLIENT_SET
stands for code that sets one, GENAI_LIVE_COMPAT_PLACING for the hook. With CLIENT_SWALLOWS errors are not
told, with CLIENT_FAILS there is one of its own at the end.
"""

import json
import os
import sys
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from websockets.sync.client import connect

BASE = os.environ["GOOGLE_GEMINI_BASE_URL"]
NAME = {"x-goog-api-client": f"google-genai-sdk/{os.environ['CLIENT_VERSION']} gl-test/1"}
VERSION = (
    os.environ.get("CLIENT_SET")
    or os.environ.get("GENAI_LIVE_COMPAT_PLACING")
    or os.environ["CLIENT_DEFAULT"]
)
CONSTRAINED = "GenerativeService.BidiGenerateContentConstrained"


def main():
    headers = {"x-goog-api-key": os.environ["GEMINI_API_KEY"], **NAME}
    request = Request(f"{BASE}/{VERSION}/auth_tokens", b'{"uses": 1}', headers)
    with urlopen(request) as answer:
        token = json.load(answer)["name"]
    path = f"/ws/google.ai.generativelanguage.{VERSION}.{CONSTRAINED}?access_token={token}"
    with connect(BASE.replace("http", "ws") + path, additional_headers=NAME) as socket:
        socket.send(json.dumps({"setup": {"model": "models/gemini-3.8-live"}}))
        print("ready:", *json.loads(socket.recv()))  # noqa: T201 - a program prints


try:
    main()
except HTTPError as error:
    if not os.environ.get("CLIENT_SWALLOWS"):
        sys.exit(f"HTTPError: {error}")
if os.environ.get("CLIENT_FAILS"):
    sys.exit("an error of its own")
