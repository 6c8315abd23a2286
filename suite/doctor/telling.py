"""What the checks found, as what is told: in their order, what breaks once more at the end."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any, Final

from mockserver import LATEST, LAUNCH, hide_secrets

from ..prose import Part, Telling
from .findings import FAILING, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .checks import Checked
    from .findings import Finding

_STYLES: Final = {
    Severity.BREAKS: "bold red",
    Severity.DEPENDS: "bold red",
    Severity.MAY: "yellow",
    Severity.UNSEEN: "yellow",
    Severity.NOTE: "",
}
#: Worst first.
_ORDER: Final = list(Severity)


def of(checked: Sequence[Checked], folder: str) -> Telling:
    """All checks: what was found by each, and then what breaks, with the lines that mend it."""
    parts = [Part("text", f"looked at {folder}")]
    parts += [part for one in checked if one.findings for part in _check(one)]
    nothing = ", ".join(f"{one.check.number} {one.check.name}" for one in checked if not one.findings)
    if nothing:
        parts += [Part("text", ""), Part("small", nothing, "nothing in")]
    return Telling((*parts, *_closing(checked)), {"folder": folder, **_data(checked)})


def _check(checked: Checked) -> Iterator[Part]:
    style = "bold red" if checked.fails else "bold"
    yield Part("head", f"{checked.check.number}. {checked.check.name}", style=style)
    for finding in sorted(checked.findings, key=lambda one: _ORDER.index(one.severity)):
        yield from _finding(finding)


def _finding(finding: Finding) -> Iterator[Part]:
    # A variable or a line that the sentence names need not be told again.
    places = [place for place in finding.where if place.lstrip("$") not in finding.what]
    where = f" [{', '.join(places)}]" if places else ""
    style = _STYLES[finding.severity]
    yield Part("row", hide_secrets(f"{finding.what}{where}"), finding.severity.value, 1, style)
    if finding.why:
        yield Part("row", hide_secrets(finding.why), "", 1)
    if finding.fix or finding.code:
        yield Part("row", hide_secrets(_to_do(finding)), "→", 1, "cyan")
    if finding.code:
        yield Part("code", finding.code, depth=6, language=finding.language)
    if finding.explained:
        yield Part("small", f"genai-live-compat explain {shlex.quote(finding.explained)}", "", 1)


def _to_do(finding: Finding) -> str:
    at = f", at {finding.at}" if finding.at else ""
    return f"{finding.fix}{at}{':' if finding.code else ''}"


def _closing(checked: Sequence[Checked]) -> Iterator[Part]:
    """What its owner should read if nothing else: how many things break, and each line to change."""
    failing = [one for check in checked for one in check.findings if one.severity in FAILING]
    unseen = sum(one.severity is Severity.UNSEEN for check in checked for one in check.findings)
    left = f"; {unseen} could not be seen, which is not green" if unseen else ""
    if not failing:
        yield Part("head", f"nothing that breaks was found{left}", style="bold green")
        return
    things = "1 thing breaks" if len(failing) == 1 else f"{len(failing)} things break"
    yield Part("head", f"{things}{left}", style="bold red")
    if any(one.severity is Severity.DEPENDS for one in failing):
        days = f"launch is the service of {LAUNCH}, as the mock plays it by default; latest that of {LATEST}"
        yield Part("small", days, depth=1)
    to_do = [(one.at or ", ".join(one.where[:1]), one.code or one.fix) for one in failing]
    for where, line in dict.fromkeys(to_do):
        yield Part("row", hide_secrets(line), hide_secrets(where), 1, "cyan")


def _data(checked: Sequence[Checked]) -> dict[str, Any]:
    return {
        "checks": [
            {
                "number": one.check.number,
                "name": one.check.name,
                "looks_at": one.check.looks_at,
                "findings": [_hidden(finding.json()) for finding in one.findings],
            }
            for one in checked
        ]
    }


def _hidden(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _hidden(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_hidden(item) for item in value]
    return hide_secrets(value)
