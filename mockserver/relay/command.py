"""``python -m mockserver relay``: stand between clients and a service until told to stop."""

from __future__ import annotations

import json
import os
import signal
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import terminal
from .server import Relay

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

GOOGLE = "https://generativelanguage.googleapis.com"
DEFAULT_PORT = 8090


def run(words: Sequence[str]) -> int:
    """Run the command. Exit status: 0 stopped by a signal, 2 could not start."""
    parser = _parser()
    given = parser.parse_args(words)
    key = os.environ.get(given.key_from_env, "") if given.key_from_env else ""
    if given.key_from_env and not key:
        return terminal.fail(
            f"{given.key_from_env} is not set: export it, or name another with --key-from-env"
        )
    try:
        relay = Relay(
            given.to,
            key=key,
            record=given.record,
            ca_file_of_target=given.to_ca_file,
            host=given.host,
            port=given.port,
            tls_dir=given.tls_dir,
            names=tuple(given.name),
        )
    except ValueError as error:
        return terminal.fail(str(error))
    except FileExistsError:
        return terminal.fail(f"{given.record} exists, and is not written over: name a new file with --record")
    except OSError as error:
        return terminal.fail(f"{error.filename}: {error.strerror}; name another file")
    terminal.log(relay.watch, given.log)
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    try:
        relay.start()
    except (OSError, OverflowError) as error:
        relay.stop()
        return terminal.fail(terminal.busy(given.host, given.port, error))
    terminal.show(json.dumps(_about(relay)) if given.ready_json else _greeting(relay, given))
    stopped.wait()
    relay.stop()
    return 0


def _about(relay: Relay) -> dict[str, Any]:
    """Where the relay is, and what a client process needs to reach and trust it."""
    about = {"url": relay.url, "tls_url": relay.tls_url, "ca_file": str(relay.ca_file)}
    return {**about, "to": relay.target, "env": relay.env, "pid": os.getpid()}


def _greeting(relay: Relay, given: argparse.Namespace) -> str:
    key = f"the key of {given.key_from_env} for any of theirs" if given.key_from_env else "clients' own keys"
    record = f"It records into {given.record}.\n" if given.record else ""
    return (
        f"relay listens on {relay.url} (also https, ws and wss; {relay.tls_url})\n"
        f"It passes everything on to {relay.target}, with {key}.\n{record}"
        f"To point a client at it, paste:\n{terminal.exports(relay.env)}\n"
        "Stop with Ctrl-C."
    )


def _parser() -> argparse.ArgumentParser:
    parser = terminal.Parser(
        prog="python -m mockserver relay",
        description="Stand between clients and a service: everything passes unchanged, and the log tells "
        "what; it may be recorded, without keys and tokens, for python -m mockserver --script FILE to play.",
    )
    parser.add_argument(
        "--to", default=GOOGLE, metavar="URL", help="base URL of the service (default: %(default)s)"
    )
    parser.add_argument(
        "--to-ca-file", type=Path, metavar="FILE", help="authority that signed its certificate, PEM"
    )
    parser.add_argument(
        "--key-from-env",
        metavar="NAME",
        help="environment variable with the real API key, which takes the place of clients' keys "
        "(default: theirs pass as they are)",
    )
    parser.add_argument("--record", type=Path, metavar="FILE", help="a new file to record into")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument(
        "--port",
        type=terminal.port,
        default=DEFAULT_PORT,
        help="port, 0 for any free one (default: %(default)s)",
    )
    parser.add_argument(
        "--name",
        action="append",
        default=[],
        metavar="NAME",
        help="another name by which clients reach it, for its certificate; may be repeated",
    )
    parser.add_argument("--tls-dir", type=Path, help="folder in which the throwaway certificate is kept")
    parser.add_argument(
        "--log",
        choices=("text", "json", "none"),
        default="text",
        help="what passes, on stderr (default: text)",
    )
    parser.add_argument("--ready-json", action="store_true", help="print one line of JSON once it listens")
    return parser
