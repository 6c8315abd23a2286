"""From what a person writes (``python==3.4.0``, ``js>=2,<3``, ``python``) to the versions to run."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING, Final

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from .model import Subject
from .releases import releases
from .sdks import SDKS

if TYPE_CHECKING:
    from collections.abc import Sequence

_SPEC: Final = re.compile(r"^\s*([A-Za-z]+)\s*(.*?)\s*$", re.DOTALL)
_EXACT: Final = re.compile(r"^==\s*([^=*,\s]+)$")
_NAMES_SDK: Final = re.compile(r"(?:^|-)genai(?:js)?(?:-|$)")
_FACTOR: Final = re.compile(r"(?:^|-)genai(?P<js>js)?-(?P<version>\d+(?:\.\d+){0,2})$")


def subjects(specs: Sequence[str]) -> tuple[Subject, ...]:
    """The versions to run, in the order in which they were asked for; without specs the default sets.

    Raises:
        ValueError: an unknown SDK, a specifier that cannot be read, or no such version.
    """
    wanted = [
        subject for spec in specs or [name for name in SDKS if name != "reference"] for subject in _read(spec)
    ]
    return tuple(dict.fromkeys(wanted))


def _read(spec: str) -> list[Subject]:
    match = _SPEC.match(spec)
    name, versions = match.groups() if match else (spec, "")
    if name not in SDKS:
        raise ValueError(
            f"no SDK {name!r} in {spec!r}: expected one of {', '.join(SDKS)}, for instance python==3.4.0"
        )
    if not versions:
        return [Subject(name, version) for version in SDKS[name].versions]
    return [Subject(name, version) for version in _matching(name, versions, spec)]


def _matching(name: str, versions: str, spec: str) -> list[str]:
    known = [release.version for release in releases(name)] or list(SDKS[name].versions)
    exact = _EXACT.match(versions)
    if exact:
        same = [version for version in known if _same(version, exact[1])]
        if not same:
            near = ", ".join(difflib.get_close_matches(exact[1], known, n=3)) or f"{known[0]} … {known[-1]}"
            raise ValueError(
                f"{SDKS[name].package} {exact[1]} is not published: near are {near}; "
                "for a release of today run genai-live-compat releases --refresh"
            )
        return same
    try:
        allowed = SpecifierSet(versions)
    except InvalidSpecifier:
        raise ValueError(
            f"cannot read {spec!r}: expected a version specifier like {name}==1.26.0 or {name}>=2,<3"
        ) from None
    found = list(allowed.filter(_installable(name, known)))  # a preview only where nothing else fits
    if not found:
        raise ValueError(
            f"no published version of {SDKS[name].package} is {versions}: it has {known[0]} … {known[-1]}"
        )
    return found


def _installable(name: str, known: list[str]) -> list[str]:
    yanked = {release.version for release in releases(name) if release.yanked}
    return [version for version in known if version not in yanked]


def _same(one: str, other: str) -> bool:
    try:
        return Version(one) == Version(other)
    except InvalidVersion:
        return one == other


def of_factor(environment: str) -> Subject | None:
    """The subject of a tox environment such as ``py311-genai-2.34`` or ``genaijs-2``: the newest that fits.

    None where the name has no such factors.

    Raises:
        ValueError: no published version fits.
    """
    if not _NAMES_SDK.search(environment):
        return None
    factor = _FACTOR.search(environment)
    if factor is None:
        raise ValueError(
            f"tox environment {environment!r} names no SDK version: "
            "expected a name like py311-genai-2.34 or py3-genaijs-2.11"
        )
    name = "js" if factor["js"] else "python"
    pinned = factor["version"] + ("" if factor["version"].count(".") == 2 else ".*")
    return Subject(name, _matching(name, f"=={pinned}", environment)[-1])
