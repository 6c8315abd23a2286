"""The matrix for readers without scripts: which versions show what, as plain tables."""

from __future__ import annotations

from collections import defaultdict
from html import escape
from typing import Any


def summary(page: dict[str, Any]) -> str:
    """A table for each SDK and service date; cases that show the same in every version are one row."""
    tables: dict[tuple[int, int], dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for sdk, date, case, runs in page["grid"]:
        told = _ranges(page, page["sdks"][sdk]["versions"], runs)
        tables[sdk, date][told].append(page["cases"][case]["slug"])
    return "\n".join(
        _table(f"{page['sdks'][sdk]['title']}, service date {page['dates'][date]}", rows)
        for (sdk, date), rows in tables.items()
    )


def _ranges(page: dict[str, Any], versions: list[str], runs: list[int]) -> str:
    """``1.3.0 … 2.32.0 hangs; 3.1.0 … 3.3.0 refused 404``."""
    labels: list[str] = []
    for kind, count in zip(runs[::2], runs[1::2], strict=True):
        labels += [_label(page["kinds"][kind]) if kind >= 0 else ""] * count
    told, first = [], 0
    for place in range(1, len(labels) + 1):
        if place == len(labels) or labels[place] != labels[first]:
            if labels[first]:
                span = versions[first] if place - first == 1 else f"{versions[first]} … {versions[place - 1]}"
                told.append(f"{span} {labels[first]}")
            first = place
    return "; ".join(told)


def _label(kind: list[Any]) -> str:
    status, label = kind[0], str(kind[2])
    return label if status == "PASS" else f"{status}: {label}"


def _table(title: str, rows: dict[str, list[str]]) -> str:
    lines = [
        f"<tr><th>{'<br>'.join(map(escape, slugs))}</th><td>{escape(told)}</td></tr>"
        for told, slugs in rows.items()
    ]
    return f"<table><caption>{escape(title)}</caption>\n" + "\n".join(lines) + "\n</table>"
