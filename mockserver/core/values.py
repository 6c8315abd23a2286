"""Frozen data classes, made in one step: as those of ``dataclasses``, and to a type checker the very same.

``dataclasses`` writes and compiles six functions for each of them, which made a start a third longer. Only
``__init__`` has to be written; the others are the same for all but for the names of the fields.
"""

from __future__ import annotations

import dataclasses
from dataclasses import MISSING, FrozenInstanceError, fields
from reprlib import recursive_repr
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable
    from dataclasses import Field
    from dataclasses import dataclass as dataclass

    Method = Callable[..., Any]
else:

    def dataclass(cls: type | None = None, /, **told: Any) -> Any:
        """``dataclasses.dataclass``; what is not frozen is left to it."""
        if not told.pop("frozen", False):
            return dataclasses.dataclass(cls, **told)
        return lambda cls: _frozen(cls, **told)


def _frozen(cls: type, *, eq: bool = True, **told: Any) -> Any:
    own = set(vars(cls))
    made: Any = dataclasses.dataclass(cls, init=False, repr=False, eq=False, **told)
    rows = fields(made)
    methods: dict[str, Method] = {
        "__init__": _init(made, rows),
        "__repr__": _repr(rows),
        **_guards(made, {one.name for one in rows}),
        **(_equality(rows) if eq else {}),
        **(_state(rows) if told.get("slots") else {}),
    }
    for name, method in methods.items():
        if name not in own:
            method.__qualname__ = f"{made.__qualname__}.{name}"
            setattr(made, name, method)
    return made


def _init(made: type, rows: tuple[Field[Any], ...]) -> Method:
    """What takes the fields: it is written, so that a call costs no loop."""
    known: dict[str, Any] = {"_set": object.__setattr__, "_MISSING": MISSING}
    takes, does = ["self"], []
    for one in sorted((one for one in rows if one.init), key=lambda one: bool(one.kw_only)):
        if one.kw_only and "*" not in takes:
            takes.append("*")
        value = one.name
        if one.default_factory is not MISSING:
            known[f"_make_{one.name}"] = one.default_factory
            takes.append(f"{one.name}=_MISSING")
            value = f"_make_{one.name}() if {one.name} is _MISSING else {one.name}"
        elif one.default is not MISSING:
            known[f"_default_{one.name}"] = one.default
            takes.append(f"{one.name}=_default_{one.name}")
        else:
            takes.append(one.name)
        does.append(f" _set(self, {one.name!r}, {value})")
    if hasattr(made, "__post_init__"):
        does.append(" self.__post_init__()")
    exec("\n".join([f"def __init__({', '.join(takes)}):", *(does or [" pass"])]), known)
    init: Method = known["__init__"]
    init.__annotations__ = {one.name: one.type for one in rows if one.init} | {"return": None}
    return init


def _repr(rows: tuple[Field[Any], ...]) -> Method:
    names = [one.name for one in rows if one.repr]

    @recursive_repr("...")
    def __repr__(self: Any) -> str:
        shown = ", ".join(f"{name}={getattr(self, name)!r}" for name in names)
        return f"{type(self).__qualname__}({shown})"

    return __repr__


def _equality(rows: tuple[Field[Any], ...]) -> dict[str, Method]:
    compared: Final = [one.name for one in rows if one.compare]
    hashed: Final = [one.name for one in rows if (one.compare if one.hash is None else one.hash)]

    def __eq__(self: Any, other: object) -> Any:
        if other.__class__ is not self.__class__:
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in compared)

    def __hash__(self: Any) -> int:
        return hash(tuple([getattr(self, name) for name in hashed]))

    return {"__eq__": __eq__, "__hash__": __hash__}


def _guards(made: Any, names: set[str]) -> dict[str, Method]:
    def __setattr__(self: Any, name: str, value: Any) -> None:
        if type(self) is made or name in names:
            raise FrozenInstanceError(f"cannot assign to field {name!r}")
        super(made, self).__setattr__(name, value)

    def __delattr__(self: Any, name: str) -> None:
        if type(self) is made or name in names:
            raise FrozenInstanceError(f"cannot delete field {name!r}")
        super(made, self).__delattr__(name)

    return {"__setattr__": __setattr__, "__delattr__": __delattr__}


def _state(rows: tuple[Field[Any], ...]) -> dict[str, Method]:
    """What pickles and copies need, where nothing can be set: values in the order of the fields."""
    names: Final = [one.name for one in rows]

    def __getstate__(self: Any) -> list[Any]:
        return [getattr(self, name) for name in names]

    def __setstate__(self: Any, state: list[Any]) -> None:
        for name, value in zip(names, state, strict=True):
            object.__setattr__(self, name, value)

    return {"__getstate__": __getstate__, "__setstate__": __setstate__}
