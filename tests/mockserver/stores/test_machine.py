"""Two services that share a store are one to their clients: the machine of ``test_machine_tokens.py``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from mockserver.core.store import Memory

from ..core.test_machine_tokens import Tokens
from . import wrong
from .conftest import wipe
from .crew import CrewBackend

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockserver.core.store import Store

    from .conftest import MakeStore


def run(make_stores: Callable[[], list[Store]], **how: Any) -> None:
    """Drive services, each on a store, from a clean state."""

    def backend(*args: Any, **options: Any) -> CrewBackend:
        return CrewBackend(make_stores(), *args, **options)

    machine = type("SharedTokens", (Tokens,), {"make_backend": staticmethod(backend)})
    # As Hypothesis has it for machines: how long they take says nothing.
    at_leisure = {"deadline": None, "suppress_health_check": list(HealthCheck)}
    run_state_machine_as_test(machine, settings=settings(stateful_step_count=40, **at_leisure, **how))


@pytest.mark.timeout(400)  # a failure is made small before it is told
def test_workers_that_share_a_store_open_what_one_would(make_store: MakeStore) -> None:
    stores = [make_store(), make_store()]

    def wiped() -> list[Store]:
        wipe(stores[0])
        return stores

    run(wiped, max_examples=60)


@pytest.mark.parametrize(
    "make_stores",
    [
        pytest.param(lambda: [Memory(), Memory()], id="nothing is shared"),
        *(
            pytest.param(lambda kind=kind: [kind()] * 2, id=kind.__name__)
            for kind in (wrong.Generous, wrong.Forgetful, wrong.Faithful, wrong.Patient, wrong.Repeating)
        ),
    ],
)
def test_a_wrong_store_is_found_out(make_stores: Callable[[], list[Store]]) -> None:
    with pytest.raises(AssertionError):
        run(make_stores, max_examples=200, derandomize=True, database=None, phases=[Phase.generate])
