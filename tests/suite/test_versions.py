"""From what a person writes to the versions to run."""

from __future__ import annotations

from typing import Final

import pytest

from suite import versions
from suite.model import Subject
from suite.releases import Release, releases
from suite.sdks import SDKS
from suite.versions import of_factor, subjects

LISTED: Final = (
    Release("1.9.0", "2025-01-01"),
    Release("1.10.0", "2025-02-01"),
    Release("2.0.0rc1", "2025-02-15"),
    Release("2.0.0", "2025-03-01", yanked=True),
    Release("2.0.1", "2025-03-02"),
    Release("2.1.0", "2025-04-01"),
)


@pytest.fixture
def _listed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A short list of releases."""
    monkeypatch.setattr(versions, "releases", lambda sdk: LISTED if sdk != "reference" else ())


def picked(*specs: str) -> list[str]:
    return [str(subject) for subject in subjects(specs)]


def refused(*specs: str) -> str:
    with pytest.raises(ValueError, match=r"^.+$") as caught:
        subjects(specs)
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_without_specs_the_default_sets_are_run_and_not_the_reference() -> None:
    expected = [Subject(name, v) for name in ("python", "js") for v in SDKS[name].versions]
    assert list(subjects(())) == expected


@pytest.mark.parametrize("sdk", ["python", "js"])
def test_the_default_versions_are_published_and_not_yanked(sdk: str) -> None:
    good = {release.version for release in releases(sdk) if not release.yanked}
    assert set(SDKS[sdk].versions) <= good


@pytest.mark.usefixtures("_listed")
@pytest.mark.parametrize(
    ("spec", "wanted"),
    [
        ("python==1.9.0", ["1.9.0"]),
        (" python == 1.9.0 ", ["1.9.0"]),
        ("python==1.9", ["1.9.0"]),
        ("python==2.0.0", ["2.0.0"]),  # yanked: by its exact name only
        ("python>=2", ["2.0.1", "2.1.0"]),
        ("python==2.0.*", ["2.0.1"]),
        ("python>=1.9,<2", ["1.9.0", "1.10.0"]),
        ("python>1.9.0,<2.1", ["1.10.0", "2.0.1"]),
        ("python!=1.9.0", ["1.10.0", "2.0.1", "2.1.0"]),
        ("python~=2.0", ["2.0.1", "2.1.0"]),
        ("python==2.0.0rc1", ["2.0.0rc1"]),
        ("python===2.1.0", ["2.1.0"]),
    ],
)
def test_a_specifier_picks_published_versions_oldest_first(spec: str, wanted: list[str]) -> None:
    assert picked(spec) == [f"python=={version}" for version in wanted]


@pytest.mark.usefixtures("_listed")
def test_several_specs_are_run_in_their_order_each_version_once() -> None:
    assert picked("js==2.1.0", "python<1.10", "js>=2", "reference") == [
        "js==2.1.0",
        "python==1.9.0",
        "js==2.0.1",
        "reference==1.0.0",
    ]


@pytest.mark.parametrize("spec", ["ruby", "ruby==1.0", "", "==1.0", "Python==3.4.0", "3.4.0"])
def test_an_unknown_sdk_is_refused_with_the_known_ones(spec: str) -> None:
    assert "expected one of python, js, reference, for instance python==3.4.0" in refused(spec)


@pytest.mark.parametrize(
    "spec", ["python=3.4.0", "python 3.4.0", "python==", "python>=two", "js@1.0.0", "python==1,,2,x"]
)
def test_a_specifier_that_cannot_be_read_is_refused_with_an_example(spec: str) -> None:
    assert refused(spec).startswith(f"cannot read {spec!r}: expected a version specifier like ")


@pytest.mark.usefixtures("_listed")
@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("python==2.1.1", "google-genai 2.1.1 is not published: near are 2.1.0, 2.0.1, "),
        ("js==1.10.9", "@google/genai 1.10.9 is not published: near are 1.10.0"),
        ("js==today", "@google/genai today is not published: near are 1.9.0 … 2.1.0"),
    ],
)
def test_an_unpublished_version_is_refused_with_near_ones(spec: str, said: str) -> None:
    message = refused(spec)
    assert message.startswith(said)
    assert message.endswith("for a release of today run genai-live-compat releases --refresh")


@pytest.mark.usefixtures("_listed")
def test_a_specifier_that_nothing_fits_is_refused_with_what_there_is() -> None:
    assert refused("python>=9") == "no published version of google-genai is >=9: it has 1.9.0 … 2.1.0"


def test_the_reference_is_on_no_registry_and_has_its_own_versions() -> None:
    assert picked("reference>=1") == ["reference==1.0.0"]
    assert "2.0.0 is not published" in refused("reference==2.0.0")


@pytest.mark.usefixtures("_listed")
@pytest.mark.parametrize(
    ("environment", "wanted"),
    [
        ("py311-genai-2", "python==2.1.0"),
        ("py311-genai-2.0", "python==2.0.1"),
        ("genai-1.9.0", "python==1.9.0"),
        ("py3-genaijs-1", "js==1.10.0"),
        ("genaijs-2.0.0", "js==2.0.0"),
    ],
)
def test_a_tox_environment_names_the_newest_version_that_fits(environment: str, wanted: str) -> None:
    assert str(of_factor(environment)) == wanted


@pytest.mark.parametrize("environment", ["py311", "lint", "matrix", "genairuby-2", ""])
def test_a_tox_environment_without_an_sdk_names_none(environment: str) -> None:
    assert of_factor(environment) is None


@pytest.mark.parametrize(
    "environment",
    ["py311-genai", "genaijs", "py311-genai-", "genai-latest", "genai-2.34.0.1", "genai-2-x"],
)
def test_a_tox_environment_with_half_a_version_is_refused_with_an_example(environment: str) -> None:
    with pytest.raises(ValueError, match=r"names no SDK version: expected a name like py311-genai-2\.34"):
        of_factor(environment)


@pytest.mark.parametrize("environment", ["py311-genai-99", "genaijs-99.1", "genai-99.1.1"])
def test_a_tox_environment_of_an_unpublished_version_is_refused(environment: str) -> None:
    with pytest.raises(ValueError, match="publish"):
        of_factor(environment)
