"""Receivers that are one however they are written, and those that only look alike."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oms.domain.same_receiver import same_address, same_name, same_phone

HANGZHOU = ("浙江省", "杭州市", "西湖区", "")


@pytest.mark.parametrize(
    ("one", "other"),
    [((*HANGZHOU, "文三路 1 号"), ("浙江", "杭州", "西湖区", "", "文三路１号")),
     ((*HANGZHOU, "文三路1号"), (*HANGZHOU, "浙江省杭州市西湖区文三路1号")),
     ((*HANGZHOU, "文三路1号"), (*HANGZHOU, "浙江 杭州 西湖区，文三路1号。")),
     ((*HANGZHOU, "文三路5#302"), (*HANGZHOU, "文三路5－302")),
     (("上海市", "市辖区", "徐汇区", "", "虹漕路5-302"), ("上海", "上海市", "徐汇区", "", "上海市徐汇区虹漕路5 302")),
     (("内蒙古自治区", "呼和浩特市", "新城区", "", "北街 a座"), ("内蒙古", "呼和浩特", "新城区", "", "北街A座"))],
)  # fmt: skip
def test_one_address_written_in_two_ways(one: tuple[str, ...], other: tuple[str, ...]) -> None:
    assert same_address(*one) == same_address(*other)


@pytest.mark.parametrize(
    ("one", "other"),
    [((*HANGZHOU, "文三路1-11"), (*HANGZHOU, "文三路11-1")), ((*HANGZHOU, "文三路1-11"), (*HANGZHOU, "文三路111")),
     ((*HANGZHOU, "文三路1号"), ("浙江省", "杭州市", "上城区", "", "文三路1号")),
     (("江苏省", "南京市", "玄武区", "", "南京东路1号"), ("江苏省", "南京市", "玄武区", "", "东路1号")),
     (("陕西省", "西安市", "新城区", "", "路1号"), ("内蒙古", "呼和浩特市", "新城区", "", "路1号")),
     ((*HANGZHOU, "文三路1号"), ("浙江省", "杭州市", "西湖区", "三墩镇", "文三路1号"))],
)  # fmt: skip
def test_two_addresses_that_look_alike(one: tuple[str, ...], other: tuple[str, ...]) -> None:
    assert same_address(*one) != same_address(*other)


def test_phones_and_names_are_compared_without_what_people_put_between() -> None:
    for written in ("13800000001", "+86 138-0000-0001", "0086 13800000001", "138 0000 0001", "１３８0000000１"):
        assert same_phone(written) == "13800000001"
    assert same_phone("18877771111-123") != same_phone("18877771111-124")
    assert same_name(" 买买提·艾力 ") == same_name("买买提艾力")
    assert same_name("周明") != same_name("周明甲")


@settings(max_examples=50, deadline=None)
@given(st.text(alphabet="文三路东1234a-号 ", max_size=14), st.sampled_from(["", "浙江省杭州市西湖区", "杭州市西湖区"]))
def test_what_is_compared_does_not_change_when_it_is_compared_again(street: str, before: str) -> None:
    once = same_address(*HANGZHOU, street)
    assert same_address(*HANGZHOU, before + street) == once
    assert same_address(*HANGZHOU, f"  {street}") == once
