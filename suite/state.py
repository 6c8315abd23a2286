"""What a run has measured, kept as it goes, so that a run that was broken off is taken up where it was.

One line of JSON for each probe, behind a head. Predictions and verdicts of cells are not kept: they are made
anew from what was measured. A measurement is taken only where all is the same that it depends on: this tool's
code and tables, the SDK version with all packages beside it, the runtime, and the service date.
"""

from __future__ import annotations

import hashlib
import json
import platform
import sys
from contextlib import suppress
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from filelock import FileLock, Timeout

import mockserver

from .environments.artefacts import INSTALLED
from .model import Verdict
from .seen import as_json, read

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .environments import Environment
    from .model import Cell, Outcome, Probe, Seen, Subject

#: Raise it when the meaning of a line changes: files with another number are not read.
SCHEMA: Final = 1
#: Where state files lie in the cache.
FOLDER: Final = "runs"
#: What the mock runs on: another version may answer otherwise.
_LIBRARIES: Final = ("httptools", "trustme", "websockets")
#: A measurement's key: the subject, its environment, the probe.
Key = tuple[str, str, str]


class Busy(ValueError):
    """Another run is writing this state file."""


def default_path(root: Path, cells: Sequence[Cell]) -> Path:
    """Where a run that was told no file keeps its state: the same cells have the same file."""
    asked = hashlib.sha256("\n".join(cell.id for cell in cells).encode()).hexdigest()
    return root / FOLDER / f"{asked[:12]}.jsonl"


def code() -> str:
    """Digest of all that measures and is no SDK: this tool, its tables, the mock and what they run on."""
    found = hashlib.sha256(f"{sys.version} {platform.platform()}".encode())
    for library in _LIBRARIES:
        found.update(f"{library}=={metadata.version(library)}".encode())
    for package in (Path(mockserver.__file__).parent, Path(__file__).parent):
        for path in sorted(package.rglob("*")):
            if path.is_file() and path.suffix != ".pyc":
                found.update(f"{path.relative_to(package.parent).as_posix()}\0".encode())
                found.update(path.read_bytes())
    return found.hexdigest()[:16]


class State:
    """The state file of one run. Without a path nothing is kept.

    Args:
        path: the file; a lock lies beside it.
        resume: take what it has from an earlier run.
        note: told in words what is not as it should be.
    """

    def __init__(
        self,
        path: Path | None = None,
        *,
        resume: bool = False,
        note: Callable[[str], None] = lambda text: None,
    ) -> None:
        self.path = path
        self._resume = resume
        self._note = note
        self._file: IO[bytes] | None = None
        self._lock: FileLock | None = None
        #: What earlier runs have measured, as JSON.
        self._earlier: dict[Key, dict[str, Any]] = {}
        self._taken: set[tuple[Subject, Probe]] = set()

    def open(self) -> None:
        """Read what there is, and go on behind it.

        Raises:
            Busy: another run has it.
            OSError: it cannot be written.
        """
        if self.path is None:
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = FileLock(_lock_of(self.path))
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            self._lock = None
            raise Busy(
                f"{self.path}: another run keeps its state there; wait for it, or name another file"
            ) from None
        self._file = self.path.open("a+b")
        head = json.dumps({"state": SCHEMA, "code": code()}).encode() + b"\n"
        self._read(self._file, head)

    def _read(self, file: IO[bytes], head: bytes) -> None:
        """Take over the lines that are whole; what a run that was killed left of its last one is cut off."""
        file.seek(0)
        first, size = file.readline(), 0
        if first == head:
            size = len(first)
            for line in file:
                if line.endswith(b"\n"):
                    size += len(line)
                    self._take(line)
        elif first and self._resume:
            self._note(
                f"{self.path} is of another version of this tool or its tables: nothing of it is taken"
            )
        file.truncate(size)
        if not size:
            self._write(head)
        if self._earlier and not self._resume:
            self._note(
                f"{self.path} has {len(self._earlier)} measurements of an earlier run; --resume takes them"
            )

    def _take(self, line: bytes) -> None:
        with suppress(ValueError, KeyError, TypeError):  # a line that a bad disk has spoilt is measured again
            row = json.loads(line)
            self._earlier[row["subject"], row["environment"], row["probe"]] = row["seen"]

    def kept(self, subject: Subject, environment: Environment) -> Kept:
        """What is kept of one column."""
        return Kept(self, subject, _digest(environment))

    def earlier(self, key: Key) -> dict[str, Any] | None:
        """What an earlier run has measured, where this one is to take it."""
        return self._earlier.get(key) if self._resume else None

    def took(self, subject: Subject, probe: Probe) -> None:
        """Remember that a measurement was taken."""
        self._taken.add((subject, probe))

    def write(self, key: Key, seen: dict[str, Any]) -> None:
        """Keep a measurement: once this returns, it outlives this process."""
        subject, environment, probe = key
        row = {"subject": subject, "environment": environment, "probe": probe, "seen": seen}
        self._write(json.dumps(row, separators=(",", ":")).encode() + b"\n")

    def _write(self, line: bytes) -> None:
        if self._file is None:
            return
        try:
            self._file.write(line)
            self._file.flush()
        except OSError as error:
            self._note(
                f"{self.path}: {error.strerror or error}: what is measured from now on is not kept; "
                "the run goes on, and cannot be resumed from here"
            )
            self._shut()

    def is_earlier(self, outcome: Outcome) -> bool:
        """Whether all that a cell shows was measured by an earlier run."""
        if outcome.observation is None:
            return False
        cell = outcome.cell
        steps = zip(cell.probes, outcome.observation.steps, strict=True)
        reached = [probe for probe, (_, seen) in steps if seen.verdict is not Verdict.NOT_REACHED]
        return all((cell.subject, probe) in self._taken for probe in reached)

    def close(self, *, done: bool) -> None:
        """Let others have the file; where all is done, remove it."""
        self._shut()
        if self.path is None or self._lock is None:
            return
        if done:
            self.path.unlink(missing_ok=True)
            with suppress(OSError):  # Windows removes no file that is open
                _lock_of(self.path).unlink(missing_ok=True)
        self._lock.release()
        self._lock = None

    def _shut(self) -> None:
        if self._file is not None:
            file, self._file = self._file, None
            with suppress(OSError):  # what could not be written cannot be written now
                file.close()


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of one column: of one SDK version in one environment."""

    state: State
    subject: Subject
    environment: str

    def get(self, probe: Probe) -> Seen | None:
        """What an earlier run has measured, if it has."""
        entry = self.state.earlier(self._key(probe))
        if entry is None:
            return None
        try:
            seen = read(entry)
        except (KeyError, TypeError, ValueError, AttributeError):  # spoilt, though it is JSON
            return None
        self.state.took(self.subject, probe)
        return seen

    def put(self, probe: Probe, seen: Seen) -> None:
        """Keep what was measured. What is installed beside us may change under its name, and is not kept."""
        if self.subject.source != INSTALLED:
            self.state.write(self._key(probe), as_json(seen))

    def _key(self, probe: Probe) -> Key:
        day = mockserver.service_date(probe.service_date).isoformat()
        return str(self.subject), self.environment, f"{day}/{probe.slug}"


def _digest(environment: Environment) -> str:
    """Tells installations apart by what is in them; a local artefact's folder is named by its content."""
    about = (environment.sdk, environment.version, environment.root.name, environment.runtime)
    return hashlib.sha256("\n".join((*about, *environment.packages)).encode()).hexdigest()[:16]


def _lock_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.lock")
