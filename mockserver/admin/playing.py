"""Scripts as the control API shows and reads them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..core.journal import shorten
from ..core.matching import near
from ..core.script import Rule, Script
from ..scripts import READY, load

if TYPE_CHECKING:
    from pathlib import Path

    from ..core.service import Service
    from ..core.wav import Audio
    from .orders import Played


def named(name: str) -> Script:
    """A ready-made script.

    Raises:
        ValueError: there is none of that name.
    """
    if name in READY:
        return READY[name]
    raise ValueError(
        f"no ready-made script {name!r}{near(name, READY)}, expected one that GET script lists: "
        "or send a script as JSON"
    )


def read(given: Script | str | Path | Mapping[str, Any]) -> Script:
    """A script: itself, the name of a ready-made one, a file or a text in YAML or JSON, or a mapping.

    Raises:
        ValueError: it is none of these.
        OSError: the file cannot be read.
    """
    return given if isinstance(given, Script) else load(given)


def sent(given: Any) -> Script:
    """A script that came over the wire, which may name no files of this machine.

    Raises:
        ValueError: it is none; a line for each mistake.
    """
    if not isinstance(given, Mapping):
        raise ValueError(
            f"the body is a JSON {type(given).__name__}, expected a script, an object with rules"
        )
    # Imported here: the grammar is the largest table of all, and most servers are sent no script.
    from ..core.forms import read_script

    script, problems = read_script(dict(given), _no_files)
    if script is None:
        raise ValueError("\n".join(map(str, problems)))
    return script


def _no_files(name: str) -> Audio:
    raise ValueError(f"got the file {name!r}, expected samples: a script that is sent has no files")


def rule_of(given: Any) -> Rule:
    """One rule of a script, from its JSON.

    Raises:
        ValueError: it is none.
    """
    if not isinstance(given, Mapping):
        raise ValueError('no rule came, expected a body like {"on": "turn", "then": ["abort"]}')
    [rule] = sent({"name": "injected", "rules": [given]}).rules
    return rule


def inject(service: Service, rule: Rule, owner: str | None) -> None:
    """Put a rule in front of what is played, until the next script or reset; its ``nth`` counts from now.

    Open sockets get it too, unless it is for one API key that so far was played what everybody is.
    """
    if owner is not None and owner not in service.performances:
        service.play(service.performances[None].script, owner)
    performance = service.performances[owner]
    counted_before = performance.counts.get(rule.on, 0)
    rules = (_from_now(rule, counted_before), *performance.script.rules)
    performance.script = replace(performance.script, rules=rules)


def _from_now(rule: Rule, count: int) -> Rule:
    """The rule as a new one whose times begin now; those of a match or a session do so by themselves."""
    if rule.nth is None or rule.match is not None or rule.per == "session":
        return replace(rule)
    first, last = (number + count for number in rule.span)
    return replace(rule, nth=int(first) if first == last else f"{first:.0f}-{last:.0f}".replace("inf", ""))


def playing(played: Mapping[str | None, Played]) -> dict[str, Any]:
    """What is played to whom, and what could be."""
    return {
        "script": played[None].script.data(),
        "byApiKey": {shorten(owner): one.script.data() for owner, one in played.items() if owner is not None},
        "ready": [{"name": name, "about": script.about} for name, script in READY.items()],
    }


def counted(played: Mapping[str | None, Played]) -> list[dict[str, Any]]:
    """Every rule that is played, with how often its event came and how often the rule spoke."""
    return [
        {
            "script": performance.script.name,
            "apiKey": None if owner is None else shorten(owner),
            "rule": data,
            "events": performance.counts.get(rule.on, 0),
            "spoke": spoke,
        }
        for owner, performance in played.items()
        for rule, data, spoke in zip(
            performance.script.rules, performance.script.data()["rules"], performance.spoken, strict=True
        )
    ]
