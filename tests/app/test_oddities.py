"""What intake tells of a receiver's text: phones by country, ciphertext, two addresses; nothing of masked ones."""

from __future__ import annotations

from dataclasses import replace

import pytest

from connectors.contract.records import ReceiverRecord
from oms.app.capture.oddities import oddities_of, wrong_phone

PLAIN = ReceiverRecord(name="周明", phone="13800000001", state="浙江省", city="杭州市", district="西湖区",
                       address="文三路 1 号")  # fmt: skip


@pytest.mark.parametrize(
    "phone",
    ["13800000001", "+86 138 0000 0001", "008613800000001", "138-0000-0001", "13800000001-1234", "13800000001转22",
     "0571-87654321", "(0571)87654321", "057187654321", "87654321", "400-800-1234", "8008001234", "95338",
     "+1 650 253 0000", ""],
)  # fmt: skip
def test_a_phone_that_can_be_dialled_within_china_is_left_alone(phone: str) -> None:
    assert wrong_phone(phone) == ""


@pytest.mark.parametrize(
    ("phone", "wrong"),
    [("12800000001", "format"), ("1380000001", "length"), ("138000000012", "length"), ("1", "length"),
     ("周明", "length"), ("+1 650", "length"), ("00000000000", "format")],
)  # fmt: skip
def test_a_phone_that_cannot_be_dialled_is_told_by_what_is_wrong(phone: str, wrong: str) -> None:
    assert wrong_phone(phone) == wrong


@pytest.mark.parametrize(
    ("phone", "country", "state", "wrong"),
    [
        ("(650) 253-0000", "US", "", ""),
        ("650253", "US", "", "length"),
        ("020 7946 0958", "gb", "", ""),
        ("12", "GB", "", "length"),
        ("no phone", "US", "", "format"),
        ("+44 20 7946 0958", "US", "", ""),
        ("91234567", "", "香港特别行政区", ""),
        ("0912345678", "", "台湾省", ""),
        ("0912 345", "Atlantis", "", ""),
        ("0912", "Atlantis", "", "length"),
    ],
)
def test_the_country_says_what_a_phone_looks_like(phone: str, country: str, state: str, wrong: str) -> None:
    assert wrong_phone(phone, country, state) == wrong


def test_a_good_receiver_has_nothing_odd() -> None:
    assert oddities_of(PLAIN) == ()


def test_masked_receivers_are_never_odd() -> None:
    assert oddities_of(replace(PLAIN, masked=True, name="周*", phone="138****0001", address="***")) == ()


def test_one_good_number_of_two_is_enough() -> None:
    assert oddities_of(replace(PLAIN, phone="1", telephone="0571-87654321")) == ()
    assert oddities_of(replace(PLAIN, phone="1", telephone="2")) == ("bad_phone:length",)


def test_everything_odd_is_told_in_codes_alone() -> None:
    street = "文三路1号 江苏省南京市玄武区中山路2号"
    assert oddities_of(replace(PLAIN, phone="12345", address=street)) == ("bad_phone:length", "double_address")
    assert oddities_of(replace(PLAIN, phone="138****0001")) == ("ciphertext_address:phone",)
