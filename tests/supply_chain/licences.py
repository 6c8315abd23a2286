"""Every package that comes with this one: which extra brings it, why, and its licence, from its own metadata.

    python -m tests.supply_chain.licences --write

writes the tables of ``docs/supply-chain.md``, ``--check`` says whether they are current. It asks PyPI.
What others bring changes without a change of ours, so this is asked by night; tests see to what a change
of ours can bring.
"""

from __future__ import annotations

import re
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from difflib import unified_diff
from functools import partial
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import TYPE_CHECKING, Final

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from .building import ROOT, uv

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PAGE: Final = ROOT / "docs" / "supply-chain.md"
#: What is installed without an extra.
RUNTIME: Final = "runtime"
#: The extra for those who work on this project; nothing of it reaches a user.
DEV: Final = "dev"
OLDEST_PYTHON: Final = "3.10"

#: Licences that ask for a notice and for nothing else: fit for what users install.
PERMISSIVE: Final = frozenset(
    {
        "Apache-2.0",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "ISC",
        "MIT",
        "MIT-0",
        "MIT-CMU",
        "PSF-2.0",
        "Python-2.0",
        "0BSD",
    }
)
#: Copyleft file by file: changed files of it stay open, which a tool that is used as it is does not touch.
TOOLS_ONLY: Final = frozenset({"MPL-2.0"})
#: What older metadata calls them; which BSD, it does not say (colorama, which has no more: three clauses).
CLASSIFIERS: Final = {
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "MIT No Attribution License (MIT-0)": "MIT-0",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
}

#: What metadata does not say, and the licence file in the package does.
ONLY_IN_A_FILE: Final = {"atheris": "Apache-2.0"}


class UnknownLicence(Exception):
    """A package does not say its licence in a way that is known here."""


@dataclass(frozen=True)
class Asked:
    """One line of ``pyproject.toml``: what is asked for, by which extra, and why."""

    extra: str
    requirement: Requirement
    why: str

    @property
    def name(self) -> str:
        """Its name as registries compare it."""
        return canonicalize_name(self.requirement.name)


@dataclass(frozen=True)
class Package:
    """One package that is installed for an extra."""

    name: str
    licence: str
    extras: tuple[str, ...]


def asked(text: str | None = None) -> tuple[Asked, ...]:
    """The dependencies of ``pyproject.toml``, each with the comment behind it, or the one before it."""
    text = (ROOT / "pyproject.toml").read_text("utf-8") if text is None else text
    found = []
    for extra, lines in _lists(text):
        before: list[str] = []
        for line in lines:
            match = re.fullmatch(r'\s*(?:"([^"]+)",?)?\s*(?:#\s*(.*))?', line)
            assert match, f"expected a requirement in double quotes, or a comment: {line}"
            requirement, comment = match.groups()
            if requirement is None:
                before.append(comment or "")
                continue
            if not requirement.startswith("genai-live-compat["):
                found.append(Asked(extra, Requirement(requirement), comment or " ".join(before).rstrip(".")))
            before = []
    return tuple(found)


def _lists(text: str) -> Iterator[tuple[str, list[str]]]:
    for table, names in (("project", "dependencies"), ("project.optional-dependencies", r"[\w-]+")):
        section = text.partition(f"[{table}]\n")[2].partition("\n[")[0]
        for match in re.finditer(rf"^({names}) = \[\n(.*?)^\]", section, re.MULTILINE | re.DOTALL):
            yield (RUNTIME if match[1] == "dependencies" else match[1]), match[2].splitlines()


def licence_of(package: Distribution) -> str:
    """Its SPDX expression.

    Raises:
        UnknownLicence: it says none, or one that has no name here.
    """
    about = package.metadata
    expression = about.get("License-Expression")
    if expression:
        return str(expression)
    classified = [
        line.rpartition(" :: ")[2]
        for line in about.get_all("Classifier", [])
        if line.startswith("License ::")
    ]
    text = (about.get("License") or "").strip()
    if text in PERMISSIVE | TOOLS_ONLY:
        return text  # more exact than a classifier, which has one name for all of BSD
    known = [CLASSIFIERS[name] for name in classified if name in CLASSIFIERS]
    if known:
        return " OR ".join(sorted(set(known)))
    if about["Name"] in ONLY_IN_A_FILE:
        return ONLY_IN_A_FILE[about["Name"]]
    raise UnknownLicence(
        f"{about['Name']} {about['Version']} says {text[:60]!r} and {classified}: "
        "look at its licence, and add what it says to tests/supply_chain/licences.py"
    )


