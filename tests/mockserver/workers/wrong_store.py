"""``python -m mockserver``, with a store that is wrong on purpose; workers import this file too."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from mockserver import stores
from mockserver.__main__ import main
from tests.mockserver.stores.wrong import ReadThenWrite

if TYPE_CHECKING:
    from mockserver.core.limits import Limits


def open_store(url: str, limits: Limits) -> ReadThenWrite:
    """The same file, wrongly used."""
    return ReadThenWrite(Path(url.removeprefix("sqlite:///")), limits)


stores.KINDS["sqlite"] = __name__

if __name__ == "__main__":
    sys.exit(main())
