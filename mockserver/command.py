"""What ``python -m mockserver`` does: run the mock until it is told to stop, or one of the other commands."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import re
import signal
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn

from . import admin, hooks, serving, stores, tls
from .child import Child
from .core import options, profiles
from .core.matching import near
from .core.options import Options
from .edge.listener import listen_together
from .environment import SERVICE_HOST, of_child
from .running import extra_hosts, in_url
from .scripts import READY, load
from .serving import Plan
from .terminal import Parser, busy, exports, fail, port, show

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from .core.script import Script

DEFAULT_PORT = 8089
#: More than processors help nobody; this many are a slip of the finger.
MAX_WORKERS = 64


def run(words: list[str]) -> int:
    """Run the command. Exit status: 0 stopped by a signal, 1 a worker was lost, 2 could not start."""
    if words and words[0] in _COMMANDS:
        return _command(words[0])(words[1:])
    words, command = _split(words)
    parser = _parser()
    given = parser.parse_args(words)
    try:
        settings = Options(
            service_date=given.service_date,
            api_keys=tuple(given.api_key),
            **_settings(given.set, parser.error),
        )
    except ValueError as error:
        parser.error(str(error))
    if given.workers > 1 and given.script.recorded:
        parser.error(
            "--script is a recording, expected a script of rules with --workers: one plays a recording"
        )
    if given.workers > 1 and settings.max_sessions is not None:
        parser.error("max_sessions came with --workers, expected one of them: no worker counts all sessions")
    return _serve(given, settings, command)


def _split(words: list[str]) -> tuple[list[str], list[str]]:
    """Our own words, and a command behind ``--``."""
    if "--" not in words:
        return words, []
    at = words.index("--")
    return words[:at], words[at + 1 :]


def _serve(given: argparse.Namespace, settings: Options, command: list[str]) -> int:
    """Serve until a signal comes, or until the command has ended."""
    number = given.port if given.port is not None else 0 if command else DEFAULT_PORT
    redirect = _redirect(given, command)
    try:
        certificates = tls.ensure(given.tls_dir, extra_hosts(given.host, (*given.name, *redirect)))
    except OSError as error:
        folder = given.tls_dir or tls.default_directory()
        return fail(f"cannot keep certificates in {folder}: {error}; name a writable folder with --tls-dir")
    try:
        listening = listen_together(given.host, number, given.workers)
    except (OSError, OverflowError) as error:
        return fail(busy(given.host, number, error))
    token = given.control_token or os.environ.get(admin.TOKEN_VARIABLE, "")
    gate = admin.Gate.of(given.host, token, tuple(given.name))
    about = _about(given.host, listening[0].getsockname()[1], certificates, gate, redirect)
    if given.workers > 1:
        about["live_page"] = ""  # which would show one of them

    child = None
    if command:
        own_trust = certificates.trusted(os.environ)
        child = Child(command, of_child(os.environ, {**about["env"], **own_trust}))

    def ready() -> None:
        if child is None:
            show(json.dumps(about) if given.ready_json else _greeting(about, settings))

    plan = Plan(
        settings,
        given.script,
        given.store,
        gate,
        certificates,
        given.log or ("none" if command else "text"),
        given.verdict,
        ready,
        _on_signal if child is None else lambda: child.run,
    )
    status = serving.run(plan, listening)
    return child.status if child is not None and not status else status


def _redirect(given: argparse.Namespace, command: list[str]) -> tuple[str, ...]:
    """The hosts from which clients are led here: with a command the service's own as well."""
    if given.no_redirect:
        return ()
    return tuple(dict.fromkeys([*([SERVICE_HOST] if command else []), *given.redirect]))


def _about(
    host: str,
    port: int,
    certificates: tls.Certificates,
    gate: admin.Gate,
    redirect: tuple[str, ...],
) -> dict[str, Any]:
    """Where the server is, and what a client process needs to reach and trust it."""
    address = f"{in_url(host)}:{port}"
    url = f"http://{address}"
    token = {admin.TOKEN_VARIABLE: gate.token} if gate.token else {}
    led = hooks.redirecting(os.environ, redirect, address) if redirect else {}
    return {
        "url": url,
        "tls_url": f"https://localhost:{port}",
        "ca_file": str(certificates.ca_file),
        "live_page": admin.live_page(url, gate),
        "env": {"GOOGLE_GEMINI_BASE_URL": url, **certificates.env(), **token, **led},
        "pid": os.getpid(),
    }


