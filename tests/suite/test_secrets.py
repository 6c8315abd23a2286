"""No key and no token leaves in a report, wherever it stands; what cells share is looked at once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import pytest

from suite.model import Advice, Expected, Observation, Prediction, Seen, Verdict
from suite.reports import RENDERERS
from suite.reports.run import Run
from suite.reports.secrets import hidden

from .page_run import page_run

TOKEN: Final = "auth_tokens/" + "0123456789abcdef" * 4
KEY: Final = "AIza" + "SyD-1234567890abcdefghijklmnopqrstu"
TOLD: Final = f"no {TOKEN} and {KEY}"


def plain(value: Any) -> bool:
    return "0123456789abcdef" not in repr(value) and "1234567890abcdef" not in repr(value)


@pytest.mark.parametrize(
    "value",
    [
        TOLD,
        [TOLD, [TOLD]],
        (TOLD, 1, None),
        {"a": {"b": TOLD}},
        Seen(Verdict.HANGS, error={"message": TOLD, "cause": [{"message": TOLD}]}, story=({"what": TOLD},)),
        Prediction((("create", Expected(Verdict.REFUSED, message=TOLD)),), Advice(TOLD, TOLD, TOLD)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_secrets_are_hidden_at_every_depth(value: Any) -> None:
    assert not plain(value)
    assert plain(hidden(value))
    assert type(hidden(value)) is type(value)


def test_what_is_shared_stays_shared_and_what_is_plain_stays_itself() -> None:
    secret, harmless = Seen(Verdict.HANGS, story=({"what": TOLD},)), Seen(Verdict.WORKS)
    one, other, same = hidden((secret, secret, harmless))
    assert one is other
    assert same is harmless
    assert hidden((harmless,))[0] is harmless


def test_equal_predictions_are_one_but_only_where_they_are_equal() -> None:
    with_secret = Prediction((("create", Expected(Verdict.REFUSED)),), Advice(TOLD))
    without = Prediction((("create", Expected(Verdict.REFUSED)),), Advice("no"))
    assert [p.advice.cause for p in hidden([with_secret, without, with_secret])][1] == "no"
    assert plain(hidden([with_secret, without, with_secret]))


@pytest.mark.parametrize("kind", RENDERERS)
def test_no_report_tells_a_key_or_a_token(kind: str) -> None:
    outcome = page_run().outcomes[0]
    seen = Seen(
        Verdict.HANGS,
        error={"class": "Error", "message": TOLD},
        events=({"kind": "callback", "name": "onclose", "detail": TOLD},),
        warnings=(TOLD,),
        story=({"who": "event", "what": TOLD}, {"who": "app", "verb": "connect", "asked": {"api_key": KEY}}),
        requests=({"path": f"/ws/x?access_token={TOKEN}", "client": TOLD},),
        shows=(("said", TOLD),),
    )
    observation = Observation((("create", seen), ("connect", seen)))
    leaking = replace(outcome, observation=observation, reason=TOLD, fix=TOLD, differences=(TOLD,))
    assert plain(RENDERERS[kind](Run((leaking,), {"command": f"x # {KEY}"}, 0.0)))
