"""Prove that every proof can fail: for each fact, break the server and expect the fact's test to notice.

    python tests/mutate.py [--sample N] [--all] [FACT …]

Exits with 1 and the survivors if a test passes on a server of which its fact is not true, or fails only
because the mutation is broken: it was never called, raised an exception of its own, or broke the server.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent.parent
#: A single test takes about a second; one that hangs fails by pytest-timeout, which leaves a verdict.
HANGS_S: Final = 30
TIMEOUT_S: Final = 60


def verdict(fact: str, test: str) -> str:
    """Run a fact's test on the server without the fact: what the plugin says, see ``tests/mutant.py``."""
    command = [sys.executable, "-m", "pytest", "-p", "tests.mutant", "--mutant", fact]
    command += ["-p", "pytest_timeout", f"--timeout={HANGS_S}", "-p", "no:cacheprovider"]
    command += ["-q", "-x", "--tb=line", test]
    # Plugins that no proof needs take half of the time.
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    try:
        done = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=TIMEOUT_S, check=False
        )
    except subprocess.TimeoutExpired:
        return f"proves nothing: pytest did not end in {TIMEOUT_S} s"
    said = [line.strip() for line in (done.stdout + done.stderr).splitlines() if line.strip()]
    _, found, told = "\n".join(said).rpartition(f"mutant {fact}: ")
    if found:
        return told.partition("\n")[0]
    return f"proves nothing: pytest ended with {done.returncode}: {said[-1] if said else 'nothing said'}"


def chosen(names: list[str], sample: int | None) -> dict[str, str]:
    """The facts to try, each with the test that proves it."""
    from tests.proofs import proofs

    found = {fact: tests[0] for fact, tests in proofs().items()}
    unknown = [name for name in names if name not in found]
    if unknown:
        raise SystemExit(f"no test proves {', '.join(unknown)}")
    wanted = names or list(found)
    if sample is not None:
        wanted = sorted(random.sample(wanted, min(sample, len(wanted))))
    return {name: found[name] for name in wanted}


def main() -> None:
    """Try the facts, two at a time where there are processors for it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sample", type=int, metavar="N", help="try so many facts, by chance")
    parser.add_argument("--all", action="store_true", help="say of every mutant how it was noticed")
    parser.add_argument("facts", nargs="*", metavar="FACT", help="try these; default: all that have a test")
    asked = parser.parse_args()
    tried = chosen(asked.facts, asked.sample)
    with ThreadPoolExecutor(min(2, os.cpu_count() or 1)) as pool:
        verdicts = dict(zip(tried, pool.map(verdict, tried, tried.values()), strict=True))
    survivors = [fact for fact, said in verdicts.items() if not said.startswith("noticed")]
    for fact in tried if asked.all else survivors:
        sys.stdout.write(f"{fact} {verdicts[fact]}\n    {tried[fact]}\n")
    sys.stdout.write(f"{len(tried) - len(survivors)} of {len(tried)} mutants were noticed\n")
    if survivors:
        raise SystemExit(1)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    main()
