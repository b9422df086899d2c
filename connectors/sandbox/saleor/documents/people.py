"""Buyers and the addresses their orders go to, in clear as the platform shows them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.sandbox.saleor.ids import global_id

Doc = dict[str, Any]
Order = Mapping[str, Any]
DOUBLE = ("欧阳", "司马", "上官", "诸葛")


def names(full: str) -> tuple[str, str]:
    """(first, last) of a Chinese name."""
    cut = 2 if full[:2] in DOUBLE and len(full) > 2 else 1
    return full[cut:], full[:cut]


def email(doc: Order) -> str:
    return f"{doc['buyer']['nick']}@example.invalid"


def address(doc: Order) -> Doc:
    """The Address: province as countryArea, district as cityArea, town and street in the first line."""
    receiver = doc["receiver"]
    first, last = names(receiver["name"])
    return {
        "__typename": "Address", "id": global_id("Address", doc["number"]), "firstName": first, "lastName": last,
        "companyName": "", "streetAddress1": f"{receiver.get('town', '')}{receiver['address']}", "streetAddress2": "",
        "city": receiver["city"] or receiver["district"], "cityArea": receiver["district"],
        "postalCode": receiver["zip"], "countryArea": receiver["state"],
        "country": {"code": "CN", "country": "China"}, "phone": f"+86{receiver['mobile']}",
    }  # fmt: skip


def user(doc: Order) -> Doc:
    first, last = names(doc["receiver"]["name"])
    return {"id": global_id("User", doc["buyer"]["id"]), "email": email(doc), "firstName": first, "lastName": last,
            "isActive": True}  # fmt: skip
