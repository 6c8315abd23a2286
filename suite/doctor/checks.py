"""The checks, as a table: what each looks at, and what does it. The numbers are stable."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import cached_property
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from ..cases.connecting import VERSION_VARIABLE
from ..model import SIDES, Subject
from ..sdks import SDKS
from ..versions import published
from . import environment, installed, judging, machine, manifests, trust
from .addresses import of_address
from .findings import FAILING, Finding, Severity
from .manifests import DEPRECATED, Pin
from .sources import javascript, python
from .sources.values import Client

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .environment import Environment
    from .project import Project
    from .sources.values import Site, Source

#: A module that names none of these has nothing to do with it, and is not read.
_OF_INTEREST: Final = re.compile(r"genai|auth_?[Tt]okens|BidiGenerateContent|live\??\.\s*connect")
#: What each language's SDK is called.
_SDK: Final = {python.LANGUAGE: "python", javascript.LANGUAGE: "js"}
_WEB: Final = "@google/genai/web"


@dataclass(frozen=True)
class Look:
    """All that checks may look at, each read once."""

    project: Project
    environ: Mapping[str, str]
    online: bool = False

    @cached_property
    def env(self) -> Environment:
        """The environment, and the project's ``.env`` files."""
        texts = ((path, self.project.text(path)) for path in environment.FILES)
        return environment.gathered(self.environ, ((path, text) for path, text in texts if text is not None))

    @cached_property
    def manifests(self) -> tuple[tuple[str, str], ...]:
        """Files that can name versions, with their texts."""
        named = [path for path in self.project.files if manifests.is_manifest(path)]
        return tuple((path, text) for path in named if (text := self.project.text(path)) is not None)

    @cached_property
    def folders(self) -> tuple[str, ...]:
        """The folders of the project that have packages of their own."""
        found = {str(PurePosixPath(path).parent) for path, _ in self.manifests}
        return ("", *sorted(found - {"."}))

    @cached_property
    def pins(self) -> tuple[Pin, ...]:
        """The SDK versions, surest first; those beside this tool only where the project has none."""
        named = [pin for path, text in self.manifests for pin in manifests.pins(path, text)]
        there = [*installed.sdks(self.project.root, self.folders), *named]
        own = {pin.sdk for pin in there if pin.rank < _BESIDE}
        return tuple(
            sorted((p for p in there if p.rank < _BESIDE or p.sdk not in own), key=lambda pin: pin.rank)
        )

    @cached_property
    def sources(self) -> tuple[Source, ...]:
        """What was seen in source."""
        readers = {".py": python.read, ".pyw": python.read}
        if javascript.is_there():
            readers |= dict.fromkeys(javascript.GRAMMARS, javascript.read)
        found = []
        for path in self.project.files:
            reader = readers.get(PurePosixPath(path).suffix)
            text = self.project.text(path) if reader is not None else None
            if reader is not None and text is not None and _OF_INTEREST.search(text):
                found.append(reader(path, text))
        return tuple(found)

    @cached_property
    def sites(self) -> tuple[Site, ...]:
        """Every call that mints or connects with a client that is, or may be, one of an SDK."""
        return tuple(site for source in self.sources for site in source.sites)

    def subject(self, site: Site) -> Subject:
        """The SDK version that makes a call: the nearest that is installed, locked or asked for."""
        sdk = _SDK[site.language]
        near = [pin for pin in self.pins if pin.sdk == sdk and pin.newest]
        near.sort(key=lambda pin: (not _is_above(pin.where, site.place.path), pin.rank))
        version = str(near[0].newest) if near else published(sdk)[-1]
        client = site.client
        is_web = isinstance(client, Client) and client.package.startswith(_WEB)
        return Subject("web" if is_web else sdk, version)

    @cached_property
    def subjects(self) -> tuple[Subject, ...]:
        """The SDK versions of the project, one for each SDK."""
        first: dict[str, Subject] = {}
        for pin in self.pins:
            if pin.newest:
                first.setdefault(pin.sdk, Subject(pin.sdk, pin.newest))
        return tuple(first.values())

    @property
    def unread(self) -> list[str]:
        """Files that nobody can read for want of a parser."""
        if javascript.is_there():
            return []
        return [path for path in self.project.files if PurePosixPath(path).suffix in javascript.GRAMMARS]


_BESIDE: Final = 3


def _is_above(where: str, path: str) -> bool:
    """Whether a pin is of a folder that a file is in."""
    folder = where.partition("node_modules")[0].rpartition("/")[0]
    return folder == "" or path.startswith(f"{folder}/")


@dataclass(frozen=True, slots=True)
class Check:
    """One check."""

    number: int
    name: str
    #: What is looked at, in a few words.
    looks_at: str
    look: Callable[[Look], list[Finding]]


@dataclass(frozen=True, slots=True)
class Checked:
    """A check with what it found."""

    check: Check
    findings: tuple[Finding, ...]

    @property
    def fails(self) -> bool:
        """Whether something will break."""
        return any(finding.severity in FAILING for finding in self.findings)


def run(look: Look) -> tuple[Checked, ...]:
    """Run all checks."""
    return tuple(Checked(check, tuple(check.look(look))) for check in CHECKS)


# -- the project ------------------------------------------------------------------------------------------


