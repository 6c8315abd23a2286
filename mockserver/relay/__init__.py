"""Between a client and a service: every byte passes, and the journal tells of it as the mock's does."""

from .server import Relay

__all__ = ["Relay"]
