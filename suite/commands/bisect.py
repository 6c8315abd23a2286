"""``bisect``: the first version of an SDK in which something changes, by measuring a few."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

from suite import plan, prose
from suite.environments import cache_root
from suite.sdks import SDKS
from suite.upgrade import asking, bisected, bisecting

from .upgrade import INTERRUPTED, add_placements, add_report, add_span, placement, span

if TYPE_CHECKING:
    import argparse

    from suite.model import Case
    from suite.upgrade.bisecting import Asked

    from .parser import Commands


def add(commands: Commands) -> None:
    """Add the command."""
    bisect = commands.add_parser(
        "bisect", help="find the first version of an SDK in which a placement or a behaviour changes"
    )
    bisect.set_defaults(run=_run)
    bisect.add_argument("sdk", choices=tuple(SDKS), metavar="SDK", help=f"one of {', '.join(SDKS)}")
    add_span(bisect)
    add_placements(bisect)
    bisect.add_argument("--behaviour", metavar="SLUG", help="a behaviour, such as handshake:404")
    bisect.add_argument(
        "--by", choices=bisecting.BY,
        help="what to follow: the verdict, all that the application sees, or the wire as well (default: "
        "the first of these in which the ends differ)",
    )  # fmt: skip
    bisect.add_argument(
        "--service-date", default="latest", metavar="launch|latest|YYYY-MM-DD",
        help="how the service behaves (default: %(default)s)",
    )  # fmt: skip
    add_report(bisect)


def _run(given: argparse.Namespace) -> int:
    wanted = prose.outlets(given.report)
    case = _case(given)
    dates = plan.dates(given.service_date)
    if len(dates) > 1:
        raise ValueError("--service-date both: a bisection follows one, expected launch, latest or a date")
    oldest = SDKS[given.sdk].since
    every = asking.line(*span(given, oldest, asking.LATEST))
    run = bisecting.Bisecting(case, dates[0], cache_root(), _note)
    try:
        found = asyncio.run(run.run(every, given.by))
    except KeyboardInterrupt:
        sys.stderr.write("genai-live-compat: interrupted; nothing is found\n")
        return INTERRUPTED
    told = bisected.of(found)
    for outlet in wanted:
        outlet.write(told)
    return found.exit_code


def _case(given: argparse.Namespace) -> Case:
    own = placement(given)
    if (own is None) == (given.behaviour is None):
        raise ValueError("expected one thing to follow: --create and --connect, or --behaviour")
    return own if own is not None else asking.named(given.behaviour)


def _note(asked: Asked) -> None:
    sys.stderr.write(f"{bisected.step(asked)}\n")
    sys.stderr.flush()
