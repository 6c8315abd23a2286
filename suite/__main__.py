"""``genai-live-compat`` and ``python -m suite``; says what is missing where only the mock is installed."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command. Exit status: as of ``suite.commands.main``; 2 where a library is missing."""
    try:
        from . import commands
    except ModuleNotFoundError as error:
        sys.stderr.write(
            f"genai-live-compat: the matrix needs {error.name}, which the mock alone does not: "
            "install genai-live-compat[suite]\n"
        )
        return 2
    return commands.main(arguments)


if __name__ == "__main__":
    sys.exit(main())
