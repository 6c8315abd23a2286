"""Every sensible way to set the API version on both sides, as data.

A backend can set it on its client or at ``create``, a frontend on its client or at ``live.connect``. The same
value everywhere; different values on one side (which one wins?); different values on the two sides.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Final

from mockserver import API_VERSIONS

from ..model import NEAR, Configuration, Placement

if TYPE_CHECKING:
    from ..model import Step

_FIRST, _SECOND, _THIRD = API_VERSIONS

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


def read(text: str, step: Step) -> Placement:
    """Read a placement as cell ids write it: ``none``, ``client=v1beta``, ``client=v1beta,call=v1`` …

    Args:
        text: what a person wrote.
        step: the side it is about, which says what its nearer place is called.

    Raises:
        ValueError: no such place or API version, or a place that is set twice.
    """
    values: dict[str, str] = {}
    for part in text.strip().split(",") if text.strip() != "none" else ():
        places, equals, value = (word.strip() for word in part.partition("="))
        for place in map(str.strip, places.split("+")):
            if not equals or place not in ("client", NEAR[step]):
                raise ValueError(
                    f"cannot read {part.strip()!r} of {step} {text!r}: expected none, or where the API "
                    f"version is set, such as client={_SECOND}, {NEAR[step]}={_FIRST} or "
                    f"client={_SECOND},{NEAR[step]}={_THIRD}"
                )
            if value not in API_VERSIONS:
                raise ValueError(
                    f"{step} {text!r}: no API version {value!r}, expected {', '.join(API_VERSIONS)}"
                )
            if place in values:
                raise ValueError(f"{step} {text!r} sets {place} twice: give it one API version")
            values[place] = value
    return Placement(values.get("client"), values.get(NEAR[step]))