def fits(licence: str, extras: Iterable[str]) -> bool:
    """Whether a licence may come with what these extras bring."""
    allowed = PERMISSIVE | (TOOLS_ONLY if set(extras) <= {DEV} else frozenset())
    choices = licence.replace("(", "").replace(")", "").split(" OR ")
    return any(set(choice.split(" AND ")) <= allowed for choice in choices)


def resolved(extra: str, cwd: Path) -> frozenset[str]:
    """What is installed for an extra, on any platform and any Python."""
    more = () if extra == RUNTIME else ("--extra", extra)
    text = uv(
        "pip", "compile", "--quiet", "--universal", "--python-version", OLDEST_PYTHON, "--no-annotate",
        "--no-header", *more, ROOT / "pyproject.toml", cwd=cwd,
    )  # fmt: skip
    pins = (re.match(r"([\w.-]+)==", line) for line in text.splitlines())
    return frozenset(canonicalize_name(pin[1]) for pin in pins if pin)


def packages() -> tuple[Package, ...]:
    """All packages of all extras, with their licences."""
    extras = tuple(dict.fromkeys([RUNTIME, *(one.extra for one in asked())]))
    with tempfile.TemporaryDirectory() as folder:
        cwd = Path(folder)
        with ThreadPoolExecutor() as waiting:  # for PyPI, most of the time
            names = waiting.map(partial(resolved, cwd=cwd), extras)
            brought = dict(zip(extras, names, strict=True))
        every = sorted(frozenset().union(*brought.values()))
        there = _installed(every, cwd)
        return tuple(Package(name, licence_of(there[name]), _extras(name, brought)) for name in every)


def _installed(names: list[str], cwd: Path) -> dict[str, Distribution]:
    """The newest of each that this Python can have, without what it needs: only their metadata is wanted."""
    site = cwd / "site"
    uv(
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--target",
        site,
        "--python",
        sys.executable,
        *names,
        cwd=cwd,
    )
    return {canonicalize_name(one.metadata["Name"]): one for one in distributions(path=[str(site)])}


def _extras(name: str, brought: dict[str, frozenset[str]]) -> tuple[str, ...]:
    """Who brings a package: the runtime for all, or those extras; dev only where no other does."""
    if name in brought[RUNTIME]:
        return (RUNTIME,)
    extras = tuple(extra for extra, names in brought.items() if name in names)
    return extras if extras == (DEV,) else tuple(extra for extra in extras if extra != DEV)


def asked_table() -> str:
    """What is asked for, by which extra, from which version on, and why."""
    rows = [f"| {one.extra} | `{one.requirement}` | {one.why} |" for one in asked()]
    return "\n".join(["| for | asked for | why |", "| --- | --- | --- |", *rows])


def licence_table(found: Iterable[Package]) -> str:
    """All that comes with it."""
    rows = [f"| {one.name} | {one.licence} | {', '.join(one.extras)} |" for one in found]
    return "\n".join(["| package | licence | comes with |", "| --- | --- | --- |", *rows])


def page(text: str, **tables: str) -> str:
    """The page with its tables written anew, each between its marks."""
    for name, table in tables.items():
        marks = rf"(?s)(<!-- {name}: [^\n]* -->\n\n).*?(\n\n<!-- end of {name} -->)"
        found = re.search(marks, text)
        assert found, f"{PAGE.name} has no marks for {name!r}"
        text = text[: found.end(1)] + table + text[found.start(2) :]
    return text


def listed(text: str) -> dict[str, str]:
    """The licences on the page, by package."""
    table = text.partition("<!-- licences: ")[2].partition("<!-- end of licences -->")[0]
    rows = [line.strip("| ").split(" | ") for line in table.splitlines() if line.startswith("| ")]
    return {row[0]: row[1] for row in rows[2:]}


def main() -> None:
    """Write the page, or say whether it is current."""
    if sys.argv[1:] not in (["--write"], ["--check"]):
        raise SystemExit("expected --write or --check")
    text = PAGE.read_text("utf-8")
    current = page(text, asked=asked_table(), licences=licence_table(packages()))
    if sys.argv[1] == "--write":
        PAGE.write_text(current, "utf-8")
    elif current != text:
        sys.stdout.writelines(unified_diff(text.splitlines(True), current.splitlines(True), n=0))
        raise SystemExit("the page is not what PyPI has now: run it with --write, and look at what changed")


if __name__ == "__main__":
    main()
