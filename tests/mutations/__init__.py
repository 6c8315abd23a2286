"""How to make the server untrue to a fact; a fact that is a refusal needs none, its row is replaced."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from mockserver.core.facts import FACTS, Answers, Closes

from . import door, session

if TYPE_CHECKING:
    from .patches import Mutation, Patches

MUTATIONS: Final[dict[str, Mutation]] = {**door.MUTATIONS, **session.MUTATIONS}

#: A code and a text that no fact has.
OTHER_CLOSE: Final = Closes(4999, "mutant")
OTHER_ANSWER: Final = Answers(418, "DATA_LOSS", "mutant")


def mutate(id: str, patches: Patches) -> None:
    """Make the server untrue to one fact: by a mutation of its own, else by another refusal in its row.

    Raises:
        LookupError: the fact is no refusal and has no mutation.
        AttributeError, KeyError, TypeError: the mutation does not fit the server.
    """
    seen = FACTS[id].seen
    if id in MUTATIONS:
        MUTATIONS[id](patches)
    elif isinstance(seen, (Answers, Closes)):
        other = OTHER_CLOSE if isinstance(seen, Closes) else OTHER_ANSWER
        patches.set_item(FACTS, id, replace(FACTS[id], seen=other))
    else:
        raise LookupError(f"{id} is no refusal: write a mutation for it in tests/mutations")
