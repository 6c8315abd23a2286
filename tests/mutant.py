"""pytest plugin: a server of which one fact is not true, and the tests that name the fact.

    python -m pytest -p tests.mutant --mutant CLS-007 tests/mockserver

The last line says what became of the mutant: it was ``noticed``, it ``survives``, or it ``proves nothing``,
for a test that fails because the mutation or the whole server is broken would do so for any fact.
"""

from __future__ import annotations

import logging
from typing import Any, Final

import pytest

from mockserver.core.journal import Journal

from .mutations import mutate
from .mutations.patches import SERVER, Patches, origin

#: How the server's journal begins where the server is at fault.
ITSELF_FAILED: Final = "the mock itself failed"


class Mutant(logging.Handler):
    """A server that is broken, and what its tests say of it; it also listens to asyncio's log.

    Raises:
        LookupError, AttributeError, TypeError: the mutation does not fit the server.
    """

    def __init__(self, fact: str) -> None:
        super().__init__(logging.ERROR)
        self._fact = fact
        self._patches = Patches()
        #: How the first test failed that did.
        self._failure = ""
        mutate(fact, self._patches)
        self._watch = pytest.MonkeyPatch()
        self._watch.setattr(Journal, "add", self._reading(Journal.add))
        logging.getLogger("asyncio").addHandler(self)

    def pytest_unconfigure(self) -> None:
        """Mend the server."""
        logging.getLogger("asyncio").removeHandler(self)
        self._watch.undo()
        self._patches.undo()

    # -- faults that are no behaviour ---------------------------------------------------------------------

    def _reading(self, add: Any) -> Any:
        def read(journal: Journal, **fields: Any) -> Any:
            if fields.get("what", "").startswith(ITSELF_FAILED):
                self._patches.faults.append(fields["what"])
            return add(journal, **fields)

        return read

    def emit(self, record: logging.LogRecord) -> None:
        """An exception that nobody caught in the server's loop."""
        if record.exc_info and record.exc_info[1]:
            self._blame(record.exc_info[1])

    def _blame(self, error: BaseException) -> None:
        where = origin(error)
        if where.startswith(("tests/mutations/", *SERVER)):
            self._patches.faults.append(f"{where} raised {error!r}")

    # -- pytest -------------------------------------------------------------------------------------------

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Keep the tests, and of their parameters those, that name the fact."""
        named = [
            item for item in items if any(mark.args[0] == self._fact for mark in item.iter_markers("fact"))
        ]
        config.hook.pytest_deselected(items=[item for item in items if item not in named])
        items[:] = named
        self._patches.called.clear()  # what tests do when they are imported is not about the fact

    def pytest_exception_interact(self, node: pytest.Item | pytest.Collector, call: Any) -> None:
        """A test failed, or could not be read."""
        error, said = call.excinfo.value, call.excinfo.exconly().splitlines()[0]
        self._failure = self._failure or said
        if isinstance(node, pytest.Collector):
            self._patches.faults.append(f"the tests cannot be read: {said}")
        elif isinstance(error, pytest.PytestUnhandledThreadExceptionWarning):
            self._patches.faults.append(f"a thread ended: {said}")
        self._blame(error)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say what became of the mutant."""
        terminalreporter.write_line(f"mutant {self._fact}: {self.verdict}")

    @property
    def verdict(self) -> str:
        """What became of the mutant, in a line."""
        placed, called, faults = self._patches.placed, self._patches.called, self._patches.faults
        if not self._failure:
            return "survives"
        if faults:
            return f"proves nothing: {faults[0]}"
        if placed and not called:
            return f"proves nothing: {' and '.join(placed)} was never called"
        return f"noticed: {self._failure}"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Take the fact."""
    parser.addoption("--mutant", metavar="FACT", required=True, help="the fact that is not true")


def pytest_configure(config: pytest.Config) -> None:
    """Break the server before any test is imported."""
    fact = config.getoption("mutant")
    try:
        mutant = Mutant(fact)
    except (LookupError, AttributeError, TypeError) as error:
        raise pytest.UsageError(f"mutant {fact}: proves nothing: {error!r}") from error
    config.pluginmanager.register(mutant, "mutant")
