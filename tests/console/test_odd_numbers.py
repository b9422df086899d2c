"""Figures that are no plain whole numbers, in fields that nobody types by hand: they are left out or refused by field."""

from __future__ import annotations

import pytest
from flask import Flask

from oms.console.stores import returns as stores_returns
from oms.console.stores import settings as stores_settings
from oms.domain.errors import Invalid

ODD = ["²", "１", "9" * 5000, "-1", ""]


@pytest.mark.parametrize("odd", ODD)
def test_units_of_a_line_that_is_none_are_left_out(app: Flask, odd: str) -> None:
    with app.test_request_context(method="POST", data={f"units.{odd}": "1", "units.7": "2", "reason": "other"}):
        assert stores_returns._told().units == {7: 2}


@pytest.mark.parametrize("odd", ODD[:4])
def test_a_division_that_is_no_code_names_the_field(app: Flask, odd: str) -> None:
    with app.test_request_context(method="POST", data={"divisions": f"330106,{odd}"}), pytest.raises(Invalid) as refused:
        stores_settings._profile()
    assert refused.value.field == "divisions"