def _versions(look: Look) -> list[Finding]:
    found = []
    for sdk in ("python", "js"):
        there = [pin for pin in look.pins if pin.sdk == sdk]
        for pin in there:
            what = f"{SDKS[sdk].package} {pin.spec or 'of any version'}"
            newest = f", of which {pin.newest} is the newest" if pin.version is None and pin.newest else ""
            found.append(Finding(Severity.NOTE, what + newest, (pin.where,)))
        if clash := manifests.disagreeing(there):
            told = " and ".join(f"{pin.spec} ({pin.where})" for pin in clash)
            what = f"{SDKS[sdk].package} is {told}: they disagree"
            fix = "install anew, and commit the lock file; what is installed is judged below"
            found.append(Finding(Severity.MAY, what, tuple(pin.where for pin in clash), fix))
    if not found:
        found.append(Finding(Severity.UNSEEN, "no SDK was found: what is judged is judged as the newest"))
    return found


def _deprecated(look: Look) -> list[Finding]:
    return [
        Finding(
            Severity.BREAKS, f"{package} is the SDK of before, which has no Live and no tokens", (where,),
            f"use {DEPRECATED[package][0]}",
        )
        for path, text in look.manifests
        for package, where in manifests.deprecated(path, text)
    ]  # fmt: skip


def _libraries(look: Look) -> list[Finding]:
    found = installed.libraries(look.project.root)
    return [Finding(Severity.NOTE, what, (where,)) for where, what in found.items()]


def _runtimes(look: Look) -> list[Finding]:
    found = []
    for one in installed.needs(look.project.root):
        there = installed.runtime(look.project.root, one.pin.sdk)
        kind = "Node" if one.pin.sdk == "js" else "Python"
        about = f"{SDKS[one.pin.sdk].package} {one.pin.spec} needs {kind} {one.needs}"
        if there is None:
            found.append(Finding(Severity.UNSEEN, f"{about}, and there is no {kind} here", (one.pin.where,)))
        elif not _fits(there[0], one.needs):
            what = f"{about}, and {there[1]} is {there[0]}"
            found.append(Finding(Severity.BREAKS, what, (one.pin.where,), f"install {kind} {one.needs}"))
        else:
            found.append(Finding(Severity.NOTE, f"{about}: {there[0]} is here", (one.pin.where,)))
    return found


def _fits(version: str, needs: str) -> bool:
    """Whether a runtime is one that is needed; what cannot be read is taken to be content."""
    for alternative in needs.split("||"):
        allowed = manifests.specifiers(alternative.strip())
        try:
            if allowed is None or version in SpecifierSet(str(allowed)):
                return True
        except InvalidSpecifier:
            return True
    return False


# -- the source -------------------------------------------------------------------------------------------


def _placements(look: Look) -> list[Finding]:
    variable = look.env.get(VERSION_VARIABLE)
    version = variable.value if variable is not None else None
    sites = sorted(look.sites, key=lambda site: SIDES.index(site.step))
    calls = [judging.judged(site, look.subject(site), version) for site in sites]
    found = [*judging.configurations(calls), *(judging.of_site(call) for call in calls)]
    found += [Finding(Severity.UNSEEN, source.problem) for source in look.sources if source.problem]
    if look.unread:
        what = f"{javascript.MISSING} ({len(look.unread)} files, such as {look.unread[0]})"
        found.append(Finding(Severity.UNSEEN, what))
    if not look.sites and not found:
        found.append(Finding(Severity.NOTE, "no call that mints a token or opens a session was seen"))
    return found


def _addresses(look: Look) -> list[Finding]:
    written = [address for source in look.sources for address in source.addresses]
    return [one for address in written for one in of_address(address)]


# -- the machine ------------------------------------------------------------------------------------------


def _clock(look: Look) -> list[Finding]:
    if not look.online:
        what = "the clock was not compared with a server's: --online asks one, without a credential"
        return [Finding(Severity.UNSEEN, what)]
    return machine.clock(datetime.now(timezone.utc), machine.date_of)


_VARIABLES: Final = "variables and .env files"
CHECKS: Final = (
    Check(1, "SDK versions", "environments, lock files, requirements", _versions),
    Check(2, "packages of before", "the same, for SDKs without Live", _deprecated),
    Check(3, "libraries under the SDK", "the project's environments", _libraries),
    Check(4, "runtimes", "what the installed SDKs say they need", _runtimes),
    Check(5, "API keys", _VARIABLES, lambda look: environment.keys(look.env, look.subjects)),
    Check(6, "Vertex AI", _VARIABLES, lambda look: environment.vertex(look.env)),
    Check(7, "base URL and API version", _VARIABLES, lambda look: environment.addresses(look.env)),
    Check(8, "proxies", _VARIABLES, lambda look: environment.proxies(look.env)),
    Check(9, "certificates", "variables, and the files they name", lambda look: trust.look(look.env)),
    Check(10, "the clock", "the Date of a server, with --online", _clock),
    Check(11, "the port of the mock", f"port {machine.PORT}", lambda _: machine.port()),
    Check(12, "addresses in the source", "strings of Python, JavaScript and TypeScript", _addresses),
    Check(13, "where the API version is set", "the calls that mint and connect", _placements),
)  # fmt: skip
