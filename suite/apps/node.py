"""A program in Node with another @google/genai than it has: names lead to the other one, by a hook."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ..environments import node
from ..environments.artefacts import INSTALLED
from .model import Variant

if TYPE_CHECKING:
    from ..model import Subject

HOOKS: Final = Path(__file__).parent.parent / "hooks" / "node"
OVERLAY_VARIABLE: Final = "GENAI_LIVE_COMPAT_OVERLAY"


def variant(subject: Subject, folder: Path, root: Path) -> Variant:
    """The program in a folder with one version.

    Raises:
        EnvironmentBroken: it cannot be installed.
    """
    if subject.source == INSTALLED:
        return Variant(subject.shown, subject.version, folder)
    found = node.installed(subject.version, root, False, subject.source)
    variables = overlaid(found.folder)
    if shutil.which("node") is None:
        variables["PATH"] = os.path.dirname(found.node.executable)
    return Variant(subject.shown, subject.version, folder, variables)


def overlaid(overlay: Path) -> dict[str, str]:
    """The variables with which a program takes the SDK from the node_modules of a folder."""
    hook = json.dumps(str(HOOKS / "overlay.cjs"))  # Node reads quotes in its options as JSON does
    return {OVERLAY_VARIABLE: str(overlay), "NODE_OPTIONS": f"--require={hook}"}
