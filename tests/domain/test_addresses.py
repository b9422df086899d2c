"""What a receiver lacks."""

from __future__ import annotations

import pytest

from oms.domain.addresses import is_vague, lacking

WHOLE = {"name": True, "phone": True, "city": True, "street": True}


def test_a_whole_receiver_lacks_nothing() -> None:
    assert lacking(**WHOLE, country="") == ()


@pytest.mark.parametrize("part", sorted(WHOLE))
def test_each_missing_part_is_named(part: str) -> None:
    assert lacking(**{**WHOLE, part: False}, country="中国") == (part,)


def test_all_missing_parts_are_named_together() -> None:
    assert lacking(name=False, phone=False, city=False, street=False, country=" cn ") == (
        "name", "phone", "city", "street",
    )  # fmt: skip


def test_abroad_goods_arrive_without_a_phone_but_not_without_a_street() -> None:
    assert lacking(**{**WHOLE, "phone": False}, country="US") == ()
    assert lacking(**{**WHOLE, "phone": False, "street": False}, country="US") == ("street",)


@pytest.mark.parametrize(("code", "vague"), [("330000", True), ("330100", False), ("330106", False), ("", False)])
def test_a_province_alone_is_vague(code: str, vague: bool) -> None:
    assert is_vague(code) is vague
