"""What is known of the service, one fact a row.

A **fact** says: in these API versions, under this condition, this is seen. Where what is seen is a refusal
(`Answers` over HTTP, `Closes` on a socket) the server renders it from the row itself, so a wrong text is
corrected in one place and a refusal in the journal can name its evidence. ``since`` and ``until`` put a row
on the timeline from which the profiles are read.

Sources are citations, in this notation:

* ``report:N`` - an independent public write-up, numbered;
* ``discuss.ai.google.dev/t/N`` - a thread of Google's developer forum;
* ``owner/repo@commit path`` - a file of a public repository; ``github.com/owner/repo/issues/N`` - an issue;
* ``ai.google.dev/...`` - Google's documentation; a few rows say in words what they rest on.

Confidence, strongest first:

* ``observed`` - someone saw it on the wire, verbatim;
* ``documented`` - Google says so: documentation, discovery document, proto, SDK source;
* ``inferred`` - follows from observed or documented rows;
* ``guess`` - nobody knows; a choice was made so that the server can answer, ``note`` names the candidates.

Where the parts of a row differ, the weakest part names the row and ``note`` tells them apart.
"""

from __future__ import annotations

from . import (
    closes,
    closes_session,
    closes_setup,
    constraints,
    models,
    others,
    protocol,
    shapes,
    sockets,
    tokens,
)
from .model import Answers, Closes, Confidence, Fact

__all__ = ["FACTS", "Answers", "Closes", "Confidence", "Fact", "fact"]

TABLES = (
    tokens,
    sockets,
    closes,
    closes_setup,
    closes_session,
    constraints,
    protocol,
    shapes,
    models,
    others,
)


def _by_id(rows: list[Fact]) -> dict[str, Fact]:
    """Index the rows, in order; two rows may not share an id."""
    facts: dict[str, Fact] = {}
    for row in rows:
        if row.id in facts:
            raise ValueError(f"two facts have the id {row.id!r}: give the later one another id")
        facts[row.id] = row
    return facts


#: Every fact by its id, in table order.
FACTS: dict[str, Fact] = _by_id([row for table in TABLES for row in table.FACTS])


def fact(id: str) -> Fact:
    """Return the fact with this id.

    Raises:
        KeyError: no such id; the text names the nearest ones.
    """
    try:
        return FACTS[id]
    except KeyError:
        # Imported here: who asks for facts that there are has no need of it.
        from difflib import get_close_matches

        nearest = ", ".join(get_close_matches(id, FACTS, n=3, cutoff=0.0))
        raise KeyError(f"no fact {id!r}; nearest: {nearest}") from None
