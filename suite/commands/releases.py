"""``releases``: the published versions this tool knows."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from suite import releases

if TYPE_CHECKING:
    import argparse

    from .parser import Commands


def add(commands: Commands) -> None:
    """Add the command."""
    listed = commands.add_parser("releases", help="list the published versions this tool knows")
    listed.set_defaults(run=_run)
    listed.add_argument("--refresh", action="store_true", help="ask PyPI and npm, and write the list anew")


def _run(given: argparse.Namespace) -> int:
    if given.refresh:
        counts = releases.refresh(releases.LIST)
        sys.stdout.write(", ".join(f"{sdk}: {count} releases" for sdk, count in counts.items()) + "\n")
        return 0
    for sdk in ("python", "js"):
        for release in releases.releases(sdk):
            sys.stdout.write(f"{sdk}=={release.version}\t{release.published}{' yanked' * release.yanked}\n")
    return 0
