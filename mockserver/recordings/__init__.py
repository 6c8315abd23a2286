"""What was recorded of a service, in files: written as it happens, read back, imported, described."""

from __future__ import annotations

from .files import FORMAT, SUFFIX, Recording, is_recording, read
from .writer import Writer

__all__ = ["FORMAT", "SUFFIX", "Recording", "Writer", "is_recording", "read"]
