"""Options and fixtures of the matrix, so that ``pytest suite`` runs it like ``genai-live-compat matrix``."""

pytest_plugins = ["pytester", "suite.plugin"]
