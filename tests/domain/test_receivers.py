"""Two addresses in one, and ciphertext, told from the text of a receiver."""

from __future__ import annotations

import pytest

from oms.domain.receivers import holds_two, sealed_parts

OWN = ("浙江省", "杭州市", "西湖区")


@pytest.mark.parametrize("street", [
    "文三路1号或者江苏省南京市玄武区中山路2号",
    "文三路1号 江苏省南京市玄武区中山路2号",
    "浙江省杭州市西湖区文三路1号，江苏省苏州市工业园区星湖街1号",
    "杭州市西湖区文三路1号 杭州市余杭区文一西路969号",
    "文三路1号（备用地址：古墩路2号）",
    "地址二：余杭区文一西路969号",
    "改地址 余杭区五常大道1号",
    "文三路1号，没人就放到余杭区的另一个地址",
])  # fmt: skip
def test_an_address_that_names_two_places_is_told(street: str) -> None:
    assert holds_two(*OWN, street)


@pytest.mark.parametrize("street", [
    "文三路 1 号",
    "浙江省杭州市西湖区文三路1号",
    "浙江省杭州市西湖区浙江省杭州市西湖区文三路1号2幢301室",
    "江苏省南京市玄武区中山路2号",
    "未来科技城万达市场东区8号",
    "北京市场路8号小区12幢",
    "滨江区网商路599号市民中心A区",
    "余杭区五常街道地址2号楼",
    "广州路12号城市花园西区3栋",
    "文一路8号 杭州市西湖区古荡街道",
    "西溪路525号浙江大学科技园A西区206",
])  # fmt: skip
def test_an_address_of_one_place_is_left_alone(street: str) -> None:
    assert not holds_two(*OWN, street)


@pytest.mark.parametrize(
    ("own", "street"),
    [
        (("上海市", "上海市", "浦东新区"), "上海市上海市浦东新区世纪大道1号"),
        (("广西壮族自治区", "南宁市", "青秀区"), "广西壮族自治区南宁市青秀区民族大道1号"),
        (("湖南省", "湘西土家族苗族自治州", "吉首市"), "湘西土家族苗族自治州吉首市人民路1号"),
        (("", "", ""), "浙江省杭州市西湖区文三路1号"),
    ],
)
def test_the_own_place_written_again_is_no_second_one(own: tuple[str, str, str], street: str) -> None:
    assert not holds_two(*own, street)


@pytest.mark.parametrize(
    ("name", "phone", "street", "parts"),
    [
        ("周明", "13800000001", "文三路 1 号", ()),
        ("周*", "138****0001", "文三路**号", ("phone", "street")),
        ("~AgAAAAAbc123==", "13800000001", "文三路", ("name",)),
        ("周明", "$188$AbcD1234==$1$", "文三路", ("phone",)),
        ("#abCD1234efgh##", "#q2W3e4R5t6==#", "#q2W3e4R5t6==#", ("name", "phone", "street")),
        ("Zhou", "13800000001", "QWxhZGRpbjpvcGVuIHNlc2FtZTEyMzQ1Njc4OTA=", ("street",)),
        ("John Smith", "5550100", "1600 Amphitheatre Parkway", ()),
        ("", "", "", ()),
    ],
)
def test_ciphertext_and_stars_are_told_by_part(name: str, phone: str, street: str, parts: tuple[str, ...]) -> None:
    assert sealed_parts(name, phone, street) == parts
