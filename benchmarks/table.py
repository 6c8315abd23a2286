"""The figures as Markdown, between two marks of a page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from benchmarks.figures import Aim, Compared, Figures, Single

BEGIN: Final = "<!-- made by benchmarks/run.py: do not edit up to the next mark -->"
END: Final = "<!-- end of what benchmarks/run.py made -->"
#: The mock with its extra of that name, where it makes a difference.
FAST: Final = "mock with `fast`"
#: The servers that are shown, in their order.
SERVERS: Final = ("floor", "mock", FAST, "peer")


def write(page: Path, figures: Figures) -> None:
    """Put the tables into a page.

    Raises:
        ValueError: the page has not both marks.
    """
    text = page.read_text("utf-8")
    if BEGIN not in text or END not in text:
        raise ValueError(f"{page} has no place for tables: expected the lines {BEGIN!r} and {END!r}")
    before, _, rest = text.partition(BEGIN)
    behind = rest.partition(END)[2]
    page.write_text(f"{before}{BEGIN}\n\n{markdown(figures)}\n{END}{behind}", "utf-8")


def markdown(figures: Figures) -> str:
    """All tables."""
    about = "; ".join(f"{name} {value}" for name, value in figures.about.items())
    parts = [f"Measured on {about}.", *(f"Not measured: {why}." for why in figures.missing)]
    parts += ["### Rates, for one core", _table(_HEADS, map(_row, figures.compared))]
    parts += ["### The same on the clock", _table(_CLOCK_HEADS, map(_clock_row, figures.compared))]
    if notes := [f"- {row.what}: {row.note}" for row in figures.compared if row.note]:
        parts += ["\n".join(notes)]
    if others := [name for name in figures.compared[0].per_core_s if name not in SERVERS]:
        parts += ["### With other Pythons", _table(*_pythons(figures, others))]
    parts += ["### Setup, one session after the other", _table(*_setups(figures))]
    parts += ["### Memory for each idle session", _table(*_memory(figures))]
    parts += ["### By itself", _table(("what", "measured", "aim", ""), map(_single, figures.singles))]
    if notes := [f"- {row.what}: {row.note}" for row in figures.singles if row.note]:
        parts += ["\n".join(notes)]
    return "\n\n".join(parts) + "\n"


def _table(heads: Sequence[str], rows: Iterator[Sequence[str]] | Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---", *["---:"] * (len(heads) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


_HEADS: Final = ("a second of one core", *SERVERS, "mock : peer", "with `fast`", "aim", "")
_CLOCK_HEADS: Final = ("a second on the clock", *SERVERS, "mock : peer", "floor : mock", "mock at work")


def _row(row: Compared) -> list[str]:
    ratio, fast = row.times("mock", "peer"), row.times(FAST, "peer")
    aim, verdict = _aim(row.aim, ratio)
    if verdict == "missed" and row.aim is not None and fast is not None and row.aim.met(fast):
        verdict = "met with `fast`"
    return [
        row.what,
        *(_number(row.per_core_s.get(server)) for server in SERVERS),
        *map(_times, (ratio, fast)),
        aim,
        verdict,
    ]


def _clock_row(row: Compared) -> list[str]:
    ratios = (row.times("mock", "peer", "clock"), row.times("floor", "mock", "clock"))
    busy = row.busy.get("mock")
    return [
        row.what,
        *(_number(row.per_s.get(server)) for server in SERVERS),
        *map(_times, ratios),
        "" if busy is None else f"{busy:.0%}",
    ]


def _pythons(figures: Figures, others: Sequence[str]) -> tuple[Sequence[str], list[list[str]]]:
    """How many times as fast as the peer; everywhere with `fast`."""
    rows = []
    for row in figures.compared:
        first = FAST if FAST in row.per_core_s else "mock"
        rows.append([row.what, *(_times(row.times(name, "peer")) for name in (first, *others))])
    names = (figures.about.get("Python", "this one"), *others)
    return ("times as fast as the peer", *(f"Python {name}" for name in names)), rows


def _setups(figures: Figures) -> tuple[Sequence[str], list[list[str]]]:
    rows = [
        [server, f"{p50 * 1e3:.2f} ms", f"{p99 * 1e3:.2f} ms"]
        for server, (p50, p99) in figures.setups_s.items()
    ]
    return ("connect to setupComplete", "p50", "p99"), rows


def _memory(figures: Figures) -> tuple[Sequence[str], list[list[str]]]:
    counts = sorted({count for found in figures.idle_bytes.values() for count in found})
    rows = [
        [server, *(f"{found[count] / 1024:.2f} KiB" if count in found else "" for count in counts)]
        for server, found in figures.idle_bytes.items()
    ]
    return ("sessions open", *(f"{count:,}" for count in counts)), rows


def _single(row: Single) -> list[str]:
    return [row.what, f"{row.value:.3g} {row.unit}", *_aim(row.aim, row.value)]


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:,.0f}"


def _times(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def _aim(aim: Aim | None, got: float | None) -> tuple[str, str]:
    if aim is None or got is None:
        return "", ""
    return str(aim), "met" if aim.met(got) else "missed"
