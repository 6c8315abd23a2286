"""Scripts as the control API shows and reads them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..core.journal import shorten
from ..core.script import ECHO, Rule, Script

if TYPE_CHECKING:
    from ..core.script import Performance
    from ..core.service import Service


def ready() -> dict[str, Script]:
    """The ready-made scripts by name."""
    import mockserver

    return getattr(mockserver, "READY", {"echo": ECHO})


def named(name: str) -> Script:
    """A ready-made script.

    Raises:
        ValueError: there is none of that name.
    """
    try:
        return ready()[name]
    except KeyError:
        known = ", ".join(sorted(ready()))
        raise ValueError(
            f"no ready-made script {name!r}, expected one of {known}: or send a script as JSON"
        ) from None


def read(given: Any) -> Script:
    """A script: itself, the name of a ready-made one, the path of a file, or its JSON.

    Raises:
        ValueError: it is none of these.
    """
    import mockserver

    if isinstance(given, Script):
        return given
    if isinstance(given, str) and given in ready():
        return ready()[given]
    load = getattr(mockserver, "load", None)
    if load is None:
        return named(str(given))
    loaded: Script = load(given)
    return loaded


def read_rule(given: Any) -> Rule:
    """One rule of a script, from its JSON.

    Raises:
        ValueError: it is none.
    """
    rules = read({"name": "injected", "rules": [given]}).rules
    if len(rules) != 1:
        raise ValueError(f"got {len(rules)} rules, expected one: inject them one by one")
    return rules[0]


def inject(service: Service, rule: Rule, owner: str | None) -> None:
    """Put a rule in front of what is played, until the next script or reset; its ``nth`` counts from now.

    Open sockets get it too, unless it is for one API key that so far was played what everybody is.
    """
    if owner is not None and owner not in service.performances:
        service.play(service.performances[None].script, owner)
    performance = service.performances[owner]
    nth = getattr(rule, "nth", None)
    if isinstance(nth, int):
        rule = replace(rule, nth=nth + performance.counts.get(rule.on, 0))
    performance.script = replace(performance.script, rules=(rule, *performance.script.rules))


def shown(script: Script) -> dict[str, Any]:
    """A script as JSON."""
    data = getattr(script, "data", None)
    if data is not None:
        return dict(data())
    return {"name": script.name, "rules": [shown_rule(rule) for rule in script.rules]}


def shown_rule(rule: Rule) -> dict[str, Any]:
    """A rule as JSON, where scripts have no form of their own for it."""
    steps = [{type(step).__name__: {name: _plain(getattr(step, name)) for name in _names(step)}}
             for step in rule.then]  # fmt: skip
    return {"on": rule.on, **({} if rule.nth is None else {"nth": rule.nth}), "then": steps}


def _names(step: Any) -> tuple[str, ...]:
    return tuple(getattr(step, "__dataclass_fields__", ()))


def _plain(value: Any) -> Any:
    return value.decode(errors="replace") if isinstance(value, bytes) else value


def playing(service: Service) -> dict[str, Any]:
    """What is played to whom, and what could be."""
    played = service.performances
    return {
        "script": shown(played[None].script),
        "byApiKey": {shorten(owner): shown(one.script) for owner, one in played.items() if owner is not None},
        "ready": sorted(ready()),
    }


def counted(service: Service) -> list[dict[str, Any]]:
    """Every rule that is played, with how often its event came and how often the rule spoke."""
    rows = []
    for owner, performance in service.performances.items():
        data = shown(performance.script)["rules"]
        for rule, as_data, spoke in zip(performance.script.rules, data, spoken(performance), strict=True):
            row = {
                "script": performance.script.name,
                "apiKey": None if owner is None else shorten(owner),
                "rule": as_data,
                "events": performance.counts.get(rule.on, 0),
                "spoke": spoke,
            }
            rows.append(row)
    return rows


def spoken(performance: Performance) -> list[int]:
    """How often each rule spoke: the first that fits an event wins, as the performance has it."""
    counts = getattr(performance, "spoken", None)
    if counts is not None:
        return list(counts)
    left = {event: set(range(1, count + 1)) for event, count in performance.counts.items()}
    spoke = []
    for rule in performance.script.rules:
        free = left.get(rule.on, set())
        taken = free if rule.nth is None else free & {rule.nth}
        spoke.append(len(taken))
        left[rule.on] = free - taken
    return spoke
