"""pytest plugin: a server of which one fact is not true, and the tests that name the fact.

python -m pytest -p tests.mutant --mutant CLS-007 tests/mockserver
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from mockserver.core.facts import FACTS, Answers, Closes, Fact

from .mutations import MUTATIONS

if TYPE_CHECKING:
    import pytest

#: A code and a text that no fact has.
OTHER_CLOSE: Final = Closes(4999, "mutant")
OTHER_ANSWER: Final = Answers(418, "DATA_LOSS", "mutant")


def mutate(fact: Fact) -> None:
    """Make the server untrue to one fact: by a mutation of its own, else by another refusal in its row.

    Raises:
        LookupError: the fact is no refusal and has no mutation.
    """
    if fact.id in MUTATIONS:
        MUTATIONS[fact.id]()
    elif isinstance(fact.seen, (Answers, Closes)):
        other = OTHER_CLOSE if isinstance(fact.seen, Closes) else OTHER_ANSWER
        FACTS[fact.id] = replace(fact, seen=other)
    else:
        raise LookupError(f"{fact.id} is no refusal: write a mutation for it in tests/mutations")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Take the fact."""
    parser.addoption("--mutant", metavar="FACT", required=True, help="the fact that is not true")


def pytest_configure(config: pytest.Config) -> None:
    """Break the server before any test is imported."""
    mutate(FACTS[config.getoption("mutant")])


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the tests, and of their parameters those, that name the fact."""
    fact = config.getoption("mutant")
    named = [item for item in items if any(mark.args[0] == fact for mark in item.iter_markers("fact"))]
    config.hook.pytest_deselected(items=[item for item in items if item not in named])
    items[:] = named
