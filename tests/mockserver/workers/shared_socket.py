"""``python -m mockserver`` as where a system spreads nothing: all workers accept from one socket."""

from __future__ import annotations

import sys

from mockserver.__main__ import main
from mockserver.edge import listener

listener.SPREADS = False

if __name__ == "__main__":
    sys.exit(main())
