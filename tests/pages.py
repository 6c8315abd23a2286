"""The pages as these tests read them: fenced examples, tables, words in back quotes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT: Final = Path(__file__).parent.parent
README: Final = ROOT / "README.md"
MOCK: Final = ROOT / "docs/mock-server.md"
RELAY: Final = ROOT / "docs/relay.md"
SCRIPTS: Final = ROOT / "docs/scripts.md"
MATRIX: Final = ROOT / "docs/matrix.md"
EXPLAIN: Final = ROOT / "docs/explain.md"
DOCTOR: Final = ROOT / "docs/doctor.md"
UPGRADE: Final = ROOT / "docs/upgrade.md"
PROGRAM: Final = ROOT / "docs/your-program.md"
#: Generated from the facts, and checked where that is done.
FIDELITY: Final = ROOT / "docs/fidelity.md"
PAGES: Final = sorted({README, *ROOT.glob("[A-Z]*.md"), *(ROOT / "docs").glob("*.md")} - {FIDELITY})


@dataclass(frozen=True)
class Block:
    """A fenced example, with the comment right before it."""

    page: Path
    line: int
    language: str
    note: str
    text: str

    @property
    def id(self) -> str:
        return f"{self.page.name}:{self.line}"


FENCED: Final = re.compile(r"(?:^<!-- ([^\n]*?) -->\n\s*)?^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def _blocks() -> Iterator[Block]:
    for page in PAGES:
        text = page.read_text("utf-8")
        for found in FENCED.finditer(text):
            line = text.count("\n", 0, found.start(3)) + 1
            yield Block(page, line, found[2], found[1] or "", found[3])


BLOCKS: Final = tuple(_blocks())


def blocks(*languages: str, where: Callable[[Block], bool] = lambda block: True) -> Any:
    """Parametrize a test with the blocks of some languages."""
    chosen = [block for block in BLOCKS if block.language in languages and where(block)]
    return pytest.mark.parametrize("block", chosen, ids=lambda block: block.id)


def is_test(block: Block) -> bool:
    """Whether a block is for pytest."""
    return "def test_" in block.text


def is_fragment(block: Block) -> bool:
    """Whether a block says that it cannot run, and why."""
    return block.note.startswith("fragment: ")


def is_file(block: Block) -> bool:
    """Whether a block is a file of a project that a test of its page puts together."""
    return block.note.startswith("file: ")


def needs_sdk(block: Block) -> bool:
    """Whether a block needs a real SDK."""
    return block.note.startswith("runs with: ")


def table(page: Path, marker: str) -> list[list[str]]:
    """The rows of the table behind a comment that begins with ``marker``."""
    _, found, rest = page.read_text("utf-8").partition(f"<!-- {marker}")
    assert found, f"{page.name} has no table marked {marker!r}"
    lines = rest[rest.index("\n|") + 1 :].partition("\n\n")[0].splitlines()
    return [[part.strip() for part in line.strip("|").split("|")] for line in lines[2:]]


def quoted(text: str) -> list[str]:
    """All that stands in back quotes, outside of fenced examples."""
    return re.findall(r"`([^`\n]+)`", FENCED.sub("", text))
