"""The locked setup of a token, and what a connection's own setup becomes under it."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Final

from .errors import Refusal
from .messages import MESSAGES

Setup = dict[str, Any]
Path = tuple[str, ...]

_SETUP: Final = "BidiGenerateContentSetup"


@dataclass(frozen=True, slots=True)
class Constraint:
    """What a token locks: a whole setup (no mask), the fields of a mask, or nothing."""

    setup: Setup | None
    mask: tuple[Path, ...]

    def apply(self, offered: Setup) -> Setup:
        """The setup that runs: never an error, the client's value is silently overridden (CON-000).

        A mask copies the named fields over the connection's setup; one the token leaves unset falls back to
        the default. A lock without mask replaces the connection's setup, except for the resumption handle,
        which only the client can know (CON-007).
        """
        if self.mask:
            effective = deepcopy(offered)
            for path in self.mask:
                _copy(path, self.setup or {}, effective)
            return effective
        if self.setup is None:
            return offered
        effective = deepcopy(self.setup)
        handle = offered.get("sessionResumption", {}).get("handle")
        if handle:
            effective["sessionResumption"] = {"handle": handle}
        return effective


def _copy(path: Path, source: Setup, target: Setup) -> None:
    *parents, last = path
    for name in parents:
        source = source.get(name) or {}
    for name in parents:
        # Where both leave the parent unset it stays so: an empty one is a wish of its own.
        target = target.setdefault(name, {}) if last in source else target.get(name, {})
    if last in source:
        target[last] = deepcopy(source[last])
    else:
        target.pop(last, None)


def read_mask(text: str) -> tuple[Path, ...]:
    """Read a field mask: comma-separated paths in either spelling (TOK-014).

    Raises:
        Refusal: a path that does not exist in the setup or steps into a repeated field.
    """
    return tuple([_read_path(part.strip()) for part in text.split(",") if part.strip()])


def _read_path(text: str) -> Path:
    message, path = _SETUP, []
    parts = text.split(".")
    for n, part in enumerate(parts):
        known = MESSAGES.get(message, {}).get(part)
        if known is None or (known[1].endswith("[]") and n + 1 < len(parts)):
            raise Refusal("TOK-053D", {"path": text})
        path.append(known[0])
        message = known[1]
    return tuple(path)
