"""How Hypothesis searches: the same examples on every machine, and no verdict by the clock.

``pytest --hypothesis-profile=wide`` looks further, at other examples every time.
"""

from __future__ import annotations

from typing import Any, Final

# Pytester forgets what is first imported inside it, and cryptography's types do not survive a second import.
import trustme  # noqa: F401
from hypothesis import settings

#: A slow machine is no bug; examples that failed are kept as tests, not in a database.
_QUIET: Final[dict[str, Any]] = {"deadline": None, "database": None}

settings.register_profile("fixed", derandomize=True, max_examples=50, stateful_step_count=25, **_QUIET)
settings.register_profile("wide", max_examples=1_000, stateful_step_count=60, print_blob=True, **_QUIET)
settings.load_profile("fixed")
