"""The SDK lines this suite knows, and the versions it runs when nobody names any."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Sdk:
    """One client library line.

    Attributes:
        name: what the command line calls it.
        package: its name on its registry.
        language: of the code snippets in a fix.
        versions: run by default: both sides of the changes that matter most to tokens and Live.
    """

    name: str
    package: str
    language: str
    versions: tuple[str, ...]

    @property
    def oldest(self) -> str:
        """The first version of the default set."""
        return self.versions[0]


SDKS: Final = {
    sdk.name: sdk
    for sdk in (
        Sdk("python", "google-genai", "python", ("1.16.1", "1.26.0", "1.75.0", "2.34.0", "3.4.0")),
        Sdk("js", "@google/genai", "js", ("1.3.0", "1.10.0", "1.52.0", "2.11.0", "2.32.0", "3.1.0")),
        Sdk("reference", "the client in suite/drivers/reference", "python", ("1.0.0",)),
    )
}
