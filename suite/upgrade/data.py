"""A comparison for programs: all of it, as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..explain.evidence import chain
from .model import Direction
from .seen import differences
from .views import view

if TYPE_CHECKING:
    from .model import Block, Comparison, Fix, Group, Own


def data(comparison: Comparison, summary: str) -> dict[str, Any]:
    """The whole comparison."""
    return {
        "before": str(comparison.before),
        "after": str(comparison.after),
        "exit_code": comparison.exit_code,
        "summary": summary,
        "own": [case.slug for case in comparison.own.configurations],
        "not_seen": list(comparison.own.unseen),
        "groups": [_group(group, comparison.own) for group in comparison.groups],
        "differences": [_block(block) for block in comparison.blocks],
        "not_measured": [
            {"date": pair.date, "case": pair.case.slug} for pair in comparison.of(Direction.NOT_MEASURED)
        ],
    }


def _group(group: Group, own: Own) -> dict[str, Any]:
    return {
        "direction": group.direction.value,
        "cases": list(group.cases),
        "because": [row.json() for row in (*chain(group.rows), *chain(group.facts))],
        "fix": _fix(group.fix, own),
        "cells": [
            {
                "case": pair.case.slug,
                "date": pair.date,
                "direction": pair.direction.value,
                "before": pair.labels[0],
                "after": pair.labels[1],
                "sees": view(pair.after, pair.case),
                "differences": [
                    {"step": step, **difference.json()}
                    for step, before, after in pair.steps
                    for difference in differences(before, after)
                ],
            }
            for pair in group.pairs
            if pair.direction is not Direction.NOT_MEASURED
        ],
    }


def _fix(fix: Fix | None, own: Own) -> dict[str, Any] | None:
    if fix is None:
        return None
    edits = [
        {
            "step": edit.step,
            "where": list(own.at(edit.step, edit.given)),
            "before": list(edit.before),
            "after": list(edit.after),
        }
        for edit in fix.edits
    ]
    return {
        "edits": edits,
        "words": fix.words,
        "in_both": fix.in_both,
        "measured": fix.proven,
        "one_alone": [{"step": step, "sees": seen} for step, seen in fix.alone],
    }


def _block(block: Block) -> dict[str, Any]:
    return {
        "where": list(block.where),
        "differences": [difference.json() for difference in block.differences],
        "because": [row.json() for row in chain(block.rows)],
    }
