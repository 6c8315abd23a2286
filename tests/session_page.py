"""The parts of ``docs/session.md`` that are drawn from the tables of ``mockserver/core/states.py``.

    python -m tests.session_page --write

draws them anew; a test fails when they are stale.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Final

from mockserver.core.states import LEADS, ON, Action

PAGE: Final = Path(__file__).parent.parent / "docs" / "session.md"
#: What an action is, for a reader.
WORDS: Final[dict[Action, str]] = {
    "wait": "kept, and taken as if it came right after `setupComplete`",
    "client_content": "history, or a turn; a whole turn interrupts and is answered",
    "realtime_input": "heard; speech and text interrupt and are answered",
    "tool_response": "taken for the call; after the last one the turn goes on",
    "ignore": "nothing",
}
_BLOCK: Final = re.compile(r"(<!-- drawn: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def picture() -> str:
    """Where each event leads."""
    arrows = [f"    {here} --> {there}: {event}" for (here, event), there in LEADS.items() if here != there]
    return "\n".join(["```mermaid", "stateDiagram-v2", "    [*] --> starting: setup", *arrows, "```"])


def messages() -> str:
    """What each message does in each state."""
    states = list(dict.fromkeys(state for state, _ in ON))
    lines = ["| message | " + " | ".join(states) + " |", "| --- |" + " --- |" * len(states)]
    for kind in dict.fromkeys(kind for _, kind in ON):
        cells = [f"`{kind}`", *(WORDS[ON[state, kind]] for state in states)]
        lines += [f"| {' | '.join(cells)} |"]
    return "\n".join(lines)


def drawn(page: str) -> str:
    """The page with its drawn parts as the tables have them now."""
    parts = {"picture": picture(), "messages": messages()}
    return _BLOCK.sub(lambda match: f"{match[1]}{parts[match[2]]}\n{match[3]}", page)


def main() -> None:
    """Draw them anew."""
    if sys.argv[1:] != ["--write"]:
        raise SystemExit("expected --write")
    PAGE.write_text(drawn(PAGE.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
