"""From what a person writes to the versions to run."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING, Final

import pytest
from packaging.version import Version

from suite import versions
from suite.history import CHANGES
from suite.model import Subject
from suite.releases import Release, releases
from suite.sdks import SDKS
from suite.versions import edges, of_factor, published, subjects

if TYPE_CHECKING:
    from pathlib import Path

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


def test_without_specs_the_edges_of_what_needs_a_package_manager_alone_are_run() -> None:
    expected = [Subject(name, v) for name in ("python", "js") for v in edges(name)]
    assert list(subjects(())) == expected


# Sets of versions.

each_sdk = pytest.mark.parametrize("sdk", ["python", "js", "web"])


@each_sdk
def test_what_is_published_is_not_yanked_no_preview_and_has_live(sdk: str) -> None:
    found = published(sdk)
    good = {release.version for release in releases(sdk) if not release.yanked}
    assert set(found) <= good
    assert found == sorted(found, key=Version)
    assert all(Version(v) >= Version(SDKS[sdk].since) and not Version(v).is_prerelease for v in found)


@each_sdk
def test_edges_have_both_sides_of_every_change_and_both_ends_and_the_newest_of_each_major(sdk: str) -> None:
    every, chosen = published(sdk), edges(sdk)
    assert chosen == [version for version in every if version in chosen]
    assert {every[0], every[-1]} <= set(chosen)
    for major in {Version(version).major for version in every}:
        assert [version for version in every if Version(version).major == major][-1] in chosen
    for row in CHANGES:
        if row.sdk in (sdk, SDKS[sdk].like):
            before = [version for version in every if Version(version) < Version(row.since)]
            after = [version for version in every if Version(version) >= Version(row.since)]
            assert {*before[-1:], *after[:1]} <= set(chosen), row


def test_edges_are_far_fewer_than_all() -> None:
    assert all(len(edges(sdk)) < len(published(sdk)) for sdk in ("python", "js"))


@pytest.mark.usefixtures("_listed")
@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ((), ["1.9.0", "1.10.0", "2.1.0"]),
        (("2.0.0",), ["1.9.0", "1.10.0", "2.0.1", "2.1.0"]),  # the next one that anybody would be given
        (("1.10.0",), ["1.9.0", "1.10.0", "2.1.0"]),
        (("0.1.0", "9.9.9"), ["1.9.0", "1.10.0", "2.1.0"]),
    ],
)
def test_a_change_puts_both_its_sides_among_the_edges(
    changes: tuple[str, ...], wanted: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(versions, "changed", lambda sdk: changes)
    assert edges("python") == wanted


@pytest.mark.usefixtures("_listed")
@pytest.mark.parametrize(
    ("chosen", "wanted"),
    [
        ("latest", ["2.1.0"]),
        ("all", ["1.9.0", "1.10.0", "2.0.1", "2.1.0"]),
        (">=2", ["2.0.1", "2.1.0"]),
        ("==1.9", ["1.9.0"]),
    ],
)
def test_versions_are_chosen_for_every_sdk_that_comes_without_its_own(chosen: str, wanted: list[str]) -> None:
    found = subjects(("js", "python==1.10.0", "web", "reference"), chosen)
    assert [(subject.sdk, subject.version) for subject in found] == [
        *(("js", version) for version in wanted),
        ("python", "1.10.0"),
        *(("web", version) for version in wanted),
        ("reference", "1.0.0"),
    ]


def test_versions_that_cannot_be_read_are_named_as_they_were_written() -> None:
    with pytest.raises(ValueError, match=r"^cannot read 'newest': expected edges, latest, all, a version"):
        subjects(("js",), "newest")


# Artefacts.


def test_an_artefact_is_a_subject_of_the_version_in_it(tmp_path: Path) -> None:
    wheel = tmp_path / "google_genai-3.5.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("google_genai-3.5.0.dist-info/METADATA", "Name: google-genai\nVersion: 3.5.0\n")
    (subject,) = subjects((f"python@{wheel}",), "latest")
    assert subject == Subject("python", "3.5.0", str(wheel))
    assert str(subject) == f"python@{wheel}"


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("js@1.0.0", "1.0.0: expected a file that ends in .tgz or .tar.gz, or the word installed"),
        ("python@nothing.whl", "nothing.whl: no such file, expected google-genai"),
        ("reference@x.whl", "reference from 'x.whl': expected one of the SDKs python, js, web"),
    ],
)
def test_what_is_no_artefact_is_refused_with_what_is_expected(spec: str, said: str) -> None:
    assert refused(spec).startswith(said)


# Specifiers.


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
    assert "expected one of python, js, web, reference, for instance python==3.4.0" in refused(spec)


@pytest.mark.parametrize(
    "spec", ["python=3.4.0", "python 3.4.0", "python==", "python>=two", "python==1,,2,x"]
)
def test_a_specifier_that_cannot_be_read_is_refused_with_an_example(spec: str) -> None:
    message = refused(spec)
    assert message.startswith(f"cannot read {spec!r}: expected edges, latest, all, a version specifier like ")


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
