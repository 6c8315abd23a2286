"""``python -m mockserver``: run the mock until it is told to stop."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from . import garbage

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command. Exit status: 0 stopped by a signal, 1 a worker was lost, 2 could not start."""
    # Imported here: it is nearly all of a start, and looking for garbage in it was a tenth of that.
    with garbage.ignored():
        from .command import run
    return run(sys.argv[1:] if arguments is None else list(arguments))


if __name__ == "__main__":
    sys.exit(main())
