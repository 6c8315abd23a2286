"""Garbage of a process that does nothing but serve."""

from __future__ import annotations

import contextlib
import gc
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

#: How many objects more there must be before the young ones are looked through, and how often the others are.
_THRESHOLDS: Final = (2_000, 100, 20)


@contextlib.contextmanager
def ignored() -> Iterator[None]:
    """Look for no garbage now, and later not in what there is by then: what is loaded stays."""
    usual = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if usual:
            gc.enable()


@contextlib.contextmanager
def seldom() -> Iterator[None]:
    """Look for garbage less often, and not in what was loaded: what a journal keeps is much, and none."""
    usual = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
    try:
        yield
    finally:
        gc.set_threshold(*usual)
        gc.unfreeze()
