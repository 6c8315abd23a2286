"""SDKs that do not come from a registry: a file that was built, or what is installed; read, never run."""

from __future__ import annotations

import email
import hashlib
import importlib.metadata
import json
import re
import tarfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

#: The source that is neither a registry nor a file.
INSTALLED: Final = "installed"

JS_PACKAGE: Final = "@google/genai"
PYTHON_PACKAGE: Final = "google-genai"

#: Each SDK's package, and how the files that hold it end.
FILES: Final = {
    "python": (PYTHON_PACKAGE, (".whl", ".tar.gz")),
    "js": (JS_PACKAGE, (".tgz", ".tar.gz")),
    "web": (JS_PACKAGE, (".tgz", ".tar.gz")),
}
MAKE: Final = {PYTHON_PACKAGE: "python -m build", JS_PACKAGE: "npm pack"}


def version_of(sdk: str, source: str) -> str:
    """Return the SDK version in a file, or of what is installed, without running it.

    Args:
        sdk: `python`, `js` or `web`.
        source: path of a `.whl` or `.tar.gz` (Python), `.tgz` or `.tar.gz` (JavaScript), or `installed`:
            beside this interpreter, or in the `node_modules` that the working directory resolves.

    Raises:
        ValueError: what was found instead, what was expected and what to do.
    """
    if sdk not in FILES:
        raise ValueError(f"{sdk} from {source!r}: expected one of the SDKs {', '.join(FILES)}")
    package, endings = FILES[sdk]
    if source == INSTALLED:
        return _installed_python() if package == PYTHON_PACKAGE else _js_version(installed_package())
    path = Path(source)
    if not path.name.endswith(endings):
        raise ValueError(
            f"{source}: expected a file that ends in {' or '.join(endings)}, or the word {INSTALLED}; "
            f"make one with: {MAKE[package]}"
        )
    if not path.is_file():
        raise ValueError(f"{source}: no such file, expected {package} as {MAKE[package]} writes it")
    try:
        name, version = _reader(path, package)(path)
    except (OSError, EOFError, KeyError, ValueError, tarfile.TarError, zipfile.BadZipFile) as error:
        raise ValueError(
            f"{source}: not a readable package ({error}), expected {package}; make it with: {MAKE[package]}"
        ) from error
    if re.sub(r"[-_.]+", "-", name).lower() != re.sub(r"[-_.]+", "-", package):
        raise ValueError(f"{source}: holds {name}, expected {package}; give its file")
    return version


def installed_package() -> Path:
    """Return the folder of the @google/genai that the working directory resolves, as Node looks for it.

    Raises:
        ValueError: there is none.
    """
    here = Path.cwd()
    for folder in (here, *here.parents):
        found = folder / "node_modules" / JS_PACKAGE
        if (found / "package.json").is_file():
            return found.resolve()
    raise ValueError(
        f"no node_modules/{JS_PACKAGE} in {here} or above, expected an installed one; "
        f"run npm install in that project, or go to another"
    )


def digest(source: str) -> str:
    """Return the first 12 hex digits of a file's SHA-256: the name of what is made of it."""
    return hashlib.sha256(Path(source).read_bytes()).hexdigest()[:12]


def _installed_python() -> str:
    try:
        return importlib.metadata.version(PYTHON_PACKAGE)
    except importlib.metadata.PackageNotFoundError:
        raise ValueError(
            f"no {PYTHON_PACKAGE} is installed beside this Python, expected one; "
            f"run: python -m pip install {PYTHON_PACKAGE}"
        ) from None


def _js_version(package: Path) -> str:
    try:
        return _named(json.loads((package / "package.json").read_text("utf-8")))[1]
    except (OSError, KeyError, ValueError) as error:
        raise ValueError(
            f"{package}: no readable package.json ({error}), expected {JS_PACKAGE}; run npm install again"
        ) from error


def _reader(path: Path, package: str) -> Callable[[Path], tuple[str, str]]:
    if package == JS_PACKAGE:
        return _read_npm
    return _read_wheel if path.name.endswith(".whl") else _read_sdist


def _read_npm(path: Path) -> tuple[str, str]:
    return _named(json.loads(_in_tar(path, "package.json")))


def _named(about: Any) -> tuple[str, str]:
    if not isinstance(about, dict):
        raise ValueError("its package.json is no object")
    return str(about["name"]), str(about["version"])


def _read_sdist(path: Path) -> tuple[str, str]:
    return _metadata(_in_tar(path, "PKG-INFO"))


def _read_wheel(path: Path) -> tuple[str, str]:
    with zipfile.ZipFile(path) as wheel:
        for name in wheel.namelist():
            if name.count("/") == 1 and name.endswith(".dist-info/METADATA"):
                return _metadata(wheel.read(name))
    raise ValueError("no METADATA in it")


def _in_tar(path: Path, wanted: str) -> bytes:
    """Read a file of the archive's one top folder."""
    with tarfile.open(path, "r:gz") as archive:
        for member in archive:
            if member.isfile() and member.name.count("/") == 1 and member.name.endswith("/" + wanted):
                content = archive.extractfile(member)
                assert content is not None  # it is a file
                return content.read()
    raise ValueError(f"no {wanted} in it")


def _metadata(content: bytes) -> tuple[str, str]:
    fields = email.message_from_bytes(content)
    return str(fields["Name"]), str(fields["Version"])
