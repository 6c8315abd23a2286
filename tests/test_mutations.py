"""Every mutation fits the server of today, and a mutant that is broken itself is not taken for a proof."""

from __future__ import annotations

from copy import deepcopy
from fnmatch import fnmatch
from typing import TYPE_CHECKING, Any

import pytest

from mockserver.core import errors, messages
from mockserver.core.errors import Refusal
from mockserver.core.facts import FACTS
from mockserver.core.journal import Journal
from mockserver.core.models import MODELS
from mockserver.core.options import Options
from mockserver.core.profiles import OFFERS
from mockserver.core.states import ON
from mockserver.edge.host import Host
from mockserver.edge.refusals import failed
from tests import mutations
from tests.mutant import ITSELF_FAILED
from tests.mutations import MUTATIONS
from tests.mutations.patches import Mutation, Patches, origin, put, put_items, refused, wrap
from tests.proofs import proofs

if TYPE_CHECKING:
    from collections.abc import Callable

TABLES = (FACTS, MODELS, OFFERS, ON, messages.MESSAGES, messages.LIMITED, messages.ENUM_VALUES)
#: A fact with a mutation; the tests here give it others.
FACT = "WS-030"
TEST = f"""
import pytest
from mockserver.core import errors

@pytest.mark.fact("{FACT}")
def test_the_content_type_comes_first():
    assert errors.Refusal("TOK-042").message
    assert errors.headers("text/plain", 0.0)[0] == ("Content-Type", "text/plain")
"""
IN_A_THREAD = f"""
import threading
import pytest

@pytest.mark.fact("{FACT}")
@pytest.mark.filterwarnings("error")
def test_in_a_thread():
    thread = threading.Thread(target=int, args=("no number",))
    thread.start()
    thread.join()
"""
#: It fails on any server.
FAILS = TEST.replace("== (", "== 7 == (")


@pytest.fixture(scope="module")
def before() -> Any:
    return deepcopy(TABLES)


@pytest.mark.parametrize("fact", proofs())
def test_a_mutation_fits_and_is_undone(fact: str, before: Any) -> None:
    patches = Patches()
    try:
        mutations.mutate(fact, patches)
        assert patches.changes
    finally:
        patches.undo()
    assert before == TABLES


@pytest.fixture
def mutate(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Run a test on the server without the fact; what the plugin says of the mutant."""

    def said(mutation: Mutation, test: str = TEST) -> str:
        monkeypatch.setitem(MUTATIONS, FACT, mutation)
        pytester.makeini("[pytest]\nmarkers = fact(id)\n")
        pytester.makepyfile(test)
        run = pytester.runpytest_inprocess("-p", "tests.mutant", "--mutant", FACT, "-p", "no:asyncio")
        lines = [*run.outlines, *run.errlines]
        return next(line for line in lines if f"mutant {FACT}: " in line).partition(f"mutant {FACT}: ")[2]

    return said


def broken(real: Any, *args: Any) -> Any:
    return real(*args).nothing_like_it


def called_wrongly(real: Any, *_: Any) -> Any:
    return real()


def fails_by_itself(real: Any, *_: Any) -> Any:
    Journal().add(at=0.0, connection="ws-1", kind="refusal", what="the mock itself failed: KeyError()")
    return [("x", "y")]


@pytest.mark.parametrize(
    ("mutation", "verdict"),
    [
        (put(errors, "headers", lambda content_type, now: (("x", "y"),)), "noticed: AssertionError: *"),
        (wrap(errors, "headers", lambda real, *args: real(*args)), "survives"),
        (wrap(errors, "headers", broken), "proves nothing: * raised AttributeError*nothing_like_it*"),
        (wrap(errors, "headers", called_wrongly), "proves nothing: * raised TypeError*"),
        (put_items(FACTS, lambda: {"TOK-042": None}), "proves nothing: mockserver/core/* AttributeError*"),
        (wrap(errors, "headers", fails_by_itself), "proves nothing: the mock itself failed*"),
    ],
)
def test_only_a_test_that_fails_by_what_the_server_does_has_noticed(
    mutate: Callable[..., str], mutation: Mutation, verdict: str
) -> None:
    assert fnmatch(mutate(mutation), verdict)


def test_a_mutation_that_is_never_called_proves_nothing(mutate: Callable[..., str]) -> None:
    mutation = put(errors, "pretty", lambda value: b"")
    assert mutate(mutation) == "survives"
    assert mutate(mutation, FAILS) == "proves nothing: mockserver.core.errors.pretty was never called"


def test_tests_that_cannot_be_read_prove_nothing(mutate: Callable[..., str]) -> None:
    mutation = put(errors, "MAX_REASON_BYTES", 7)
    assert fnmatch(mutate(mutation, "import nothing_like_it"), "proves nothing: the tests cannot be read*")


def test_a_thread_that_ends_by_an_exception_proves_nothing(mutate: Callable[..., str]) -> None:
    mutation = put(errors, "MAX_REASON_BYTES", 7)
    assert fnmatch(mutate(mutation, IN_A_THREAD), "proves nothing: a thread ended: *")


def test_the_plugin_knows_how_a_server_says_that_it_failed() -> None:
    assert failed(KeyError()).what.startswith(ITSELF_FAILED)


def test_a_refusal_is_what_a_server_does() -> None:
    with pytest.raises(Refusal) as raised:
        refused(lambda: True, FACT)(errors.headers)
    assert origin(raised.value) == ""


@pytest.mark.parametrize(
    "mutation",
    [
        put(errors, "head", lambda content_type, now: ()),
        put(errors, "headers", lambda content_type: ()),
        put(errors, "BAD_REQUEST", b"bytes"),
        put(Refusal, "message", lambda self: ""),
        put(Refusal, "respond", property(lambda self: "")),
        put(Options, "setup_delay_s", property(lambda self: 0.0)),
        wrap(errors, "headers", lambda real, content_type: ()),
        wrap(Host, "note_refusal", lambda real, host, connection, rules, what: None),
        put_items({}, lambda: {FACT: FACTS["WS-000"]}),
        lambda patches: patches.delete_item({}, FACT),
    ],
)
def test_a_mutation_that_does_not_fit_is_told_before_any_test(
    mutate: Callable[..., str], mutation: Mutation
) -> None:
    assert fnmatch(mutate(mutation), "proves nothing: *Error(*")
