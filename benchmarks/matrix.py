"""The matrix against the clock: what one version, the edges and all versions cost, with warm caches.

    python benchmarks/matrix.py            one version of each SDK, and the edges
    python benchmarks/matrix.py --all      every published version too

Each is run once before it is timed, so that every version is installed. Prints a Markdown table: wall and
processor seconds, cells, and cells a second.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

RUNS = {
    "one version, python": ["--sdk", "python", "--versions", "latest"],
    "one version, js": ["--sdk", "js", "--versions", "latest"],
    "one version, web": ["--sdk", "web", "--versions", "latest"],
    "edges, python and js": ["--versions", "edges"],
    "edges, web": ["--sdk", "web", "--versions", "edges"],
}
ALL = {"all versions, python and js": ["--versions", "all"]}


@dataclass(frozen=True)
class Timed:
    """One run: seconds on the clock, seconds of processors (children included), cells and findings."""

    wall_s: float
    cpu_s: float
    cells: int
    versions: int
    exit_code: int


def timed(options: list[str]) -> Timed:
    """Run the matrix once."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "matrix.json"
        before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        command = [sys.executable, "-m", "suite", "matrix", *options, "--report", f"json={report}"]
        done = subprocess.run(command, stderr=subprocess.DEVNULL, check=False)
        wall = time.monotonic() - began
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        document = json.loads(report.read_text("utf-8"))
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    versions = sum(map(len, document["about"]["sdks"].values()))
    return Timed(wall, cpu, len(document["cells"]), versions, done.returncode)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--all", action="store_true", help="every published version too: minutes")
    parser.add_argument("--cold", action="store_true", help="do not run each once before it is timed")
    given = parser.parse_args()
    about = f"{platform.python_implementation()} {platform.python_version()}, {os.cpu_count()} processors"
    print(f"{about}, {platform.system()} {platform.machine()}\n")
    print("| run | versions | cells | wall s | processor s | cells a second | exit |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for name, options in (RUNS | (ALL if given.all else {})).items():
        if not given.cold:
            timed(options)
        t = timed(options)
        numbers = f"{t.wall_s:.1f} | {t.cpu_s:.1f} | {t.cells / t.wall_s:.0f} | {t.exit_code}"
        print(f"| {name} | {t.versions} | {t.cells} | {numbers} |", flush=True)


if __name__ == "__main__":
    main()
