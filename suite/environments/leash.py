"""Run a command for as long as standard input is open: a tool ends with its starter, however that ends.

    python leash.py COMMAND ARGUMENT…

The first line of standard input is a JSON string, the input of the command. It is started by its path.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from suite import platforms

#: As shells report a command that cannot be started, and one that a signal ended.
_NO_COMMAND, _SIGNALLED = 126, 128


def main(command: list[str]) -> int:
    """Run it; its exit code."""
    given = json.loads(sys.stdin.buffer.readline() or b'""')
    try:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, **platforms.apart())
    except OSError as error:
        sys.stderr.write(f"{command[0]}: {error.strerror or error}\n")
        return _NO_COMMAND

    def follow() -> None:
        while os.read(sys.stdin.fileno(), 1024):
            pass
        platforms.end_with_children(process.pid)

    threading.Thread(target=follow, daemon=True).start()
    process.communicate(given.encode())
    return process.returncode if process.returncode >= 0 else _SIGNALLED - process.returncode


if __name__ == "__main__":
    code = main(sys.argv[1:])
    sys.stderr.flush()
    os._exit(code)  # the thread that reads standard input would keep it locked
