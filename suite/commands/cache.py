"""``cache``: the room that installed SDK versions take."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from suite.environments import cache_root
from suite.environments.usage import clear, usage
from suite.state import FOLDER

if TYPE_CHECKING:
    import argparse

    from .parser import Commands


def add(commands: Commands) -> None:
    """Add the command."""
    kept = commands.add_parser(
        "cache", help="say how much room the installed SDK versions take; give it back"
    )
    kept.set_defaults(run=_run)
    kept.add_argument(
        "--clear", nargs="*", default=None, metavar="KIND",
        help="remove these kinds of environments, as listed; without a name all of them",
    )  # fmt: skip


def _run(given: argparse.Namespace) -> int:
    root = cache_root()
    if given.clear is not None:
        left = clear(root, given.clear)
        sys.stdout.write("".join(f"left alone, it is in use: {name}\n" for name in left))
        return 1 if left else 0
    found = usage(root)
    for entry in found:
        what = "unfinished runs" if entry.kind == FOLDER else "environments"
        sys.stdout.write(f"{entry.kind}\t{entry.count} {what}\t{entry.bytes / 1e6:.0f} MB\n")
    sys.stdout.write(f"{root}\t{sum(entry.bytes for entry in found) / 1e6:.0f} MB\n")
    return 0
