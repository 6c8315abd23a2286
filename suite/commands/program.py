"""``upgrade … -- COMMAND``: a team's own program under two versions of an SDK."""

from __future__ import annotations

import argparse
import os
import sys
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from mockserver import ECHO, READY, load
from suite.apps import comparing, locks, node, python, running, telling
from suite.apps.placing import placed
from suite.environments import EnvironmentBroken, cache_root
from suite.model import Subject
from suite.upgrade import asking, project
from suite.upgrade.model import NOBODYS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mockserver import Script
    from suite.apps.comparing import Comparison
    from suite.apps.model import Run, Variant
    from suite.prose import Telling
    from suite.upgrade.model import Own

    from .parser import Parser

T = TypeVar("T")

#: In which SDK lines programs run, and what gives them a version.
VARIANTS: Final = {"python": python.variant, "js": node.variant}
#: Without a date the service is as it is now: a program that is to be upgraded works today.
DATE: Final = "latest"
_TITLE: Final = "a program of yours, behind --"
_ABOUT: Final = (
    "runs it with each version against the mock, and compares what becomes of it and what it sends"
)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is no time: expected seconds, such as 60")
    return seconds


def _script(text: str) -> Script:
    try:
        return load(text if text in READY else Path(text))
    except (OSError, ValueError) as error:
        raise argparse.ArgumentTypeError(f"{text}: {error}") from None


#: Each with what ``add_argument`` takes.
OPTIONS: Final[dict[str, dict[str, Any]]] = {
    "--lock": {
        "action": "append",
        "default": [],
        "type": Path,
        "metavar": "FILE",
        "help": "in place of versions two lock files, the one you have and the one you want: "
        "package-lock.json, requirements.txt or uv.lock",
    },
    "--script": {
        "type": _script,
        "default": ECHO,
        "metavar": "FILE|NAME",
        "help": "what the mock plays to it (default: echo)",
    },
    "--time-limit": {
        "type": _seconds,
        "default": running.LIMIT_S,
        "metavar": "S",
        "help": "how long it may run with each version, in seconds (default: %(default)g)",
    },
}


def add(command: Parser) -> None:
    """Add them."""
    group = command.add_argument_group(_TITLE, _ABOUT)
    for name, about in OPTIONS.items():
        group.add_argument(name, **about)


def split(words: Sequence[str]) -> tuple[list[str], list[str] | None]:
    """Our own words, and the command behind ``--``; None where there is no ``--``."""
    given = list(words)
    if "--" not in given:
        return given, None
    at = given.index("--")
    return given[:at], given[at + 1 :]


def check(given: argparse.Namespace) -> None:
    """Look whether the options go together.

    Raises:
        ValueError: they do not.
    """
    if not given.command:
        raise ValueError("expected a command behind --, such as: -- npm test")
    if given.sdk not in VARIANTS:
        raise ValueError(f"a command runs with {' or '.join(VARIANTS)}, not with {given.sdk}")
    if given.create or given.connect or given.topic or given.project:
        raise ValueError(
            "a command shows its own placements: leave out --create, --connect, --topic and --project"
        )
    if given.service_date == "both":
        raise ValueError(f"a command runs at one service date: expected one, such as {DATE}")
    if given.lock and (given.versions or given.before or given.after):
        raise ValueError("expected two versions, or two lock files with --lock; got both")
    if given.lock and len(given.lock) != 2:
        raise ValueError(
            f"expected --lock twice, the file you have and the one you want; got {len(given.lock)}"
        )


def versions(sdk: str, named: tuple[str, str]) -> tuple[Subject, Subject]:
    """The two versions; what is installed for a program in Python is not beside this tool.

    Raises:
        ValueError: no such version, or the program has none that is known.
    """
    words = list(named)
    if sdk == "python" and asking.INSTALLED in words:
        have = _of_environment(python.installed, Path.cwd())
        words = [have if word == asking.INSTALLED else word for word in words]
    before, after = (asking.subject(sdk, word) for word in words)
    return before, after


def _of_environment(make: Callable[..., T], *given: Any) -> T:
    try:
        return make(*given)
    except EnvironmentBroken as broken:
        raise ValueError(broken.cause) from broken


def compare(
    given: argparse.Namespace, subjects: tuple[Subject, Subject] | None, date: str
) -> tuple[Telling, int]:
    """Run the command with both; what there is to tell, and the exit status.

    Args:
        subjects: the two versions; None: two lock files.

    Raises:
        ValueError: a version cannot be installed, a lock file cannot be read, or nothing says what the
            program needs; or there is no such command.
    """
    folder = Path.cwd()
    with ExitStack() as stack:
        variants = _of_environment(_variants, given, subjects, folder, stack)
        found = _compared(given, variants, date)
    return telling.of(found, _own(folder, given.sdk)), found.exit_code


def _own(folder: Path, sdk: str) -> Own:
    """What is seen in the program's source; where nothing is, the lines of a fix have no place."""
    with suppress(ValueError):
        return project.own(folder, sdk, os.environ)
    return NOBODYS


def _variants(
    given: argparse.Namespace, subjects: tuple[Subject, Subject] | None, folder: Path, stack: ExitStack
) -> list[Variant]:
    if subjects is None:
        made = (locks.variant(given.sdk, lock, folder, cache_root()) for lock in given.lock)
        return [stack.enter_context(one) for one in made]
    found = []
    for subject in subjects:
        _note(f"{subject}: environment")
        found.append(VARIANTS[given.sdk](subject, folder, cache_root()))
    return found


def _compared(given: argparse.Namespace, variants: list[Variant], date: str) -> Comparison:
    def run(variant: Variant) -> Run:
        _note(f"{given.sdk} {variant.shown}: running")
        try:
            return running.run(
                variant,
                given.command,
                service_date=date,
                script=given.script,
                limit_s=given.time_limit,
            )
        except OSError as error:
            told = f"cannot run {given.command[0]}: {error.strerror}"
            raise ValueError(f"{told}; expected a program and arguments behind --") from error

    before, after = (run(variant) for variant in variants)
    subjects = (Subject(given.sdk, variants[0].version), Subject(given.sdk, variants[1].version))
    found = comparing.compare(subjects, date, (before, after))
    version = comparing.version_of(found.fix) if found.fix is not None else ""
    if not version or found.fix is None:
        return found
    wanted = (after.variant, before.variant) if found.fix.in_both else (after.variant,)
    _note("with the fix:")
    return comparing.proven(found, tuple(run(placed(one, given.sdk, version)) for one in wanted))


def _note(text: str) -> None:
    sys.stderr.write(f"{text}\n")
