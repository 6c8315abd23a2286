"""The tables that say which test proves which fact are current and complete."""

from __future__ import annotations

from mockserver.core.facts import FACTS, Answers, Closes
from mockserver.core.facts.not_emulated import NOT_EMULATED
from mockserver.fidelity import document
from tests import proofs
from tests.mutations import MUTATIONS

WAY_OUT = "run python tests/proofs.py --write"


def test_the_table_of_proofs_is_current() -> None:
    assert proofs.PROOFS.read_text("utf-8") == proofs.module(proofs.proofs()), WAY_OUT


def test_the_page_about_fidelity_is_current() -> None:
    assert proofs.FIDELITY.read_text("utf-8") == document(), WAY_OUT


def test_every_fact_is_proven_or_has_a_reason() -> None:
    found = proofs.proofs()
    assert sorted(set(FACTS) - set(found) - set(NOT_EMULATED)) == []
    assert sorted(set(found) & set(NOT_EMULATED)) == []


def test_tests_and_reasons_name_facts_that_exist() -> None:
    assert sorted({*proofs.proofs(), *NOT_EMULATED} - set(FACTS)) == []


def test_every_proven_fact_can_be_made_untrue() -> None:
    proven = [FACTS[name] for name in proofs.proofs()]
    refusals = {fact.id for fact in proven if isinstance(fact.seen, (Answers, Closes))}
    assert sorted({fact.id for fact in proven} - refusals - set(MUTATIONS)) == []