def _setting(item: tuple[str, dict[str, Any]]) -> str:
    name, about = item
    evidence = f" ({about['fact']})" if "fact" in about else ""
    return f"{name.replace('_', '-')}: {about['help']}{evidence}"


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="python -m mockserver",
        description="A mock Generative Language server: ephemeral tokens and Live WebSockets, on one port "
        "for http, https, ws and wss. It says why it refuses. "
        "python -m mockserver facts prints what is known of the service, scripts what it can play, validate "
        "checks a script, schema describes one to an editor, relay stands between clients and a real "
        "service and records, recordings tells what is in a recording; "
        "python -m mockserver -- COMMAND runs a command, such as your tests, against it.",
        epilog=f"Settings for --set: {'; '.join(map(_setting, options.settings().items()))}",
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument(
        "--port",
        type=port,
        help=f"port to listen on, 0 for any free one (default: {DEFAULT_PORT}; any with a command)",
    )
    parser.add_argument(
        "--service-date",
        type=_date,
        default=profiles.LAUNCH,
        metavar="launch|latest|YYYY-MM-DD",
        help="behave as the service did on that day (default: launch, when one API version had tokens)",
    )
    parser.add_argument(
        "--api-key",
        action="append",
        default=[],
        metavar="KEY",
        help="accept this key; may be repeated (default: any key)",
    )
    parser.add_argument(
        "--name",
        action="append",
        default=[],
        metavar="NAME",
        help="another name by which clients reach it, for its certificate and control API; may be repeated",
    )
    redirecting = parser.add_mutually_exclusive_group()
    redirecting.add_argument(
        "--redirect",
        action="append",
        default=[],
        type=_host_name,
        metavar="HOST",
        help="lead clients here, also those that ask for this host by name: Python and Node, by a hook in "
        f"their environment; may be repeated (default: with a command, {SERVICE_HOST})",
    )
    redirecting.add_argument(
        "--no-redirect", action="store_true", help="lead no client here but by the base URL"
    )
    parser.add_argument(
        "--control-token",
        default="",
        metavar="TOKEN",
        help=f"what the control API asks for (default: {admin.TOKEN_VARIABLE}; else nothing on loopback, "
        "elsewhere one that is made up and printed)",
    )
    parser.add_argument(
        "--script",
        type=_script,
        default=READY["echo"],
        metavar="FILE|NAME",
        help="play a script: a file in YAML or JSON, a recording, or a ready-made one (default: echo)",
    )
    parser.add_argument(
        "--workers",
        type=_workers,
        default=1,
        metavar="N",
        help="serve the port with so many processes, which share tokens and what is told to one (default: 1)",
    )
    parser.add_argument(
        "--store",
        type=_store,
        default=os.environ.get(stores.VARIABLE, ""),
        metavar="URL",
        help=f"where tokens are kept, so that other servers know them: {stores.EXAMPLES} (default: "
        f"{stores.VARIABLE}; else in memory, with --workers in a file that goes when it stops)",
    )
    parser.add_argument("--tls-dir", type=Path, help="folder in which the throwaway certificate is kept")
    parser.add_argument(
        "--log",
        choices=("text", "json", "none"),
        help="what happens, on stderr (default: text; none with a command)",
    )
    parser.add_argument("--ready-json", action="store_true", help="print one line of JSON once it listens")
    parser.add_argument(
        "--verdict", action="store_true", help="print what clients did well and badly, when it stops"
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="choose where evidence is missing; see below",
    )
    return parser


#: What else there is to ask for: the function of each, imported when it is asked for.
_COMMANDS: Final = {
    "facts": "mockserver.telling:facts",
    "validate": "mockserver.telling:validate",
    "scripts": "mockserver.telling:scripts",
    "schema": "mockserver.telling:schema",
    "relay": "mockserver.relay.command:run",
    "recordings": "mockserver.recordings.command:run",
}


def _command(name: str) -> Callable[[list[str]], int]:
    module, _, function = _COMMANDS[name].partition(":")
    found: Callable[[list[str]], int] = getattr(import_module(module), function)
    return found


def _script(text: str) -> Script:
    try:
        return load(text if text in READY else Path(text))
    except OSError as error:
        hint = near(text, READY) or "; python -m mockserver scripts lists the ready-made ones"
        raise argparse.ArgumentTypeError(f"cannot read {text}: {error.strerror}{hint}") from None
    except ValueError as error:
        first, *more = str(error).splitlines()
        also = f" (and {len(more)} more: python -m mockserver validate {text})" if more else ""
        raise argparse.ArgumentTypeError(f"{first}{also}") from None


def _host_name(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?", text):
        raise argparse.ArgumentTypeError(f"{text!r} is no host: expected a name such as {SERVICE_HOST}")
    return text.lower()


def _workers(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= MAX_WORKERS:
        raise argparse.ArgumentTypeError(f"{text!r}: expected a number of processes from 1 to {MAX_WORKERS}")
    return int(text)


def _store(text: str) -> str:
    try:
        if text:  # as the variable is, where nobody set it
            stores.check(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    return text


def _date(text: str) -> Any:
    try:
        return profiles.service_date(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _settings(pairs: list[str], fail: Callable[[str], NoReturn]) -> dict[str, Any]:
    """Read ``NAME=VALUE`` settings; names are those of ``Options``, values JSON or plain words."""
    known = options.settings()
    settings: dict[str, Any] = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        name = name.replace("-", "_")
        if not equals or name not in known:
            fail(f"--set {pair!r}: expected NAME=VALUE with a name of {', '.join(sorted(known))}")
        try:
            settings[name] = json.loads(text)
        except ValueError:
            settings[name] = text
    return settings


def _greeting(about: dict[str, Any], settings: Options) -> str:
    names = {day: name for name, day in profiles.NAMED_DATES.items()}
    day = settings.service_date
    watch = f"To watch it, open {about['live_page']}\n" if about["live_page"] else ""
    return (
        f"mockserver listens on {about['url']} (also https, ws and wss; {about['tls_url']})\n"
        f"service date: {f'{names[day]}, ' if day in names else ''}{day.isoformat()}\n"
        f"{watch}To point a client at it, paste:\n{exports(about['env'])}\n"
        "Stop with Ctrl-C."
    )


def _on_signal() -> Callable[[], Awaitable[None]]:
    """Listen for Ctrl-C and the request to end from now on; what comes back waits for either."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # Windows: Ctrl-C cancels the task instead
            loop.add_signal_handler(number, stopped.set)

    async def stop() -> None:
        with contextlib.suppress(asyncio.CancelledError):
            await stopped.wait()

    return stop
