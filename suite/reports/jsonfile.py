"""The run as JSON: ``{"about": …, "cells": [one object a cell]}``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ..model import Configuration

if TYPE_CHECKING:
    from ..model import Outcome
    from .run import Run


def render(run: Run) -> str:
    """Everything that is known of every cell; keys keep their order."""
    document = {
        "about": run.about
        | {"seconds": round(run.seconds, 1), "counts": {s.value: n for s, n in run.counts.items()}},
        "cells": [cell(outcome) for outcome in run.outcomes],
    }
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def cell(outcome: Outcome) -> dict[str, Any]:
    """One cell. ``steps`` is null where nothing was measured."""
    case = outcome.cell.case
    subject, seen, prediction = outcome.cell.subject, outcome.observation, outcome.prediction
    return {
        "cell": outcome.cell.id,
        "sdk": subject.sdk,
        "version": subject.version,
        "source": subject.source,
        "service_date": outcome.cell.service_date,
        "topic": case.topic,
        "case": case.slug,
        "configuration": case.json() if isinstance(case, Configuration) else None,
        "steps": {step: part.json() for step, part in seen.steps} if seen is not None else None,
        "verdict": seen.verdict.value if seen is not None else None,
        "label": outcome.label,
        "predicted": {
            "verdict": prediction.verdict.value,
            "label": prediction.label,
            "steps": {step: part.json() for step, part in prediction.steps},
        },
        "status": outcome.status.value,
        "reason": outcome.reason,
        "fix": outcome.fix,
        "differences": list(outcome.differences),
        "seconds": round(outcome.seconds, 3),
    }
