"""The SDK lines this suite knows."""

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
        since: the first version with Live; older ones are no subjects.
        like: the SDK whose published versions and history it shares.
        title: what a report calls it.
    """

    name: str
    package: str
    language: str
    since: str
    like: str | None = None
    title: str = ""

    @property
    def shown(self) -> str:
        """What a report calls it."""
        return self.title or self.package


SDKS: Final = {
    sdk.name: sdk
    for sdk in (
        Sdk("python", "google-genai", "python", "0.7.0"),
        Sdk("js", "@google/genai", "js", "0.2.0", title="@google/genai in Node"),
        Sdk("web", "@google/genai", "js", "0.2.0", like="js", title="@google/genai in a browser"),
        Sdk("reference", "the client in suite/drivers/reference", "python", "1.0.0"),
    )
}
