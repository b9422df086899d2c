"""What people type into cells, and the sentence that each wrong one gets."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from oms.app.capture.entered.cells import (
    Unreadable,
    read_amount,
    read_country,
    read_moment,
    read_number,
    read_phone,
    read_switch,
    read_units,
)

AT = datetime(2026, 11, 20, 1, 30, tzinfo=UTC)
ZONE = "Asia/Shanghai"


@pytest.mark.parametrize(
    "text",
    ["2026-11-20 09:30", "2026/11/20 9:30:00", "2026年11月20日 09:30", "2026.11.20 09:30", "2026-11-20T09:30+08:00",
     "2026-11-20T01:30:00Z", "2026-11-20 09：30"],
)  # fmt: skip
def test_one_moment_in_every_usual_writing(text: str) -> None:
    assert read_moment(text, ZONE) == AT


def test_a_date_alone_is_midnight_in_the_shops_zone() -> None:
    assert read_moment("2026/11/20", ZONE) == datetime(2026, 11, 19, 16, tzinfo=UTC)
    assert read_moment("", ZONE) is None


@pytest.mark.parametrize("text", ["20.11.2026", "2026-13-01", "46346.4", "yesterday", "1899-01-01", "2026-11-20 25:00"])
def test_what_is_no_moment_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(Unreadable, match="2026-11-22 09:30"):
        read_moment(text, ZONE)


@pytest.mark.parametrize(
    ("text", "minor"),
    [("", 0), ("129.9", 12990), ("1,234.50", 123450), ("1,234,567", 123456700), ("¥ 8", 800), ("8元", 800)],
)
def test_amounts_are_minor_units(text: str, minor: int) -> None:
    assert read_amount(text, "CNY") == minor


def test_decimals_are_those_of_the_currency() -> None:
    assert read_amount("12", "JPY") == 12
    with pytest.raises(Unreadable, match="more decimals"):
        read_amount("12.5", "JPY")


@pytest.mark.parametrize(
    ("text", "words"),
    [("-1", "negative"), ("1.234", "decimals"), ("=1+1", "no amount"), ("NaN", "no amount"), ("9" * 13, "too large"),
     ("1e999999999", "no amount"), ("1.", "no amount"), ("12,50", "a comma only parts thousands"),
     ("1,23", "129.90"), ("1234,567", "a comma"), ("1.234,50", "a comma"), ("12，5", "a comma"), (",", "a comma")],
)  # fmt: skip
def test_wrong_amounts_are_refused(text: str, words: str) -> None:
    with pytest.raises(Unreadable, match=words):
        read_amount(text, "CNY")


@pytest.mark.parametrize(
    ("text", "phone"),
    [("13812345678", "13812345678"), ("+86 138-1234-5678", "13812345678"), ("0571-88886666", "0571-88886666"),
     ("13812345678-1234", "13812345678-1234"), ("(0571)88886666", "057188886666"), ("400-800-1234", "400-800-1234")],
)  # fmt: skip
def test_phones_of_china(text: str, phone: str) -> None:
    assert read_phone(text, "CN") == phone


@pytest.mark.parametrize("text", ["1381234567890", "12345", "138 1234 567", "1.38E+10", "abc", "23812345678"])
def test_wrong_phones_are_refused(text: str) -> None:
    with pytest.raises(Unreadable):
        read_phone(text, "CN")


def test_phones_abroad_have_their_own_length() -> None:
    assert read_phone("+1 (415) 555-0100".replace("-", ""), "US") == "+14155550100"
    with pytest.raises(Unreadable, match="country's number"):
        read_phone("call me", "US")


def test_numbers_a_spreadsheet_rounded_are_refused() -> None:
    assert read_number("00123") == "00123"
    for rounded in ("1.23456789012346E+17", "1E+17", "1.2E12"):
        with pytest.raises(Unreadable, match="rounded"):
            read_number(rounded)


@pytest.mark.parametrize("code", ["5E2", "1E10", "3e05", "12E3", "1E17"])
def test_codes_that_only_look_like_rounded_numbers_are_taken(code: str) -> None:
    assert read_number(code) == code


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "many", "1000001", "١"])
def test_units_are_whole_and_positive(text: str) -> None:
    with pytest.raises(Unreadable):
        read_units(text)


def test_yes_no_and_countries() -> None:
    assert [read_switch(text) for text in ("是", "Y", "", "否")] == [True, True, False, False]
    assert [read_country(text) for text in ("", "中国", "us")] == ["CN", "CN", "US"]
    for wrong in ("maybe", "Atlantis"):
        with pytest.raises(Unreadable):
            read_switch(wrong)
        with pytest.raises(Unreadable):
            read_country(wrong)
