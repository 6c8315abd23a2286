"""Every sensible way to set the API version on both sides, as data.

A backend can set it on its client or at ``create``, a frontend on its client or at ``live.connect``. The same
value everywhere; different values on one side (which one wins?); different values on the two sides.
"""

from __future__ import annotations

from itertools import product
from typing import Final

from mockserver import API_VERSIONS

from ..model import Configuration, Placement

_FIRST, _SECOND = API_VERSIONS[:2]

NOTHING: Final = Placement()


def placements(value: str) -> tuple[Placement, ...]:
    """One value in every place: on the client, near the call, in both."""
    return (Placement(client=value), Placement(near=value), Placement(client=value, near=value))


def disagreeing() -> tuple[Placement, ...]:
    """Two values in the two places of one side, both ways."""
    return (Placement(_FIRST, _SECOND), Placement(_SECOND, _FIRST))


def _all() -> tuple[Configuration, ...]:
    same = [
        Configuration(create, connect)
        for value in API_VERSIONS
        for create, connect in product((NOTHING, *placements(value)), repeat=2)
    ]
    good = Placement(client=_FIRST)
    one_side = [Configuration(create, good) for create in disagreeing()]
    one_side += [Configuration(good, connect) for connect in disagreeing()]
    across = [
        Configuration(Placement(client=create), Placement(client=connect))
        for create, connect in product(API_VERSIONS, repeat=2)
        if create != connect
    ]
    return tuple(dict.fromkeys([*same, *one_side, *across]))


CONFIGURATIONS: Final = _all()
