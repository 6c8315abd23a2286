"""The artefacts: made from what git tracks, by the hash-pinned build backend, and looked into."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import tarfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from uv import find_uv_bin

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT: Final = Path(__file__).parents[2]
#: Looked for once: Python reads its own settings for this, which threads must not do at the same time.
UV: Final = find_uv_bin()
#: The build backend with all that it needs, by hash; see the release steps in CONTRIBUTING.md.
BUILDERS: Final = Path(__file__).parent / "build-constraints.txt"
#: The folders that are shipped to users.
PACKAGES: Final = ("mockserver", "suite")
#: The time in all artefacts. Any moment will do, if it is the same.
EPOCH: Final = int(os.environ.get("SOURCE_DATE_EPOCH", "1700000000"))
#: A build takes a second; this is for an index that never answers.
LIMIT_S: Final = 300

Kind = Literal["wheel", "sdist"]


def run(*command: str | Path, cwd: Path, env: Mapping[str, str] | None = None) -> str:
    """Run a command of one of our tools and return what it wrote; with what it said, if it fails."""
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env={**_environment(), **(env or {})},
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    assert done.returncode == 0, f"{command} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
    return done.stdout


def uv(*words: str | Path, cwd: Path, env: Mapping[str, str] | None = None) -> str:
    """Run uv."""
    return run(UV, *words, cwd=cwd, env=env)


def _environment() -> dict[str, str]:
    """This process's, without what leads a Python to the work tree or to another environment."""
    unwanted = re.compile(r"PYTHONPATH|VIRTUAL_ENV|PYTEST_|TOX_|COV_")
    return {name: value for name, value in os.environ.items() if not unwanted.match(name)} | {"NO_COLOR": "1"}


def tracked() -> tuple[str, ...]:
    """The files of the work tree that belong to the project, by their paths in it."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, timeout=LIMIT_S, check=True
    )
    return tuple(sorted(path for path in listed.stdout.split("\0") if path and (ROOT / path).is_file()))


def copy_tree(to: Path, *, umask: int = 0o022) -> Path:
    """The project in another folder, with the rights that a checkout under another umask would have."""
    for path in tracked():
        file = to / path
        file.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / path, file)
        runs = os.access(ROOT / path, os.X_OK)
        file.chmod((0o777 if runs else 0o666) & ~umask)
    return to


def build(source: Path, kind: Kind, to: Path, *, epoch: int | None = EPOCH, umask: int = 0o022) -> Path:
    """Build one artefact, in an environment that has the pinned build backend and nothing else."""
    dated = {"SOURCE_DATE_EPOCH": str(epoch)} if epoch is not None else {}
    before = os.umask(umask)
    try:
        pinned = ("--build-constraints", BUILDERS, "--require-hashes")
        uv("build", f"--{kind}", "--out-dir", to, *pinned, source, cwd=source, env=dated)
    finally:
        os.umask(before)
    return the_one(to, kind)


def the_one(folder: Path, kind: Kind) -> Path:
    """The only artefact of a kind in a folder."""
    [made] = folder.glob("*.whl" if kind == "wheel" else "*.tar.gz")
    return made


def digest(artefact: Path) -> str:
    """SHA-256 of a file."""
    return hashlib.sha256(artefact.read_bytes()).hexdigest()


def names(artefact: Path) -> frozenset[str]:
    """The files in an artefact; those of an sdist without the folder around them."""
    if artefact.suffix == ".whl":
        with zipfile.ZipFile(artefact) as wheel:
            return frozenset(wheel.namelist())
    with tarfile.open(artefact) as sdist:
        return frozenset(member.name.partition("/")[2] for member in sdist.getmembers() if member.isfile())


def unpack(sdist: Path, to: Path) -> Path:
    """The folder in an sdist, unpacked."""
    shutil.unpack_archive(sdist, to)
    [folder] = to.iterdir()
    return folder
