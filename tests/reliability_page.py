"""The parts of ``docs/reliability.md`` that are made from tables and from what was measured.

    python -m tests.reliability_page --write

makes them anew; a test fails when they are stale.
"""

from __future__ import annotations

import json
import re
import sys
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from mockserver.admin import following
from mockserver.core import audio, choosing, errors, schema
from mockserver.core.limits import MIB, Limits
from mockserver.edge import clock
from mockserver.recordings import files
from mockserver.scripts import loading, reading

from .fuzz.__main__ import TOTALS
from .fuzz.targets import TARGETS
from .mockserver.hostile.attacks import ATTACKS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .mockserver.hostile.attacks import Attack

PAGE: Final = Path(__file__).parent.parent / "docs" / "reliability.md"
#: What `benchmarks/soak.py --write` keeps.
SOAK: Final = PAGE.parent / "soak.json"
_BLOCK: Final = re.compile(r"(<!-- made: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
CHOICE: Final = "choice"

#: Limits that are part of how the mock is built: what, how much, what is answered beyond, on which evidence.
FIXED: Final[tuple[tuple[str, int, str, str, str], ...]] = (
    ("depth of JSON", schema.MAX_DEPTH, "levels", "400, or close 1007: Unexpected token", CHOICE),
    ("reason of a close", errors.MAX_REASON_BYTES, "bytes", "cut", "WS-007"),
    ("an answer in audio", audio.MAX_S, "seconds", "the rest is not said", CHOICE),
    ("a script", reading.MAX_BYTES, "bytes", "refused with its line", CHOICE),
    ("values in a script, each alias anew", reading.MAX_VALUES, "values", "refused with its line", CHOICE),
    ("depth of a script", reading.MAX_DEPTH, "levels", "refused with its line", CHOICE),
    ("scripts asked for, by key", choosing.MAX_PERFORMANCES, "keys", "the oldest begins again", CHOICE),
    ("an audio file of a script", loading.MAX_AUDIO_BYTES, "bytes", "refused with its line", CHOICE),
    ("a recording", files.MAX_BYTES, "bytes", "refused", CHOICE),
    ("who follows the journal at once", following.MAX_FOLLOWERS, "clients", "429", CHOICE),
    ("what waits for one of them", following.MAX_WAITING_BYTES, "bytes", "it waits in the journal", CHOICE),
    ("one step of the clock", clock.MAX_ADVANCE_S, "seconds", "400", CHOICE),
)  # fmt: skip


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table."""
    names = list(head)
    lines = [names, ["---"] * len(names), *(list(row) for row in rows)]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


def limits() -> str:
    """Those that are settings."""
    rows = (
        (f"`{row.name}`", _size(row.default, row.metadata["unit"]), row.metadata["help"],
         row.metadata["answer"], row.metadata.get("fact", CHOICE))
        for row in fields(Limits)
    )  # fmt: skip
    return table(("limit", "default", "of what", "what is answered beyond it", "evidence"), rows)


def fixed() -> str:
    """Those that are not."""
    rows = ((what, _size(value, unit), answer, evidence) for what, value, unit, answer, evidence in FIXED)
    return table(("of what", "limit", "what is answered beyond it", "evidence"), rows)


def _size(value: Any, unit: str) -> str:
    if value is None:
        return "none"
    if unit == "bytes" and value % MIB == 0:
        return f"{value // MIB} MiB"
    if unit == "bytes" and value % 1024 == 0:
        return f"{value // 1024} KiB"
    return f"{value:,.0f} s" if unit == "seconds" else f"{value:,} {unit}"


def attacks() -> str:
    """What is answered to each."""
    rows = (
        (
            about,
            attack.name,
            _answered(attack),
            "; ".join(f"`{name}={value}`" for name, value in attack.options.items()),
        )
        for about, found in ATTACKS.items()
        for attack in found
    )
    return table(("about", "attack", "what is answered", "with"), rows)


def _answered(attack: Attack) -> str:
    if attack.on in ("script", "recording"):
        return f"refused: … {attack.answer} …"
    words = {"ends": "the connection ends", "open": "the connection stays open"}
    *said, end = attack.answer.split()
    return ", ".join(filter(None, [" ".join(said), words[end]]))


def fuzz() -> str:
    """How much was tried on each target."""
    recorded = json.loads(TOTALS.read_text("utf-8"))
    done = {name: recorded["targets"].get(name, {"inputs": 0, "seconds": 0.0}) for name in TARGETS}
    rows = [
        (f"`{name}`", TARGETS[name].about, f"{one['inputs']:,}", f"{one['seconds']:,.0f} s")
        for name, one in done.items()
    ]
    inputs, seconds = (sum(one[key] for one in done.values()) for key in ("inputs", "seconds"))
    when = f"{recorded['date']}, Python {recorded['python']}"
    whole = ("**all**", when, f"**{inputs:,}**", f"{seconds:,.0f} s")
    return table(("target", "what is read", "inputs", "time"), [*rows, whole])


def soak() -> str:
    """What a long run has measured."""
    told = _soaked(json.loads(SOAK.read_text("utf-8")))
    return table(("what", told.pop("run")), told.items())


def _soaked(told: dict[str, Any]) -> dict[str, str]:
    once, slopes, after, rings = (told[name] for name in ("at_once", "slopes", "after", "rings"))
    visits, wrong = sum(told["done"].values()), sum(told["wrong"].values())
    memory, objects = slopes["resident"], slopes["objects"]
    most = {name: f"{slopes[name]['most']:,.0f}" for name in ("appointments", "connections")}
    return {
        "run": f"{told['minutes']:g} minutes of churn",
        "sessions open at once": f"{once['sessions']:,}, opened in {once['seconds']:g} s",
        "memory for each, its entries in the journal among it": f"{once['bytes_each'] / 1024:.1f} KiB",
        "memory before, and while they are open": f"{once['before_mib']:g} and {once['during_mib']:g} MiB",
        "appointments left when all had closed": f"{once['appointments_after']}",
        "rings": f"{rings['journal_bytes'] // MIB} MiB of journal, {rings['tokens']:,} tokens and handles",
        "visits in the churn": f"{visits:,}, of which {wrong} were served wrongly",
        "rings full, and warm": f"from minute {told['warm']:g} on",
        "memory from then on": f"{_mib(memory['least'])} to {_mib(memory['most'])} MiB",
        "its slope": _slope(memory, MIB, "MiB"),
        "objects that the garbage collector knows": f"{objects['mean']:,.0f}",
        "their slope": _slope(objects, 1, "objects"),
        "appointments": f"at most {most['appointments']}, with at most {most['connections']} connections",
        "left when all had gone": f"{after['connections']} connections, {after['sessions']} sessions",
        "when and where": f"{told['date']}, Python {told['python']}, {told['machine']}",
    }


def _mib(count: float) -> str:
    return f"{count / 2**20:.0f}"


def _slope(line: dict[str, float], unit: int, name: str) -> str:
    return f"{line['per_minute'] / unit:+.2f} ± {line['half_interval'] / unit:.2f} {name} a minute".replace(
        "  ", " "
    )


PARTS: Final[dict[str, Callable[[], str]]] = {
    "limits": limits,
    "fixed": fixed,
    "attacks": attacks,
    "fuzz": fuzz,
    "soak": soak,
}


def made(page: str) -> str:
    """The page with its made parts as they are now."""
    return _BLOCK.sub(lambda match: f"{match[1]}{PARTS[match[2]]()}\n{match[3]}", page)


def main() -> None:
    """Make them anew."""
    if sys.argv[1:] != ["--write"]:
        raise SystemExit("expected --write")
    PAGE.write_text(made(PAGE.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
