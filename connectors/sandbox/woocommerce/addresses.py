"""Billing and shipping addresses as a Chinese WooCommerce shop keeps them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

DOUBLE_SURNAMES = ("欧阳", "司马", "上官", "诸葛")
#: WooCommerce's own numbering of China's provinces (i18n/states).
PROVINCES = (
    "云南", "北京", "天津", "河北", "山西", "内蒙古", "辽宁", "吉林", "黑龙江", "上海", "江苏", "浙江", "安徽", "福建",
    "江西", "山东", "河南", "湖北", "湖南", "广东", "广西", "海南", "重庆", "四川", "贵州", "陕西", "甘肃", "青海",
    "宁夏", "澳门", "西藏", "新疆",
)  # fmt: skip


def address_of(receiver: Mapping[str, str], *, state_codes: bool) -> dict[str, str]:
    """The shipping address of a receiver; billing has the e-mail besides."""
    first, last = _names(receiver["name"])
    return {
        "first_name": first, "last_name": last, "company": "",
        "address_1": f"{receiver['district']}{receiver['town']}{receiver['address']}", "address_2": "",
        "city": receiver["city"], "state": _state(receiver["state"]) if state_codes else receiver["state"],
        "postcode": receiver["zip"], "country": "CN", "phone": receiver["mobile"],
    }  # fmt: skip


def email_of(buyer: Mapping[str, Any]) -> str:
    """An invented address, the same for the same buyer."""
    return f"{buyer['nick']}@example.com"


def customer_of(buyer: Mapping[str, Any]) -> int:
    """The buyer's account; every third buyer ordered as a guest (0)."""
    number = int(hashlib.sha256(str(buyer["id"]).encode()).hexdigest()[:8], 16)
    return number % 900_000 + 100 if number % 3 else 0


def _names(full: str) -> tuple[str, str]:
    surname = 2 if full[:2] in DOUBLE_SURNAMES else 1
    return full[surname:], full[:surname]


def _state(name: str) -> str:
    return next((f"CN{n}" for n, province in enumerate(PROVINCES, 1) if name.startswith(province)), name)
