"""Addresses of Chinese buyers as a Medusa storefront keeps them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.sandbox.medusa.ids import made
from connectors.sandbox.medusa.shop import stamps

DOUBLE_SURNAMES = ("欧阳", "司马", "上官", "诸葛")
#: ISO 3166-2 codes, in lower case as the platform keeps them.
PROVINCES = {
    "北京": "bj", "天津": "tj", "河北": "he", "山西": "sx", "内蒙古": "nm", "辽宁": "ln", "吉林": "jl", "黑龙江": "hl",
    "上海": "sh", "江苏": "js", "浙江": "zj", "安徽": "ah", "福建": "fj", "江西": "jx", "山东": "sd", "河南": "ha",
    "湖北": "hb", "湖南": "hn", "广东": "gd", "广西": "gx", "海南": "hi", "重庆": "cq", "四川": "sc", "贵州": "gz",
    "云南": "yn", "西藏": "xz", "陕西": "sn", "甘肃": "gs", "青海": "qh", "宁夏": "nx", "新疆": "xj", "台湾": "tw",
    "香港": "hk", "澳门": "mo",
}  # fmt: skip


def address_document(sale: Mapping[str, Any], kind: str, *, codes: bool) -> dict[str, Any]:
    """The shipping or billing address of an order."""
    receiver = sale["receiver"]
    surname = 2 if receiver["name"][:2] in DOUBLE_SURNAMES else 1
    return {
        "id": made("ordaddr", sale["number"], kind), "customer_id": None, "company": None,
        "first_name": receiver["name"][surname:], "last_name": receiver["name"][:surname],
        "address_1": f"{receiver['district']}{receiver['town']}{receiver['address']}", "address_2": None,
        "city": receiver["city"], "country_code": "cn", "province": _province(receiver["state"]) if codes
        else receiver["state"], "postal_code": receiver["zip"], "phone": receiver["mobile"], "metadata": None,
        **stamps(sale["created_ms"]),
    }  # fmt: skip


def email_of(sale: Mapping[str, Any]) -> str:
    """An invented address, the same for the same buyer."""
    return f"{sale['buyer']['nick']}@example.com"


def _province(name: str) -> str:
    return next((f"cn-{code}" for short, code in PROVINCES.items() if name.startswith(short)), name)
