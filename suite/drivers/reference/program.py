"""One thing done as a short script does it, with no error handling (docs/worker-protocol.md, "Programs")."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

if __name__ == "__main__":
    # As in worker.py: the modules beside this one, wherever it is started.
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    importlib.import_module("reference.once").main()
