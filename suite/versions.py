"""From what a person writes (``python==3.4.0``, ``js>=2,<3``, ``js@my-build.tgz``) to the versions to run."""

from __future__ import annotations

import difflib
import re
from itertools import groupby
from typing import TYPE_CHECKING, Final

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from .environments.artefacts import version_of
from .history import changed
from .model import Subject
from .releases import releases
from .sdks import SDKS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_SPEC: Final = re.compile(r"^\s*([A-Za-z]+)\s*(.*?)\s*$", re.DOTALL)
_EXACT: Final = re.compile(r"^==\s*([^=*,\s]+)$")
_NAMES_SDK: Final = re.compile(r"(?:^|-)genai(?:js)?(?:-|$)")
_FACTOR: Final = re.compile(r"(?:^|-)genai(?P<js>js)?-(?P<version>\d+(?:\.\d+){0,2})$")
#: Run when nobody names an SDK: those that need nothing but a package manager.
USUAL: Final = ("python", "js")


def subjects(specs: Sequence[str], versions: str = "edges") -> tuple[Subject, ...]:
    """The versions to run, in the order in which they were asked for.

    Args:
        specs: SDKs, each with its versions or without; none: the usual ones.
        versions: for those without: ``edges``, ``latest``, ``all`` or a version specifier.

    Raises:
        ValueError: an unknown SDK, a specifier that cannot be read, or no such version.
    """
    wanted = [subject for spec in specs or USUAL for subject in _read(spec, versions)]
    return tuple(dict.fromkeys(wanted))


def _read(spec: str, versions: str) -> list[Subject]:
    match = _SPEC.match(spec)
    name, own = match.groups() if match else (spec, "")
    if name not in SDKS:
        raise ValueError(
            f"no SDK {name!r} in {spec!r}: expected one of {', '.join(SDKS)}, for instance python==3.4.0"
        )
    if own.startswith("@"):
        return [Subject(name, version_of(name, own[1:]), own[1:])]
    if name == "reference":
        versions = "all"  # it has one version only
    if not own and versions in SETS:
        return [Subject(name, version) for version in SETS[versions](name)]
    found = _matching(name, own or versions, spec if own else versions)
    return [Subject(name, version) for version in found]


def published(name: str) -> list[str]:
    """Every version with Live that anybody would be given, oldest first: no yanked ones, no previews."""
    listed = [release.version for release in releases(name) if not release.yanked] or [SDKS[name].since]
    return [v for v in listed if Version(v) >= Version(SDKS[name].since) and not Version(v).is_prerelease]


def edges(name: str) -> list[str]:
    """Both sides of every recorded change, the oldest, the newest, and the newest of each major version."""
    every = published(name)
    chosen = {every[0], every[-1]}
    chosen |= {list(group)[-1] for _, group in groupby(every, key=lambda version: Version(version).major)}
    for since in changed(name):
        chosen |= set([v for v in every if Version(v) < Version(since)][-1:])
        chosen |= set([v for v in every if Version(v) >= Version(since)][:1])
    return [version for version in every if version in chosen]


#: What ``--versions`` may say beside a specifier.
SETS: Final[dict[str, Callable[[str], list[str]]]] = {
    "edges": edges,
    "latest": lambda name: published(name)[-1:],
    "all": published,
}


def _matching(name: str, versions: str, spec: str) -> list[str]:
    known = [release.version for release in releases(name)] or [SDKS[name].since]
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
            f"cannot read {spec!r}: expected {', '.join(SETS)}, "
            f"a version specifier like {name}==1.26.0 or {name}>=2,<3, or a file as in {name}@PATH"
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
