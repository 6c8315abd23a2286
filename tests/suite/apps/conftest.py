"""Programs that stand for a team's: they make the requests of an SDK whose version a variable says."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from suite.apps.model import Variant

if TYPE_CHECKING:
    from collections.abc import Callable

PROGRAMS: Final = Path(__file__).parent.parent / "programs"
#: Mints a token and opens a session with it, on the API version and as the SDK version of its environment.
CLIENT: Final = (sys.executable, str(PROGRAMS / "token_client.py"))


@pytest.fixture
def variant(tmp_path: Path) -> Callable[..., Variant]:
    """The client as one SDK version that has a default API version."""

    def make(version: str, default: str, **more: Any) -> Variant:
        variables = {"CLIENT_VERSION": version, "CLIENT_DEFAULT": default, **more}
        return Variant(version, version, tmp_path, variables)

    return make
