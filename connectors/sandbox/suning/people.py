"""Buyers and receivers as the platform shows them: masked, unless the shop may see them in clear."""

from __future__ import annotations

from typing import Any

Doc = dict[str, Any]


def user_name(nick: str) -> str:
    """A buyer's name with its middle hidden."""
    return f"{nick[:2]}***{nick[-2:]}"


def receiver_fields(doc: Doc, *, masked: bool) -> Doc:
    """Name, numbers and address of an order's receiver."""
    receiver = doc["receiver"]
    places = (receiver["state"], receiver["city"], receiver["district"])
    street = receiver["town"] + receiver["address"]
    name, mobile, phone = receiver["name"], receiver["mobile"], receiver["phone"]
    if masked:
        name, street, phone = f"{name[:1]}**", f"{street[:1]}***号", phone and f"{phone[:4]}****"
        mobile = f"{mobile[:3]}****{mobile[-4:]}"
    code = receiver["division_code"]
    return {
        "customerName": name, "customerAddress": "".join(places) + street, "mobNum": mobile, "phoneNum": phone,
        **dict(zip(("provinceName", "cityName", "districtName"), places, strict=True)),
        "provinceCode": code[:2], "cityCode": code[:4], "districtCode": code,
    }  # fmt: skip
