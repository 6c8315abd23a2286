"""What the SDKs are run against: the mock, or through a relay the real service."""

from .ear import Ear
from .mock import Mock
from .target import NotMeasured, Target, Unwell

__all__ = ["Ear", "Mock", "NotMeasured", "Target", "Unwell"]
