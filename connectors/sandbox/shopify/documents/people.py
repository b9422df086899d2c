"""Buyers and their addresses; without the approval for protected data every personal field is null."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.sandbox.shopify.ids import child, gid
from connectors.sandbox.shopify.shop import Shop, utc

Doc = dict[str, Any]
Order = Mapping[str, Any]
PROVINCES = {
    "浙江省": "ZJ", "上海": "SH", "北京": "BJ", "天津": "TJ", "广东省": "GD", "江苏省": "JS", "四川省": "SC",
    "重庆": "CQ", "湖北省": "HB", "湖南省": "HN", "陕西省": "SN", "山东省": "SD", "福建省": "FJ", "安徽省": "AH",
    "河南省": "HA", "辽宁省": "LN", "云南省": "YN", "新疆维吾尔自治区": "XJ",
}  # fmt: skip
DOUBLE = ("欧阳", "司马", "上官", "诸葛")
COUNTRY, COUNTRY_CODE = "China", "CN"


def names(full: str) -> tuple[str, str]:
    """(first, last) of a Chinese name."""
    cut = 2 if full[:2] in DOUBLE and len(full) > 2 else 1
    return full[cut:], full[:cut]


def street(receiver: Order) -> str:
    """District, town and street in one line: the platform knows no districts."""
    return "".join(str(receiver.get(name, "")) for name in ("district", "town", "address"))


def phone(receiver: Order) -> str:
    return f"+86{receiver['mobile']}"


def email(doc: Order) -> str:
    return f"{doc['buyer']['nick']}@example.invalid"


def address(shop: Shop, doc: Order) -> Doc | None:
    """The MailingAddress an order goes to."""
    if doc["kind"] == "pickup":
        return None
    receiver = doc["receiver"]
    first, last = names(receiver["name"])
    found: Doc = {
        "id": gid("MailingAddress", child("MailingAddress", doc["number"])), "company": None,
        "city": receiver["city"] or receiver["district"], "province": receiver["state"],
        "provinceCode": PROVINCES.get(receiver["state"], receiver["state"][:2]), "zip": receiver["zip"],
        "country": COUNTRY, "countryCodeV2": COUNTRY_CODE, "countryCode": COUNTRY_CODE,
        "latitude": None, "longitude": None,
    }  # fmt: skip
    personal = {"name": receiver["name"], "firstName": first, "lastName": last, "address1": street(receiver),
                "address2": None, "phone": phone(receiver)}  # fmt: skip
    return found | (personal if shop.shows_people else dict.fromkeys(personal))


def customer(shop: Shop, doc: Order) -> Doc:
    """The Customer of an order."""
    number = (
        child("Customer", doc["number"])
        if not doc["buyer"]["id"]
        else str(7_200_000_000_000 + int.from_bytes(str(doc["buyer"]["id"]).encode()[-4:], "big"))
    )
    first, last = names(doc["receiver"]["name"])
    personal = {
        "firstName": first, "lastName": last, "email": email(doc), "phone": None,
        "defaultEmailAddress": {"emailAddress": email(doc)},
        "defaultPhoneNumber": {"phoneNumber": phone(doc["receiver"])},
    }  # fmt: skip
    found: Doc = {"id": gid("Customer", number), "legacyResourceId": number, "createdAt": utc(doc["created_ms"]),
             "displayName": doc["receiver"]["name"] if shop.shows_people else "", "tags": [], "note": None,
             "updatedAt": utc(doc["created_ms"])}  # fmt: skip
    return found | (personal if shop.shows_people else dict.fromkeys(personal))
