"""Each dependency has a bound and a reason, each licence fits, and the page has what PyPI says now."""

from __future__ import annotations

from importlib.metadata import PathDistribution
from typing import TYPE_CHECKING, Final

import pytest

from .licences import (
    DEV,
    PAGE,
    RUNTIME,
    UnknownLicence,
    asked,
    asked_table,
    fits,
    licence_of,
    licence_table,
    listed,
    packages,
    page,
)

if TYPE_CHECKING:
    from pathlib import Path

    from .licences import Asked, Package

#: Built and installed with what PyPI has.
pytestmark = [pytest.mark.network, pytest.mark.timeout(600)]
STALE: Final = "run python -m tests.supply_chain.licences --write, and look at what changed"
ODD: Final = """[project]
dependencies = [
    "free",
    "capped>=1,<2",  # a reason
]

[project.optional-dependencies]
more = [
    "genai-live-compat[other]",
    "silent>=1",
    "good[extra]>=2.0",  # a reason
    # A reason that is longer,
    # and goes on.
    "marked>=3; python_version < '3.14'",
]
"""


@pytest.fixture(scope="module")
def found() -> tuple[Package, ...]:
    """All packages, as PyPI has them."""
    return packages()


def faults(dependencies: tuple[Asked, ...]) -> dict[str, str]:
    """What is wrong with them: a bound below and none above, and a reason, is right."""
    wrong = {}
    for one in dependencies:
        operators = {specifier.operator for specifier in one.requirement.specifier}
        if operators != {">="}:
            wrong[one.name] = "expected one bound, >="
        elif not one.why:
            wrong[one.name] = "expected a comment that says why"
    return wrong


def test_every_dependency_has_a_bound_below_none_above_and_a_reason() -> None:
    assert not faults(asked())
    assert {one.name for one in asked() if one.extra == RUNTIME} == {"httptools", "trustme", "websockets"}


def test_dependencies_without_them_are_found_out() -> None:
    assert set(faults(asked(ODD))) == {"free", "capped", "silent"}
    found = {one.name: one for one in asked(ODD)}
    assert found["good"].extra == "more"
    assert found["marked"].why == "A reason that is longer, and goes on"


def test_no_licence_asks_more_of_users_than_a_notice(found: tuple[Package, ...]) -> None:
    assert len(found) > len(asked()), "some bring others"
    assert not {one.name: one.licence for one in found if not fits(one.licence, one.extras)}


@pytest.mark.parametrize(
    ("licence", "extras", "fit"),
    [
        ("MIT", (RUNTIME,), True),
        ("MIT AND PSF-2.0", ("web",), True),
        ("Apache-2.0 OR GPL-3.0-only", (RUNTIME,), True),
        ("MPL-2.0", (DEV,), True),
        ("MPL-2.0", ("suite",), False),
        ("MPL-2.0", ("suite", DEV), False),
        ("MIT AND GPL-3.0-or-later", (DEV,), False),
        ("LGPL-3.0-only", (RUNTIME,), False),
        ("AGPL-3.0-only", (DEV,), False),
        ("LicenseRef-Proprietary", ("web",), False),
        ("", (DEV,), False),
    ],
)
def test_which_licences_fit(licence: str, extras: tuple[str, ...], fit: bool) -> None:
    assert fits(licence, extras) is fit


@pytest.mark.parametrize(
    ("says", "licence"),
    [
        ("License-Expression: BSD-2-Clause OR MIT", "BSD-2-Clause OR MIT"),
        ("License: BSD-2-Clause\nClassifier: License :: OSI Approved :: BSD License", "BSD-2-Clause"),
        ("License: what the file says\nClassifier: License :: OSI Approved :: MIT License", "MIT"),
        ("License: Some words\nClassifier: License :: Other/Proprietary License", None),
        ("Classifier: License :: OSI Approved :: GNU General Public License v3 (GPLv3)", None),
        ("Summary: none at all", None),
    ],
)
def test_what_metadata_says_of_a_licence(says: str, licence: str | None, tmp_path: Path) -> None:
    (tmp_path / "METADATA").write_text(f"Metadata-Version: 2.4\nName: some\nVersion: 1\n{says}\n", "utf-8")
    package = PathDistribution(tmp_path)
    if licence is None:
        with pytest.raises(UnknownLicence, match="some 1 says"):
            licence_of(package)
    else:
        assert licence_of(package) == licence


def test_the_page_has_what_is_asked_for_and_the_licence_of_each(found: tuple[Package, ...]) -> None:
    text = PAGE.read_text("utf-8")
    assert text == page(text, asked=asked_table()), STALE
    there = listed(text)
    assert len(there) > len(asked())
    for one in found:
        direct = one.name in {dependency.name for dependency in asked()}
        assert there.get(one.name, "" if direct else one.licence) == one.licence, STALE


def test_a_page_is_read_as_it_is_written(found: tuple[Package, ...]) -> None:
    text = page(PAGE.read_text("utf-8"), licences=licence_table(found))
    assert listed(text) == {one.name: one.licence for one in found}
