"""An application's own placements, read from its source as the doctor reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..cases.connecting import VERSION_VARIABLE
from ..doctor.checks import Look
from ..doctor.judging import good, has_token, judged
from ..doctor.project import Project
from ..doctor.sources.values import Client, Unseen
from ..model import SIDES, Configuration, Placement
from ..sdks import SDKS
from .model import Own

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ..doctor.judging import Judged
    from ..model import Step


def own(root: Path, sdk: str, environ: Mapping[str, str]) -> Own:
    """Read a project: every pair of a placement that mints and one that connects.

    A side that is not written for this SDK, such as a backend in another language, is taken as one that
    works.

    Raises:
        ValueError: there is no such folder, or nothing in it uses the SDK for tokens or sessions.
    """
    if not root.is_dir():
        raise ValueError(f"--project {root}: expected the folder of a project")
    look = Look(Project(root), environ)
    variable = look.env.get(VERSION_VARIABLE)
    calls = [judged(site, look.subject(site), variable.value if variable else None) for site in look.sites]
    wanted = [call for call in calls if call.subject.sdk in (sdk, SDKS[sdk].like) and _matters(call)]
    seen = [call for call in wanted if isinstance(call.placement, Placement)]
    unseen = [_unseen(call) for call in wanted if isinstance(call.placement, Unseen)]
    unseen += [source.problem for source in look.sources if source.problem]
    unseen += [f"{path} was not read: install genai-live-compat[doctor]" for path in look.unread]
    if not seen and not unseen:
        raise ValueError(
            f"--project {root}: no call of {SDKS[sdk].package} was seen that mints a token or opens a session"
            " with one; say --create and --connect instead"
        )
    sides = [_placements(seen, step) for step in SIDES]
    return Own(
        tuple(Configuration(one, other) for one in sides[0] for other in sides[1]) if seen else (),
        tuple((c.site.step, c.placement, _line(c)) for c in seen if isinstance(c.placement, Placement)),
        next((call.subject.version for call in wanted), ""),
        tuple(dict.fromkeys(unseen)),
        tuple(step for step in SIDES if seen and step not in {call.site.step for call in wanted}),
    )


def _matters(call: Judged) -> bool:
    """Whether tokens are behind it: a session that is opened with an API key is another method."""
    return call.site.step == "create" or has_token(call.site)


def _placements(seen: list[Judged], step: Step) -> list[Placement]:
    found = [call.placement for call in seen if call.site.step == step]
    return list(dict.fromkeys(one for one in found if isinstance(one, Placement))) or [good()]


def _line(call: Judged) -> str:
    """The line to change: the call, where it alone sets the version; else its client."""
    placement, site = call.placement, call.site
    if isinstance(placement, Placement) and placement.near is not None and placement.client is None:
        return str(site.place)
    return str(site.client.place if isinstance(site.client, Client) else site.place)


def _unseen(call: Judged) -> str:
    assert isinstance(call.placement, Unseen)
    return f"{call.site.place}: {call.placement.why}"
