"""Let a coverage-guided fuzzer look for bytes that break a target.

    python -m tests.fuzz --inputs 1000000            all targets, so many inputs in all
    python -m tests.fuzz --target http --inputs 1000 one of them

Needs Atheris (``pip install atheris``: Linux, Python 3.11 to 3.13). Ends with 0 where nothing was found, with 1
and the input where something was, with 2 where it could not run. ``--record`` writes the totals, which
``docs/reliability.md`` shows; ``--keep`` adds to the corpus what reached code that nothing in it did.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parent.parent.parent
TOTALS: Final = Path(__file__).parent / "totals.json"
#: One input takes milliseconds; this long means a hang. In memory, a corpus and a mock take a tenth of it.
HANG_S: Final = 20
MEMORY_MB: Final = 2_000
#: How the inputs are shared out, by how fast the targets are.
SHARES: Final = {
    "http": 12, "socket": 8, "frames": 20, "messages": 5, "tokens": 5, "json": 20, "masks": 20, "scripts": 5,
    "recordings": 5,
}  # fmt: skip


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.fuzz", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("--inputs", type=int, default=100_000, help="how many, in all")
    parser.add_argument("--target", choices=SHARES, help="this one alone")
    parser.add_argument("--seed", type=int, default=1, help="of the fuzzer; the same finds the same")
    parser.add_argument("--mutant", action="store_true", help="break the target first: it must be found")
    parser.add_argument("--record", action="store_true", help=f"add the totals to {TOTALS.name}")
    parser.add_argument("--keep", action="store_true", help="keep what reached new code")
    parser.add_argument("--inside", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.inside:
        return inside(given)
    chosen = [given.target] if given.target else list(SHARES)
    whole = sum(SHARES[name] for name in chosen)
    totals = {}
    for name in chosen:
        done = fuzz(name, given.inputs * SHARES[name] // whole, given)
        if isinstance(done, int):
            return done
        totals[name] = done
        print(f"{name}: {done['inputs']:,} inputs in {done['seconds']:.0f} s, nothing found", flush=True)
    if given.record:
        record(totals)
    return 0


def fuzz(name: str, inputs: int, given: argparse.Namespace) -> dict[str, Any] | int:
    """Fuzz one target in a process of its own: what was done, or the exit status."""
    from .targets import CORPUS, TARGETS

    target, kept = TARGETS[name], CORPUS / name
    kept.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        grown, words = Path(folder) / "corpus", Path(folder) / "words"
        grown.mkdir()
        words.write_text("\n".join(map(_word, target.tokens)) + "\n", "ascii")
        options = {
            "runs": inputs, "seed": given.seed, "max_len": target.longest, "dict": words, "timeout": HANG_S,
            "rss_limit_mb": MEMORY_MB, "print_final_stats": 1, "artifact_prefix": f"{folder}/",
        }  # fmt: skip
        command = [
            sys.executable,
            "-m",
            "tests.fuzz",
            "--inside",
            name,
            *(["--mutant"] if given.mutant else []),
        ]
        arguments = [str(grown), str(kept), *(f"-{option}={value}" for option, value in options.items())]
        began = time.monotonic()
        ran = subprocess.run(
            command,
            cwd=ROOT,
            env={**os.environ, "FUZZ": json.dumps(arguments)},
            capture_output=True,
            check=False,
        )
        said = ran.stdout.decode(errors="replace") + ran.stderr.decode(errors="replace")
        counted = re.search(r"stat::number_of_executed_units:\s*(\d+)", said)
        if ran.returncode == 0 and counted is not None:
            if given.keep:
                merge(command, grown, kept)
            return {"inputs": int(counted[1]), "seconds": round(time.monotonic() - began, 1)}
        print(said[-6_000:])
        found = [path for path in Path(folder).iterdir() if path.is_file() and path != words]
        for path in found:
            print(f"{name}: found {path.name.partition('-')[0]}: {path.read_bytes()!r}")
        return 1 if found else 2


def merge(command: list[str], grown: Path, kept: Path) -> None:
    """Add to the corpus the smallest inputs that reach what it does not."""
    arguments = ["-merge=1", str(kept), str(grown)]
    subprocess.run(
        command, cwd=ROOT, env={**os.environ, "FUZZ": json.dumps(arguments)}, capture_output=True, check=True
    )


def _word(token: str) -> str:
    return '"' + "".join(f"\\x{byte:02x}" for byte in token.encode("latin-1")) + '"'


def inside(given: argparse.Namespace) -> int:
    """In the process of its own: instrument what is fuzzed, and begin."""
    try:
        import atheris
    except ImportError:
        print("the fuzzer needs Atheris: python -m pip install atheris, on Linux and Python 3.11 to 3.13")
        return 2
    own = ["tests.fuzz.targets", "tests.fuzz.conversation"]
    with atheris.instrument_imports(include=["mockserver", "websockets", "yaml", *own]):
        from . import targets
    if given.mutant:
        from .mutants import MUTANTS

        MUTANTS[given.inside](setattr)
    atheris.Setup([sys.argv[0], *json.loads(os.environ["FUZZ"])], targets.TARGETS[given.inside].run)
    atheris.Fuzz()
    return 0


def record(totals: dict[str, Any]) -> None:
    """Add to what was recorded before."""
    old = json.loads(TOTALS.read_text("utf-8")) if TOTALS.exists() else {"targets": {}}
    for name, done in totals.items():
        before = old["targets"].get(name, {"inputs": 0, "seconds": 0.0})
        old["targets"][name] = {key: round(before[key] + done[key], 1) for key in ("inputs", "seconds")}
    about = {"python": platform.python_version(), "date": time.strftime("%Y-%m-%d")}
    TOTALS.write_text(json.dumps({**about, "targets": old["targets"]}, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    sys.exit(main())
