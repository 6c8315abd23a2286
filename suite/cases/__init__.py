"""What is asked of every version, as data, one module for each topic."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from .base_urls import BASE_URLS
from .credentials import CREDENTIALS
from .exits import EXITS
from .frames import FRAMES
from .placements import CONFIGURATIONS
from .refusals import REFUSALS
from .session_options import SESSION_OPTIONS
from .sessions import SESSIONS
from .token_requests import TOKEN_REQUESTS

if TYPE_CHECKING:
    from ..model import Behaviour, Case

BEHAVIOURS: Final[tuple[Behaviour, ...]] = (
    *CREDENTIALS,
    *BASE_URLS,
    *TOKEN_REQUESTS,
    *SESSION_OPTIONS,
    *REFUSALS,
    *FRAMES,
    *SESSIONS,
    *EXITS,
)
CASES: Final[tuple[Case, ...]] = (*CONFIGURATIONS, *BEHAVIOURS)
