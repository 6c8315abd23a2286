"""Which versions are published, and since when: a committed list, refreshed by a command."""

from __future__ import annotations

import json
import urllib.request
from dataclasses import dataclass
from datetime import date
from functools import cache
from http.client import HTTPException
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from packaging.version import InvalidVersion, Version

from .sdks import SDKS

#: Where each registry lists the releases of a package; PYPI and npm only.
_REGISTRIES: Final = {
    "python": "https://pypi.org/pypi/google-genai/json",
    "js": "https://registry.npmjs.org/@google%2fgenai",
}
#: The committed list, in a checkout.
LIST: Final = Path(__file__).with_name("releases.json")
#: A registry answers in a second; half a minute means there is none.
_TIMEOUT_S: Final = 30


@dataclass(frozen=True, slots=True)
class Release:
    """One published version. A yanked one can still be installed by its exact name."""

    version: str
    published: str
    yanked: bool = False


@cache
def releases(sdk: str) -> tuple[Release, ...]:
    """The known releases of an SDK, oldest first; empty for one that is on no registry."""
    listed = json.loads(files(__package__).joinpath("releases.json").read_text("utf-8"))
    return tuple(
        Release(**row) for row in listed["releases"].get(SDKS[sdk].like or sdk if sdk in SDKS else sdk, ())
    )


def refresh(path: Path) -> dict[str, int]:
    """Ask the registries and write the list anew; how many releases each SDK has.

    Raises:
        OSError: a registry cannot be reached, or the file cannot be written.
    """
    found = {sdk: _READERS[sdk](_fetch(url)) for sdk, url in _REGISTRIES.items()}
    content = {
        "about": {
            "command": "genai-live-compat releases --refresh",
            "sources": _REGISTRIES,
            "asked": date.today().isoformat(),
        },
        "releases": found,
    }
    path.write_text(json.dumps(content, indent=1) + "\n", "utf-8")
    return {sdk: len(rows) for sdk, rows in found.items()}


def _fetch(url: str) -> Any:
    try:
        with urllib.request.urlopen(url, timeout=_TIMEOUT_S) as response:
            return json.load(response)
    except (OSError, HTTPException, ValueError) as error:
        raise OSError(f"no list of releases from {url}: {error}") from error


def _from_pypi(listing: Any) -> list[dict[str, Any]]:
    rows = []
    for version, artefacts in listing["releases"].items():
        if artefacts and _key(version):
            day = min(artefact["upload_time"] for artefact in artefacts)[:10]
            yanked = all(artefact["yanked"] for artefact in artefacts)
            rows.append(_row(version, day, yanked))
    return sorted(rows, key=lambda row: Version(row["version"]))


def _from_npm(listing: Any) -> list[dict[str, Any]]:
    rows = [
        _row(version, listing["time"][version][:10], False)
        for version in listing["versions"]
        if _key(version)
    ]
    return sorted(rows, key=lambda row: Version(row["version"]))


def _row(version: str, day: str, yanked: bool) -> dict[str, Any]:
    return {"version": version, "published": day} | ({"yanked": True} if yanked else {})


def _key(version: str) -> Version | None:
    try:
        return Version(version)
    except InvalidVersion:
        return None


_READERS: Final = {"python": _from_pypi, "js": _from_npm}
