"""Buyers and their addresses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.sandbox.vendure.shop import utc

Doc = dict[str, Any]
Order = Mapping[str, Any]
FIRST_CUSTOMER = 41_000_000


def customer(doc: Order) -> Doc:
    """The Customer of an order; its names are the receiver's, family name last."""
    name = str(doc["receiver"]["name"])
    return {
        "id": str(FIRST_CUSTOMER + int.from_bytes(str(doc["buyer"]["id"]).encode()[-3:], "big")), "title": None,
        "firstName": name[1:], "lastName": name[:1], "emailAddress": f"{doc['buyer']['nick']}@example.invalid",
        "phoneNumber": None, "createdAt": utc(doc["created_ms"]), "updatedAt": utc(doc["created_ms"]),
        "customFields": None,
    }  # fmt: skip


def address(doc: Order) -> Doc:
    """The OrderAddress; the platform knows no districts, so they stand in the first line."""
    told = doc["receiver"]
    street = "".join(str(told.get(name, "")) for name in ("district", "town", "address"))
    return {
        "fullName": told["name"], "company": None, "streetLine1": street, "streetLine2": "",
        "city": told["city"] or told["district"], "province": told["state"], "postalCode": told["zip"],
        "country": "China", "countryCode": "CN", "phoneNumber": told["mobile"], "customFields": None,
    }  # fmt: skip
