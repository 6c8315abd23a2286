"""``python -m mockserver``, with a store that is wrong on purpose; workers import this file too."""

from __future__ import annotations

import sys
from pathlib import Path

from mockserver import stores
from mockserver.__main__ import main
from tests.mockserver.stores.wrong import ReadThenWrite


def open_store(url: str) -> ReadThenWrite:
    """The same file, wrongly used."""
    return ReadThenWrite(Path(url.removeprefix("sqlite:///")))


stores.KINDS["sqlite"] = __name__

if __name__ == "__main__":
    sys.exit(main())
