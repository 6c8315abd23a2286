"""Placements as a person writes them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from suite.cases.placements import CONFIGURATIONS, read
from suite.model import NEAR, SIDES, Placement

if TYPE_CHECKING:
    from suite.model import Step


@pytest.mark.parametrize("step", SIDES)
def test_every_placement_of_a_cell_id_is_read_as_what_it_is(step: Step) -> None:
    every = {configuration.placement(step) for configuration in CONFIGURATIONS}
    assert {read(placement.slug(NEAR[step]), step) for placement in every} == every
    assert all(read(placement.slug(NEAR[step]), step) == placement for placement in every)


def test_white_space_and_order_do_not_matter() -> None:
    assert read(" session = v1 , client = v1beta ", "connect") == Placement("v1beta", "v1")
    assert read("session+client=v1", "connect") == Placement("v1", "v1")
    assert read(" none ", "create") == Placement()


@pytest.mark.parametrize(
    ("text", "step", "error"),
    [
        ("session=v1", "create", "cannot read 'session=v1' of create 'session=v1': expected none, or where"),
        ("call=v1", "connect", "such as client=v1beta, session=v1alpha or client=v1beta,session=v1"),
        ("v1beta", "create", "cannot read 'v1beta' of create 'v1beta'"),
        ("", "create", "cannot read '' of create ''"),
        ("none,client=v1", "create", "cannot read 'none' of"),
        ("client=v1,", "create", "cannot read '' of"),
        ("client=v2", "create", "create 'client=v2': no API version 'v2', expected v1alpha, v1beta, v1"),
        ("client=", "connect", "connect 'client=': no API version ''"),
        ("client=v1,client=v1beta", "create", "sets client twice: give it one API version"),
        ("client+client=v1", "create", "sets client twice"),
    ],
)
def test_what_cannot_be_read_is_said_with_what_is_expected(text: str, step: Step, error: str) -> None:
    with pytest.raises(ValueError, match=re.escape(error)):
        read(text, step)
