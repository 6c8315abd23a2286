"""Worker with a correct minimal Live client: the proof that a case can pass (docs/worker-protocol.md).

Started with `--wrong NAME` it is wrong in that one way: the proof that a case can fail.
Needs no SDK: standard library, `websockets` and the modules beside this one, nothing else of this repository.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

# Each mutation is asked for in exactly one place of this folder.
PLACEMENT_MUTATIONS = {
    "ignores-call-version": "mints with the version of the client, whatever the call says",
    "ignores-session-version": "connects with the version of the client, whatever the session says",
    "default-v1beta": "uses v1beta when no version is given",
    "token-as-key": "connects with a token as if it were an ordinary key",
    "swallows-errors": "says that it is connected although it was refused",
    "hangs": "never answers a connect",
    "crashes": "ends with exit code 3 in a connect",
}
BEHAVIOUR_MUTATIONS = {
    # where to, and with what
    "ignores-client-headers": "sends no headers of the client's options",
    "ignores-near-headers": "sends no headers of the options at the call or session",
    "ignores-near-base-url": "goes to the base URL of the client, whatever the call or session says",
    "ignores-default-base-url": "goes where the environment says, whatever default was set",
    "ignores-url-path": "drops the path of the base URL",
    "ignores-environment": "takes no base URL from the environment",
    "keeps-url-slash": "puts a path behind the slash at the end of a base URL",
    "insists-on-tls": "opens every session over TLS, whatever the base URL says",
    "speaks-plain": "opens every session without TLS, whatever the base URL says",
    "trusts-anybody": "checks no certificate",
    "ignores-timeout": "waits for ever, whatever timeout was given",
    "nanosecond-timeout": "takes milliseconds of a timeout for nanoseconds",
    "rejects-no-options": "takes an empty object of options at the session for a mistake",
    "key-in-header": "sends the key of a session in a header",
    # tokens
    "drops-lock": "mints without the constraints",
    "drops-uses": "mints without the number of uses",
    "defaults-uses": "mints with one use where no number is given",
    "snake-case-lock": "spells the constraints in snake_case",
    "drops-times": "mints without the times",
    "sends-naive-times": "sends a time without a zone as it is",
    "shifts-times": "takes a time with a zone for one in UTC",
    "coarse-mask": "locks the whole message where one field of it is set",
    "ignores-extra-locks": "locks no additional fields",
    "null-as-empty": "takes an explicit null of additional fields for an empty list",
    "loses-camel-case": "overlooks constraints that are written in camelCase",
    "takes-beside": "says nothing about fields beside the config, and does nothing with them",
    # a session
    "hides-setup-complete": "shows nothing of the setupComplete message",
    "has-old-send": "takes the oldest API for a turn, which it does not have",
    "lacks-client-content": "has no API for turns",
    "refuses-text-frames": "takes no message from a text frame",
    "refuses-unknown-fields": "takes no message with a field it does not know",
    "refuses-empty-messages": "takes no message without fields",
    "raises-error-messages": "raises what a message calls an error",
    "reads-snake-case": "understands messages in snake_case, which nobody sends",
    "skips-bad-frames": "goes on after a frame that is not JSON",
    "takes-small-frames": "takes no frame over 1 MiB",
    "loses-realtime": "says that realtime input was sent, and sends none",
    "loses-tool-response": "says that a tool response was sent, and sends none",
    "ends-turns-early": "ends a turn at turnComplete although the interaction goes on",
    "reads-ahead": "takes two messages where the next one was asked for, and loses the second",
    "ignores-tool-calls": "shows no tool calls",
    "ignores-go-away": "shows no goAway",
    "ignores-handles": "shows no handles to resume a session with",
    "swallows-close": "never tells that the session was closed",
    "other-close-code": "tells every close as 1006",
    "loses-close-reason": "tells a close without its reason",
    # beside Live
    "sends-token-on-rest": "sends a token on REST calls, which take keys only",
    "exits-0": "as a program, ends with exit code 0 although it failed",
    "exits-1": "as a program, ends with exit code 1 although all went well",
}
MUTATIONS = PLACEMENT_MUTATIONS | BEHAVIOUR_MUTATIONS

if __name__ == "__main__":
    # Started by path, from anywhere: found beside its folder, the modules are those of this checkout,
    # and import each other in the same way as when tests import them as a part of the suite.
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    importlib.import_module("reference.conversation").main()
