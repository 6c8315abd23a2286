"""Which versions of the SDKs a project says it has: a table of files and of what a version is in each."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from ..versions import published

if TYPE_CHECKING:
    from collections.abc import Iterator

_PYTHON: Final = r"google[-_.]genai"
_JS: Final = r"@google/genai"
#: Packages of before, which have no Live.
DEPRECATED: Final = {
    "google-generativeai": ("google-genai", r"google[-_.]generativeai"),
    "@google/generative-ai": ("@google/genai", r"@google/generative-ai"),
}
_QUOTED: Final = r"""["']NAME(?:\[[^\]]*\])?\s*(?P<spec>(?:[=<>!~]=?|===)[^"';@]*)?(?:;[^"']*)?["']"""


@dataclass(frozen=True, slots=True)
class Manifest:
    """A kind of file, and the pattern of a version in it; ``NAME`` stands for the package."""

    files: str
    sdk: str
    pattern: str
    #: Whether it says what is installed, and not only what may be.
    locks: bool = False

    def of(self, name: str) -> re.Pattern[str]:
        """The pattern for a package."""
        return re.compile(self.pattern.replace("NAME", name), re.MULTILINE)


#: What a requirement of pip may end in.
_LINE_END: Final = r"[ \t]*(?:$|[;#\\])"
_REQUIREMENT: Final = (
    r"^\s*NAME(?:\[[^\]]*\])?[ \t]*(?P<spec>[=<>!~][^\s;#]*(?:,\s*[=<>!~][^\s;#]*)*)?" + _LINE_END
)
#: A line of TOML, as Poetry and Pipenv write requirements.
_TOML: Final = r"^\s*[\"']?NAME[\"']?\s*=\s*(?:\{[^}\n]*?version\s*=\s*)?[\"'](?P<spec>[^\"']*)[\"']"
_LOCKED_TOML: Final = r"^name = \"NAME\"\s*\nversion = \"(?P<spec>[^\"]+)\""
_LOCKED_PIPENV: Final = r"\"NAME\"\s*:\s*\{[^{}]*?\"version\"\s*:\s*\"==(?P<spec>[^\"]+)\""
_LOCKED_NPM: Final = r"\"(?:node_modules/)?NAME\"\s*:\s*\{\s*\"version\"\s*:\s*\"(?P<spec>[^\"]+)\""
_LOCKED_YARN: Final = r"^\"?NAME@[^\n]*:\n\s+version:?\s+\"?(?P<spec>[^\"\s]+)"
MANIFESTS: Final = (
    Manifest("*requirements*.txt", "python", _REQUIREMENT),
    Manifest("*constraints*.txt", "python", _REQUIREMENT),
    Manifest("setup.cfg", "python", _REQUIREMENT),
    Manifest("setup.py", "python", _QUOTED),
    Manifest("pyproject.toml", "python", _QUOTED),
    Manifest("pyproject.toml", "python", _TOML),
    Manifest("Pipfile", "python", _TOML),
    Manifest("uv.lock", "python", _LOCKED_TOML, locks=True),
    Manifest("poetry.lock", "python", _LOCKED_TOML, locks=True),
    Manifest("pdm.lock", "python", _LOCKED_TOML, locks=True),
    Manifest("Pipfile.lock", "python", _LOCKED_PIPENV, locks=True),
    Manifest("package.json", "js", r"\"NAME\"\s*:\s*\"(?P<spec>[^\"]+)\""),
    Manifest("package-lock.json", "js", _LOCKED_NPM, locks=True),
    Manifest("npm-shrinkwrap.json", "js", _LOCKED_NPM, locks=True),
    Manifest("pnpm-lock.yaml", "js", r"^\s+['\"]?/?NAME[@/](?P<spec>\d[\w.+-]*)", locks=True),
    Manifest("yarn.lock", "js", _LOCKED_YARN, locks=True),
    Manifest("bun.lock", "js", r"\"NAME\"\s*:\s*\[\s*\"NAME@(?P<spec>[^\"]+)\"", locks=True),
)


@dataclass(frozen=True, slots=True)
class Pin:
    """A version of an SDK that something says the project has."""

    sdk: str
    #: As it is written: a version, or which versions may be.
    spec: str
    where: str
    #: How sure: installed (0), locked (1), asked for (2), beside the project (3).
    rank: int

    @property
    def version(self) -> str | None:
        """The one version that this is; None where several may be."""
        text = self.spec.strip().removeprefix("===").removeprefix("==").removeprefix("=").strip()
        try:
            return text if str(Version(text)) else None
        except InvalidVersion:
            return None

    @property
    def newest(self) -> str | None:
        """The newest published version that fits."""
        if self.version is not None:
            return self.version
        allowed = specifiers(self.spec)
        if allowed is None:
            return None
        fitting = list(allowed.filter(published(self.sdk)))
        return fitting[-1] if fitting else None


def pins(path: str, text: str) -> Iterator[Pin]:
    """The versions of the SDKs in a file."""
    for manifest, name in _of(path):
        package = _JS if manifest.sdk == "js" else _PYTHON
        for found in manifest.of(package).finditer(text):
            line = text.count("\n", 0, found.start("spec") if found["spec"] else found.start()) + 1
            yield Pin(manifest.sdk, found["spec"] or "", f"{name}:{line}", 1 if manifest.locks else 2)


def deprecated(path: str, text: str) -> Iterator[tuple[str, str]]:
    """Packages of before, and where they are named."""
    for manifest, name in _of(path):
        for package, (_, pattern) in DEPRECATED.items():
            if package.startswith("@") == (manifest.sdk == "js"):
                for found in manifest.of(pattern).finditer(text):
                    yield package, f"{name}:{text.count(chr(10), 0, found.end()) + 1}"


def _of(path: str) -> list[tuple[Manifest, str]]:
    return [(one, path) for one in MANIFESTS if fnmatchcase(path.rpartition("/")[2], one.files)]


def is_manifest(path: str) -> bool:
    """Whether a file can name a version."""
    return bool(_of(path))


def specifiers(text: str) -> SpecifierSet | None:
    """What a specifier of pip, npm or Poetry allows; None where that cannot be read."""
    parts = [_plain(part) for part in re.split(r"\s*,\s*|\s+(?=[\^~<>=])", text.strip()) if part]
    try:
        return SpecifierSet(",".join(part for part in parts if part)) if None not in parts else None
    except InvalidSpecifier:
        return None


def _plain(part: str) -> str | None:
    """``^2.3.0`` and ``~2.3.0`` in the words of pip."""
    if part in ("*", "latest", "x"):
        return ""
    found = re.fullmatch(r"([\^~])\s*(\d+)(?:\.(\d+))?(?:\.(\d+))?(\S*)", part)
    if found is None or part.startswith("~="):
        return part if re.match(r"[<>=!~]", part) else None
    major, minor = int(found[2]), int(found[3] or 0)
    narrow = found[1] == "~" or major == 0
    above = f"{major}.{minor + 1}" if narrow and found[3] else f"{major + 1}"
    return f">={part[1:].strip()},<{above}"


def disagreeing(found: list[Pin]) -> list[Pin]:
    """Two pins of one SDK that cannot both be true: two versions, or one and what does not allow it."""
    exact = [pin for pin in found if pin.version is not None]
    first = exact[0] if exact else None
    if first is None:
        return []
    for pin in found:
        if pin.version is not None and Version(pin.version) != Version(str(first.version)):
            return [first, pin]
        allowed = specifiers(pin.spec) if pin.version is None and pin.spec else None
        if allowed is not None and str(first.version) not in allowed:
            return [first, pin]
    return []
