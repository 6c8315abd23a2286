"""How to make the server untrue to a fact; a fact that is a refusal needs none, its row is replaced.

Each module has ``MUTATIONS``: fact id to a function that patches the server of this process, for good.
"""

from __future__ import annotations

import pkgutil
from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable


def _all() -> dict[str, Callable[[], object]]:
    found: dict[str, Callable[[], object]] = {}
    for module in pkgutil.iter_modules(__path__):
        found |= import_module(f"{__name__}.{module.name}").MUTATIONS
    return found


MUTATIONS: Final = _all()
