"""A variant whose clients set an API version where the program sets none: for the proof of a fix."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from . import node

if TYPE_CHECKING:
    from .model import Variant

VARIABLE: Final = "GENAI_LIVE_COMPAT_PLACING"
_PYTHON: Final = node.HOOKS.parent / "python"


def placed(variant: Variant, sdk: str, version: str) -> Variant:
    """The variant with a hook that makes the fix."""
    before = variant.variables
    if sdk == "python":
        path = os.pathsep.join(filter(None, [str(_PYTHON), before.get("PYTHONPATH")]))
        more = {"PYTHONPATH": path}
    else:
        more = node.overlaid(variant.folder) if node.OVERLAY_VARIABLE not in before else {}
    return replace(variant, variables={**before, **more, VARIABLE: version})
