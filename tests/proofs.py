"""Which test proves which fact: read from ``@pytest.mark.fact("…")``, written where the server can show it.

    python tests/proofs.py --write

writes ``mockserver/core/facts/proofs.py`` and ``docs/fidelity.md``; a test fails when either is stale.
"""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent
TESTS = ROOT / "tests" / "mockserver"
PROOFS = ROOT / "mockserver" / "core" / "facts" / "proofs.py"
FIDELITY = ROOT / "docs" / "fidelity.md"


def proofs() -> dict[str, list[str]]:
    """Node ids of the tests that name a fact, facts and tests in order."""
    found: dict[str, list[str]] = {}
    for path in sorted(TESTS.rglob("test_*.py")):
        name = path.relative_to(ROOT).as_posix()
        for fact, test in _marked(ast.parse(path.read_text("utf-8")), name):
            tests = found.setdefault(fact, [])
            if test not in tests:
                tests.append(test)
    return dict(sorted(found.items()))


def _marked(tree: ast.Module | ast.ClassDef, prefix: str) -> Iterator[tuple[str, str]]:
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            inherited = list(_facts(node.decorator_list))
            yield from _marked(node, f"{prefix}::{node.name}")
            for child in node.body:
                if isinstance(child, ast.FunctionDef) and child.name.startswith("test_"):
                    yield from ((fact, f"{prefix}::{node.name}::{child.name}") for fact in inherited)
        elif isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield from ((fact, f"{prefix}::{node.name}") for fact in _facts(node.decorator_list))


def _facts(decorators: list[ast.expr]) -> Iterator[str]:
    """Every ``pytest.mark.fact("X")`` in the decorators, those inside ``pytest.param`` included."""
    for decorator in decorators:
        for node in ast.walk(decorator):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.fact":
                yield from (str(arg.value) for arg in node.args if isinstance(arg, ast.Constant))


def module(found: dict[str, list[str]]) -> str:
    """The table as a Python module."""
    rows = "".join(f'    "{fact}": "{tests[0]}",\n' for fact, tests in found.items())
    return (
        '"""Generated from the tests by ``python tests/proofs.py --write``: do not edit."""\n\n'
        "from __future__ import annotations\n\nfrom typing import Final\n\n"
        "#: For each fact the first test that proves it of the server.\n"
        f"PROOFS: Final[dict[str, str]] = {{\n{rows}}}\n"
    )


def main() -> None:
    """Write both files."""
    if sys.argv[1:] != ["--write"]:
        raise SystemExit("expected --write")
    PROOFS.write_text(module(proofs()), "utf-8")
    for name in [name for name in sys.modules if name.startswith("mockserver")]:
        del sys.modules[name]  # so that the page is made from the table just written
    from mockserver.fidelity import document

    FIDELITY.write_text(document(), "utf-8")


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    main()
